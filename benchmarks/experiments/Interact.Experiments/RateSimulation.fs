/// RATE on generated classes of which one knows the variables that tell them apart.
module Interact.Experiments.RateSimulation

open System
open System.Globalization
open Interact.Benchmarks
open Interact.Core
open Interact.Core.Learning

/// Rows, their classes, and how many variables, the first ones, are informative.
type Classes = { Rows: float[][]; Labels: float[]; Informative: int }

/// Two classes of three clusters each: a tenth of the variables are informative. A cluster lies around a corner of a hypercube, chosen at
/// random, and is normal with a random covariance; the other variables are standard normal, and a tenth of the labels are drawn
/// anew. All columns are brought to mean 0 and deviation 1. Source: Guyon 2003, as scikit-learn's make_classification has it.
///
/// separation: half the edge of the hypercube.
let draw (separation: float) (rows: int) (variables: int) (seed: int) : Classes =
    let generator = Draw.generator seed 0
    let informative = variables / 10
    let clusters = 6

    let corners =
        Array.init clusters (fun _ ->
            Array.init informative (fun _ -> if generator.Next() < 0.0 then -separation else separation))

    let mixtures =
        Array.init clusters (fun _ ->
            Array.init informative (fun _ -> Array.init informative (fun _ -> generator.Next())))

    let drawn =
        Array.init rows (fun i ->
            let cluster = i % clusters
            let inner = Draw.normals generator informative
            let dot (weights: float[]) = Array.fold2 (fun sum w z -> sum + w * z) 0.0 weights inner
            let told = Array.map2 (fun corner weights -> corner + dot weights) corners[cluster] mixtures[cluster]
            let others = Draw.normals generator (variables - informative)
            let isDrawnAnew = Draw.uniform generator < 0.1
            let other = if generator.Next() < 0.0 then 0.0 else 1.0
            Array.append told others, (if isDrawnAnew then other else float (cluster % 2)))

    let order = Draw.permutation generator rows
    let table = order |> Array.map (fun i -> fst drawn[i])

    for column in 0 .. variables - 1 do
        let mean = table |> Array.averageBy (fun row -> row[column])
        let deviation = sqrt (table |> Array.averageBy (fun row -> (row[column] - mean) ** 2.0))

        for row in table do
            row[column] <- (row[column] - mean) / deviation

    { Rows = table; Labels = order |> Array.map (fun i -> snd drawn[i]); Informative = informative }

/// What one network says.
type Outcome = {
    Accuracy: float
    /// The area under the curve of RATE against which variables are informative.
    Rate: float
    /// The same of the means of the effect sizes, without their distribution.
    Mean: float
    Seconds: float
}

/// Trains a network of 512-512 with ReLU and a variational last layer on four fifths of the rows, stopped by the others, and takes
/// RATE of effect sizes by covariance over all rows.
let outcome (analogue: EffectSizeAnalogue) (classes: Classes) (seed: int) : Outcome =
    let clock = Diagnostics.Stopwatch.StartNew()
    let held = classes.Rows.Length / 5

    let part first last = TrainingData.ofNumbers classes.Rows[first..last] classes.Labels[first..last]

    let network =
        Network.create seed [| classes.Rows[0].Length |] [
            Layer.denseWith Initializer.HeNormal 512
            Layer.relu
            Layer.denseWith Initializer.HeNormal 512
            Layer.relu
            Layer.variational 1
        ]

    let options = { Training.defaults Loss.binaryCrossEntropy with Epochs = 40; Patience = Some 5; Seed = seed }

    let validation = part 0 (held - 1)

    let trained =
        (Training.run options network (part held (classes.Rows.Length - 1)) (Some validation)).Network

    let effects = VariationalLayer.effectSizes analogue 1 trained classes.Rows 0
    let found = Rate.explain Rate.defaults effects

    let areaOf (strengths: float[]) =
        strengths
        |> Seq.mapi (fun variable strength -> strength, variable < classes.Informative)
        |> Measures.areaUnderCurve

    {
        Accuracy = Trained.accuracy trained validation
        Rate = areaOf found.Rates
        Mean = areaOf (effects.Mean |> Array.map abs)
        Seconds = clock.Elapsed.TotalSeconds
    }

/// AUC of RATE as published, by rows and variables.
let private published =
    dict [ struct (1000, 100), ".981"; struct (1000, 1000), ".992"; struct (10000, 1000), ".999" ]

let private digits (value: float) = value.ToString("0.000", CultureInfo.InvariantCulture)

let private spread (values: float list) =
    let deviation = if values.Length > 1 then Statistics.deviation values else 0.0
    $"{digits (List.average values)} ± {digits deviation}"

/// Trains, prints, and writes the section.
let run (rows: int list) (variables: int list) (separations: int list) (repeats: int) (out: string) =
    let line rows variables separation =
        let outcomes =
            [ 0 .. repeats - 1 ]
            |> List.map (fun seed ->
                outcome EffectSizeAnalogue.Covariance (draw (float separation) rows variables seed) seed)

        let of' choose = outcomes |> List.map choose |> spread

        let cells = [
            string rows
            string variables
            string separation
            of' _.Accuracy
            of' _.Rate
            of' _.Mean
            (match published.TryGetValue(struct (rows, variables)) with
             | true, value -> value
             | false, _ -> "-")
            Document.number (outcomes |> List.averageBy _.Seconds)
        ]

        printfn "%s" (String.concat " | " cells)
        cells

    let lines = [
        $"Means and standard deviations of {repeats} repeats, each with data and a network of its own; effect sizes by covariance, quadratic divergence; {Machine.date}."
        ""
        yield!
            Document.table [
                "rows"
                "variables"
                "separation"
                "accuracy, validation"
                "AUC of RATE"
                "AUC of abs(mean effect size)"
                "AUC of RATE, published"
                "seconds"
            ] [
                for rows in rows do
                    for variables in variables do
                        for separation in separations do
                            line rows variables separation
            ]
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "rate-simulation" lines
