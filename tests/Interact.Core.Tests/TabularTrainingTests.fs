/// Networks that learn from tables, against what is known of the tables.
module Interact.Core.Tests.TabularTrainingTests

open System
open System.Globalization
open System.IO
open Interact.Core
open Interact.Core.Data
open Interact.Core.Learning
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.ReadTable
open Interact.Core.Tests.Results
open Xunit

let private number (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

let private table (header: string) (rows: string seq) =
    let text = String.concat "\n" (Seq.append [ header ] rows)
    ok (TextTable.read "f.csv" (new MemoryStream(utf8 text)))

let private task target : TabularTask = {
    Target = target
    Declaration = TargetDeclaration.Automatic
    Positive = None
    Columns = TableColumns.undeclared
    Split = { Training = 0.6; Validation = 0.2; Test = 0.2 }
    Seed = 1
}

let private network hidden : TabularNetwork = {
    Hidden = hidden
    Activation = Layer.tanh
    Normalization = None
    Dropout = 0.0
}

let private options data = {
    Training.defaults (TabularTraining.loss data) with
        LearningRate = 0.02
        Epochs = 150
        Seed = 1
}

let private train (change: TrainingOptions -> TrainingOptions) hidden data =
    let created = TabularTraining.create (network hidden) 1 Precision.Double data
    TabularTraining.run (change { options data with Precision = Precision.Double }) created data

/// Pseudo-random numbers on [-1, 1).
let private draws seed =
    let random = Random(seed: int)
    fun () -> 2.0 * random.NextDouble() - 1.0

[<Fact>]
let ``a linear network learns the value of every level, in the target's own units`` () =
    let values = dict [ "a", 1500.0; "b", -2000.0; "", 10000.0 ]
    let levels = [| "a"; "b"; "" |]
    let rows = Array.init 90 (fun row -> $"{levels[row % 3]},{number values[levels[row % 3]]}")

    let data =
        table "level,y" rows
        |> TabularData.prepare { task "y" with Declaration = TargetDeclaration.Regression }
        |> ok

    let trained = data |> train id [||]

    Array.iter2
        (fun (output: float[]) target -> closeTo 1e-3 target output[0])
        trained.TestOutputs.Value
        data.Test.Value.Targets

[<Fact>]
let ``a linear network finds the coefficients of a table that is linear in columns of any size`` () =
    let draw = draws 3

    let rows =
        Array.init 200 (fun _ ->
            let a, b = 1e6 + 1e5 * draw (), 0.001 * draw ()
            $"{number a},{number b},{number (2e-4 * a - 5e4 * b + 7.0)}")

    let data = table "a,b,y" rows |> TabularData.prepare (task "y") |> ok
    let trained = data |> train id [||]
    let gradient = Model.gradient (Network.toModel trained.Network) 0 [| 1e6; 0.0 |]
    closeTo 1e-3 1.0 (gradient[0] / 2e-4)
    closeTo 1e-3 1.0 (gradient[1] / -5e4)

[<Fact>]
let ``networks tell the classes of a table that no linear one tells`` () =
    let draw = draws 5

    let classes =
        Array.init 400 (fun _ ->
            let a, b = draw (), draw ()
            $"{number a},{number b},{(if a * b > 0.0 then 'p' else 'q')}")

    let data = table "a,b,y" classes |> TabularData.prepare (task "y") |> ok

    let auc outputs =
        Metric.rocAucOfClasses (TargetMetrics.classLogits outputs) (data.Test.Value.Targets |> Array.map int)

    let hidden = data |> train id [| 16 |]
    Assert.True(auc hidden.TestOutputs.Value > 0.97)
    Assert.True(auc (data |> train id [||]).TestOutputs.Value < 0.75)

[<Fact>]
let ``the best constant has the entropy of the classes, or the variance of the numbers`` () =
    let ofConstant metric (data: TabularData) =
        let outputs = data.Training.Targets |> Array.map (fun _ -> TabularTraining.constantOutput data)

        TargetMetrics.evaluate data.Target.Kind outputs data.Training.Targets
        |> Array.find (fst >> (=) metric)
        |> snd

    let letters = [| "p"; "q"; "r"; "r"; "r" |]

    for count in [ 2; 5 ] do
        let rows = Array.init 200 (fun row -> $"{row * row},{letters[row % count]}")
        let data = table "x,y" rows |> TabularData.prepare (task "y") |> ok

        let entropy =
            data.Training.Targets
            |> Array.countBy id
            |> Array.sumBy (fun (_, rows) ->
                let share = float rows / float data.Training.Targets.Length
                -share * log share)

        closeTo 1e-12 entropy (ofConstant Metric.LogLoss data)

    let rows = Array.init 100 (fun row -> $"{row * row},{number (sin (float row))}")
    let data = table "x,y" rows |> TabularData.prepare (task "y") |> ok
    closeTo 1e-12 0.0 (ofConstant Metric.RSquared data)

[<Fact>]
let ``the same seed gives the same file on any number of threads, and another seed another one`` () =
    let draw = draws 7
    let rows = Array.init 150 (fun _ -> $"{number (draw ())},{number (draw ())},{number (draw ())}")
    let data = table "a,b,y" rows |> TabularData.prepare (task "y") |> ok

    let file threads seed =
        let network = TabularTraining.create { network [| 8 |] with Dropout = 0.2 } seed Precision.Single data
        let options = { options data with Epochs = 5; Threads = threads; Seed = seed }
        Network.toOnnx (TabularTraining.run options network data).Network

    Assert.Equal<byte[]>(file 1 1, file 2 1)
    Assert.Equal<byte[]>(file 1 1, file 3 1)
    Assert.NotEqual<byte[]>(file 1 1, file 1 2)

/// y = ab + c for drawn numbers.
let private product =
    lazy
        (let draw = draws 11

         let rows =
             Array.init 300 (fun _ ->
                 let a, b, c = draw (), draw (), draw ()
                 $"{number a},{number b},{number c},{number (a * b + c)}")

         table "a,b,c,y" rows |> TabularData.prepare (task "y") |> ok)

let private interactionsOf kind weight =
    let data = product.Value
    let prior = { Kind = kind; Weight = weight; Samples = 1; Smooth = None }
    let penalty = ok (TabularTraining.penalty prior data)

    let trained =
        data |> train (fun options -> { options with Epochs = 60; Penalties = [ penalty ] }) [| 16 |]

    let model = Network.toModel trained.Network

    data.Test.Value.Inputs
    |> Array.averageBy (fun row ->
        let explained = IntegratedHessians.explain IntegratedHessians.defaults model [| 0.0; 0.0; 0.0 |] row
        abs explained.Interactions.Value[0, 1])

[<Fact>]
let ``priors take the interactions away that they forbid, and only those`` () =
    let free = interactionsOf (TabularPriorKind.Interactions [| "a", "b" |]) 0.0
    let forbidden = interactionsOf (TabularPriorKind.Interactions [| "b", "a" |]) 30.0
    let other = interactionsOf (TabularPriorKind.Interactions [| "a", "c" |]) 30.0
    let all = interactionsOf (TabularPriorKind.Interactions [||]) 30.0
    Assert.True(forbidden < 0.3 * free, $"{forbidden} of {free}")
    Assert.True(all < 0.3 * free, $"{all} of {free}")
    Assert.True(other > 0.7 * free, $"{other} of {free}")

[<Fact>]
let ``priors name columns that there are`` () =
    let prior = { Kind = TabularPriorKind.Interactions [| "a", "cc" |]; Weight = 1.0; Samples = 1; Smooth = None }

    assertRefused [
        refusal (TabularTraining.penalty prior product.Value |> Result.map ignore),
        "no column \"cc\", as \"prior\" says, enters the network; the nearest names are \"c\""
    ]

[<Fact>]
let ``numbers whose differences single precision loses are refused in it, and learnt in double precision`` () =
    let draw = draws 17
    let drawn = Array.init 200 (fun _ -> draw (), draw ())

    let prepared offsetOfColumn offsetOfTarget =
        drawn
        |> Seq.map (fun (a, b) -> $"{number (offsetOfColumn + a)},{number b},{number (offsetOfTarget + a + b)}")
        |> table "a,b,y"
        |> TabularData.prepare (task "y")
        |> ok

    for data, column in [ prepared 1e9 0.0, "a"; prepared 0.0 1e9, "y" ] do
        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                TabularTraining.create (network [| 8 |]) 1 Precision.Single data |> ignore)

        Assert.Contains($"f.csv: column \"{column}\"", refused.Message)
        Assert.Contains("\"precision\": \"double\"", refused.Message)
        let trained = train id [||] data
        let outputs = trained.ValidationOutputs |> Array.map Array.exactlyOne
        Assert.InRange(Metric.rSquared outputs data.Validation.Targets, 0.99, 1.0)

    // Years are far from zero too, but not so far.
    TabularTraining.create (network [| 8 |]) 1 Precision.Single (prepared 2007.0 2007.0) |> ignore

[<Theory>]
[<InlineData(1e-320)>]
[<InlineData(1e-200)>]
[<InlineData(1e200)>]
[<InlineData(1e306)>]
let ``numbers whose squares leave the range of double precision are refused by their column`` unit =
    let prepared columnUnit targetUnit =
        Array.init 50 (fun row ->
            $"{number (columnUnit * float row)},{row % 7},{number (targetUnit * sin (float row))}")
        |> table "a,b,y"
        |> TabularData.prepare (task "y")
        |> ok

    for data, column in [ prepared unit 1.0, "a"; prepared 1.0 unit, "y" ] do
        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                TabularTraining.create (network [| 8 |]) 1 Precision.Double data |> ignore)

        Assert.Contains($"f.csv: column \"{column}\": its numbers are too large or too small", refused.Message)
        Assert.Contains("give them in another unit", refused.Message)

[<Theory>]
[<InlineData(-400)>]
[<InlineData(400)>]
let ``columns in units of any size are standardised alike in double precision, and refused in single`` exponent =
    // By a power of two, so that both tables have the same numbers but for the unit.
    let unit = Math.ScaleB(1.0, exponent)
    let draw = draws 19
    let drawn = Array.init 100 (fun _ -> draw (), draw ())

    let prepared unit =
        drawn
        |> Seq.map (fun (a, b) -> $"{number (unit * a)},{number b},{number (a * b)}")
        |> table "a,b,y"
        |> TabularData.prepare (task "y")
        |> ok

    let plain, scaled = prepared 1.0, prepared unit
    let trained data = train (fun options -> { options with Epochs = 5 }) [| 8 |] data
    let own = trained scaled
    Assert.Equal<float[][]>((trained plain).ValidationOutputs, own.ValidationOutputs)

    // What is learnt can be explained in the column's own unit.
    let rows = scaled.Validation.Inputs

    let explained =
        IntegratedHessians.explain IntegratedHessians.defaults (Network.toModel own.Network) rows[0] rows[1]

    Assert.True(explained.Certificate.Satisfied)

    let refused =
        Assert.Throws<ArgumentException>(fun () ->
            TabularTraining.create (network [| 8 |]) 1 Precision.Single scaled |> ignore)

    Assert.Contains("f.csv: column \"a\": single precision cannot hold its numbers", refused.Message)
    Assert.Contains("\"precision\": \"double\", or give them in another unit", refused.Message)
