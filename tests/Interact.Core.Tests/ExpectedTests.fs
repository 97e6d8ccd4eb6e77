/// Expected Gradients and Hessians against averages of single paths and closed forms; what drawing promises.
module Interact.Core.Tests.ExpectedTests

open System
open System.Threading
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

let private normal seed count length =
    let random = Random(seed: int)
    let one () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())
    Array.init count (fun _ -> Array.init length (fun _ -> one ()))

let private smoothModel =
    Model.ofFunction 4 (fun x -> tanh (x[0] * x[1]) + sin x[2] * x[3] + exp (0.3 * x[0] - 0.2 * x[3]))

let private kinkedModel =
    Model.ofFunction 3 (fun x -> Tensor.relu (x[0] + 0.5 * x[1] - 0.2) * 2.0 - Tensor.relu (x[1] * 0.7 - x[2]) + x[0])

/// The weighted average of what a method gives for each baseline by itself.
let private bruteForce explain (weights: float[]) (rows: float[][]) (part: Explanation -> float[]) =
    Array.map2 (fun weight row -> explain row |> part |> Array.map (fun number -> weight * number)) weights rows
    |> Array.reduce (Array.map2 (+))

let private equally (rows: float[][]) = Array.create rows.Length (1.0 / float rows.Length)

let private attributions (explanation: Explanation) = explanation.Attributions

/// Far below what is compared.
let private sharp = { ExpectedHessians.defaults with Tolerance = 1e-11; Target = Index 0 }

let private models = [ smoothModel; kinkedModel ]

[<Fact>]
let ``the exact average is that of single paths, smooth or with kinks, with certificates`` () =
    for model in models do
        let n = model.InputSize
        let rows = normal 1 150 n
        let input = (normal 2 1 n)[0]
        let background = Background.ofRows rows
        let gradients = ExpectedGradients.explain sharp model background input
        let hessians = ExpectedHessians.explain sharp model background input
        let single row = IntegratedHessians.explain sharp model row input
        close 1e-10 (bruteForce single (equally rows) rows attributions) gradients.Attributions
        close 1e-10 gradients.Attributions hessians.Attributions
        close 1e-10 (bruteForce single (equally rows) rows interactions) (interactions hessians)

        let mean = rows |> Array.averageBy (fun row -> (Model.evaluate model row)[0])

        for explanation in [ gradients; hessians ] do
            let certificate = explanation.Certificate
            Assert.True(certificate.Satisfied, $"%A{certificate}")
            closeTo 1e-13 mean explanation.BaselineValue
            Assert.Equal(None, certificate.StandardError)
            Assert.InRange(certificate.CompletenessResidual, 0.0, 1e-10)

[<Fact>]
let ``weights count as so many copies of a row`` () =
    let rows = normal 3 5 4
    let input = (normal 4 1 4)[0]
    let weights = [| 1.0; 3.0; 2.0; 1.0; 5.0 |]

    let copies =
        Array.map2 (fun weight row -> Array.replicate (int weight) row) weights rows |> Array.concat

    let weighted = ExpectedHessians.explain sharp smoothModel (Background.weighted weights rows) input
    let repeated = ExpectedHessians.explain sharp smoothModel (Background.ofRows copies) input
    close 1e-12 (interactions repeated) (interactions weighted)
    closeTo 1e-12 repeated.BaselineValue weighted.BaselineValue

/// For f = ½ xᵀAx + bᵀx, Integrated Hessians from x' to x are Γ_ij = δ_i A_ij δ_j / 4 for i ≠ j, and on the diagonal
/// δ_i² A_ii / 4 + δ_i ((A x' + b)_i + (A δ)_i / 4), because ∫ t(-ln t) dt = 1/4 and ∫ (-ln t) dt = 1. Averaged over x', only the
/// background's mean and covariance are left.
[<Fact>]
let ``a quadratic function's Expected Hessians are those of the background's mean and covariance`` () =
    let n = 4
    let a = normal 5 n n
    let a = Array2D.init n n (fun i j -> a[i].[j] + a[j].[i])
    let b = (normal 6 1 n)[0]
    let rows = normal 7 333 n
    let input = (normal 8 1 n)[0]

    let model =
        Model.ofFunction n (fun x ->
            Seq.allPairs [ 0 .. n - 1 ] [ 0 .. n - 1 ]
            |> Seq.fold
                (fun sum (i, j) -> sum + 0.5 * a[i, j] * x[i] * x[j])
                (Seq.init n (fun i -> b[i] * x[i]) |> Seq.reduce (+)))

    let mean i = rows |> Array.averageBy (fun row -> row[i])
    let covariance i j = (rows |> Array.averageBy (fun row -> row[i] * row[j])) - mean i * mean j

    // E δ_i δ_j and E δ_i x'_j.
    let squares i j = (input[i] - mean i) * (input[j] - mean j) + covariance i j
    let mixed i j = (input[i] - mean i) * mean j - covariance i j

    let expected i j =
        let pair = squares i j * a[i, j] / 4.0

        if i <> j then
            pair
        else
            pair
            + (Seq.sumBy (fun k -> a[i, k] * (mixed i k + squares i k / 4.0)) [ 0 .. n - 1 ])
            + b[i] * (input[i] - mean i)

    let found = ExpectedHessians.explain sharp model (Background.ofRows rows) input
    close 1e-11 (Array2D.init n n expected |> flat) (interactions found)
    Assert.True(found.Certificate.Satisfied)

[<Fact>]
let ``results are the same bits for any number of threads, drawn or not`` () =
    let rows = normal 9 400 4
    let inputs = normal 10 3 4

    for background in
        [
            Background.ofRows rows
            Background.ofRows rows |> Background.draw 131 5
            Background.noise [| 0.5 |] 77 2
        ] do
        let results threads =
            inputs
            |> Seq.mapi (fun row input -> smoothModel, { Row = row; Input = input; Background = background })
            |> ExpectedHessians.explainRows threads 3 (fun _ _ -> ()) ExpectedHessians.defaults
            |> Seq.collect (fun found ->
                Array.concat [
                    interactions found
                    found.Attributions
                    [| found.BaselineValue; defaultArg found.Certificate.StandardError 0.0 |]
                ])
            |> Array.ofSeq

        let one = results 1
        sameBits one (results 2)
        sameBits one (results 5)

        // Each row by itself, too.
        let alone = ExpectedHessians.explain ExpectedHessians.defaults smoothModel background inputs[1]
        sameBits one[22..37] (interactions alone)

[<Fact>]
let ``groups and parts of the matrix are averages too`` () =
    let rows = normal 11 90 4
    let input = (normal 12 1 4)[0]
    let background = Background.ofRows rows
    let whole = ExpectedHessians.explain sharp smoothModel background input
    let cell i j = whole.Interactions.Value[i, j]

    let ofRow = ExpectedHessians.explainPart (RowsOf [| 2 |]) sharp smoothModel background input
    close 1e-10 [| for j in 0..3 -> cell 2 j |] ofRow.Cells

    let pairs = ExpectedHessians.explainPart (Pairs [| 0, 3; 1, 1 |]) sharp smoothModel background input
    close 1e-10 [| cell 0 3; cell 1 1 |] pairs.Cells
    Assert.True(pairs.Explanation.Certificate.Satisfied && ofRow.Explanation.Certificate.Satisfied)

    let groups = Groups.create 4 [ "a", [| 0; 3 |]; "b", [| 1; 2 |] ]
    let grouped = ExpectedHessians.explain { sharp with Groups = Some groups } smoothModel background input
    let sum (members: int[]) others = Seq.allPairs members others |> Seq.sumBy (fun (i, j) -> cell i j)

    close
        1e-10
        [|
            for own in groups.Members do
                for other in groups.Members -> sum own other
        |]
        (interactions grouped)

[<Fact>]
let ``paths become as accurate as their mean needs, where they cancel`` () =
    // Every path is as long as the others, and their mean is almost nothing: the input is in the middle of the background.
    let rows = normal 13 100 4 |> Array.collect (fun row -> [| row; row |> Array.map (fun x -> -x) |])
    let model = Model.ofFunction 4 (fun x -> sin (2.0 * x[0] + x[1]) + sin (x[2] - 3.0 * x[3]))
    let input = [| 1e-5; 0.0; 0.0; 0.0 |]

    let certificate =
        (ExpectedGradients.explain ExpectedGradients.defaults model (Background.ofRows rows) input).Certificate

    Assert.True(certificate.Satisfied, $"%A{certificate}")
    Assert.InRange(certificate.Scale, 1e-6, 1e-4)

/// The average over a background, and the squared standard errors of its numbers.
let private averageOf (model: Model) (input: float[]) (background: Background) =
    let options = { ExpectedHessians.defaults with Target = Index 0 }

    let selection =
        BackgroundSelection.create options model { Row = 0; Input = input; Background = background }

    Array.init selection.Count selection.Path
    |> IntegratedHessians.explainRows options model
    |> Array.map (fun own -> own, interactions own)
    |> PathAverage.ofPaths 1e-6 selection 0

/// The share of numbers that are within two standard errors of the truth, and how far their mean is from it in its own standard errors.
let private coverage (truth: float[]) (trials: PathAverage[]) =
    let all = [|
        for trial in trials do
            for number, variance, wanted in Array.zip3 trial.Numbers trial.Variances truth do
                abs (number - wanted) / sqrt variance
    |]

    let bias =
        truth
        |> Array.mapi (fun i wanted ->
            let numbers = trials |> Array.map (fun trial -> trial.Numbers[i] - wanted)
            let mean = Array.average numbers
            let deviation = numbers |> Array.averageBy (fun own -> (own - mean) ** 2.0) |> sqrt
            abs mean / (deviation / sqrt (float trials.Length)))

    (all |> Array.filter (fun own -> own <= 2.0) |> Array.length |> float) / float all.Length, Array.max bias

[<Theory>]
[<InlineData(40, false)>]
[<InlineData(41, false)>]
[<InlineData(40, true)>]
let ``draws are unbiased, and within two standard errors of the truth about 95 times in a hundred`` samples isWeighted =
    let rows = normal 14 300 3
    let input = (normal 15 1 3)[0]
    // Every pair interacts: an interaction that is always 0 has no standard error to be measured by.
    let model = Model.ofFunction 3 (fun x -> tanh (x[0] * x[1] + 0.7 * x[2]) + sin x[2] * x[0])
    let weights = Array.init rows.Length (fun i -> 1.0 + float (i % 5))
    let background = if isWeighted then Background.weighted weights rows else Background.ofRows rows
    let truth = averageOf model input background
    Assert.Empty truth.Variances

    let trials =
        Array.init 120 (fun seed -> background |> Background.draw samples seed |> averageOf model input)

    let share, bias = coverage truth.Numbers trials
    Assert.InRange(share, 0.90, 0.98)
    // Of twelve numbers, none is so far from its mean by chance in more than one of a thousand cases.
    Assert.InRange(bias, 0.0, 4.0)

[<Fact>]
let ``noise around the input has the mean and standard error of its closed form`` () =
    // φ = x² - x'², so for x' = x + σz the mean is -σ², and the variance of one draw 4x²σ² + 2σ⁴.
    let model = Model.ofFunction 1 (fun x -> x[0] * x[0])
    let x, deviation, samples = 0.8, 0.5, 100

    let trials =
        Array.init 150 (fun seed -> Background.noise [| deviation |] samples seed |> averageOf model [| x |])

    let share, bias = coverage [| -(deviation ** 2.0); -(deviation ** 2.0) |] trials
    Assert.InRange(share, 0.90, 0.99)
    Assert.InRange(bias, 0.0, 4.0)
    let expected = (4.0 * x * x * deviation ** 2.0 + 2.0 * deviation ** 4.0) / float samples
    Assert.InRange((trials |> Array.averageBy (fun trial -> trial.Variances[0])) / expected, 0.9, 1.1)

[<Fact>]
let ``noise has the deviation of each feature, and is the same for the same seed alone`` () =
    let deviations = [| 0.5; 2.0; 0.0 |]
    let background = Background.noise deviations 4000 11
    let points = Array.init 4000 (background.Point [| 1.0; -2.0; 3.0 |])
    let mean i = points |> Array.averageBy (fun point -> point[i])

    for i, centre in [ 0, 1.0; 1, -2.0; 2, 3.0 ] do
        let variance = points |> Array.averageBy (fun point -> (point[i] - mean i) ** 2.0)
        // Four standard errors of a mean, and of a variance.
        Assert.InRange(abs (mean i - centre), 0.0, 4.0 * deviations[i] / sqrt 4000.0)
        Assert.InRange(abs (variance - deviations[i] ** 2.0), 0.0, 4.0 * deviations[i] ** 2.0 * sqrt (2.0 / 4000.0))

    let correlation = points |> Array.averageBy (fun point -> (point[0] - 1.0) * (point[1] + 2.0) / 1.0)
    Assert.InRange(abs correlation, 0.0, 4.0 / sqrt 4000.0)
    sameBits points[5] ((Background.noise deviations 4000 11).Point [| 1.0; -2.0; 3.0 |] 5)
    Assert.NotEqual<float[]>(points[5], (Background.noise deviations 4000 12).Point [| 1.0; -2.0; 3.0 |] 5)

[<Fact>]
let ``as many draws as rows are all rows`` () =
    let rows = normal 16 30 4
    let input = (normal 17 1 4)[0]
    let explain background = ExpectedGradients.explain ExpectedGradients.defaults smoothModel background input
    let all = explain (Background.ofRows rows)
    let drawn = explain (Background.ofRows rows |> Background.draw 30 1)
    sameBits all.Attributions drawn.Attributions
    Assert.Equal(None, drawn.Certificate.StandardError)

[<Fact>]
let ``clusters that are far apart are found, with their shares`` () =
    let centres = [| [| 10.0; 0.0 |]; [| -10.0; 5.0 |]; [| 0.0; -20.0 |] |]
    let sizes = [| 20; 50; 30 |]

    let rows = [|
        for own, size in Array.zip centres sizes do
            for row in normal size size 2 -> Array.map2 (fun centre off -> centre + 0.1 * off) own row
    |]

    for seed in 0..9 do
        let background = Background.kMeans 3 seed rows
        let found = Array.init background.Count (background.Point [| 0.0; 0.0 |])

        for own, size in Array.zip centres sizes do
            let k = found |> Array.findIndex (fun point -> abs (point[0] - own[0]) + abs (point[1] - own[1]) < 1.0)
            closeTo 1e-12 (float size / 100.0) background.Weights.Value[k]
            let members = rows |> Array.filter (fun row -> abs (row[0] - own[0]) + abs (row[1] - own[1]) < 5.0)
            close 1e-12 (Array.init 2 (fun i -> members |> Array.averageBy (fun row -> row[i]))) found[k]

[<Fact>]
let ``as many clusters as different rows are those rows`` () =
    let rows = normal 18 6 3
    let twice = Array.append rows rows[..2]
    let background = Background.kMeans 9 0 twice
    Assert.Equal(6, background.Count)
    let found = Array.init 6 (background.Point [||]) |> Array.sort
    Array.iter2 (close 1e-14) (Array.sort rows) found

[<Fact>]
let ``a path that is not finite names the row of the background`` () =
    let model = Model.ofFunction 1 (fun x -> log x[0])
    let rows = [| [| 1.0 |]; [| 2.0 |]; [| -1.0 |] |]

    let explain () =
        ExpectedGradients.explain ExpectedGradients.defaults model (Background.ofRows rows) [| 3.0 |]
        |> ignore

    let problem = Assert.Throws<NotFiniteException>(explain)
    Assert.Contains("row 2 of the background", problem.Message)
    Assert.Contains("leave that row of the background out", problem.Message)

[<Fact>]
let ``a row that is not finite itself is named without the background`` () =
    let model = Model.ofFunction 1 (fun x -> log x[0])

    let explain () =
        ExpectedGradients.explain ExpectedGradients.defaults model (Background.ofRows [| [| 1.0 |] |]) [| -3.0 |]
        |> ignore

    let problem = Assert.Throws<NotFiniteException>(explain)
    Assert.Contains("at the input", problem.Message)
    Assert.DoesNotContain("of the background", problem.Message)

[<Fact>]
let ``weights count by their ratios, however large`` () =
    let rows = normal 23 2 4
    let input = (normal 24 1 4)[0]

    let explain weights = ExpectedGradients.explain sharp smoothModel (Background.weighted weights rows) input

    let plain = explain [| 3.0; 1.0 |]

    for scale in [ 5e307; 1e-310 ] do
        let scaled = explain [| 3.0 * scale; scale |]
        close 1e-12 plain.Attributions scaled.Attributions
        closeTo 1e-12 plain.BaselineValue scaled.BaselineValue

[<Fact>]
let ``backgrounds that do not fit are refused, by name`` () =
    let refused (expected: string) (make: unit -> unit) =
        Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(make).Message)

    let rows = normal 19 3 4
    refused "no background rows" (fun () -> Background.ofRows [||] |> ignore)
    refused "rows[1] has 2 elements" (fun () -> Background.ofRows [| [| 1.0 |]; [| 1.0; 2.0 |] |] |> ignore)
    refused "rows[0][1] is NaN" (fun () -> Background.ofRows [| [| 1.0; nan |] |] |> ignore)
    refused "weights has 2 elements" (fun () -> Background.weighted [| 1.0; 1.0 |] rows |> ignore)
    refused "weights[1] is -1" (fun () -> Background.weighted [| 1.0; -1.0; 1.0 |] rows |> ignore)
    refused "clusters is 4" (fun () -> Background.kMeans 4 0 rows |> ignore)
    refused "samples is 1" (fun () -> Background.ofRows rows |> Background.draw 1 0 |> ignore)
    refused "drawn already" (fun () -> Background.noise [| 1.0 |] 10 0 |> Background.draw 5 0 |> ignore)
    refused "deviation is negative" (fun () -> Background.noise [| 1.0; -1.0 |] 10 0 |> ignore)

    refused "row 0 of the background has 3 elements" (fun () ->
        ExpectedGradients.explain ExpectedGradients.defaults smoothModel (Background.ofRows (normal 20 2 3)) rows[0]
        |> ignore)

[<Fact>]
let ``a run that is cancelled between chunks stops`` () =
    use source = new CancellationTokenSource()
    let rows = normal 21 100 4
    let asked = ref 0

    // Baselines without end, in effect: the run must stop long before.
    let background =
        Background.ofFunction Int32.MaxValue (fun i ->
            if Interlocked.Increment asked = 500 then source.Cancel()
            rows[i % 100])

    let options = { ExpectedHessians.defaults with CancellationToken = source.Token }

    Assert.ThrowsAny<OperationCanceledException>(fun () ->
        ExpectedHessians.explain options smoothModel background rows[0] |> ignore)
    |> ignore

    Assert.InRange(asked.Value, 500, 5000)

[<Fact>]
let ``progress tells of the paths of a row`` () =
    let told = Collections.Generic.List<struct (int * int)>()
    let background = Background.ofRows (normal 22 300 4)

    ExpectedGradients.explainRows 2 1 (fun finished all -> told.Add(struct (finished, all))) ExpectedGradients.defaults [
        smoothModel, { Row = 0; Input = Array.zeroCreate 4; Background = background }
    ]
    |> Seq.length
    |> ignore

    Assert.True(told.Count > 2)
    Assert.Equal(struct (300, 300), told[told.Count - 1])
    Assert.Equal<struct (int * int) seq>(Seq.sort told, told)
