/// Mixed partial derivatives against computer algebra, nested differentiation, Hessians and differences.
module Interact.Core.Tests.MixedPartialsTests

open System
open System.Threading
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.RandomGraphs
open Interact.Core.Transform
open Xunit

let private anyway = { MixedPartials.defaults with AllowKinks = true }

/// Derivatives at one point.
let private at options model sets x = (MixedPartials.ofSets options model sets [| x |]).[0].Values

/// Derivatives by nested forward differentiation, one set after the other.
let private nested (sets: int[][]) f x = sets |> Array.map (fun set -> numberOf (mixed (List.ofArray set) f) x)

/// Derivatives by the coefficients of the function itself, without a gradient.
let private byCoefficients (sets: int[][]) (f: Tensor -> Tensor) (x: float[]) : float[] =
    let input = Node.input "x" [| x.Length |]
    let output = (f (Tensor input)).Node
    let family = SetFamily sets
    let coefficient = MixedDerivatives.coefficients family input [ output ] output

    sets
    |> Array.map (fun set ->
        match coefficient set.Length with
        | Some stack -> stack |> Node.gather 0 [| family.Place set |] |> valueWith [ input, x ] |> Array.exactlyOne
        | None -> 0.0)

/// Some sets of features up to an order, a few of each.
let private someSets seed order length =
    let random = Random(seed: int)

    [|
        for k in 1 .. min order length do
            for _ in 1..2 ->
                [| 0 .. length - 1 |]
                |> Array.sortBy (fun _ -> random.NextDouble())
                |> Array.truncate k
                |> Array.sort
    |]

let private network (widths: int list) =
    let random = Random 5

    let layers =
        List.pairwise widths
        |> List.map (fun (n, m) -> Tensor.create [| n; m |] (uniform random (n * m)), Tensor.ofArray (uniform random m))

    Model.ofFunction widths.Head (fun x ->
        (x, layers) ||> List.fold (fun x (weights, bias) -> Tensor.gelu (Tensor.matmul x weights + bias)))

/// Two heads of attention over four tokens of width three, softmax and all.
let private attention (x: Tensor) =
    let random = Random 11
    let tokens = x |> Tensor.reshape [| 4; 3 |]
    let weights () = Tensor.create [| 3; 3 |] (uniform random 9)

    let head () =
        let queries, keys, values =
            Tensor.matmul tokens (weights ()), Tensor.matmul tokens (weights ()), Tensor.matmul tokens (weights ())

        Tensor.matmul (Tensor.softmax 1 (Tensor.matmul queries (Tensor.transpose keys))) values

    Tensor.sum (tanh (head () + head ())) + Tensor.sum (Tensor.logSumExp 1 tokens)

let names = TheoryData<string>(SyntheticFunctions.functions |> List.map fst)

[<Theory; MemberData(nameof names)>]
let ``derivatives of orders 2 to 5 of the synthetic functions are those of computer algebra`` name =
    let model = SyntheticFunctions.functions |> List.find (fst >> (=) name) |> snd |> Model.ofFunction 10

    for known in SyntheticFunctions.known[name] do
        let found = at anyway model known.Sets known.Point

        Array.iter2
            (fun expected actual ->
                if expected = 0.0 then
                    Assert.Equal(0.0, actual)
                else
                    Assert.True(abs (actual - expected) <= 1e-9 * abs expected, $"{actual:R} is not {expected:R}"))
            known.Derivatives
            found

[<Fact>]
let ``coefficients on random graphs of all primitives are nested derivatives`` () =
    holdsFor 60 (graphs false) (fun case ->
        let sets = someSets case.Seed 3 case.Length
        let x = uniform (Random(case.Seed + 3)) case.Length
        // Both round at each of some hundred operations.
        byCoefficients sets (toFunction case) x |> close 1e-10 (nested sets (toFunction case) x))

[<Fact>]
let ``derivatives on smooth random graphs are nested derivatives`` () =
    holdsFor 60 (graphs true) (fun case ->
        let sets = someSets case.Seed 4 case.Length
        let x = uniform (Random(case.Seed + 3)) case.Length

        at anyway (Model.ofFunction case.Length (toFunction case)) sets x
        |> close 1e-10 (nested sets (toFunction case) x))

[<Fact>]
let ``derivatives of attention are nested derivatives`` () =
    let x = uniform (Random 2) 12
    let sets = [| [| 0 |]; [| 0; 5 |]; [| 1; 2; 10 |]; [| 0; 4; 7; 11 |] |]

    at MixedPartials.defaults (Model.ofFunction 12 attention) sets x
    |> close 1e-11 (nested sets attention x)

[<Fact>]
let ``order 1 is the gradient and order 2 the Hessian beside its diagonal`` () =
    let model = network [ 7; 12; 9; 1 ]

    for x in Array.init 3 (fun i -> uniform (Random i) 7) do
        let gradient = at MixedPartials.defaults model (MixedPartials.setsOfOrder 1 7) x
        gradient |> close 1e-13 (Model.gradient model 0 x)

        let hessian = Model.hessian model 0 x
        let pairs = MixedPartials.allOfOrder MixedPartials.defaults model 2 [| x |]

        pairs.Rows[0].Values
        |> close 1e-13 (pairs.Sets |> Array.map (fun pair -> hessian[pair[0], pair[1]]))

[<Fact>]
let ``derivatives of order 3 are nested central differences`` () =
    let model = network [ 4; 6; 5; 1 ]
    let unit i = Array.init 4 (fun k -> if k = i then 1.0 else 0.0)
    let by i f x = slope f x (unit i)
    let x = uniform (Random 8) 4

    for set in MixedPartials.setsOfOrder 3 4 do
        let differences = (Model.evaluate model |> by set[0] |> by set[1] |> by set[2]) x
        // Each of three differences multiplies rounding by 1/h, of which the smallest is 1/200.
        at MixedPartials.defaults model [| set |] x |> close 1e-7 differences

[<Fact>]
let ``coefficients can be differentiated again`` () =
    let f (x: Tensor) = exp (x[0] * x[1] * x[2]) + x[2] * x[2] * sin (x[0] + x[1])
    let input = Node.input "x" [| 3 |]
    let output = (f (Tensor input)).Node
    let family = SetFamily [ [| 0; 1 |] ]
    let stack = (MixedDerivatives.coefficients family input [ output ] output 2).Value

    let derivative =
        stack |> Node.gather 0 [| family.Place [| 0; 1 |] |] |> Node.reshape [||] |> Vjp.grad input

    let x = [| 0.3; -0.7; 1.2 |]
    // With repetition, which sets do not have.
    let expected = [| for i in 0..2 -> numberOf (mixed [ 0; 1; i ] f) x |]
    valueWith [ input, x ] derivative |> close 1e-13 expected

[<Fact>]
let ``derivatives are the same bits in any block, on any number of threads, and among any rows`` () =
    let cases = [
        network [ 6; 10; 7; 1 ], MixedPartials.setsOfOrder 4 6
        network [ 12; 200; 150; 2 ], Array.append (MixedPartials.setsOfOrder 2 12) (MixedPartials.setsOfOrder 3 12)
        Model.ofFunction 12 attention, someSets 4 4 12
    ]

    for model, sets in cases do
        let rows = Array.init 5 (fun i -> uniform (Random i) model.InputSize)
        let options = { MixedPartials.defaults with Target = Index(model.OutputSize - 1) }
        let values options = MixedPartials.ofSets options model sets rows |> Array.map _.Values
        let expected = values options
        let divided = { options with Memory = MemoryBudget 1L }
        Assert.True((MixedPartials.prepare divided model sets).Blocks > 1)
        Assert.Equal(1, (MixedPartials.prepare options model sets).Blocks)

        for other in [ values divided; values { options with Threads = 3 }; values { divided with Threads = 8 } ] do
            Array.iter2 sameBits expected other

        Array.iter2 (fun row expected -> at options model sets row |> sameBits expected) rows expected

[<Fact>]
let ``derivatives do not depend on which other sets are asked for`` () =
    holdsFor 40 (graphs true) (fun case ->
        let model = Model.ofFunction case.Length (toFunction case)
        let sets = someSets case.Seed 3 case.Length
        let x = uniform (Random case.Seed) case.Length
        let alone = sets |> Array.map (fun set -> (at anyway model [| set |] x)[0])
        // Another member of a set may be left for the gradient, so that rounding differs.
        at anyway model sets x |> close 1e-12 alone)

[<Fact>]
let ``sets of an order are all choices in lexicographic order`` () =
    for order in 1..7 do
        let expected = [|
            for mask in 0..127 do
                let set = [| 0..6 |] |> Array.filter (fun i -> mask >>> i &&& 1 = 1)
                if set.Length = order then set
        |]

        Assert.Equal<int[] list>(
            expected |> Seq.map List.ofArray |> Seq.sort |> Seq.map Array.ofList |> List.ofSeq,
            MixedPartials.setsOfOrder order 7 |> List.ofArray
        )

[<Fact>]
let ``the same set in another order and twice has the same derivative`` () =
    let model = network [ 5; 8; 1 ]

    let values =
        at MixedPartials.defaults model [| [| 4; 0; 2 |]; [| 0; 2; 4 |]; [| 2; 0; 4 |] |] (uniform (Random 1) 5)

    Assert.Equal(values[0], values[1])
    Assert.Equal(values[0], values[2])
    Assert.NotEqual(0.0, values[0])

/// One triple that acts together, one pair, and features that act alone.
let private planted (x: Tensor) = x[0] * x[2] * x[4] + 0.1 * sin (x[1] * x[3]) + Tensor.sum (x * x)

[<Fact>]
let ``a search expands the strongest sets alone and finds what is planted`` () =
    let model = Model.ofFunction 6 planted
    let rows = Array.init 9 (fun i -> uniform (Random i) 6)
    let search = { MixedPartials.searchDefaults with Order = 4; Parents = fun _ -> 2 }
    let found = MixedPartials.search MixedPartials.defaults search model rows
    Assert.Equal<int list>([ 2; 3; 4 ], found |> List.map _.Order)
    Assert.Equal<int list>([ 15; 7; 5 ], found |> List.map _.Sets.Length)
    let set, strength = found[1].Strongest 1 |> List.exactlyOne
    Assert.Equal<int[]>([| 0; 2; 4 |], set)
    closeTo 1e-13 1.0 strength
    Assert.All(found[2].Strengths, fun strength -> Assert.Equal(0.0, strength))

[<Fact>]
let ``a search that expands everything finds all sets`` () =
    let model = network [ 5; 7; 1 ]
    let rows = Array.init 4 (fun i -> uniform (Random i) 5)
    let search = { MixedPartials.searchDefaults with Order = 4; Parents = fun _ -> Int32.MaxValue }

    for level in MixedPartials.search MixedPartials.defaults search model rows do
        let all = MixedPartials.allOfOrder MixedPartials.defaults model level.Order rows
        Assert.Equal<int[][]>(all.Sets, level.Sets)
        level.Strengths |> close 1e-13 all.Strengths

[<Fact>]
let ``strengths are aggregates of magnitudes over rows`` () =
    // The derivative by the first two is the third.
    let model = Model.ofFunction 3 (fun x -> x[0] * x[1] * x[2])
    let rows = [ -1.0; 2.0; 4.0; -3.0 ] |> List.map (fun x -> [| 0.5; 0.25; x |]) |> Array.ofList
    let found = MixedPartials.ofSets MixedPartials.defaults model [| [| 0; 1 |] |] rows
    let strength aggregation = (MixedPartials.strengths aggregation found)[0]
    closeTo 1e-15 2.5 (strength Aggregation.Mean)
    closeTo 1e-15 2.5 (strength Aggregation.Median)
    closeTo 1e-15 1.0 (strength Aggregation.Minimum)
    closeTo 1e-15 4.0 (strength Aggregation.Maximum)

[<Fact>]
let ``inputs that are held fixed may differ from row to row`` () =
    let input = Node.input "x" [| 2 |]
    let held = Node.input "c" [| 1 |]
    let x = Tensor input
    let output = (x[0] * x[1] * Tensor held).Node

    let graph =
        GraphFunction(input, output, (fun _ -> None), [ { Node = held; IsInteger = false; Values = None } ])

    let model = Model.ofGraph graph
    let prepared = MixedPartials.prepare MixedPartials.defaults model [| [| 0; 1 |] |]

    for c in [ 2.0; -5.0 ] do
        let rows =
            MixedPartials.explainRows MixedPartials.defaults prepared (Model.hold "c" [| c |] model) [|
                7, [| 0.3; 0.4 |]
            |]

        Assert.Equal(7, rows[0].Row)
        closeTo 0.0 c rows[0].Values[0]

[<Fact>]
let ``the derivatives are those of each row's largest output or of the chosen one`` () =
    let model = Model.ofFunction 2 (fun x -> Tensor.stack [ x[0] * x[1]; 3.0 * x[0] * x[1] ])
    let rows = [| [| 1.0; 1.0 |]; [| 1.0; -1.0 |] |]
    let found options = MixedPartials.ofSets options model [| [| 0; 1 |] |] rows
    let predicted = found MixedPartials.defaults
    Assert.Equal<int[]>([| 1; 0 |], predicted |> Array.map _.Target)
    Assert.Equal<float[]>([| 3.0; 1.0 |], predicted |> Array.map (fun row -> row.Values[0]))
    let chosen = found { MixedPartials.defaults with Target = Index 1 }
    Assert.Equal<float[]>([| 3.0; 3.0 |], chosen |> Array.map (fun row -> row.Values[0]))

let private refused (part: string) (action: unit -> 'Result) =
    let error = Assert.ThrowsAny<ArgumentException>(fun () -> action () |> ignore)
    Assert.Contains(part, error.Message)

[<Fact>]
let ``models with kinks are refused unless they are smoothed or kinks are allowed`` () =
    let f (x: Tensor) = Tensor.relu (x[0] + x[1]) * x[2]
    let model = Model.ofFunction 3 f
    let pair = [| [| 0; 2 |] |]
    refused "smooth" (fun () -> at MixedPartials.defaults model pair [| 1.0; 1.0; 1.0 |])

    refused "smooth" (fun () ->
        at MixedPartials.defaults (Model.ofFunction 3 (fun x -> Tensor.maximum x * x[0])) pair [| 1.0; 2.0; 3.0 |])

    Assert.Equal(1.0, (at anyway model pair [| 1.0; 1.0; 1.0 |])[0])
    Assert.Equal(0.0, (at anyway model pair [| -1.0; 0.5; 1.0 |])[0])
    let smoothed = (at MixedPartials.defaults (Model.smooth 2.0 model) pair [| 0.25; 0.5; 1.0 |])[0]
    closeTo 1e-14 (1.0 / (1.0 + exp -1.5)) smoothed

[<Fact>]
let ``bad requests are refused in words`` () =
    let model = network [ 3; 4; 1 ]
    let ask sets = fun () -> at MixedPartials.defaults model sets [| 0.1; 0.2; 0.3 |]
    refused "empty" (ask [| [||] |])
    refused "{0, 3}" (ask [| [| 0; 3 |] |])
    refused "twice" (ask [| [| 1; 1 |] |])
    refused "at most 12" (ask [| [| 0..12 |] |])
    Assert.Empty((ask [||]) ())
    refused "order is 4" (fun () -> MixedPartials.allOfOrder MixedPartials.defaults model 4 [| [| 0.1; 0.2; 0.3 |] |])
    refused "row 0" (fun () -> at MixedPartials.defaults model [| [| 0; 1 |] |] [| 0.1 |])
    refused "row 0" (fun () -> at MixedPartials.defaults model [| [| 0; 1 |] |] [| 0.1; nan; 0.0 |])

    refused "Target" (fun () ->
        at { MixedPartials.defaults with Target = Index 1 } model [| [| 0 |] |] [| 0.1; 0.2; 0.3 |])

    refused "no row" (fun () -> MixedPartials.allOfOrder MixedPartials.defaults model 2 [||])

    let oracle =
        Model.ofDifferentiable
            {
                new IDifferentiable with
                    member _.InputSize = 2
                    member _.OutputSize = 1
                    member _.Values points = points |> Array.map (fun x -> [| x[0] |])
                    member _.Gradients _ = [||]
                    member _.Curvatures _ = [||]
                    member _.WhyNotFinite(_, _) = None
            }

    refused "graph" (fun () -> at MixedPartials.defaults oracle [| [| 0; 1 |] |] [| 0.1; 0.2 |])

[<Fact>]
let ``a derivative that is not finite names its row`` () =
    let model = Model.ofFunction 2 (fun x -> x[0] * sqrt x[1])
    let rows = [| [| 1.0; 1.0 |]; [| 1.0; 0.0 |] |]

    let error =
        Assert.Throws<NotFiniteException>(fun () ->
            MixedPartials.ofSets MixedPartials.defaults model [| [| 0; 1 |] |] rows |> ignore)

    Assert.Equal(1, error.Row)

[<Fact>]
let ``where the largest of several outputs is not a number, the row is named`` () =
    let model = Model.ofFunction 2 (fun x -> Tensor.stack [ log x[0]; x[0] * x[1] ])

    let error =
        Assert.Throws<NotFiniteException>(fun () ->
            MixedPartials.ofSets MixedPartials.defaults model [| [| 0; 1 |] |] [| [| 1.0; 2.0 |]; [| -1.0; 2.0 |] |]
            |> ignore)

    Assert.Equal(1, error.Row)

[<Fact>]
let ``sets in many blocks can be stopped between blocks, and taken up again`` () =
    let model = network [ 8; 5; 1 ]
    let row = 0, Array.init 8 (fun i -> 0.1 * float i)
    let sets = MixedPartials.setsOfOrder 3 8
    // So little that every block is one parent.
    let little = { MixedPartials.defaults with Memory = MemoryBudget 1L }

    let whole =
        MixedPartials.explainRows MixedPartials.defaults (MixedPartials.prepare little model sets) model [| row |]

    let prepared = MixedPartials.prepare little model sets
    let mutable calls = 0

    let stopAt last () =
        calls <- calls + 1
        if calls > last then raise (OperationCanceledException())

    let run check = prepared.Plans.Run(Evaluation.defaults, [], [| snd row |], [| [| 1.0 |] |], check)

    for last in [ 0; 3; 9 ] do
        calls <- 0

        Assert.Throws<OperationCanceledException>(fun () -> run (stopAt last) |> ignore) |> ignore

        // Nothing is done after the stop, and little between two places to stop at.
        Assert.Equal(last + 1, calls)

    calls <- 0
    let found = run (stopAt Int32.MaxValue)
    Assert.True(prepared.Blocks > 10)
    // Once for each block that is found, and once for each that is run.
    Assert.True(calls >= 2 * prepared.Blocks, $"{calls} calls for {prepared.Blocks} blocks")
    Assert.Equal<float[]>(whole[0].Values, found[0])

[<Fact>]
let ``a stopped computation raises`` () =
    let options = { MixedPartials.defaults with CancellationToken = CancellationToken true }

    Assert.ThrowsAny<OperationCanceledException>(fun () ->
        MixedPartials.allOfOrder options (network [ 3; 4; 1 ]) 2 [| [| 0.1; 0.2; 0.3 |] |] |> ignore)
    |> ignore
