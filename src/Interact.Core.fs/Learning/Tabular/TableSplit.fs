namespace Interact.Core.Learning

open System
open Interact.Core
open Interact.Core.Data

/// The shares of a table's rows.
type SplitFractions = {
    Training: float
    Validation: float
    /// May be 0: then there are no rows to test on.
    Test: float
}

/// The rows of the parts of a table, by their numbers from 0, each part in the table's order.
type TableSplit = {
    /// What weights are fitted to.
    Training: int[]
    /// What decides when training stops.
    Validation: int[]
    /// What neither has seen.
    Test: int[]
}

/// <summary>Divides the rows of a table by chance, the same way for the same seed on every machine.</summary>
[<RequireQualifiedAccess>]
module TableSplit =

    // A stream of its own, whatever else is drawn from the seed.
    let private streamNumber = 0x5EED

    let private check (fractions: SplitFractions) =
        let shares = [| fractions.Training; fractions.Validation; fractions.Test |]

        Checks.require
            (shares |> Array.forall (fun share -> share >= 0.0)
             && fractions.Training > 0.0
             && fractions.Validation > 0.0
             && abs (Array.sum shares - 1.0) <= 1e-9)
            (nameof fractions)
            (fun () ->
                $"The shares are {fractions.Training}, {fractions.Validation} and {fractions.Test}; they must add up to 1, and those for training and validation be positive.")

    /// <summary>Divides rows; within every class in the same shares.</summary>
    /// <remarks>
    /// Rows are put in a drawn order within their classes, the classes one after the other, and each row goes to the part that is
    /// furthest behind its share of the rows so far. So the parts of the whole and of every class are as large as their shares but
    /// for a row or two.
    /// </remarks>
    /// <param name="seed">Where drawing starts.</param>
    /// <param name="fractions">The shares of the parts.</param>
    /// <param name="classes">For each row the index of its class; all 0 where there are none.</param>
    /// <exception cref="T:System.ArgumentException">
    /// The shares do not add up to 1, or the one for training or validation is not positive.
    /// </exception>
    let create (seed: int) (fractions: SplitFractions) (classes: int[]) : TableSplit =
        check fractions
        let random = RandomStream.Of(seed, streamNumber)
        let order = Array.init classes.Length id
        random.Shuffle order
        let order = order |> Array.sortBy (fun row -> classes[row])

        let shares = [| fractions.Training; fractions.Validation; fractions.Test |]
        let parts = shares |> Array.map (fun _ -> ResizeArray<int>())

        order
        |> Array.iteri (fun number row ->
            let behind part = shares[part] * float (number + 1) - float parts[part].Count
            // Of equal ones the first: maxBy keeps the first of the largest.
            let part =
                [ 0 .. shares.Length - 1 ] |> List.filter (fun part -> shares[part] > 0.0) |> List.maxBy behind

            parts[part].Add row)

        let rows part = parts[part].ToArray() |> Array.sort
        { Training = rows 0; Validation = rows 1; Test = rows 2 }

    /// <summary>Divides the rows of a table by its target.</summary>
    /// <returns>
    /// The parts; or one line that names the file and the mend, where the rows are too few for them, or a class has no row in the training
    /// part.
    /// </returns>
    /// <exception cref="T:System.ArgumentException">The shares are none, as <c>create</c> says.</exception>
    let ofTarget
        (seed: int)
        (fractions: SplitFractions)
        (table: TextTable)
        (target: TableTarget)
        : Result<TableSplit, string> =
        let classes =
            match target.Kind with
            | TargetKind.Regression -> Array.zeroCreate target.Values.Length
            | TargetKind.Classes _ -> target.Values |> Array.map int

        let split = create seed fractions classes

        let unseen =
            match target.Kind with
            | TargetKind.Regression -> None
            | TargetKind.Classes names ->
                let seen = split.Training |> Array.map (fun row -> classes[row]) |> set
                names |> Seq.indexed |> Seq.tryFind (fun (index, _) -> not (seen.Contains index)) |> Option.map snd

        if
            split.Training.Length < 2
            || split.Validation.Length = 0
            || fractions.Test > 0.0 && split.Test.Length = 0
        then
            DataProblem.ofFile
                table.Source
                $"its {table.RowCount} rows are too few to be divided into training, validation and test"
                "add rows, or change \"split\""
        else
            match unseen with
            | Some name ->
                DataProblem.ofFile
                    table.Source
                    $"no row of the class {DataProblem.quoted name} is in the training part"
                    "leave its rows out, join it with another class, or change \"seed\" or \"split\""
            | None -> Ok split
