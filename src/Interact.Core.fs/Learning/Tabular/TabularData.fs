namespace Interact.Core.Learning

open Interact.Core.Data

/// What a network is to learn from a table.
type TabularTask = {
    /// The name of the column that it tells.
    Target: string
    Declaration: TargetDeclaration
    /// The class of two whose log-odds it gives; None: the second in order.
    Positive: string option
    Columns: ColumnDeclarations
    Split: SplitFractions
    /// What the split depends on.
    Seed: int
}

/// One of the parts of a table, encoded.
type TabularPart = {
    /// The numbers of its rows in the table, ascending, from 0.
    Rows: int[]
    /// Each row's encoded columns, in their own units.
    Inputs: float[][]
    /// Each row's number, or the index of its class.
    Targets: float[]
}

/// A table made ready for a network.
type TabularData = {
    Table: TextTable
    Target: TableTarget
    Encoder: TableEncoder
    Training: TabularPart
    Validation: TabularPart
    /// None where the share of the test part is 0.
    Test: TabularPart option
}

/// <summary>Makes tables ready for networks.</summary>
[<RequireQualifiedAccess>]
module TabularData =

    /// <summary>Finds out what the columns are, divides the rows and encodes them by what the training part tells.</summary>
    /// <param name="task">What is to be learnt.</param>
    /// <param name="table">The table.</param>
    /// <returns>
    /// The parts; or one line that names the file, the place and the mend: what <c>TableTarget.read</c>, <c>TableColumns.kinds</c>,
    /// <c>TableSplit.ofTarget</c> and <c>TableEncoder.fit</c> refuse.
    /// </returns>
    /// <exception cref="T:System.ArgumentException">
    /// The shares do not add up to 1, or the one for training or validation is not positive.
    /// </exception>
    let prepare (task: TabularTask) (table: TextTable) : Result<TabularData, string> =
        TableTarget.read task.Declaration task.Positive task.Target table
        |> Result.bind (fun target ->
            TableColumns.kinds task.Columns (Some target.Column) table
            |> Result.bind (fun kinds ->
                TableSplit.ofTarget task.Seed task.Split table target
                |> Result.bind (fun split ->
                    TableEncoder.fit kinds split.Training table
                    |> Result.bind (fun encoder ->
                        TableEncoder.encode encoder [| 0 .. table.RowCount - 1 |] table
                        |> Result.map (fun inputs ->
                            let part rows = {
                                Rows = rows
                                Inputs = rows |> Array.map (Array.get inputs)
                                Targets = rows |> Array.map (Array.get target.Values)
                            }

                            {
                                Table = table
                                Target = target
                                Encoder = encoder
                                Training = part split.Training
                                Validation = part split.Validation
                                Test = if split.Test.Length > 0 then Some(part split.Test) else None
                            })))))
