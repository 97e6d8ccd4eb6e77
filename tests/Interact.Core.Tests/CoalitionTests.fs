/// Shapley interactions and Shapley-Taylor interactions against their definitions, closed forms and axioms.
module Interact.Core.Tests.CoalitionTests

open System
open System.Numerics
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private uniform (random: Random) count = Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

/// d-12-6-1 with ReLU and tanh, of random weights, and two points.
let private network seed d =
    let random = Random seed
    let matrix rows columns = Tensor.create [| rows; columns |] (uniform random (rows * columns))
    let first, second, last = matrix d 12, matrix 12 6, matrix 6 1
    let bias, shift = Tensor.ofArray (uniform random 12), Tensor.ofArray (uniform random 6)

    let f (x: Tensor) =
        let hidden = Tensor.relu (Tensor.matmul (x |> Tensor.reshape [| 1; d |]) first + bias)
        Tensor.matmul (tanh (Tensor.matmul hidden second + shift)) last

    Model.ofFunction d f, uniform random d, uniform random d

let private has player (set: int) = set &&& (1 <<< player) <> 0
let private add player (set: int) = set ||| (1 <<< player)
let private sizeOf (set: int) = BitOperations.PopCount(uint set)

/// The value of every coalition, each evaluated by itself.
let private worth (model: Model) (baseline: float[]) (input: float[]) : float[] =
    Array.init (1 <<< input.Length) (fun set ->
        (Model.evaluate model (Array.init input.Length (fun i -> if has i set then input[i] else baseline[i])))[0])

/// What i and j add together to a coalition without them.
let private together (v: float[]) i j set = v[add i (add j set)] - v[add i set] - v[add j set] + v[set]

let rec private orders (players: int list) : int list seq =
    match players with
    | [] -> Seq.singleton []
    | _ ->
        seq {
            for player in players do
                for rest in orders (List.except [ player ] players) -> player :: rest
        }

/// Shapley values and, off the diagonal, Shapley-Taylor interactions as means over all orders of the players.
let private overOrders d (v: float[]) : float[] * float[,] =
    let values = Array.zeroCreate<float> d
    let pairs = Array2D.zeroCreate<float> d d
    let mutable count = 0.0

    for order in orders [ 0 .. d - 1 ] do
        count <- count + 1.0
        let mutable before = 0

        for player in order do
            values[player] <- values[player] + v[add player before] - v[before]

            for other in 0 .. d - 1 do
                if other <> player && not (has other before) then
                    let index = together v player other before
                    pairs[player, other] <- pairs[player, other] + index
                    pairs[other, player] <- pairs[other, player] + index

            before <- add player before

    values |> Array.map (fun sum -> sum / count), pairs |> Array2D.map (fun sum -> sum / count)

let private factorial n = Seq.fold (fun product k -> product * float k) 1.0 [ 1..n ]

/// The Shapley interaction index as the sum over coalitions that defines it.
let private interactionIndex d (v: float[]) : float[,] =
    Array2D.init d d (fun i j ->
        if i = j then
            0.0
        else
            Seq.sum (
                seq {
                    for set in 0 .. (1 <<< d) - 1 do
                        if not (has i set) && not (has j set) then
                            let weight = factorial (sizeOf set) * factorial (d - sizeOf set - 2) / factorial (d - 1)

                            weight * together v i j set
                }
            ))

/// Half of each pair's number in both cells, and a diagonal.
let private matrixOf (pairs: float[,]) (diagonal: float[]) : float[] =
    let d = diagonal.Length
    Array2D.init d d (fun i j -> if i = j then diagonal[i] else pairs[i, j] / 2.0) |> flat

let private remainder (pairs: float[,]) (values: float[]) =
    values |> Array.mapi (fun i value -> value - Array.sum pairs[i, *] / 2.0)

[<Theory; InlineData(1, 8); InlineData(2, 7); InlineData(3, 3); InlineData(4, 2)>]
let ``Shapley values and interactions of all coalitions are the sums that define them`` seed d =
    let model, baseline, input = network seed d
    let v = worth model baseline input
    let values, _ = overOrders d v
    let pairs = interactionIndex d v
    let actual = ShapleyInteractions.explain ShapleyInteractions.defaults model baseline input
    close 1e-12 values actual.Attributions
    close 1e-12 (matrixOf pairs (remainder pairs values)) (interactions actual)
    Assert.True actual.Certificate.Satisfied
    Assert.Equal(1 <<< d, actual.Certificate.Evaluations)

[<Theory; InlineData(5, 8); InlineData(6, 3)>]
let ``Shapley-Taylor interactions of all coalitions are means over all orders`` seed d =
    let model, baseline, input = network seed d
    let v = worth model baseline input
    let values, pairs = overOrders d v
    let alone = Array.init d (fun i -> v[1 <<< i] - v[0])
    let actual = ShapleyTaylor.explain ShapleyTaylor.defaults model baseline input
    close 1e-12 (matrixOf pairs alone) (interactions actual)
    close 1e-12 values actual.Attributions
    closeTo 1e-12 (v[v.Length - 1] - v[0]) (interactions actual |> Array.sum)
    Assert.True actual.Certificate.Satisfied

[<Fact>]
let ``One feature has the whole change`` () =
    let model = Model.ofFunction 1 (fun x -> exp x[0])

    for explain in [ ShapleyInteractions.explain; ShapleyTaylor.explain ] do
        let actual = explain CoalitionOptions.defaults model [| 0.0 |] [| 1.0 |]
        closeTo 1e-15 (Math.E - 1.0) actual.Attributions[0]
        close 1e-15 [| Math.E - 1.0 |] (interactions actual)

/// Σ_T m(T) Π_{i in T} x_i with random coefficients, each of those asked for with one chance in four: at ones against zeros m(T) is the
/// Möbius coefficient of T.
let private polynomial seed d (isThere: int -> bool) =
    let random = Random seed

    let terms = [
        for set in 1 .. (1 <<< d) - 1 do
            if isThere (sizeOf set) && random.Next 4 = 0 then set, 2.0 * random.NextDouble() - 1.0
    ]

    let product (x: Tensor) set =
        [ 0 .. d - 1 ] |> List.filter (fun i -> has i set) |> List.map (fun i -> x[i]) |> List.reduce (*)

    let f (x: Tensor) = terms |> List.map (fun (set, m) -> m * product x set) |> List.reduce (+)
    Model.ofFunction d f, terms

/// Σ over terms with i and j of m(T) times a number for the size of T.
let private shared d (terms: (int * float) list) share =
    Array2D.init d d (fun i j ->
        if i = j then
            0.0
        else
            terms
            |> List.sumBy (fun (set, m) -> if has i set && has j set then m * share (float (sizeOf set)) else 0.0))

let private valuesOf d terms =
    Array.init d (fun i -> terms |> List.sumBy (fun (set, m) -> if has i set then m / float (sizeOf set) else 0.0))

[<Fact>]
let ``Interactions of a multilinear polynomial are shares of its coefficients`` () =
    let d = 7
    let model, terms = polynomial 11 d (fun _ -> true)
    let ones, zeros = Array.create d 1.0, Array.zeroCreate d
    let values = valuesOf d terms

    // Each coefficient is shared by the pairs in it: SII gives each 1/(t - 1), Shapley-Taylor 1/C(t, 2).
    let index = shared d terms (fun t -> 1.0 / (t - 1.0))
    let shapley = ShapleyInteractions.explain ShapleyInteractions.defaults model zeros ones
    close 1e-12 values shapley.Attributions
    close 1e-12 (matrixOf index (remainder index values)) (interactions shapley)

    let taylor = ShapleyTaylor.explain ShapleyTaylor.defaults model zeros ones

    let linear =
        Array.init d (fun i -> terms |> List.sumBy (fun (set, m) -> if set = (1 <<< i) then m else 0.0))

    close 1e-12 (matrixOf (shared d terms (fun t -> 2.0 / (t * (t - 1.0)))) linear) (interactions taylor)

[<Theory; InlineData(24); InlineData(25)>]
let ``Every draw is exact where features interact in pairs only`` d =
    let random = Random d
    let linear = uniform random d
    let coefficients = Array2D.init d d (fun i j -> if i < j then 2.0 * random.NextDouble() - 1.0 else 0.0)
    let matrix = Tensor.create [| d; d |] (flat coefficients)

    let model =
        Model.ofFunction d (fun x -> Tensor.dot (Tensor.ofArray linear) x + Tensor.dot (Tensor.matmul x matrix) x)

    let ones, zeros = Array.create d 1.0, Array.zeroCreate d
    let pairs = Array2D.init d d (fun i j -> if i = j then 0.0 else coefficients[min i j, max i j])
    let options = { CoalitionOptions.defaults with Samples = Some 2; Seed = 3 }
    let values = Array.init d (fun i -> linear[i] + Array.sum pairs[i, *] / 2.0)

    for explain in [ ShapleyInteractions.explain; ShapleyTaylor.explain ] do
        let actual = explain options model zeros ones
        close 1e-12 (matrixOf pairs linear) (interactions actual)
        close 1e-12 values actual.Attributions
        Assert.Equal("sampled", actual.Certificate.Method)
        Assert.True actual.Certificate.Satisfied
        Assert.True(actual.Certificate.StandardError.Value < 1e-12)

[<Theory; InlineData(6); InlineData(7)>]
let ``Every drawn Shapley interaction is exact where features interact in threes`` d =
    let model, terms = polynomial 12 d (fun size -> size <= 3)
    let options = { CoalitionOptions.defaults with Samples = Some 2; Seed = 4 }
    let actual = ShapleyInteractions.explain options model (Array.zeroCreate d) (Array.create d 1.0)
    let offDiagonal = actual.Interactions.Value |> Array2D.mapi (fun i j x -> if i = j then 0.0 else x)
    close 1e-12 (matrixOf (shared d terms (fun t -> 1.0 / (t - 1.0))) (Array.zeroCreate d)) (flat offDiagonal)

/// Many independently drawn results of one row, and the exact one.
let private drawn (explainRows: CoalitionOptions -> Model -> PathTask[] -> Explanation[]) d samples count =
    let model, baseline, input = network 21 d
    let tasks = Array.init count (fun row -> { Row = row; Input = input; Baseline = baseline })
    let exact = explainRows CoalitionOptions.defaults model [| tasks[0] |] |> Array.head
    exact, explainRows { CoalitionOptions.defaults with Samples = Some samples; Seed = 5 } model tasks

[<Theory; InlineData(6, false); InlineData(5, false); InlineData(6, true); InlineData(5, true)>]
let ``Drawn interactions scatter around the exact ones as their standard error says`` d isTaylor =
    let method = if isTaylor then ShapleyTaylor.explainRows else ShapleyInteractions.explainRows
    let samples, count = 40, 500
    let exact, results = drawn method d samples count
    let numbers (e: Explanation) = Array.append e.Attributions (interactions e)
    let expected = numbers exact

    let deviations =
        Array.init expected.Length (fun k -> results |> Array.map (fun result -> (numbers result)[k] - expected[k]))

    let scatter = deviations |> Array.map (fun own -> sqrt (own |> Array.averageBy (fun x -> x * x)))
    let told = results |> Array.averageBy (fun result -> result.Certificate.StandardError.Value)

    // 500 results know a scatter to 3%, the largest of 40 drawn standard errors is a little above the true one.
    Assert.InRange(told / Array.max scatter, 0.88, 1.15)

    // The mean of all has a standard error smaller by √500: 4.5 of those are exceeded once in 100,000 numbers.
    Array.iter2
        (fun (own: float[]) scatter ->
            Assert.True(abs (Array.average own) <= 4.5 * scatter / sqrt (float count) + 1e-12))
        deviations
        scatter

    // Drawn results add up all the same.
    for result in results do
        Assert.True result.Certificate.Satisfied

[<Fact>]
let ``Draws depend on the seed and the row's number, and not on rows beside it`` () =
    let model, baseline, input = network 22 6
    let options = { CoalitionOptions.defaults with Samples = Some 3; Seed = 1 }
    let task row = { Row = row; Input = input; Baseline = baseline }
    let together = ShapleyInteractions.explainRows options model [| task 0; task 7 |]
    let alone = ShapleyInteractions.explainRows options model [| task 7 |]
    sameBits (interactions alone[0]) (interactions together[1])
    Assert.NotEqual<float[]>(interactions together[0], interactions together[1])
    let other = ShapleyInteractions.explainRows { options with Seed = 2 } model [| task 7 |]
    Assert.NotEqual<float[]>(interactions alone[0], interactions other[0])

[<Fact>]
let ``A feature that makes no difference has no part in anything`` () =
    let whole, baseline, input = network 23 5
    let graph = whole.Graph.Value

    let without =
        Tensor.create [| 5; 5 |] (Array.init 25 (fun k -> if k / 5 = k % 5 && k <> 12 then 1.0 else 0.0))

    let model =
        Model.ofFunction 5 (fun x ->
            let kept = Tensor.matmul x without
            Tensor(Graph.substitute [ graph.Input, kept.Node ] [ graph.Output ] |> List.head))

    for explain in [ ShapleyInteractions.explain; ShapleyTaylor.explain ] do
        let actual = explain CoalitionOptions.defaults model baseline input
        closeTo 1e-13 0.0 actual.Attributions[2]
        close 1e-13 (Array.zeroCreate 5) actual.Interactions.Value[2, *]

[<Fact>]
let ``Groups are players`` () =
    let model, baseline, input = network 24 8
    let members = [| [| 0; 3 |]; [| 1 |]; [| 2; 4; 7 |]; [| 5; 6 |] |]
    let groups = Groups.create 8 [ for i in 0..3 -> $"g{i}", members[i] ]
    let path = { PathOptions.defaults with Groups = Some groups }

    let v =
        Array.init 16 (fun set ->
            let point = Array.copy baseline

            for player in 0..3 do
                if has player set then
                    for i in members[player] do
                        point[i] <- input[i]

            (Model.evaluate model point)[0])

    let values, taylor = overOrders 4 v
    let index = interactionIndex 4 v
    let options = { CoalitionOptions.defaults with Path = path }
    let shapley = ShapleyInteractions.explain options model baseline input
    close 1e-12 values shapley.Attributions
    close 1e-12 (matrixOf index (remainder index values)) (interactions shapley)

    let actual = ShapleyTaylor.explain options model baseline input
    close 1e-12 (matrixOf taylor (Array.init 4 (fun i -> v[1 <<< i] - v[0]))) (interactions actual)

[<Fact>]
let ``Functions from outside are explained as graphs are`` () =
    let model, baseline, input = network 25 6

    let outside =
        Model.ofOracle {
            InputSize = 6
            OutputSize = 1
            Value = Model.evaluate model
            Gradient = fun _ _ -> invalidOp "Shapley values take no derivatives."
            Curvature = fun _ _ _ -> invalidOp "Shapley values take no derivatives."
        }

    for samples in [ None; Some 4 ] do
        let options = { CoalitionOptions.defaults with Samples = samples }
        let byGraph = ShapleyInteractions.explain options model baseline input
        let fromOutside = ShapleyInteractions.explain options outside baseline input
        close 1e-13 (interactions byGraph) (interactions fromOutside)

[<Fact>]
let ``Threads make no difference, and large affine maps none beyond rounding`` () =
    let model, baseline, input = network 26 12

    let explain model threads =
        let options = { CoalitionOptions.defaults with Path = { PathOptions.defaults with Threads = threads } }
        ShapleyInteractions.explain options model baseline input |> interactions

    sameBits (explain model 1) (explain model 3)

    // 12 players times 8,000 units are more than are kept behind the affine map.
    let wide = Tensor.create [| 12; 8000 |] (uniform (Random 1) 96000)
    let sum = Tensor.create [| 8000; 1 |] (Array.create 8000 1e-3)

    let large =
        Model.ofFunction 12 (fun x -> Tensor.matmul (tanh (Tensor.matmul (x |> Tensor.reshape [| 1; 12 |]) wide)) sum)

    let expected = interactionIndex 12 (worth large baseline input)
    let actual = explain large 2 |> Array.chunkBySize 12 |> array2D

    close
        1e-12
        (matrixOf expected (Array.zeroCreate 12))
        (actual |> Array2D.mapi (fun i j x -> if i = j then 0.0 else x) |> flat)

[<Fact>]
let ``A coalition without a finite value is refused by name`` () =
    let model = Model.ofFunction 2 (fun x -> Tensor.reciprocal (x[0] + x[1]))

    let problem =
        Assert.Throws<NotFiniteException>(fun () ->
            ShapleyInteractions.explain CoalitionOptions.defaults model [| 2.0; -1.0 |] [| 1.0; 3.0 |] |> ignore)

    Assert.Contains("with 1 of 2 features", problem.Message)

[<Fact>]
let ``What a function raises is raised as it is, and cancelling stops`` () =
    let outside =
        Model.ofOracle {
            InputSize = 3
            OutputSize = 1
            Value = fun x -> if x[0] <> x[1] then raise (TimeoutException()) else [| 1.0 |]
            Gradient = fun _ _ -> Array.zeroCreate 3
            Curvature = fun _ _ directions -> Array2D.zeroCreate directions.Length directions.Length
        }

    let explain model path =
        ShapleyTaylor.explain
            { CoalitionOptions.defaults with Path = path }
            model
            (Array.zeroCreate 3)
            (Array.create 3 1.0)
        |> ignore

    Assert.Throws<TimeoutException>(fun () -> explain outside { PathOptions.defaults with Threads = 2 })
    |> ignore

    let cancelled = { PathOptions.defaults with CancellationToken = Threading.CancellationToken true }
    let sum = Model.ofFunction 3 Tensor.sum
    Assert.ThrowsAny<OperationCanceledException>(fun () -> explain sum cancelled) |> ignore

[<Fact>]
let ``One draw has no standard error, and is refused`` () =
    let model, baseline, input = network 27 4
    let options = { CoalitionOptions.defaults with Samples = Some 1 }

    let problem =
        Assert.Throws<ArgumentException>(fun () -> ShapleyTaylor.explain options model baseline input |> ignore)

    Assert.Equal("Samples", problem.ParamName)
