namespace Interact.Core.Learning

open System
open System.Collections.Generic
open Interact.Core.Data

/// What a network tells of a row.
[<RequireQualifiedAccess>]
type TargetKind =
    /// A number, in its own units.
    | Regression
    /// One of two or more classes. Of two, the network gives one logit: the log-odds of the second.
    | Classes of string[]

/// What the user of a table says of its target.
[<RequireQualifiedAccess>]
type TargetDeclaration =
    | Automatic
    | Regression
    /// Two classes.
    | Binary
    /// Two or more classes, a logit for each unless there are two.
    | MultiClass

/// The column that a network learns to tell from the others.
type TableTarget = {
    /// Its number among the table's columns, from 0.
    Column: int
    Kind: TargetKind
    /// For every row of the table its number, or the index of its class.
    Values: float[]
} with

    /// The number of elements of the network's output.
    member this.OutputSize =
        match this.Kind with
        | TargetKind.Regression
        | TargetKind.Classes [| _; _ |] -> 1
        | TargetKind.Classes classes -> classes.Length

/// <summary>Reads the target column of a table.</summary>
[<RequireQualifiedAccess>]
module TableTarget =

    /// Whole numbers of more values than this are amounts rather than classes.
    let private mostNumberedClasses = 10

    /// Levels in the order that does not depend on where they stand: numbers by size, other text by its code points.
    let internal ordered (levels: string seq) =
        let levels = levels |> Seq.distinct |> Array.ofSeq
        Array.sortInPlaceWith (fun a b -> String.CompareOrdinal(a, b)) levels

        if levels |> Array.forall (fun level -> (TableColumns.tryNumber level).IsSome) then
            levels |> Array.sortBy (fun level -> (TableColumns.tryNumber level).Value)
        else
            levels

    let private place (table: TextTable) column = $"the target {DataProblem.quoted table.Columns[column]}"

    /// Cells of which those of one number have one text, that of the first: 1 and 1.0 are one class.
    let private unified (cells: string[]) =
        if cells |> Array.forall (fun cell -> (TableColumns.tryNumber cell).IsSome) then
            let texts = Dictionary<float, string>()

            cells
            |> Array.map (fun cell ->
                let number = (TableColumns.tryNumber cell).Value
                texts.TryAdd(number, cell) |> ignore
                texts[number])
        else
            cells

    let private classes declaration positive (table: TextTable) column (cells: string[]) =
        let cells = unified cells
        let levels = ordered cells

        let levels =
            match positive with
            | Some level when levels.Length = 2 && levels[0] = level -> Array.rev levels
            | _ -> levels

        let refuse problem mend = DataProblem.at table.Source (place table column) problem mend

        let values () =
            let index = dict (Array.mapi (fun index level -> level, float index) levels)

            {
                Column = column
                Kind = TargetKind.Classes levels
                Values = cells |> Array.map (fun cell -> index[cell])
            }

        match positive with
        | Some level when levels.Length = 2 && not (Array.contains level levels) ->
            refuse
                $"no row is of the class {DataProblem.quoted level}, which \"positive\" names"
                $"give {DataProblem.quoted levels[0]} or {DataProblem.quoted levels[1]}"
        | Some _ when levels.Length > 2 ->
            refuse $"\"positive\" is given, but there are {levels.Length} classes, not two" "leave it out"
        | _ when levels.Length < 2 -> refuse "all rows are of one class" "name another column, or add rows"
        | _ when declaration = TargetDeclaration.Binary && levels.Length > 2 ->
            refuse
                $"there are {levels.Length} classes, not two"
                "write \"task\": \"multi-class\", or name another column"
        | _ when 2 * levels.Length > cells.Length ->
            refuse $"there are {levels.Length} classes in {cells.Length} rows" "name a column with fewer classes"
        | _ -> Ok(values ())

    let private regression (table: TextTable) column (cells: string[]) =
        match cells |> Array.tryFindIndex (fun cell -> (TableColumns.tryNumber cell).IsNone) with
        | Some row -> TableColumns.cellProblem table row column "correct the cell, or write \"task\": \"multi-class\""
        | None ->
            let values = cells |> Array.map (fun cell -> (TableColumns.tryNumber cell).Value)

            if Array.forall ((=) values[0]) values then
                DataProblem.at table.Source (place table column) "all rows have the same number" "name another column"
            else
                Ok { Column = column; Kind = TargetKind.Regression; Values = values }

    let private looksLikeClasses (cells: string[]) =
        let numbers = cells |> Array.map TableColumns.tryNumber

        let isText = numbers |> Array.exists _.IsNone
        let distinct = numbers |> Array.distinct

        isText
        || distinct.Length = 2
        || distinct.Length <= mostNumberedClasses
           && distinct |> Array.forall (fun value -> Double.IsInteger value.Value)

    /// <summary>The target column, and what it is: classes or a number.</summary>
    /// <remarks>
    /// Where it is not declared, text is classes, and so are two different numbers or at most ten whole ones; other numbers are a
    /// regression. Classes stand in the order of their numbers, or of their code points; of two, the second is the
    /// positive one unless <paramref name="positive"/> says otherwise.
    /// </remarks>
    /// <param name="declaration">What the user says of the target.</param>
    /// <param name="positive">The class of two whose log-odds the network gives.</param>
    /// <param name="name">The name of the column.</param>
    /// <param name="table">The table.</param>
    /// <returns>
    /// The target; or one line that names the file, the place and the mend: where there is no such column, a cell is missing or no number
    /// in a regression, the number of classes is another than declared, or all rows are alike.
    /// </returns>
    let read
        (declaration: TargetDeclaration)
        (positive: string option)
        (name: string)
        (table: TextTable)
        : Result<TableTarget, string> =
        match Array.IndexOf(table.Columns, name) with
        | -1 ->
            let nearest =
                Interact.Core.Onnx.Closest.names 3 name table.Columns
                |> List.map DataProblem.quoted
                |> String.concat ", "

            DataProblem.ofFile
                table.Source
                $"no column is named {DataProblem.quoted name}, as \"target\" says"
                $"the nearest names are {nearest}"
        | column ->
            let cells = table.Rows |> Array.map (Array.item column)

            match cells |> Array.tryFindIndex CsvField.isMissing, declaration with
            | Some row, _ ->
                DataProblem.at
                    table.Source
                    (table.Place(row, column))
                    "the target is missing"
                    "fill it in or leave the row out"
            | None, TargetDeclaration.Regression -> regression table column cells
            | None, TargetDeclaration.Binary
            | None, TargetDeclaration.MultiClass -> classes declaration positive table column cells
            | None, TargetDeclaration.Automatic ->
                if looksLikeClasses cells then
                    classes declaration positive table column cells
                else
                    regression table column cells
