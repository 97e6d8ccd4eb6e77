/// Rankings of sets of features, the rows that stand for a table, and rankings of a whole model.
module Interact.Core.Tests.RankingTests

open System
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private set strength members = { Members = Array.ofList members; Strength = strength }

[<Fact>]
let ``the strongest set comes first and equally strong ones by size and members`` () =
    let ranked =
        Ranking.strongestFirst [ set 1.0 [ 2; 3 ]; set 3.0 [ 0; 1; 2 ]; set 1.0 [ 0; 4 ]; set 1.0 [ 0; 1; 3 ] ]

    Assert.Equal<int[]>([| [| 0; 1; 2 |]; [| 0; 4 |]; [| 2; 3 |]; [| 0; 1; 3 |] |], ranked |> Array.map _.Members)

[<Theory; InlineData(-1.0); InlineData(Double.NaN)>]
let ``a strength that is negative or no number is refused`` strength =
    let problem =
        Assert.Throws<ArgumentException>(fun () -> Ranking.strongestFirst [ set strength [ 2; 5 ] ] |> ignore)

    Assert.Contains("features 2, 5", problem.Message)

[<Fact>]
let ``sets inside a stronger one are redundant, and sets inside a weaker one are not`` () =
    let ranked =
        [|
            set 5.0 [ 0; 1 ]
            set 4.0 [ 0; 1; 2 ] // Holds the first, and adds to it.
            set 3.0 [ 1; 2 ]
            set 2.0 [ 2; 3 ]
            set 1.0 [ 0; 2 ]
        |]
        |> Ranking.withoutSubsets

    Assert.Equal<int[]>([| [| 0; 1 |]; [| 0; 1; 2 |]; [| 2; 3 |] |], ranked |> Array.map _.Members)

[<Fact>]
let ``redundant sets are those that a comparison with every set before them finds`` () =
    for seed in 1..20 do
        let random = Random seed
        // Few features, so that many sets are inside others, and some sets too large for their pairs to be listed.
        let features = if seed % 2 = 0 then 7 else 60

        let members size =
            let all = [| 0 .. features - 1 |]
            random.Shuffle all
            all[.. min size features - 1] |> Array.sort

        let sizes = [| 1; 2; 2; 3; 3; 4; 5; 40; 55 |]

        let ranked =
            Array.init 200 (fun i -> set (300.0 - float i) (List.ofArray (members sizes[random.Next sizes.Length])))

        let expected =
            (([]: RankedSet list), ranked)
            ||> Array.fold (fun kept own ->
                let isWithin (other: RankedSet) = Set.isSubset (Set.ofArray own.Members) (Set.ofArray other.Members)
                if List.exists isWithin kept then kept else own :: kept)
            |> List.rev
            |> Array.ofList

        Assert.Equal<RankedSet[]>(expected, Ranking.withoutSubsets ranked)

let private table = [|
    [| 0.0; 10.0; 7.0 |]
    [| 1.0; 50.0; 7.0 |]
    [| 2.0; 20.0; 7.0 |]
    [| 3.0; 30.0; 7.0 |]
    [| 9.0; 40.0; 7.0 |]
|]

[<Fact>]
let ``rows nearest to a column statistic stand for the table`` () =
    // Means 3 and 30, medians 2 and 30, minima 0 and 10, maxima 9 and 50; standard deviations √10 and √200, and none.
    let chosen choice = Representatives.choose choice table
    Assert.Equal<int>([| 3 |], chosen (Representatives.NearestToMeans 1))
    Assert.Equal<int>([| 2; 3 |], chosen (Representatives.NearestToMeans 2))
    Assert.Equal<int>([| 3 |], chosen (Representatives.NearestToMedians 1))
    Assert.Equal<int>([| 0; 2 |], chosen (Representatives.NearestToMinima 2))
    Assert.Equal<int>([| 4 |], chosen (Representatives.NearestToMaxima 1))
    Assert.Equal<int>([| 0..4 |], chosen Representatives.All)
    Assert.Equal<int>([| 0..4 |], chosen (Representatives.NearestToMeans 9))

[<Fact>]
let ``drawn rows are all different, and the same for the same seed`` () =
    let rows = Array.init 100 (fun i -> [| float i |])
    let draw seed = Representatives.choose (Representatives.Drawn(30, seed)) rows
    Assert.Equal(30, (draw 1 |> Array.distinct).Length)
    Assert.Equal<int>(draw 1, draw 1)
    Assert.NotEqual<int>(draw 1, draw 2)
    Assert.Equal<int>([| 0..99 |], Representatives.choose (Representatives.Drawn(200, 1)) rows)

[<Fact>]
let ``every row is drawn equally often`` () =
    let rows = Array.init 8 (fun i -> [| float i |])

    let counts =
        Seq.init 8_000 (fun seed -> Representatives.choose (Representatives.Drawn(2, seed)) rows)
        |> Seq.concat
        |> Seq.countBy id

    // 2,000 each on average, with a standard deviation of 39.
    for _, count in counts do
        Assert.InRange(count, 1_800, 2_200)

[<Fact>]
let ``strengths of rows become one by mean, median, minimum and maximum`` () =
    let sets = [| [| 0; 1 |]; [| 1; 2 |] |]
    let rows = [ [| 1.0; 6.0 |]; [| 3.0; 2.0 |]; [| 8.0; 1.0 |] ]

    let strengths aggregate = Detection.rank aggregate sets rows |> Array.map (fun set -> set.Members[0], set.Strength)

    Assert.Equal<int * float>([| 0, 4.0; 1, 3.0 |], strengths Aggregation.Mean)
    Assert.Equal<int * float>([| 0, 3.0; 1, 2.0 |], strengths Aggregation.Median)
    Assert.Equal<int * float>([| 0, 1.0; 1, 1.0 |], strengths Aggregation.Minimum)
    Assert.Equal<int * float>([| 0, 8.0; 1, 6.0 |], strengths Aggregation.Maximum)

[<Fact>]
let ``pairs are ranked by what they add together in the rows explained`` () =
    // Along the path from 0, x₀x₁ gives Γ₀₁ = x₀x₁/4, both cells together half of the product; x₁x₂ is three times as strong.
    let model = Model.ofFunction 3 (fun x -> x[0] * x[1] - 3.0 * x[1] * x[2])
    let rows = [| [| 1.0; 1.0; 1.0 |]; [| -1.0; 2.0; 1.0 |] |]

    let ranked =
        PathTasks.create Baseline.Zeros rows 0 1
        |> IntegratedHessians.explainRows IntegratedHessians.defaults model
        |> Detection.ofExplanations Aggregation.Mean

    Assert.Equal<int[]>([| [| 1; 2 |]; [| 0; 1 |]; [| 0; 2 |] |], ranked |> Array.map _.Members)
    close 1e-12 [| 3.0 * (1.0 + 2.0) / 4.0; (1.0 + 2.0) / 4.0; 0.0 |] (ranked |> Array.map _.Strength)

[<Fact>]
let ``explanations without interactions cannot be ranked`` () =
    let model = Model.ofFunction 2 (fun x -> x[0] * x[1])

    let explain () =
        [ IntegratedGradients.explain PathOptions.defaults model [| 0.0; 0.0 |] [| 1.0; 1.0 |] ]
        |> Detection.ofExplanations Aggregation.Mean
        |> ignore

    Assert.Contains("without interactions", Assert.Throws<ArgumentException>(explain).Message)

/// x₀x₁ + 2x₁x₂x₃, and x₄ that acts alone.
let private sumOfProducts =
    Model.ofFunction 5 (fun x -> x[0] * x[1] + 2.0 * x[1] * x[2] * x[3] + tanh x[4])

[<Fact>]
let ``sets are ranked by mixed derivatives in units of standard deviations`` () =
    // Columns with mean 0 and standard deviations 1, 2, 3, 5 and 0; only ±d occur, so that |x_i| = d.
    let table = [|
        for sign in [ 1.0; -1.0 ] do
            [| sign * 1.0; sign * 2.0; sign * 3.0; sign * 5.0; 0.25 |]
    |]

    let search = { MixedPartials.searchDefaults with Order = 3 }
    let ranked = Detection.byMixedPartials MixedPartials.defaults search sumOfProducts table [| 0; 1 |]
    let strength members = (ranked |> Array.find (fun set -> set.Members = members)).Strength

    close 1e-12 [| 60.0; 60.0; 60.0; 60.0; 2.0; 0.0; 0.0 |] [|
        strength [| 1; 2; 3 |] // 2 · 2 · 3 · 5
        strength [| 1; 2 |] // 2 · |x₃| · 2 · 3, and so on.
        strength [| 1; 3 |]
        strength [| 2; 3 |]
        strength [| 0; 1 |]
        strength [| 0; 4 |]
        strength [| 0; 1; 2 |]
    |]

    Assert.Equal(10 + 10, ranked.Length)

[<Fact>]
let ``a ranking does not depend on the units of the features`` () =
    let table = Array.init 9 (fun row -> Array.init 4 (fun i -> sin (float (7 * row + i))))
    let factors = [| 1000.0; 0.25; 8.0; 3.0 |]
    let f (x: Tensor) = x[0] * x[1] + tanh (x[1] * x[2] * x[3])
    let model = Model.ofFunction 4 f

    let other = Model.ofFunction 4 (fun x -> f (Tensor.stack (List.init 4 (fun i -> x[i] / factors[i]))))

    let rank model table =
        Detection.byMixedPartials MixedPartials.defaults MixedPartials.searchDefaults model table [| 0..8 |]

    let own = rank model table
    let inOtherUnits = rank other (table |> Array.map (Array.map2 (*) factors))
    Assert.Equal<int[]>(own |> Array.map _.Members, inOtherUnits |> Array.map _.Members)
    close 1e-12 (own |> Array.map _.Strength) (inOtherUnits |> Array.map _.Strength)

[<Fact>]
let ``mixed differences are sums over the corners between two rows`` () =
    let f (x: float[]) = exp (0.3 * x[0] * x[1] * x[2]) + abs (x[2] - x[3]) + sin x[4]

    let model =
        Model.ofFunction 5 (fun x ->
            exp (0.3 * x[0] * x[1] * x[2]) + Tensor.relu (x[2] - x[3]) + Tensor.relu (x[3] - x[2]) + sin x[4])

    let x, other = [| 1.0; -0.5; 0.7; 0.2; 0.9 |], [| -0.3; 0.4; -0.8; 1.1; 0.1 |]
    let sets = [| [| 4 |]; [| 2; 3 |]; [| 0; 2 |]; [| 0; 1; 2 |]; [| 0; 3; 4 |] |]

    /// One feature after the other: at x less at x', by recursion.
    let rec difference (set: int list) (at: float[]) =
        match set with
        | [] -> f at
        | feature :: rest ->
            let moved = Array.copy at
            moved[feature] <- x[feature]
            difference rest moved - difference rest at

    let expected =
        sets |> Array.map (fun set -> difference (List.ofArray set) other / 2.0 ** (float set.Length / 2.0))

    let actual =
        MixedDifferences.explainRows PathOptions.defaults model sets [| { Row = 0; Input = x; Baseline = other } |]

    close 1e-12 expected actual[0]

[<Fact>]
let ``the mean square of mixed differences is the superset importance`` () =
    // Of x₀x₁ + 2x₁x₂x₃ with independent signs, {1, 2} holds the variance 4 of the triple, {0, 1} the variance 1 of the pair.
    let random = Random 5
    let row () = Array.init 5 (fun _ -> if random.Next 2 = 0 then 1.0 else -1.0)
    let tasks = Array.init 4000 (fun number -> { Row = number; Input = row (); Baseline = row () })
    let sets = [| [| 0; 1 |]; [| 1; 2 |]; [| 1; 2; 3 |]; [| 0; 2 |] |]
    let found = MixedDifferences.explainRows PathOptions.defaults sumOfProducts sets tasks
    let importance set = found |> Array.averageBy (fun own -> own[set] ** 2.0)
    Assert.InRange(importance 0, 0.9, 1.1)
    Assert.InRange(importance 1, 3.6, 4.4)
    Assert.InRange(importance 2, 3.6, 4.4)
    Assert.InRange(importance 3, 0.0, 1e-20)

[<Fact>]
let ``mixed differences rank sets of a network with kinks`` () =
    let model =
        Model.ofFunction 4 (fun x -> Tensor.relu (x[0] + x[1]) + 3.0 * Tensor.max (x[1] * x[2]) x[3])

    let table = Array.init 60 (fun row -> Array.init 4 (fun i -> sin (float (5 * row + 3 * i + row * i))))
    let search = { MixedPartials.searchDefaults with Order = 3 }
    let rank seed = Detection.byMixedDifferences PathOptions.defaults search seed model table [| 0..59 |]
    let ranked = rank 1
    Assert.Equal<RankedSet>(ranked, rank 1)
    let triples = ranked |> Array.filter (fun set -> set.Members.Length = 3)
    Assert.Equal<int>([| 1; 2; 3 |], triples[0].Members)
    Assert.Equal(0.0, (ranked |> Array.find (fun set -> set.Members = [| 0; 2 |])).Strength, 12)

[<Theory>]
[<InlineData(1)>]
[<InlineData(3)>]
let ``strengths by mixed differences are aggregates of the pairs of rows, on any number of threads and in little memory``
    threads
    =
    // x₀x₁ between rows is (x₀ - x₀')(x₁ - x₁') / 2, whatever the other features are.
    let model = Model.ofFunction 40 (fun x -> x[0] * x[1] + Tensor.sum x)
    let table = Array.init 50 (fun row -> Array.init 40 (fun i -> sin (float (7 * row + 3 * i + row * i))))

    let options = { PathOptions.defaults with Threads = threads; Memory = MemoryBudget(1L <<< 20) }

    let chosen = [| 0..49 |]
    // The rows drawn beside the chosen ones.
    let random = Random 3

    let magnitudes =
        chosen
        |> Array.map (fun number ->
            let other = random.Next 49
            let x, y = table[number], table[if other < number then other else other + 1]
            abs ((x[0] - y[0]) * (x[1] - y[1])) / 2.0)
        |> Array.sort

    for aggregation, expected in
        [
            Aggregation.Mean, Array.average magnitudes
            Aggregation.Median, (magnitudes[24] + magnitudes[25]) / 2.0
            Aggregation.Minimum, magnitudes[0]
            Aggregation.Maximum, magnitudes[49]
        ] do
        let search = { MixedPartials.searchDefaults with Order = 2; Aggregation = aggregation }

        let strongest = (Detection.byMixedDifferences options search 3 model table chosen)[0]

        Assert.Equal<int>([| 0; 1 |], strongest.Members)
        close 1e-12 [| expected |] [| strongest.Strength |]

[<Fact>]
let ``mixed differences are read row by row, before later rows are looked at`` () =
    let task number = {
        Row = number
        Input = if number = 999 then [||] else [| 1.0; 2.0; 3.0; 4.0; 5.0 |]
        Baseline = Array.zeroCreate 5
    }

    let rows =
        MixedDifferences.rows PathOptions.defaults sumOfProducts [| [| 0; 1 |] |] (Array.init 1000 task)

    close 1e-12 [| 1.0 |] (Seq.head rows)
    Assert.Throws<ArgumentException>(fun () -> Seq.length rows |> ignore) |> ignore

[<Fact>]
let ``searches of more sets than anyone could wait for are refused before they begin`` () =
    let model = Model.ofFunction 30 (fun x -> tanh (Tensor.sum x))
    let table = Array.init 3 (fun row -> Array.init 30 (fun i -> float (row + i)))
    let search = { MixedPartials.searchDefaults with Order = 12 }

    let refused (rank: unit -> RankedSet[]) =
        Assert.Contains("lower order", Assert.Throws<ArgumentException>(fun () -> rank () |> ignore).Message)

    refused (fun () -> Detection.byMixedPartials MixedPartials.defaults search model table [| 0 |])
    refused (fun () -> Detection.byMixedDifferences PathOptions.defaults search 0 model table [| 0 |])

    // With few parents there are few sets.
    let few = { search with Order = 6; Parents = fun _ -> 2 }
    let found = Detection.byMixedDifferences PathOptions.defaults few 0 model table [| 0 |]
    Assert.Equal(6, (found |> Array.map _.Members.Length |> Array.max))

[<Fact>]
let ``mixed differences of sets whose subsets do not fit the memory are refused`` () =
    let model = Model.ofFunction 12 Tensor.sum
    let options = { PathOptions.defaults with Memory = MemoryBudget 1000L }
    let task = { Row = 0; Input = Array.create 12 1.0; Baseline = Array.zeroCreate 12 }
    let explain () = MixedDifferences.explainRows options model [| [| 0..11 |] |] [| task |] |> ignore
    Assert.Contains("more memory", Assert.Throws<ArgumentException>(explain).Message)
