/// RATE on generated classes of which one knows the variables that tell them apart.
module Interact.Experiments.RateSimulation

open System
open Interact.Benchmarks
open Interact.Core
open Interact.Core.Learning

/// Rows, their classes, and how many variables, the first ones, are informative.
type Classes = { Rows: float[][]; Labels: float[]; Informative: int }

/// Two classes of three clusters each: a tenth of the variables are informative. A cluster lies around a corner, of its own, of the hypercube from
/// -1 to 1, and is normal with a random covariance; the other variables are standard normal; every variable is shifted by a number
/// uniform on (-1, 1), and a tenth of the labels are drawn anew. An informative variable varies more than others, the more there are of
/// them. Source: Guyon 2003, as scikit-learn's make_classification has it.
///
/// isStandardised: whether every variable is brought to mean 0 and deviation 1 then. Error: InvalidOperationException for fewer than 30
/// variables.
let draw (isStandardised: bool) (rows: int) (variables: int) (seed: int) : Classes =
    let generator = Draw.generator seed 0
    let informative = variables / 10
    let clusters = 6

    // Below three dimensions a hypercube has fewer than six corners.
    if informative < 3 then
        invalidOp $"--variables {variables}: six clusters need three informative variables; give 30 or more."

    let rec corners found =
        if List.length found = clusters then
            Array.ofList found
        else
            let corner = Array.init informative (fun _ -> if generator.Next() < 0.0 then -1.0 else 1.0)
            corners (if List.contains corner found then found else corner :: found)

    let corners = corners []

    let mixtures =
        Array.init clusters (fun _ ->
            Array.init informative (fun _ -> Array.init informative (fun _ -> generator.Next())))

    let shifts = Array.init variables (fun _ -> generator.Next())

    let drawn =
        Array.init rows (fun i ->
            let cluster = i % clusters
            let inner = Draw.normals generator informative
            let dot (weights: float[]) = Array.fold2 (fun sum w z -> sum + w * z) 0.0 weights inner
            let told = Array.map2 (fun corner weights -> corner + dot weights) corners[cluster] mixtures[cluster]
            let others = Draw.normals generator (variables - informative)
            let isDrawnAnew = Draw.uniform generator < 0.1
            let other = if generator.Next() < 0.0 then 0.0 else 1.0
            let row = Array.append told others |> Array.map2 (+) shifts
            row, (if isDrawnAnew then other else float (cluster % 2)))

    let order = Draw.permutation generator rows
    let table = order |> Array.map (fun i -> fst drawn[i])

    if isStandardised then
        for column in 0 .. variables - 1 do
            let values = table |> Array.map (fun row -> row[column])
            let mean, deviation = Array.average values, Statistics.deviation values

            for row in table do
                row[column] <- (row[column] - mean) / deviation

    { Rows = table; Labels = order |> Array.map (fun i -> snd drawn[i]); Informative = informative }

/// What one network says.
type Outcome = {
    Accuracy: float
    /// The area under the curve against which variables are informative, of each ranking.
    Areas: float list
    Seconds: float
}

/// The rankings, and the strengths by which each orders variables.
let private rankings: (string * (EffectSizes -> float[])) list =
    let rate divergence ridge effects =
        (Rate.explain { Rate.defaults with Divergence = divergence; Ridge = ridge } effects).Divergences

    let own = Rate.defaults.Ridge
    let variances (effects: EffectSizes) = effects.Factor |> Array.map (Array.sumBy (fun value -> value * value))

    let withRidge factor effects = rate RateDivergence.Quadratic (factor * Array.average (variances effects)) effects

    // α'_j = Σ_jj - 1/Λ_jj, and Λ_jj = α_j + 1/Σ_jj.
    let swapped effects =
        (rate RateDivergence.Quadratic own effects, effects.Mean, variances effects)
        |||> Array.map3 (fun divergence mean variance ->
            let variance = variance + own
            let alpha = 2.0 * divergence / (mean * mean)
            0.5 * mean * mean * (variance - 1.0 / (alpha + 1.0 / variance)))

    [
        "RATE", rate RateDivergence.Quadratic own
        "RATE, exact divergence", rate RateDivergence.Exact own
        "RATE, ridge v", withRidge 1.0
        "RATE, ridge 10 v", withRidge 10.0
        "RATE, covariance in place of precision", swapped
        "abs(mean effect size)", fun effects -> effects.Mean |> Array.map abs
        "variance of effect size", variances
    ]

/// Trains a network of 512-512 with ReLU and a variational last layer on 49% of the rows, stopped early by 21%, and ranks variables by effect sizes by covariance over
/// the others, 30%. Source of the shares: the scripts published with Ish-Horowicz et al. 2020.
let outcome (classes: Classes) (seed: int) : Outcome =
    let clock = Diagnostics.Stopwatch.StartNew()
    let rows = classes.Rows.Length
    let tested = rows * 3 / 10
    let held = (rows - tested) * 3 / 10
    let part first last = TrainingData.ofNumbers classes.Rows[first..last] classes.Labels[first..last]

    let network =
        Network.create seed [| classes.Rows[0].Length |] [
            Layer.dense 512
            Layer.relu
            Layer.dense 512
            Layer.relu
            Layer.variational 1
        ]

    let options = {
        Training.defaults Loss.binaryCrossEntropy with
            Batch = 128
            Epochs = 25
            Patience = Some 3
            Seed = seed
    }

    let training, validation = part (tested + held) (rows - 1), part tested (tested + held - 1)
    let trained = (Training.run options network training (Some validation)).Network
    let test = part 0 (tested - 1)
    let effects = VariationalLayer.effectSizes EffectSizeAnalogue.Covariance 1 trained test.Inputs 0

    let areaOf (strengths: float[]) =
        strengths
        |> Seq.mapi (fun variable strength -> strength, variable < classes.Informative)
        |> Measures.areaUnderCurve

    {
        Accuracy = Trained.accuracy trained test
        Areas = rankings |> List.map (fun (_, strengths) -> areaOf (strengths effects))
        Seconds = clock.Elapsed.TotalSeconds
    }

/// AUC of RATE as published, mean and standard deviation over 10 repeats, by rows and variables: of the results kept beside the published scripts.
let private published =
    dict [
        struct (1000, 100), ".981 ± .025"
        struct (1000, 300), ".987 ± .014"
        struct (1000, 1000), ".992 ± .006"
        struct (10000, 100), "1.000 ± .000"
        struct (10000, 300), ".999 ± .003"
        struct (10000, 1000), ".999 ± .001"
    ]

/// So many leave rows to train, to stop and to test by, and more than one of them for effect sizes.
let private leastRows = 10

let private spread (values: float list) =
    let deviation = if values.Length > 1 then Statistics.deviation values else 0.0
    $"{Document.three (List.average values)} ± {Document.three deviation}"

/// Trains, prints, and writes the section.
let run (rows: int list) (variables: int list) (repeats: int) (out: string) =
    for rows in rows do
        if rows < leastRows then
            invalidOp $"--rows {rows}: nothing is left to validate or to test by; give {leastRows} or more."

    let line isStandardised rows variables =
        let outcomes =
            [ 0 .. repeats - 1 ]
            |> List.map (fun seed -> outcome (draw isStandardised rows variables seed) seed)

        let cells = [
            (if isStandardised then "one scale" else "as drawn")
            string rows
            string variables
            outcomes |> List.map _.Accuracy |> spread
            yield! outcomes |> List.map _.Areas |> List.transpose |> List.map spread
            (match published.TryGetValue(struct (rows, variables)) with
             | true, value when not isStandardised -> value
             | _ -> "-")
            Document.number (outcomes |> List.averageBy _.Seconds)
        ]

        printfn "%s" (String.concat " | " cells)
        cells

    let lines = [
        $"Means and standard deviations of {repeats} repeats, each with data and a network of its own; ROC-AUC of informative variables by each ranking; v is the mean variance of effect sizes; {Machine.date}."
        ""
        yield!
            Document.table [
                "variables are"
                "rows"
                "variables"
                "accuracy"
                yield! List.map fst rankings
                "RATE, published"
                "seconds"
            ] [
                for isStandardised in [ false; true ] do
                    for rows in rows do
                        for variables in variables do
                            line isStandardised rows variables
            ]
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "rate-simulation" lines
