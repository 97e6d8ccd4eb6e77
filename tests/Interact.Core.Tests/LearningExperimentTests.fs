/// The experiments of learning: their measures against definitions, what they learn against closed forms, and the program itself.
module Interact.Core.Tests.LearningExperimentTests

open System
open System.IO
open System.IO.Compression
open System.Globalization
open Interact.Core.Learning
open Interact.Experiments
open Xunit

let private numbers seed count =
    let random = Random(seed: int)
    Array.init count (fun _ -> random.NextDouble())

[<Fact>]
let ``the area under the curve is the share of pairs in order, ties counting half, for many cases too`` () =
    let random = Random 1
    let cases = [ for _ in 1..300 -> float (random.Next 40), random.Next 3 = 0 ]
    let strengths kind = cases |> List.filter (fun (_, own) -> own = kind) |> List.map fst

    let expected =
        List.allPairs (strengths true) (strengths false)
        |> List.averageBy (fun (a, b) ->
            if a > b then 1.0
            elif a = b then 0.5
            else 0.0)

    Assert.Equal(expected, Measures.areaUnderCurve cases, 1e-12)

[<Fact>]
let ``the Gini coefficient is the mean difference over twice the mean`` () =
    let values = numbers 2 31

    let expected =
        (Seq.allPairs values values |> Seq.sumBy (fun (a, b) -> abs (a - b)))
        / (2.0 * 31.0 * 31.0 * Array.average values)

    Assert.Equal(expected, Statistics.gini values, 1e-12)
    Assert.Equal(0.0, Statistics.gini [ 2.0; 2.0; 2.0 ], 1e-12)
    // One of four has everything: 1 - 1/4.
    Assert.Equal(0.75, Statistics.gini [ 0.0; 5.0; 0.0; 0.0 ], 1e-12)
    Assert.Equal(0.0, Statistics.gini [ 0.0; 0.0 ])

[<Fact>]
let ``Student's tails agree with the closed forms of one, two and four degrees of freedom`` () =
    for t in [ 0.0; 0.3; 1.0; -2.5; 7.0; 40.0 ] do
        let size = abs t
        Assert.Equal(1.0 - 2.0 / Math.PI * atan size, Statistics.studentTails 1 t, 1e-9)
        Assert.Equal(1.0 - size / sqrt (2.0 + t * t), Statistics.studentTails 2 t, 1e-9)
        // Abramowitz, Stegun 26.7.4.
        let u = size / sqrt (4.0 + t * t)
        Assert.Equal(1.0 - u * (1.0 + 0.5 * (1.0 - u * u)), Statistics.studentTails 4 t, 1e-9)

[<Fact>]
let ``a paired test takes the mean of differences by its standard error`` () =
    // Differences 1, 2 and 3: mean 2, standard error 1/√3, so t = √12 with two degrees of freedom.
    let mean, p = Statistics.pairedTest [ 2.0; 3.0; 7.0 ] [ 1.0; 1.0; 4.0 ]
    Assert.Equal(2.0, mean, 1e-12)
    Assert.Equal(1.0 - sqrt 12.0 / sqrt 14.0, p, 1e-9)

let private inFolder (act: (string -> string) -> unit) =
    let folder = Directory.CreateTempSubdirectory "learning-experiments"

    try
        act (fun name -> Path.Combine(folder.FullName, name))
    finally
        folder.Delete true

[<Fact>]
let ``words become columns of zeros and ones, and rare columns can be left out`` () =
    inFolder (fun place ->
        File.WriteAllText(
            place "table.csv",
            "\"size\",\"colour\",\"left\"\n1,\"red\",\"yes\"\nNA,\"blue\",\"no\"\n3,\"red\",\"no\"\n"
        )

        let table = Columns.read (place "table.csv") ("left", "yes")
        Assert.Equal<string[]>([| "size"; "colour blue"; "colour red" |], table.Names)
        Assert.Equal<float[][]>([| [| 1.0; 0.0; 1.0 |]; [| nan; 1.0; 0.0 |]; [| 3.0; 0.0; 1.0 |] |], table.Rows)
        Assert.Equal<float[]>([| 1.0; 0.0; 0.0 |], table.Labels)
        let fewer = table |> Columns.without (fun name -> name.StartsWith("colour", StringComparison.Ordinal))
        Assert.Equal<float[][]>([| [| 1.0 |]; [| nan |]; [| 3.0 |] |], fewer.Rows)
        Assert.Equal<string[]>([| "size"; "colour red" |], (Columns.withoutRare 0.5 table).Names)
        use compressed = new GZipStream(File.Create(place "table.csv.gz"), CompressionMode.Compress)
        compressed.Write(File.ReadAllBytes(place "table.csv"))
        compressed.Dispose()
        Assert.Equal<float[][]>(table.Rows, (Columns.read (place "table.csv.gz") ("left", "yes")).Rows))

[<Fact>]
let ``missing numbers become the mean of those that are known`` () =
    let scale = Columns.standardize [| [| 1.0; 5.0 |]; [| nan; 5.0 |]; [| 3.0; 5.0 |] |]
    // The mean is 2, the deviation of 1, 2 and 3 is √(2/3).
    let unit = sqrt 1.5
    Assert.Equal(0.0, (scale [| nan; 1.0 |])[0], 1e-12)
    Assert.Equal(unit, (scale [| 3.0; 5.0 |])[0], 1e-12)
    Assert.Equal(0.0, (scale [| 3.0; 9.0 |])[1])

[<Fact>]
let ``attributions by few points add up to the change of a linear network`` () =
    let network = Network.create 1 [| 2 |] [ Layer.denseWith (Initializer.Values [| 2.0; -3.0 |]) 1 ]

    let found =
        Trained.sampledAttributions 4 network [| [| 1.0; 2.0 |] |] [| [| 0.0; 0.0 |]; [| 3.0; 1.0 |] |]
    // 2·(1 - 3/2) and -3·(2 - 1/2): the weight times the distance from the mean baseline.
    Assert.Equal(-1.0, found[0][0], 1e-9)
    Assert.Equal(-4.5, found[0][1], 1e-9)

[<Fact>]
let ``a split has every row once, and training rows of mean 0 and deviation 1`` () =
    let random = Random 3

    let table: Columns.LabelledTable = {
        Names = [| "number"; "constant" |]
        Rows = Array.init 60 (fun i -> [| float i + random.NextDouble(); 7.0 |])
        Labels = Array.init 60 (fun i -> float (i % 2))
    }

    let split = Columns.split 5 20 10 table
    let all = [ split.Training; split.Validation; split.Test ] |> List.map _.Inputs |> Array.concat
    Assert.Equal(60, all |> Array.distinctBy (fun row -> row[0]) |> Array.length)
    Assert.All(all, (fun row -> Assert.Equal(0.0, row[1])))
    let training = split.Training.Inputs |> Array.map (fun row -> row[0])
    Assert.Equal(0.0, Array.average training, 1e-9)
    Assert.Equal(1.0, training |> Array.averageBy (fun x -> x * x), 1e-9)

[<Fact>]
let ``the closed form for two copies is where loss and prior together are least`` () =
    let setting = DuplicatedFeature.setting 3 20
    let rows = Array.zip setting.Feature setting.Targets

    for lambda, background in [ 0.3, setting.Feature; 2.0, setting.Feature; 0.5, [| 0.0 |] ] do
        /// By their definitions: all rows, all baselines.
        let total first second =
            (rows |> Array.averageBy (fun (x, y) -> (first * x + second * x - y) ** 2.0))
            + lambda
              * (Seq.allPairs setting.Feature background
                 |> Seq.averageBy (fun (x, x') -> ((x - x') * first) ** 2.0 + ((x - x') * second) ** 2.0))

        let w = DuplicatedFeature.closedForm lambda (DuplicatedFeature.meanSquare background setting) setting
        let least = total w w

        for first, second in [ 1e-3, 0.0; -1e-3, 0.0; 0.0, 1e-3; 0.0, -1e-3; 1e-3, -1e-3; 1e-3, 1e-3; -1e-3, -1e-3 ] do
            Assert.True(total (w + first) (w + second) > least, $"λ = {lambda}: not least at {w}")

[<Fact>]
let ``a prior on squares of attributions makes two copies of a feature equal, and as large as the closed form says``
    ()
    =
    let setting = DuplicatedFeature.setting 0 64
    let train lambda background = DuplicatedFeature.train lambda background 0 2000 setting

    let expected lambda background =
        DuplicatedFeature.closedForm lambda (DuplicatedFeature.meanSquare background setting) setting

    // Without draws that differ, gradient descent ends at the minimum.
    let first, second = train 1.0 [| 0.0 |]
    Assert.Equal(expected 1.0 [| 0.0 |], first, 1e-9)
    Assert.Equal(expected 1.0 [| 0.0 |], second, 1e-9)
    // Baselines that are drawn anew move it by a hundredth.
    let first, second = train 1.0 setting.Feature
    Assert.Equal(first, second, 1e-9)
    Assert.InRange(first / expected 1.0 setting.Feature, 0.99, 1.01)
    // Without the prior the difference stays what it was.
    let first, second = train 0.0 [| 0.0 |]
    Assert.Equal(2.0, first - second, 1e-9)

[<Fact>]
let ``digits are read with their classes, and normal noise has the deviation asked for`` () =
    let images = Images.digits ()
    let all = [ images.Training; images.Validation; images.Test ]
    Assert.Equal(1797, all |> List.sumBy _.Count)
    Assert.All(all |> Seq.collect _.Inputs |> Seq.collect id, (fun pixel -> Assert.InRange(pixel, -0.5, 0.5)))
    let counts = all |> Seq.collect _.Targets |> Seq.countBy Array.head |> Seq.sort |> List.ofSeq
    // The counts of the classes in scikit-learn's description.
    Assert.Equal<int list>([ 178; 182; 177; 183; 181; 182; 181; 179; 174; 180 ], counts |> List.map snd)

    let noise =
        Array.map2 (Array.map2 (-)) (Images.noisy Images.Noise.Normal 1 0.2 images.Test.Inputs) images.Test.Inputs
        |> Array.concat

    // 31,808 draws: the error of the deviation is about 0.4 %.
    Assert.Equal(0.2, Statistics.deviation noise, 0.004)
    Assert.Equal(0.0, Array.average noise, 0.005)

[<Fact>]
let ``salt and pepper makes half of what it hits a range whiter and half a range blacker, and cuts off`` () =
    let pixels = [| -0.5; 0.0; 0.25; 0.5 |]
    let images = Array.init 10_000 (fun _ -> pixels)
    let noisy = Images.noisy Images.Noise.SaltAndPepper 1 0.3 images

    for i in 0 .. pixels.Length - 1 do
        let share value = noisy |> Array.averageBy (fun image -> if image[i] = value then 1.0 else 0.0)

        // Five standard errors of a share of 0.15, of 0.3, of 0.15 of 10,000 draws.
        let white, black = share 0.5, share -0.5
        let expected own = if pixels[i] = own then 0.85 else 0.15
        Assert.Equal(expected 0.5, white, 0.018)
        Assert.Equal(expected -0.5, black, 0.018)
        Assert.Equal(1.0, white + black + (if abs pixels[i] = 0.5 then 0.0 else share pixels[i]), 1e-12)

    Assert.Equal<float[][]>(images, Images.noisy Images.Noise.SaltAndPepper 1 0.0 images)

[<Fact>]
let ``shifted images are the images, moved by every distance, with black coming in`` () =
    let images = Images.digits ()
    let own = images.Training.Inputs
    let shifted = (Images.shifted 1 1 3 images).Training
    Assert.Equal(3 * own.Length, shifted.Count)

    /// The image with frames of black, from which every move is a window.
    let framed (image: float[]) row column =
        if row < 0 || row > 7 || column < 0 || column > 7 then -0.5 else image[row * 8 + column]

    let moves = List.allPairs [ -1 .. 1 ] [ -1 .. 1 ]

    let found =
        shifted.Inputs
        |> Array.mapi (fun i image ->
            let before = own[i % own.Length]
            Assert.Equal<float[]>(images.Training.Targets[i % own.Length], shifted.Targets[i])

            let move =
                moves
                |> List.tryFind (fun (down, right) ->
                    image = Array.init 64 (fun p -> framed before (p / 8 - down) (p % 8 - right)))

            Assert.True(move.IsSome, $"image {i} is none of those that it may be")
            move.Value)

    // Some images move onto one that another move gives as well, so counts are not exactly alike: 3,000 in nine kinds.
    for _, count in Array.countBy id found do
        Assert.InRange(count, 250, 420)

    Assert.Equal(9, found |> Array.distinct |> Array.length)

[<Fact>]
let ``images of clothes that are not installed are missing, not an error`` () =
    Assert.True((Images.fashion "no such folder").IsNone)

[<Fact>]
let ``MNIST is read where it is, and where it is not the option says so`` () =
    inFolder (fun place ->
        let missing = Assert.Throws<InvalidOperationException>(fun () -> Images.mnist (place "none") |> ignore)
        Assert.Contains("--mnist", missing.Message)
        Assert.Contains("t10k", missing.Message)

        let packed name (bytes: byte[]) =
            use file = File.Create(place name)
            use stream = new GZipStream(file, CompressionMode.Compress)
            stream.Write(bytes, 0, bytes.Length)

        // Image i has its number's two bytes as its first pixels, and the class i mod 10.
        let pixels i = [| byte (i / 256); byte (i % 256); yield! Array.create 782 0uy |]

        packed "t10k-images-idx3-ubyte.gz" [|
            yield! Array.zeroCreate 16
            for i in 0..9999 do
                yield! pixels i
        |]

        packed "t10k-labels-idx1-ubyte.gz" [| yield! Array.zeroCreate 8; for i in 0..9999 -> byte (i % 10) |]
        let images = Images.mnist (place "")
        let parts = [ images.Training; images.Validation; images.Test ]
        Assert.Equal<int list>([ 7000; 1000; 2000 ], parts |> List.map _.Count)

        let numbers = [
            for part in parts do
                for image, target in Array.zip part.Inputs part.Targets do
                    let pixel value = int (round (255.0 * (value + 0.5)))
                    let number = 256 * pixel image[0] + pixel image[1]
                    Assert.Equal(float (number % 10), target[0])
                    Assert.Equal(-0.5, image[783])
                    number
        ]

        Assert.Equal<int list>([ 0..9999 ], List.sort numbers))

/// The cells of the rows of a command's tables whose first cell begins in some way.
let private cells (arguments: string list) (begins: string) =
    let mutable found = []

    inFolder (fun place ->
        let document = place "document.md"
        File.WriteAllText(document, "Before.\n")

        Assert.Equal(0, Program.main [| yield! arguments; "--out"; document |])

        let lines = File.ReadAllLines document
        Assert.Equal("Before.", lines[0])

        found <- [
            for line in lines do
                if line.StartsWith("| " + begins, StringComparison.Ordinal) then
                    line.Trim('|', ' ').Split(" | ") |> List.ofArray
        ])

    found

let private number (text: string) = Double.Parse(text.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture)

[<Fact>]
let ``learning from a hundred rows is judged for every table and penalty`` () =
    let rows =
        cells [ "sparsity"; "--tables"; "churn"; "--repeats"; "2"; "--epochs"; "2"; "--samples"; "1" ] "churn: "

    Assert.Equal(4, rows.Length)
    Assert.Equal(1, Program.main [| "sparsity"; "--tables"; "weather" |])

    for row in rows do
        Assert.InRange(number row[2], 0.3, 0.9)
        Assert.InRange(number row[3], 0.05, 0.99)

[<Fact>]
let ``forbidden interactions are all but gone, and what is not forbidden stays`` () =
    let row =
        cells
            [ "forbidden-interactions"; "--seeds"; "0"; "--rows"; "400"; "--epochs"; "30"; "--explained"; "20" ]
            "x₂ × x₃"
        |> List.exactlyOne

    Assert.True(number row[1] > 0.04, $"{row[1]} was learned without the prior")
    Assert.True(number row[2] < 0.2 * number row[1], $"{row[1]} became {row[2]}")
    Assert.True(number row[5] > 0.5 * number row[4], $"other pairs went from {row[4]} to {row[5]}")

[<Fact>]
let ``the table of the feature given twice tells how far the weights are from the closed form`` () =
    let rows = cells [ "duplicated-feature"; "--rows"; "32"; "--steps"; "1000" ] "0 | "
    Assert.Equal(5, rows.Length)

    for row in rows.Tail do
        Assert.Equal(number row[4], number row[2], 0.005)
        Assert.Equal(number row[4], number row[3], 0.005)

[<Fact>]
let ``networks that saw digits are tried with noise, also where there are no other images`` () =
    let rows = cells [ "smoothness"; "--images"; "digits"; "--seeds"; "0"; "--epochs"; "1" ] "digits 8 x 8"

    // Accuracies without the prior and under three weights of it, and what each of those changes.
    let without, own, changes = rows[0], rows[1..3], rows[4..]
    Assert.Equal(7, rows.Length)
    Assert.Equal("0", without[1])

    Assert.Single(own |> List.filter (fun row -> row[1].EndsWith("(chosen)", StringComparison.Ordinal)))
    |> ignore

    for row in without :: own do
        Assert.True(number row[2] > 0.7, $"{row[0]} reaches {row[2]}")
        Assert.True(number row[7] < number row[2] - 0.1, $"{row[0]} loses nothing by noise")

    for own, change in List.zip own changes do
        Assert.Equal(own[1], change[1])

        for column, level in [ 2, 2; 3, 4; 4, 6 ] do
            // Three decimals each.
            Assert.Equal(number own[level] - number without[level], number change[column], 0.0011)

    Assert.Equal(1, Program.main [| "smoothness"; "--networks"; "tree" |])
    Assert.Equal(1, Program.main [| "smoothness"; "--images"; "mnist"; "--mnist"; "no such folder" |])
    Assert.Equal(1, Program.main [| "smoothness"; "--images"; "mnist" |])

[<Fact>]
let ``a graph that is known agrees better with what is used than a wrong one`` () =
    let rows =
        cells [ "graph-prior"; "--seeds"; "0,1"; "--rows"; "60"; "--epochs"; "60" ] "independent, 60 rows"

    Assert.Equal(5, rows.Length)
    let area name = rows |> List.find (fun row -> row[0].EndsWith(name: string)) |> fun row -> number row[6]
    let right, wrong = area ": graph prior", area "wrong graph"
    Assert.True(right > wrong, $"{right} and {wrong}")

[<Fact>]
let ``RATE finds the variables that tell generated classes apart`` () =
    let arguments = [ "rate-simulation"; "--rows"; "600"; "--variables"; "100"; "--repeats"; "2" ]
    let row = cells arguments "as drawn | 600 | 100" |> List.exactlyOne
    Assert.True(number row[3] > 0.65, $"the networks' accuracy is {row[3]}")
    // Half of the pairs would be in order by chance.
    Assert.True(number row[4] > 0.65, $"the area under RATE's curve is {row[4]}")
    Assert.True(number row[7] > 0.85, $"with a ridge of ten variances it is {row[7]}")

[<Fact>]
let ``experiments refuse numbers with which there is nothing to do`` () =
    for arguments in
        [
            [| "sparsity"; "--tables"; "churn"; "--repeats"; "0" |]
            // One split has no spread.
            [| "sparsity"; "--tables"; "churn"; "--repeats"; "1" |]
            [| "sparsity"; "--tables"; "churn"; "--repeats"; "1,2" |]
            [| "sparsity"; "--tables"; "churn"; "--threads"; "0" |]
            [| "smoothness"; "--images"; "digits"; "--epochs"; "0" |]
            [| "rate-simulation"; "--variables"; "100"; "--repeats"; "0" |]
            [| "rate-simulation"; "--rows"; "0"; "--variables"; "100"; "--repeats"; "1" |]
            // Six clusters around corners of their own, of which a square has four.
            [| "rate-simulation"; "--rows"; "100"; "--variables"; "29"; "--repeats"; "1" |]
        ] do
        Assert.Equal(1, Program.main [| yield! arguments; "--out"; "no such folder/experiments.md" |])
