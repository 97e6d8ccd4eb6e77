/// What interactions tell of a real network: which customers of a telephone company leave.
module Interact.Experiments.Churn

open System
open System.IO
open Interact.Benchmarks
open Interact.Core

let private folder = Files.ofRepository "benchmarks/experiments/churn"

/// Rows that are explained, and rows of the background.
let private explained, backgroundCount = 200, 50

/// Pairs that are shown.
let private shown = 10

/// Names of the features, and the columns of each.
let private readGroups () =
    Folder.json (Path.Combine(folder, "columns.json")) (fun root -> [
        for entry in root.GetProperty("groups").EnumerateObject() -> entry.Name, Folder.integers entry.Value
    ])

/// A method's explanations and what they say of all rows.
[<NoEquality; NoComparison>]
type private Seen = {
    Explanations: Explanation[]
    Ranking: RankedSet[]
} with

    /// |Γ_ij + Γ_ji|, mean over rows.
    member this.Strength(members: int[]) =
        (this.Ranking |> Array.find (fun (set: RankedSet) -> set.Members = members)).Strength

    /// From 1.
    member this.Place(members: int[]) = 1 + Array.findIndex (fun (set: RankedSet) -> set.Members = members) this.Ranking

    /// The largest residual relative to the row's scale.
    member this.Residual =
        this.Explanations
        |> Array.map (fun row -> row.Certificate.CompletenessResidual / row.Certificate.Scale)
        |> Array.max

let private seen (explanations: Explanation seq) =
    let explanations = Array.ofSeq explanations

    { Explanations = explanations; Ranking = Detection.ofExplanations Aggregation.Mean explanations }

/// What a pair adds to a row's output: both of its cells.
let private effect (members: int[]) (row: Explanation) = 2.0 * row.Interactions.Value[members[0], members[1]]

/// The mean effect of a pair among the rows where both features are above their means, the first alone, the second alone, neither: a
/// feature is seen by the last of its columns, which of the two plans is the customer's having it.
let private quarters (groups: Groups) (rows: float[][]) (members: int[]) (own: Seen) =
    let isHigh (row: Explanation) feature = rows[row.Row][Array.last groups.Members[feature]] > 0.0

    [ true, true; true, false; false, true; false, false ]
    |> List.map (fun (first, second) ->
        own.Explanations
        |> Array.filter (fun row -> isHigh row members[0] = first && isHigh row members[1] = second)
        |> fun found ->
            if found.Length = 0 then
                "-"
            else
                $"{found |> Array.averageBy (effect members) |> Document.signed} ({found.Length})")

/// Explains, prints, and writes the section.
let run (out: string) =
    let model = Path.Combine(folder, "network.onnx") |> Folder.model
    let rows = Path.Combine(folder, "rows.npy") |> Folder.rows |> Array.truncate explained
    let background = Path.Combine(folder, "background.npy") |> Folder.rows |> Array.truncate backgroundCount
    let groups = readGroups () |> Groups.create model.InputSize
    let threads = Environment.ProcessorCount

    let options = { PathOptions.defaults with Target = Index 0; Groups = Some groups; Threads = threads }

    // Columns are standardised by the training rows, so zeros are their means.
    let integrated =
        PathTasks.create Zeros rows 0 (rows.Length - 1)
        |> IntegratedHessians.explainRows options model
        |> seen

    let expected =
        let background = Background.ofRows background

        seq { for row in 0 .. rows.Length - 1 -> model, { Row = row; Input = rows[row]; Background = background } }
        |> ExpectedHessians.explainRows threads rows.Length (fun _ _ -> ()) options
        |> seen

    let name (members: int[]) = members |> Array.map (fun i -> groups.Names[i]) |> String.concat " × "

    let strongest = expected.Ranking |> Array.truncate shown |> Array.map _.Members |> List.ofArray

    let pairs =
        Document.table [ "pair"; "Expected Hessians"; "Integrated Hessians"; "place" ] [
            for members in strongest ->
                [
                    name members
                    Document.three (expected.Strength members)
                    Document.three (integrated.Strength members)
                    string (integrated.Place members)
                ]
        ]

    let effects =
        Document.table [ "pair"; "both above"; "first alone"; "second alone"; "neither" ] [
            for members in List.truncate 5 strongest -> name members :: quarters groups rows members expected
        ]

    let share (own: Seen) =
        own.Explanations
        |> Array.averageBy (fun row ->
            let pairs = own.Ranking |> Array.sumBy (fun pair -> abs (effect pair.Members row))

            let mains = Seq.init groups.Names.Length (fun i -> abs row.Interactions.Value[i, i]) |> Seq.sum

            pairs / (pairs + mains))

    let certified (own: Seen) =
        let kept = own.Explanations |> Array.filter (fun row -> row.Certificate.Satisfied)
        $"{kept.Length} of {own.Explanations.Length} certified, largest relative residual {Document.small own.Residual}"

    let chart =
        Chart.bars {
            Title = "Strongest interactions of a network that tells who leaves"
            Across = "mean magnitude of what a pair adds to the log-odds"
            From = 0.0
            To =
                1.1
                * (strongest
                   |> List.collect (fun own -> [ expected.Strength own; integrated.Strength own ])
                   |> List.max)
            Groups = strongest |> List.map (fun members -> (name members).Replace("total_", "").Replace("number_", ""))
            Bars = [
                { Name = "Expected Hessians"; Values = strongest |> List.map expected.Strength }
                { Name = "Integrated Hessians"; Values = strongest |> List.map integrated.Strength }
            ]
        }
        |> Chart.show out "churn.svg" "The strongest interactions"

    let lines = [
        $"{rows.Length} test rows; Expected Hessians against {background.Length} training rows, Integrated Hessians against the training rows' mean; {Machine.date}."
        $"Expected Hessians: {certified expected}. Integrated Hessians: {certified integrated}."
        ""
        "The mean over rows of what a pair adds to the log-odds of leaving, its magnitude, and the pair's place by Integrated Hessians:"
        ""
        yield! pairs
        ""
        chart
        ""
        $"Of the magnitudes of all effects of a row, pairs have {Document.percent (share expected)} by Expected Hessians and {Document.percent (share integrated)} by Integrated Hessians, in the mean; the rest are"
        "main effects."
        ""
        "What a pair adds in the mean (Expected Hessians), by whether its features are above their means; in brackets the number of rows:"
        ""
        yield! effects
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "churn" lines
