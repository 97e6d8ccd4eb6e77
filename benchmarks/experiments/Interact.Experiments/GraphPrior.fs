/// Features in modules of a known graph, few rows, and a prior that knows the graph.
module Interact.Experiments.GraphPrior

open System
open Interact.Benchmarks
open Interact.Core.Learning

/// Forty features in eight modules of five; the outcome depends on three modules.
let private modules, size, used = 8, 5, 3

let private features = modules * size

/// A way in which features depend on their modules.
type Kind =
    /// Features are independent; those of a used module have one weight.
    | Independent
    /// Features are a module's own value with noise of the same deviation.
    | Correlated

/// The edges of the graph: all pairs within a module.
let edges: (int * int * float) list = [
    for own in 0 .. modules - 1 do
        for i in 0 .. size - 1 do
            for j in i + 1 .. size - 1 -> own * size + i, own * size + j, 1.0
]

/// The same number of edges between features of random modules, for a graph that is wrong.
let private shuffled seed =
    let order = Draw.permutation (Draw.generator seed 5) features
    edges |> List.map (fun (i, j, weight) -> order[i], order[j], weight)

/// How much each feature truly does: 1 in the first modules, 0 in the others.
let private truth = Array.init features (fun i -> if i / size < used then 1.0 else 0.0)

/// Rows and outcomes: Σ over used modules of tanh of the module's mean times √size, and noise of deviation 0.5.
let data (kind: Kind) (seed: int) (part: int) (rows: int) : TrainingData =
    let generator = Draw.generator seed part

    let inputs =
        Array.init rows (fun _ ->
            let own = Draw.normals generator modules
            let noise = Draw.normals generator features

            Array.init features (fun i ->
                match kind with
                | Independent -> noise[i]
                | Correlated -> (own[i / size] + noise[i]) / sqrt 2.0))

    let targets =
        inputs
        |> Array.map (fun x ->
            let signal =
                [ 0 .. used - 1 ]
                |> List.sumBy (fun own ->
                    tanh (Array.average x[own * size .. own * size + size - 1] * sqrt (float size)))

            signal + 0.5 * Draw.normal generator)

    TrainingData.ofNumbers inputs targets

let private train seed epochs (training: TrainingData) (validation: TrainingData) penalties =
    let network = Network.create seed [| features |] [ Layer.dense 32; Layer.tanh; Layer.dense 1 ]

    let options = {
        Training.defaults Loss.squaredError with
            LearningRate = 2e-3
            Batch = 50
            Epochs = epochs
            Patience = Some 50
            Penalties = penalties
            Seed = seed
    }

    (Training.run options network training (Some validation)).Network

let private correlation (first: float[]) (second: float[]) =
    let centred (values: float[]) = values |> Array.map (fun value -> value - Array.average values)
    let a, b = centred first, centred second
    let dot (x: float[]) (y: float[]) = Array.map2 (*) x y |> Array.sum
    dot a b / sqrt (dot a a * dot b b)

let private prior weight edges = AttributionPrior.graph weight edges { AttributionPrior.defaults with Samples = 2 }

let private lambdas = [ 0.03; 0.1; 0.3; 1.0; 3.0; 10.0 ]

/// For one kind and number of rows, a line for each penalty.
let private judge seeds epochs rows kind =
    let trained seed penalties =
        let training, validation = data kind seed 1 rows, data kind seed 2 rows
        let network = train seed epochs training validation penalties
        network, training

    let error seed network part = Trained.rootMeanSquaredError network (data kind seed part 1000)

    // λ is chosen on other data.
    let chosen (penalty: float -> Penalty) (lambdas: float list) =
        lambdas
        |> List.minBy (fun lambda ->
            [ 1000..1005 ] |> List.averageBy (fun seed -> error seed (fst (trained seed [ penalty lambda ])) 3))

    let measure (penalties: int -> Penalty list) = [
        for seed in seeds do
            let network, training = trained seed (penalties seed)
            let test = data kind seed 3 1000

            let sizes =
                Trained.attributions network test.Inputs[..99] (Array.truncate 25 training.Inputs)
                |> Trained.meanSizes

            let cases = Seq.zip sizes (truth |> Seq.map (fun value -> value > 0.5))
            error seed network 3, correlation sizes truth, Measures.areaUnderCurve cases
    ]

    let isWeight (name: string) = name = "dense1.weight"
    let graph = chosen (fun lambda -> prior lambda edges) lambdas
    let l2 = chosen (fun lambda -> Penalty.l2 lambda isWeight) [ 0.003; 0.01; 0.03; 0.1; 0.3 ]

    let found = [
        "nothing", 0.0, measure (fun _ -> [])
        "L2 on the first layer", l2, measure (fun _ -> [ Penalty.l2 l2 isWeight ])
        "graph prior", graph, measure (fun _ -> [ prior graph edges ])
        "graph prior and L2", graph, measure (fun _ -> [ prior graph edges; Penalty.l2 l2 isWeight ])
        "graph prior, wrong graph", graph, measure (fun seed -> [ prior graph (shuffled seed) ])
    ]

    let errors (own: (float * float * float) list) = own |> List.map (fun (error, _, _) -> error)
    let _, _, nothing = found.Head

    [
        for name, lambda, own in found ->
            let difference, p = Statistics.pairedTest (errors own) (errors nothing)
            let isFirst = name = "nothing"

            [
                $"{(string kind).ToLowerInvariant()}, {rows} rows: {name}"
                (if isFirst then "-" else Document.number lambda)
                $"{Document.three (List.average (errors own))} ± {Document.three (Statistics.deviation (errors own))}"
                (if isFirst then "-" else Document.signed difference)
                (if isFirst then "-" else Document.small p)
                Document.three (own |> List.averageBy (fun (_, agreement, _) -> agreement))
                Document.three (own |> List.averageBy (fun (_, _, area) -> area))
            ]
    ]

/// Trains, prints, and writes the section.
let run (seeds: int list) (rows: int list) (epochs: int) (out: string) =
    let lines = [
        $"Means over {seeds.Length} seeds; {Machine.date}."
        ""
        yield!
            Document.table [
                "data and penalty"
                "λ"
                "RMSE, test"
                "more than nothing"
                "p"
                "correlation of mean abs(EG) with the truth"
                "ROC-AUC of used features"
            ] [
                for kind in [ Independent; Correlated ] do
                    for rows in rows do
                        yield! judge seeds epochs rows kind
            ]
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "graph-prior" lines
