namespace Interact.Core

open System

/// What a method promises of its numbers.
type internal Promise =
    /// That they add up to f(x) - f(x'), and their rows to attributions.
    | Complete
    /// No such thing: residuals are told, and judge nothing.
    | Incomplete

/// How a method came to its result.
type internal Finding = {
    Promise: Promise
    Method: string
    Evaluations: int
    StandardError: float option
    /// An error that the result is judged by, whatever the method promises.
    Error: float
}

/// What methods share that integrate along no path.
[<RequireQualifiedAccess>]
module internal Comparator =

    /// A row's explanation with a certificate that tells all residuals, and judges those by which the method stands.
    ///
    /// cells: the matrix row by row; None for attributions alone.
    let explanation
        (options: PathOptions)
        (row: PathRow)
        (attributions: float[])
        (cells: float[] option)
        (finding: Finding)
        : Explanation =
        let count = attributions.Length
        let rowSums = cells |> Option.map (Array.chunkBySize count >> Array.map Array.sum)
        let residual = rowSums |> Option.defaultValue attributions |> PathRows.completenessResidual row

        let rowResidual =
            rowSums |> Option.map (Array.map2 (fun own sum -> abs (sum - own)) attributions >> Array.max)

        let scale = PathRows.scale row attributions

        let limit =
            cells |> Option.defaultValue attributions |> Array.sumBy abs |> PathRows.limit options row scale

        let isKept =
            match finding.Promise with
            | Complete -> residual <= limit && rowResidual |> Option.forall (fun residual -> residual <= limit)
            | Incomplete -> true

        {
            Row = row.Task.Row
            Target = row.Target
            Value = row.Value
            BaselineValue = row.BaselineValue
            Attributions = attributions
            Interactions = cells |> Option.map (fun cells -> Array2D.init count count (fun i j -> cells[i * count + j]))
            Certificate = {
                Satisfied = isKept && finding.Error <= limit
                Scale = scale
                CompletenessResidual = residual
                RowResidual = rowResidual
                ErrorEstimate = finding.Error
                Evaluations = finding.Evaluations
                Probes = 0
                Kinks = None
                StandardError = finding.StandardError
                Method = finding.Method
            }
        }

    /// A derivative at the row itself: nothing is promised of it.
    let derivative = { Promise = Incomplete; Method = "derivative"; Evaluations = 1; StandardError = None; Error = 0.0 }

    /// The row as a path that does not move.
    let atRow (row: PathRow) : PathPoints = {
        Baseline = row.Task.Input
        Displacement = Array.zeroCreate row.Displacement.Length
        Output = row.Output
        Nodes = [| 0.0 |]
    }

    /// Stops where a derivative at the row is not finite.
    let checkFinite (model: Model) (row: PathRow) (values: float[]) =
        if not (Array.forall Double.IsFinite values) then
            PathRows.refuse model row.Task.Row "at the row" row.Task.Input row.Output
