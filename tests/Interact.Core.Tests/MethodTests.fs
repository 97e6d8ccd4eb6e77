/// Integrated Gradients and Hessians against their definitions, and what methods refuse.
module Interact.Core.Tests.MethodTests

open System
open System.Threading
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

/// A function with its derivatives written out by hand.
type private Written = {
    Name: string
    Function: Tensor -> Tensor
    Value: float[] -> float
    Gradient: float[] -> float[]
    Hessian: float[] -> float[,]
}

let private written: Written list = [
    {
        Name = "x₀x₁"
        Function = fun x -> x[0] * x[1]
        Value = fun x -> x[0] * x[1]
        Gradient = fun x -> [| x[1]; x[0] |]
        Hessian = fun _ -> array2D [ [ 0.0; 1.0 ]; [ 1.0; 0.0 ] ]
    }
    {
        Name = "x₀²x₁"
        Function = fun x -> x[0] * x[0] * x[1]
        Value = fun x -> x[0] * x[0] * x[1]
        Gradient = fun x -> [| 2.0 * x[0] * x[1]; x[0] * x[0] |]
        Hessian = fun x -> array2D [ [ 2.0 * x[1]; 2.0 * x[0] ]; [ 2.0 * x[0]; 0.0 ] ]
    }
    {
        Name = "exp(x₀ + 2x₁)"
        Function = fun x -> exp (x[0] + 2.0 * x[1])
        Value = fun x -> exp (x[0] + 2.0 * x[1])
        Gradient = fun x -> let y = exp (x[0] + 2.0 * x[1]) in [| y; 2.0 * y |]
        Hessian = fun x -> let y = exp (x[0] + 2.0 * x[1]) in array2D [ [ y; 2.0 * y ]; [ 2.0 * y; 4.0 * y ] ]
    }
    {
        Name = "tanh(x₀x₁)"
        Function = fun x -> tanh (x[0] * x[1])
        Value = fun x -> tanh (x[0] * x[1])
        Gradient =
            fun x ->
                let s = 1.0 - tanh (x[0] * x[1]) ** 2.0
                [| s * x[1]; s * x[0] |]
        Hessian =
            fun x ->
                let y = tanh (x[0] * x[1])
                let s = 1.0 - y * y
                let mixed = s - 2.0 * y * s * x[0] * x[1]

                array2D [ [ -2.0 * y * s * x[1] * x[1]; mixed ]; [ mixed; -2.0 * y * s * x[0] * x[0] ] ]
    }
    {
        Name = "sin(x₀)x₁ + x₂³"
        Function = fun x -> sin x[0] * x[1] + x[2] * x[2] * x[2]
        Value = fun x -> sin x[0] * x[1] + x[2] ** 3.0
        Gradient = fun x -> [| cos x[0] * x[1]; sin x[0]; 3.0 * x[2] * x[2] |]
        Hessian =
            fun x -> array2D [ [ -sin x[0] * x[1]; cos x[0]; 0.0 ]; [ cos x[0]; 0.0; 0.0 ]; [ 0.0; 0.0; 6.0 * x[2] ] ]
    }
]

let names = TheoryData<string>(written |> List.map _.Name)
let private named name = written |> List.find (fun f -> f.Name = name)
let private sizeOf f = (f.Gradient(Array.create 3 0.5)).Length
let private input f = Array.truncate (sizeOf f) [| 1.3; -0.8; 0.6 |]
let private baseline f = Array.truncate (sizeOf f) [| -0.4; 0.5; 0.1 |]
let private graphModel f = Model.ofFunction (sizeOf f) f.Function

/// The same function as an oracle: no graph anywhere.
let private oracleModel f =
    Model.ofOracle {
        InputSize = sizeOf f
        OutputSize = 1
        Value = fun x -> [| f.Value x |]
        Gradient = fun x output -> f.Gradient x |> Array.map (fun slope -> output[0] * slope)
        Curvature =
            fun x output directions ->
                let h = f.Hessian x
                let n = Array2D.length1 h

                Array2D.init directions.Length directions.Length (fun a b ->
                    output[0]
                    * Array.sum [|
                        for i in 0 .. n - 1 do
                            for j in 0 .. n - 1 -> directions[a].[i] * h[i, j] * directions[b].[j]
                    |])
    }

let private accurate = { PathOptions.defaults with Tolerance = 1e-11 }

[<Theory; MemberData(nameof names)>]
let ``attributions are the integrals that define them`` name =
    let f = named name
    let x, start = input f, baseline f
    let step = Array.map2 (-) x start
    let slope i t = step[i] * (f.Gradient(move start step t))[i]
    let expected = Array.init x.Length (fun i -> References.integral 0.0 1.0 (slope i))

    for model in [ graphModel f; oracleModel f ] do
        let actual = IntegratedGradients.explain accurate model start x
        close 1e-11 expected actual.Attributions
        Assert.True actual.Certificate.Satisfied

[<Theory; MemberData(nameof names)>]
let ``interactions are the double integrals that define them`` name =
    let f = named name
    let x, start = input f, baseline f
    let step = Array.map2 (-) x start
    let n = x.Length

    /// Γ_ij = δ_i δ_j ∫∫ αβ H_ij dα dβ at x' + αβδ, with δ_i ∫∫ ∂_i f dα dβ more where i = j (Janizek, Sturmfels, Lee 2021).
    let defined i j =
        References.integral 0.0 1.0 (fun a ->
            References.integral 0.0 1.0 (fun b ->
                let point = move start step (a * b)
                let second = step[i] * step[j] * a * b * (f.Hessian point)[i, j]
                if i = j then second + step[i] * (f.Gradient point)[i] else second))

    let expected = [|
        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 -> if j < i then defined j i else defined i j
    |]

    for model in [ graphModel f; oracleModel f ] do
        let actual = IntegratedHessians.explain accurate model start x
        close 1e-10 expected (interactions actual)
        Assert.True actual.Certificate.Satisfied

[<Fact>]
let ``a product has its closed form`` () =
    // On the way from b to b + d: Γ₀₁ = d₀d₁/4, Γ₀₀ = d₀(b₁ + d₁/4), φ₀ = d₀(b₁ + d₁/2).
    let b, d = [| 0.5; -1.0 |], [| 2.0; 3.0 |]
    let model = Model.ofFunction 2 (fun x -> x[0] * x[1])
    let actual = IntegratedHessians.explain accurate model b (move b d 1.0)
    let cross = d[0] * d[1] / 4.0
    close 1e-14 [| d[0] * b[1] + cross; cross; cross; d[1] * b[0] + cross |] (interactions actual)
    close 1e-14 [| d[0] * b[1] + 2.0 * cross; d[1] * b[0] + 2.0 * cross |] actual.Attributions
    Assert.Equal(5.0, actual.Value)
    Assert.Equal(-0.5, actual.BaselineValue)

[<Theory; MemberData(nameof names)>]
let ``models have the derivatives of their functions`` name =
    let f = named name
    let x = input f

    for model in [ graphModel f; oracleModel f ] do
        close 1e-14 [| f.Value x |] (Model.evaluate model x)
        close 1e-14 (f.Gradient x) (Model.gradient model 0 x)
        close 1e-14 (flat (f.Hessian x)) (flat (Model.hessian model 0 x))

[<Fact>]
let ``the result comes within the tolerance that was asked for`` () =
    holdsFor 40 problems (fun problem ->
        let model = Problem.model problem

        let explain tolerance =
            IntegratedHessians.explain
                { PathOptions.defaults with Tolerance = tolerance }
                model
                problem.Baseline
                problem.Input

        let best = explain 1e-11
        let scale = AxiomNumbers.scale best

        for tolerance in [ 1e-2; 1e-4; 1e-6; 1e-8 ] do
            let rough = explain tolerance
            let { Certificate = certificate } = rough
            Assert.True(certificate.Satisfied, $"{certificate}")
            Assert.InRange(certificate.CompletenessResidual, 0.0, tolerance * scale + 1e-300)
            Assert.InRange(Option.get certificate.RowResidual, 0.0, tolerance * scale + 1e-300)
            // The certificate speaks of sums; single entries are estimated by mixtures of them. Ten times the tolerance holds here.
            close
                (10.0 * tolerance)
                (Array.map (fun v -> v / scale) (interactions best))
                (Array.map (fun v -> v / scale) (interactions rough)))

[<Fact>]
let ``explanations of groups are sums of blocks`` () =
    holdsFor 40 problems (fun problem ->
        let model = Problem.model problem
        let n = problem.Input.Length
        let random = Random n
        let members = Array.init n (fun _ -> random.Next 3)

        let groups =
            Groups.create n [
                for g in 0..1 ->
                    $"group {g}",
                    [|
                        for i in 0 .. n - 1 do
                            if members[i] = g then i
                    |]
            ]

        let options = { PathOptions.defaults with Tolerance = 1e-9 }
        let single = IntegratedHessians.explain options model problem.Baseline problem.Input

        let grouped =
            IntegratedHessians.explain { options with Groups = Some groups } model problem.Baseline problem.Input

        let matrix = Option.get single.Interactions

        let expected = [|
            for a in groups.Members do
                for b in groups.Members ->
                    Array.sum [|
                        for i in a do
                            for j in b -> matrix[i, j]
                    |]
        |]

        let scale = AxiomNumbers.scale single
        let scaled = Array.map (fun v -> v / max scale 1e-300)
        close 1e-8 (scaled expected) (scaled (interactions grouped))

        let sums = groups.Members |> Array.map (Array.sumBy (fun i -> single.Attributions[i]))
        close 1e-8 (scaled sums) (scaled grouped.Attributions)
        Assert.True grouped.Certificate.Satisfied)

[<Fact>]
let ``groups name the features that do not fit`` () =
    let outside = Assert.Throws<ArgumentException>(fun () -> Groups.create 3 [ "a", [| 3 |] ] |> ignore)
    Assert.Contains("'a'", outside.Message)

    let twice =
        Assert.Throws<ArgumentException>(fun () -> Groups.create 3 [ "a", [| 1 |]; "b", [| 1 |] ] |> ignore)

    Assert.Contains("'b'", twice.Message)
    let rest = Groups.create 4 [ "a", [| 2 |] ]
    Assert.Equal<string[]>([| "a"; "(rest)" |], rest.Names)
    Assert.Equal<int[]>([| 0; 1; 3 |], rest.Members[1])

[<Fact>]
let ``no displacement gives zeros`` () =
    let model = Model.ofFunction 2 (fun x -> exp (x[0] * x[1]))
    let actual = IntegratedHessians.explain PathOptions.defaults model [| 1.0; 2.0 |] [| 1.0; 2.0 |]
    Assert.Equal<float[]>(Array.zeroCreate 4, interactions actual)
    Assert.True actual.Certificate.Satisfied

let private reluNetwork =
    let random = Random 8
    let weights = Tensor.create [| 16; 4 |] (uniform random 64)
    let biases = Tensor.ofArray (uniform random 16)
    let last = Tensor.ofArray (uniform random 16)
    Model.ofFunction 4 (fun x -> Tensor.dot last (Tensor.relu (Tensor.matmul weights x + biases)))

let private reluInput = [| 1.5; -2.0; 1.0; 0.5 |]

[<Fact>]
let ``the certificate of a network with kinks is not satisfied while they are ignored, until it is smoothed`` () =
    let options = { PathOptions.defaults with Kinks = KinkTreatment.Ignored }
    let explain model = IntegratedHessians.explain options model (Array.zeroCreate 4) reluInput
    let kinked = explain reluNetwork
    Assert.False kinked.Certificate.Satisfied
    Assert.True(kinked.Certificate.CompletenessResidual > 0.01 * abs (kinked.Value - kinked.BaselineValue))

    for beta in [ 1.0; 10.0; 50.0; 500.0; 5000.0 ] do
        Assert.True((explain (Model.smooth beta reluNetwork)).Certificate.Satisfied, $"β = {beta}")

[<Fact>]
let ``attributions of a network with kinks are complete`` () =
    let options = { PathOptions.defaults with Tolerance = 1e-5 }
    let actual = IntegratedGradients.explain options reluNetwork (Array.zeroCreate 4) reluInput
    Assert.True(actual.Certificate.Satisfied, $"{actual.Certificate}")

[<Fact>]
let ``what does not converge within the limit is not certified`` () =
    let options = { PathOptions.defaults with MaxSamples = 20; Tolerance = 1e-10 }
    let smoothed = Model.smooth 500.0 reluNetwork
    let actual = IntegratedHessians.explain options smoothed (Array.zeroCreate 4) reluInput
    Assert.False actual.Certificate.Satisfied

[<Fact>]
let ``each row's largest output is explained where no target is named`` () =
    let model = Model.ofFunction 2 (fun x -> Tensor.stack [ x[0] * x[0]; x[1]; -x[0] ])

    let tasks = [|
        for x in [ [| 3.0; 1.0 |]; [| 0.5; 2.0 |]; [| -0.5; 0.0 |] ] ->
            { Row = 0; Input = x; Baseline = [| 0.0; 0.0 |] }
    |]

    let targets options = IntegratedHessians.explainRows options model tasks |> Array.map _.Target
    Assert.Equal<int[]>([| 0; 1; 2 |], targets PathOptions.defaults)
    Assert.Equal<int[]>([| 1; 1; 1 |], targets { PathOptions.defaults with Target = Target.Index 1 })

let private plain = Model.ofFunction 2 (fun x -> x[0] * x[1])

/// What is refused, the argument at fault, and a word of the message.
let private refusals: (string * string * string * (unit -> Explanation)) list =
    let explain options baseline input = fun () -> IntegratedHessians.explain options plain baseline input
    let ones = [| 1.0; 1.0 |]

    [
        "target above", "Target", "target 1 does not exist", explain { accurate with Target = Target.Index 1 } ones ones
        "target below",
        "Target",
        "target -1 does not exist",
        explain { accurate with Target = Target.Index -1 } ones ones
        "long input", "input of row 0", "3 elements", explain accurate ones [| 1.0; 2.0; 3.0 |]
        "short baseline", "baseline of row 0", "1 elements", explain accurate [| 1.0 |] ones
        "undefined input", "input of row 0", "NaN", explain accurate ones [| 1.0; nan |]
        "infinite baseline", "baseline of row 0", "Infinity", explain accurate [| infinity; 1.0 |] ones
        "no tolerance", "Tolerance", "positive", explain { accurate with Tolerance = 0.0 } ones ones
        "negative tolerance", "Tolerance", "positive", explain { accurate with Tolerance = -1.0 } ones ones
        "undefined tolerance", "Tolerance", "positive", explain { accurate with Tolerance = nan } ones ones
        "no samples", "MaxSamples", "1..", explain { accurate with MaxSamples = 0 } ones ones
        "groups of another model",
        "Groups",
        "3",
        explain { accurate with Groups = Some(Groups.create 3 [ "a", [| 2 |] ]) } ones ones
    ]

let refused = TheoryData<string>(refusals |> List.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof refused)>]
let ``a caller's mistake is refused by name`` name =
    let _, argument, word, explain = refusals |> List.find (fun (other, _, _, _) -> other = name)
    let problem = Assert.ThrowsAny<ArgumentException>(fun () -> explain () |> ignore)
    Assert.Equal(argument, problem.ParamName)
    Assert.Contains(word, problem.Message)

[<Fact>]
let ``a model that is not finite names the row and the place`` () =
    let model = Model.ofFunction 2 (fun x -> log x[0] + x[1])
    let task row input baseline = { Row = row; Input = input; Baseline = baseline }
    let fine = task 6 [| 1.0; 1.0 |] [| 2.0; 0.0 |]

    let refusal task =
        Assert.Throws<NotFiniteException>(fun () ->
            IntegratedHessians.explainRows PathOptions.defaults model [| fine; task |] |> ignore)

    let atInput = refusal (task 7 [| -1.0; 1.0 |] [| 2.0; 0.0 |])
    Assert.Equal(7, atInput.Row)
    Assert.Contains("row 7: at the input", atInput.Message)
    Assert.Contains("log", atInput.Message)
    Assert.Contains("at the baseline", (refusal (task 8 [| 1.0; 1.0 |] [| 0.0; 0.0 |])).Message)

    // Finite at both ends, and not between them.
    let pole = Model.ofFunction 1 (fun x -> Tensor.sum (sqrt (x * x - 1.0)))

    let between =
        Assert.Throws<NotFiniteException>(fun () ->
            IntegratedHessians.explain PathOptions.defaults pole [| -2.0 |] [| 2.0 |] |> ignore)

    Assert.Contains("of the path", between.Message)

[<Fact>]
let ``an oracle that is not finite names the row`` () =
    let oracle = {
        InputSize = 1
        OutputSize = 1
        Value = fun x -> [| 1.0 / x[0] |]
        Gradient = fun x _ -> [| -1.0 / (x[0] * x[0]) |]
        Curvature = fun _ _ directions -> Array2D.create directions.Length directions.Length nan
    }

    let explain (baseline: float) () =
        IntegratedHessians.explain PathOptions.defaults (Model.ofOracle oracle) [| baseline |] [| 2.0 |]
        |> ignore

    Assert.Contains("at the baseline", Assert.Throws<NotFiniteException>(explain 0.0).Message)
    Assert.Contains("of the path", Assert.Throws<NotFiniteException>(explain 1.0).Message)

[<Fact>]
let ``an oracle of the wrong shape is refused`` () =
    let oracle = {
        InputSize = 2
        OutputSize = 1
        Value = fun x -> [| x[0] * x[1] |]
        Gradient = fun x _ -> [| x[1]; x[0] |]
        Curvature = fun _ _ _ -> Array2D.zeroCreate 1 2
    }

    let problem =
        Assert.ThrowsAny<ArgumentException>(fun () ->
            IntegratedHessians.explain accurate (Model.ofOracle oracle) [| 0.0; 0.0 |] [| 1.0; 1.0 |] |> ignore)

    Assert.Contains("1 x 2", problem.Message)

[<Fact>]
let ``a cancelled explanation stops`` () =
    let options = { PathOptions.defaults with CancellationToken = CancellationToken true }
    let explain method = fun () -> method options plain [| 0.0; 0.0 |] [| 1.0; 1.0 |] |> ignore
    Assert.Throws<OperationCanceledException>(explain IntegratedHessians.explain) |> ignore
    Assert.Throws<OperationCanceledException>(explain IntegratedGradients.explain) |> ignore

[<Fact>]
let ``an explanation stops between two evaluations once it is cancelled`` () =
    use source = new CancellationTokenSource()
    let mutable evaluations = 0

    let oracle = {
        InputSize = 1
        OutputSize = 1
        Value = fun x -> [| sin (1e4 * x[0]) |]
        Gradient =
            fun x _ ->
                evaluations <- evaluations + 1
                if evaluations = 100 then source.Cancel()
                [| 1e4 * cos (1e4 * x[0]) |]
        Curvature = fun x _ _ -> array2D [ [ -1e8 * sin (1e4 * x[0]) ] ]
    }

    let options = { PathOptions.defaults with CancellationToken = source.Token }

    Assert.Throws<OperationCanceledException>(fun () ->
        IntegratedGradients.explain options (Model.ofOracle oracle) [| 0.0 |] [| 1.0 |] |> ignore)
    |> ignore

    Assert.InRange(evaluations, 100, 400)

[<Fact>]
let ``only a graph can be smoothed, by a positive amount`` () =
    Assert.Throws<ArgumentException>(fun () -> Model.smooth 0.0 reluNetwork |> ignore) |> ignore

    Assert.Throws<ArgumentException>(fun () -> Model.smooth 1.0 (oracleModel written.Head) |> ignore)
    |> ignore

    // As β grows, ln(1 + exp(βz))/β tends to ReLU from above, by at most ln 2/β for each unit.
    let value model = (Model.evaluate model reluInput)[0]
    Assert.InRange(abs (value (Model.smooth 1000.0 reluNetwork) - value reluNetwork), 0.0, 16.0 * log 2.0 / 1000.0)

[<Fact>]
let ``a row whose rule the probes judged too kindly is tried again`` () =
    let f (x: Tensor) =
        let base' = 1.0 + x.[2] * x.[2]
        let inner = x.[0] * x.[0] * x.[0] * x.[0] + 1.5
        // acosh z = ln(z + sqrt(z² - 1))
        let power = tanh (log (inner + sqrt (inner * inner - 1.0)))
        exp (power * log base') * ((x.[0] + x.[4]) * 2.0 * x.[2] + x.[2])

    let explanation =
        IntegratedHessians.explain { IntegratedHessians.defaults with Tolerance = 1e-8 } (Model.ofFunction 5 f) [|
            0.3125
            -1.5
            -1.0625
            1.125
            -0.9375
        |] [| 1.75; 1.875; -0.75; 1.6875; 1.125 |]

    Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")
