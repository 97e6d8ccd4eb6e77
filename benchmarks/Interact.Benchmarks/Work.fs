namespace Interact.Benchmarks

open Interact.Core
open Interact.Benchmarks.Networks

/// Matrices of rows from outside that ours are checked against before anything is timed: for the first rows, flattened.
type Expected = { Values: float[]; Matrices: float[][] }

/// Something to explain: a network, rows, and the question.
[<NoEquality; NoComparison>]
type Work = {
    /// What it is called on the command line.
    Name: string
    /// What it is called in tables.
    Title: string
    Network: Network
    Model: Model
    Rows: float[][]
    Baseline: float[]
    Target: Target
    /// Groups instead of single features.
    Groups: Groups option
    Expected: Expected option
    /// Rows on which the reference implementation's algorithm is timed: it is slow.
    ReferenceRows: int
} with

    /// Number of rows and columns of a matrix.
    member this.Parts =
        match this.Groups with
        | Some groups -> groups.Members.Length
        | None -> this.Model.InputSize

    /// The index of the output that is explained, for every row.
    member this.Targets =
        match this.Target with
        | Index index -> this.Rows |> Array.map (fun _ -> index)
        | Predicted ->
            this.Model.Function.Values this.Rows
            |> Array.map (fun values -> System.Array.IndexOf(values, Array.max values))

    member this.Tasks: PathTask[] =
        this.Rows |> Array.mapi (fun row input -> { Row = row; Input = input; Baseline = this.Baseline })
