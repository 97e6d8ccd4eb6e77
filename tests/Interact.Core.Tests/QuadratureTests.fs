/// Gauss rules against correctly rounded ones and against moments; refinement on integrals that are known.
module Interact.Core.Tests.QuadratureTests

open System
open System.IO
open System.Text.Json
open Interact.Core.Quadrature
open Interact.Core.Tests.Numbers
open Xunit

let private fixture =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "quadrature", "gauss_log.json")

let private correctlyRounded =
    lazy
        (use document = JsonDocument.Parse(File.ReadAllText fixture)

         [
             for rule in document.RootElement.GetProperty("rules").EnumerateArray() ->
                 let numbers (name: string) = [|
                     for value in rule.GetProperty(name).EnumerateArray() -> value.GetDouble()
                 |]

                 rule.GetProperty("n").GetInt32(), numbers "nodes", numbers "weights"
         ])

[<Fact>]
let ``Gauss rules for the logarithm are the correctly rounded ones`` () =
    Assert.NotEmpty correctlyRounded.Value

    for n, nodes, weights in correctlyRounded.Value do
        let rule = GaussRule.create (MinusLog 1.0) n
        close 1e-15 nodes rule.Nodes
        close 1e-15 weights rule.Weights

        // The smallest nodes and weights also by themselves: they are where the weight function is largest.
        for expected, actual in Seq.append (Seq.zip nodes rule.Nodes) (Seq.zip weights rule.Weights) do
            Assert.InRange(abs (actual / expected - 1.0), 0.0, 1e-12)

let private power (t: float) (k: int) = Math.Pow(t, float k)

let private sumOf (rule: QuadratureRule) f = Array.fold2 (fun sum t w -> sum + w * f t) 0.0 rule.Nodes rule.Weights

[<Fact>]
let ``Gauss rules are exact on polynomials`` () =
    for n in 1 .. GaussRule.maxOrder do
        let plain = GaussRule.create One n
        let logarithmic = GaussRule.create (MinusLog 1.0) n

        for k in 0 .. 2 * n - 1 do
            let moment = 1.0 / float (k + 1)
            Assert.InRange(sumOf plain (fun t -> power t k), moment - 1e-14, moment + 1e-14)
            Assert.InRange(sumOf logarithmic (fun t -> power t k), moment * moment - 1e-14, moment * moment + 1e-14)

[<Theory>]
[<InlineData(0.5)>]
[<InlineData(0.3)>]
[<InlineData(1e-3)>]
[<InlineData(9.313225746154785e-10)>]
let ``Gauss rules on a first part of the path are exact on polynomials`` h =
    for n in [ 1; 2; 8; 18; 32; 64 ] do
        let rule = Panel.rule (MinusLog 1.0) { Start = 0.0; End = h; Order = n }

        for k in 0 .. 2 * n - 1 do
            // ∫₀ʰ -ln t (t/h)ᵏ dt = h (1/(k+1)² - ln h/(k+1))
            let moment = h * (1.0 / float (k + 1) ** 2.0 - log h / float (k + 1))
            let actual = sumOf rule (fun t -> power (t / h) k)
            Assert.InRange(actual, moment - 1e-14 * (1.0 - log h) * h, moment + 1e-14 * (1.0 - log h) * h)

[<Fact>]
let ``nodes ascend inside the path and weights are positive`` () =
    for n in 1 .. GaussRule.maxOrder do
        for weight in [ One; MinusLog 1.0; MinusLog 0.1 ] do
            let rule = GaussRule.create weight n
            Assert.Equal(n, rule.Nodes.Length)
            Assert.Equal<float[]>(Array.sort rule.Nodes, rule.Nodes)
            Assert.All(rule.Nodes, fun t -> Assert.InRange(t, Double.Epsilon, 1.0 - 1e-16))
            Assert.All(rule.Weights, fun w -> Assert.True(w > 0.0))

[<Fact>]
let ``orders and scales that do not exist are refused`` () =
    for n in [ 0; -1; 65 ] do
        Assert.Equal("n", Assert.Throws<ArgumentException>(fun () -> GaussRule.create One n |> ignore).ParamName)

    for scale in [ 0.0; -1.0; 1.5; nan ] do
        let refused = Assert.Throws<ArgumentException>(fun () -> GaussRule.create (MinusLog scale) 4 |> ignore)
        Assert.Equal("weight", refused.ParamName)

/// What computations ask for, given an integrand's components.
let private sampled (f: float -> float[]) (samples: Samples) =
    match samples with
    | Values points -> points |> Array.collect f
    | WeightedSum rule ->
        let terms = Array.map2 (fun w t -> f t |> Array.map ((*) w)) rule.Weights rule.Nodes
        let sums = terms |> Array.reduce (Array.map2 (+))
        let size = terms |> Array.map (Array.map abs) |> Array.reduce (Array.map2 (+)) |> Array.max
        Array.append sums [| size |]

/// Runs one refinement with the given absolute tolerance on an integrand of several components.
let private refine weight limit (tolerance: float) (f: float -> float list) =
    let evaluate = Array.map (snd >> sampled (f >> Array.ofList))

    [| Refinement.integrate weight limit (fun _ -> tolerance) |]
    |> Sampling.runAll evaluate
    |> Array.exactlyOne

/// A step of width 1/β at c, as first derivatives of SoftPlus networks have it.
let private logistic beta c t = 1.0 / (1.0 + exp (-beta * (t - c)))

/// Its derivative, a peak of height β/4, as second derivatives have it.
let private bell beta c t =
    let s = logistic beta c t
    beta * s * (1.0 - s)

/// Integrands with their weight functions, where they are sharp, and their integrals where these are known in closed form.
let private integrands: (string * WeightFunction * float list * (float -> float) * float option) list = [
    "exp", One, [], exp, Some(Math.E - 1.0)
    "exp, logarithm", MinusLog 1.0, [], exp, Some 1.3179021514544039
    "t, logarithm", MinusLog 1.0, [], id, Some 0.25
    "Runge's", One, [ 0.5 ], (fun t -> 1.0 / (1.0 + 25.0 * (2.0 * t - 1.0) ** 2.0)), Some(atan 5.0 / 5.0)
    "Runge's, logarithm", MinusLog 1.0, [ 0.5 ], (fun t -> 1.0 / (1.0 + 25.0 * (2.0 * t - 1.0) ** 2.0)), None
    "cos 40t", One, [], (fun t -> cos (40.0 * t)), Some(sin 40.0 / 40.0)
    "cos 40t, logarithm", MinusLog 1.0, [ 0.25; 0.5; 0.75 ], (fun t -> cos (40.0 * t)), None
    "√t", One, [], sqrt, Some(2.0 / 3.0)
    for beta in [ 10.0; 50.0; 500.0; 5000.0 ] do
        $"step of {beta}", One, [ 0.37 ], logistic beta 0.37, None
        $"step of {beta}, logarithm", MinusLog 1.0, [ 0.37 ], logistic beta 0.37, None

        $"bell of {beta}",
        One,
        [ 0.37 ],
        bell beta 0.37,
        Some(tanh (beta * 0.63 / 2.0) / 2.0 + tanh (beta * 0.37 / 2.0) / 2.0)

        $"bell of {beta}, logarithm", MinusLog 1.0, [ 0.37 ], bell beta 0.37, None

        $"two bells of {beta}, logarithm",
        MinusLog 1.0,
        [ 0.11; 0.83 ],
        (fun t -> bell beta 0.11 t - 2.0 * bell (2.0 * beta) 0.83 t),
        None

        $"bell of {beta} near the start, logarithm", MinusLog 1.0, [ 0.03 ], bell beta 0.03, None
]

let known = TheoryData<string>(integrands |> List.map (fun (name, _, _, _, _) -> name))

[<Theory; MemberData(nameof known)>]
let ``refinement comes within its tolerance of known integrals`` name =
    let _, weight, breaks, f, closedForm = integrands |> List.find (fun (other, _, _, _, _) -> other = name)

    let weighted t =
        match weight with
        | One -> f t
        | MinusLog _ -> -log t * f t

    // A narrow peak alone can fall between the nodes; what is integrated with it shows where it is, as gradients do.
    let steps t = breaks |> List.map (fun place -> logistic 5000.0 place t)

    let expected = References.integralWith breaks weighted
    closedForm |> Option.iter (fun value -> closeTo 1e-13 value expected)

    for tolerance in [ 1e-4; 1e-8; 1e-11 ] do
        let result = refine weight 50_000 tolerance (fun t -> [ f t; -2.0 * f t; yield! steps t ])
        Assert.True result.Converged
        Assert.InRange(result.Samples, 1, 6000)
        Assert.InRange(result.Error, 0.0, 2.0 * tolerance)
        Assert.InRange(abs (result.Value[0] - expected), 0.0, 2.0 * tolerance)
        Assert.InRange(abs (result.Value[1] + 2.0 * expected), 0.0, 4.0 * tolerance)

        // The cheaper rules that were found are as good as promised.
        let byRules = result.Rules |> Array.sumBy (fun rule -> sumOf rule f)
        Assert.InRange(abs (byRules - expected), 0.0, 4.0 * tolerance)

/// A number for each t without any order among them.
let private noise (t: float) =
    let bits = uint64 (BitConverter.DoubleToInt64Bits t) * 0x9E3779B97F4A7C15UL
    float ((bits ^^^ (bits >>> 29)) % 1000UL) / 1000.0

[<Theory>]
[<InlineData(1)>]
[<InlineData(100)>]
[<InlineData(50_000)>]
let ``an integrand that converges to nothing is given up at the limit`` limit =
    for weight in [ One; MinusLog 1.0 ] do
        let result = refine weight limit 1e-9 (fun t -> [ noise t ])
        Assert.False result.Converged
        Assert.InRange(result.Samples, 1, 3 * limit + 50)

[<Fact>]
let ``a step is found but for places next to the ends of a panel, or given up at the limit`` () =
    let place k = float k / 1000.0
    let integrate limit k = refine One limit 1e-9 (fun t -> [ if t < place k then 1.0 else 0.0 ])

    for k in 1..999 do
        Assert.InRange((integrate 200 k).Samples, 1, 650)

    let found =
        [ 1..999 ]
        |> List.filter (fun k ->
            let result = integrate 50_000 k
            Assert.True(result.Converged)
            Assert.InRange(result.Samples, 1, 6000)
            // Where no node lies between the step and the end of the panel, the step is not seen: at most 2% of a panel.
            Assert.InRange(abs (result.Value[0] - place k), 0.0, 0.02)
            abs (result.Value[0] - place k) <= 1e-7)

    Assert.InRange(found.Length, 900, 999)

[<Fact>]
let ``an integrand that is not finite is given up at once`` () =
    for bad in [ nan; infinity ] do
        let result = refine One 50_000 1e-9 (fun t -> [ if t > 0.5 then bad else t ])
        Assert.False result.Converged
        Assert.InRange(result.Samples, 1, 100)

[<Fact>]
let ``an integrand with a pole on the path is given up`` () =
    let result = refine One 20_000 1e-9 (fun t -> [ 1.0 / abs (t - 0.4) ])
    Assert.False result.Converged
    Assert.InRange(result.Samples, 1, 60_000)

[<Fact>]
let ``an integral of zeros takes one comparison`` () =
    let result = refine (MinusLog 1.0) 50_000 0.0 (fun _ -> [ 0.0; 0.0 ])
    Assert.True result.Converged
    Assert.Equal<float[]>([| 0.0; 0.0 |], result.Value)
    Assert.InRange(result.Samples, 1, 21)

[<Fact>]
let ``integrals found in step are those found alone`` () =
    let integrands = [| exp; bell 50.0 0.37; bell 500.0 0.8; (fun t -> cos (40.0 * t)); sqrt |]
    let computation () = Refinement.integrate (MinusLog 1.0) 50_000 (fun _ -> 1e-10)

    let together =
        integrands
        |> Array.map (fun _ -> computation ())
        |> Sampling.runAll (Array.map (fun (i, samples) -> samples |> sampled (fun t -> [| integrands[i] t |])))

    Array.iter2
        (fun f (result: RefinedIntegral) ->
            let alone = refine (MinusLog 1.0) 50_000 1e-10 (fun t -> [ f t ])
            sameBits alone.Value result.Value
            Assert.Equal(alone.Samples, result.Samples))
        integrands
        together

[<Fact>]
let ``the rule found by probing is good for what was not probed`` () =
    // Probes and the expensive integrand are smooth or sharp at the same places, but not the same. Each has a step where it has a
    // peak, as the probes of interactions have.
    let sharp beta c t = t * bell beta c t + logistic beta c t

    let cases: (string * float list * (float -> float -> float)) list = [
        "smooth", [], (fun shift t -> exp (shift * t) * cos (3.0 * t + shift))
        for beta in [ 20.0; 100.0; 1000.0 ] do
            $"sharp, {beta}", [ 0.3; 0.62 ], (fun shift t -> cos shift * sharp beta 0.3 t + shift * sharp beta 0.62 t)
    ]

    for name, breaks, f in cases do
        let integral shift = References.integralWith breaks (fun t -> -log t * f shift t)
        let probes t = [| f 1.0 t; f -0.7 t; f 0.2 t; f 2.0 t |]

        let found =
            [| RuleSearch.find (MinusLog 1.0) 50_000 1e-9 infinity 0.0 None [| integral 1.0; integral -0.7 |] |]
            |> Sampling.runAll (Array.map (snd >> sampled probes))
            |> Array.exactlyOne

        Assert.True(found.Converged, name)
        let other = found.Rules |> Array.sumBy (fun rule -> sumOf rule (f 1.4))
        Assert.InRange(abs (other - integral 1.4), 0.0, 2e-8)
        Assert.InRange(found.Samples, 1, 6000)

[<Fact>]
let ``a guess of the order decides what is tried first, not what is found good enough`` () =
    for frequency in [ 1.0; 12.0; 60.0 ] do
        let f shift t = cos (frequency * shift * t + shift)
        let integral shift = References.integralWith [] (fun t -> -log t * f shift t)
        let probes t = [| f 1.0 t; f -0.7 t; f 0.2 t; f 1.3 t |]

        for guess in [ None; Some 0.0; Some 9.5; Some 30.0; Some 1e6; Some infinity ] do
            let found =
                [| RuleSearch.find (MinusLog 1.0) 50_000 1e-9 0.0 0.0 guess [| integral 1.0; integral -0.7 |] |]
                |> Sampling.runAll (Array.map (snd >> sampled probes))
                |> Array.exactlyOne

            let off = found.Rules |> Array.sumBy (fun rule -> sumOf rule (f 1.3)) |> (-) (integral 1.3) |> abs
            Assert.True(found.Converged, $"frequency {frequency}, guess {guess}")
            Assert.True(off <= 1e-8, $"frequency {frequency}, guess {guess}: {off}")
