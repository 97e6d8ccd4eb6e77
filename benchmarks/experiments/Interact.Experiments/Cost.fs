/// The time that every method takes against the number of features: of all interactions, of one feature's, and of one pair's.
module Interact.Experiments.Cost

open System
open Interact.Benchmarks
open Interact.Core

let private featureCounts = [ 5; 50; 500 ]

/// Rows that are explained by one call, and rows of the background of expected methods.
let private rowCount, backgroundCount = 4, 20

/// Draws of every pair where not all coalitions can be evaluated.
let private draws = 2

/// Runs of which the median is taken; fewer of what takes long.
let private runs, runsOfLong = 7, 3

/// A network with tanh, and rows uniform on (-1, 1).
let private setting (features: int) =
    let generator = Generator 11UL
    let sizes = [ features; 64; 32; 1 ]

    let layers =
        List.pairwise sizes
        |> List.map (fun (inputs, outputs) ->
            let size = sqrt (3.0 / float inputs)

            Tensor.create [| outputs; inputs |] (generator.Array(outputs * inputs, size)),
            Tensor.create [| outputs |] (generator.Array(outputs, size)))

    let step x (layer, (weights, offsets)) = Tensor.matmul weights (if layer = 0 then x else tanh x) + offsets
    let model = Model.ofFunction features (fun x -> layers |> List.indexed |> List.fold step x)
    let rows count = Array.init count (fun _ -> generator.Array(features, 1.0))
    model, rows rowCount, rows backgroundCount

/// What a method can be asked for.
[<NoEquality; NoComparison>]
type private Method = {
    Name: string
    /// Rows that one run explains.
    Rows: int
    Whole: (unit -> unit) option
    Row: (unit -> unit) option
    Pair: (unit -> unit) option
}

let private methods (features: int) : Method list =
    let model, rows, background = setting features
    let options = { PathOptions.defaults with Target = Index 0 }
    let tasks = PathTasks.create Zeros rows 0 (rowCount - 1)
    let run (action: unit -> 'T) = Some(action >> ignore)

    let alone name (explain: unit -> Explanation[]) = {
        Name = name
        Rows = rowCount
        Whole = run explain
        Row = None
        Pair = None
    }

    let expected =
        let background = Background.ofRows background
        [| for task in tasks -> model, { Row = task.Row; Input = task.Input; Background = background } |]

    let expectedPart part =
        run (fun () ->
            ExpectedHessians.explainPartOfRows part 1 rowCount (fun _ _ -> ()) options expected |> Array.ofSeq)

    let part part = run (fun () -> InteractionPart.explainRows part options model tasks)

    let mixed sets =
        let derivatives = { MixedPartials.defaults with Target = Index 0 }
        let prepared = lazy (MixedPartials.prepare derivatives model sets)
        run (fun () -> MixedPartials.explainRows derivatives prepared.Value model (Array.indexed rows))

    let differences sets = run (fun () -> MixedDifferences.explainRows options model sets tasks)
    let pairs = MixedPartials.setsOfOrder 2 features
    let ofFirst = [| for other in 1 .. features - 1 -> [| 0; other |] |]

    let coalitions = {
        CoalitionOptions.defaults with
            Path = options
            Samples = if features > CoalitionOptions.mostExact then Some draws else None
    }

    [
        {
            Name = "Integrated Hessians"
            Rows = rowCount
            Whole = run (fun () -> IntegratedHessians.explainRows options model tasks)
            Row = part (RowsOf [| 0 |])
            Pair = part (Pairs [| 0, 1 |])
        }
        {
            Name = "Expected Hessians"
            Rows = rowCount
            Whole =
                run (fun () -> ExpectedHessians.explainRows 1 rowCount (fun _ _ -> ()) options expected |> Array.ofSeq)
            Row = expectedPart (RowsOf [| 0 |])
            Pair = expectedPart (Pairs [| 0, 1 |])
        }
        {
            Name = "mixed partial derivatives"
            Rows = rowCount
            Whole = mixed pairs
            Row = mixed ofFirst
            Pair = mixed [| [| 0; 1 |] |]
        }
        {
            Name = "mixed differences"
            Rows = rowCount
            Whole = differences pairs
            Row = differences ofFirst
            Pair = differences [| [| 0; 1 |] |]
        }
        alone "input Hessian" (fun () -> InputHessian.explainRows options model tasks)
        alone "Shapley interactions" (fun () -> ShapleyInteractions.explainRows coalitions model tasks)
        alone "Shapley-Taylor" (fun () -> ShapleyTaylor.explainRows coalitions model tasks)
        alone "contextual decomposition" (fun () -> ContextualDecomposition.explainRows options model tasks)
        {
            Name = "weights alone (once a model)"
            Rows = 1
            Whole = run (fun () -> NeuralInteractionDetection.pairs 0 model)
            Row = None
            Pair = None
        }
    ]

/// Milliseconds a row: the median of some runs, each as long as can be told from the clock's noise.
let private time rows (action: unit -> unit) =
    Clock.warmUp action
    let first = fst (Clock.seconds 0.05 action)
    let others = (if first > 2.0 then runsOfLong else runs) - 1

    1000.0 * Clock.median (first :: [ for _ in 1..others -> fst (Clock.seconds 0.05 action) ])
    / float rows

/// Times of one method at all numbers of features.
type private Times = { Method: string; Part: string; Milliseconds: float list }

/// Measures, prints, and writes the section.
let run (out: string) =
    let measured = [
        for features in featureCounts do
            for own in methods features do
                for part, action in [ "all pairs", own.Whole; "one row", own.Row; "one pair", own.Pair ] do
                    match action with
                    | Some action ->
                        let found = time own.Rows action
                        printfn "%d features, %s, %s: %s ms" features own.Name part (Document.number found)
                        (own.Name, part), found
                    | None -> ()
    ]

    let times =
        measured
        |> List.groupBy fst
        |> List.map (fun ((name, part), found) -> { Method = name; Part = part; Milliseconds = List.map snd found })

    let growth first last = Document.times (last / first)

    let table =
        Document.table [
            yield "method"
            yield "of the matrix"
            yield! featureCounts |> List.map (fun features -> $"{features} features")
            yield! featureCounts |> List.pairwise |> List.map (fun (less, more) -> $"{less} to {more}")
        ] [
            for one in times ->
                [
                    yield one.Method
                    yield one.Part
                    yield! one.Milliseconds |> List.map Document.number
                    yield! one.Milliseconds |> List.pairwise |> List.map (fun (less, more) -> growth less more)
                ]
        ]

    let chart (title: string) (chosen: Times -> bool) (name: Times -> string) : Chart.LineChart = {
        Title = title
        Across = "features"
        Up = "ms a row"
        Scale = Chart.Scale.Logarithmic
        Lines = [
            for one in List.filter chosen times ->
                { Name = name one; Values = List.zip (List.map float featureCounts) one.Milliseconds }
        ]
    }

    let lines = [
        $"Milliseconds a row, one thread, double precision, {rowCount} rows a call, compiled before, the median of {runs} runs, {runsOfLong} of those above 2 s;"
        $"{Machine.description}; {Machine.date}; load of the machine at the start {Machine.load |> Option.defaultValue String.Empty}. The network is features-64-32-1 with tanh, the tolerance 1e-6, the background"
        $"{backgroundCount} rows. Shapley interactions and Shapley-Taylor evaluate all coalitions of 5 features, and {draws} draws of every pair of more. The last columns tell by"
        "how much ten times the features cost more."
        ""
        yield! table
        ""
        chart "All pairs" (fun one -> one.Part = "all pairs") _.Method
        |> Chart.lines
        |> Chart.show out "cost-all-pairs.svg" "Time of all pairs against the number of features"
        ""
        chart "One row and one pair" (fun one -> one.Part <> "all pairs") (fun one -> $"{one.Method}, {one.Part}")
        |> Chart.lines
        |> Chart.show out "cost-parts.svg" "Time of one row and one pair against the number of features"
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "cost" lines
