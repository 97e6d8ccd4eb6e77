namespace Interact.Core.Learning

open System
open System.Collections.Generic
open System.Globalization
open Interact.Core.Data

/// What a column of a table is, as its cells or its user say.
[<RequireQualifiedAccess>]
type ColumnKind =
    /// Numbers, some of which may be missing.
    | Numeric
    /// Some levels, each of which is text.
    | Categorical
    /// Text that names the rows, since most of it stands once; or whole numbers that count the rows.
    | Identifier
    /// No cell has a value.
    | Empty
    /// Left out by its user.
    | Dropped
    /// What is to be told of the others.
    | Target

/// What the user of a table says of its columns; all others are found out.
type ColumnDeclarations = {
    /// Columns that are left out.
    Drop: string[]
    /// Columns whose cells are levels, numbers too.
    Categorical: string[]
    /// Columns whose cells are numbers, those that count the rows too.
    Numeric: string[]
}

/// <summary>Finds out what the columns of a table are.</summary>
[<RequireQualifiedAccess>]
module TableColumns =

    /// Nothing declared.
    let undeclared: ColumnDeclarations = { Drop = [||]; Categorical = [||]; Numeric = [||] }

    /// The number that a cell is, if it is one that a table can hold.
    let internal tryNumber (cell: string) =
        match Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when Double.IsFinite value && not (cell.Contains '\000') -> ValueSome value
        | _ -> ValueNone

    /// A cell that cannot be read as a number in a column of numbers.
    let internal cellProblem (table: TextTable) row column mend =
        let cell = table.Rows[row][column]
        let place = table.Place(row, column)

        match CsvField.classify cell with
        | CsvField.NotFinite -> DataProblem.notFinite table.Source place cell
        | CsvField.TooLarge -> DataProblem.tooLarge table.Source place cell
        | _ ->
            let problem = $"{DataProblem.quoted cell} is text in a column of numbers"
            DataProblem.at table.Source place problem mend

    /// The first row whose cell has a value but is no number.
    let private firstText (table: TextTable) column =
        table.Rows
        |> Array.tryFindIndex (fun row ->

            let cell = row[column]
            not (CsvField.isMissing cell) && (tryNumber cell).IsNone)

    /// Whether the cells are whole numbers, each one more than the one above it.
    let private countsRows (table: TextTable) column =
        let number row = tryNumber (table.Rows[row][column])

        table.RowCount > 2
        && seq { 0 .. table.RowCount - 1 }
           |> Seq.forall (fun row ->
               match number row, number (max 0 (row - 1)) with
               | ValueSome own, ValueSome above -> Double.IsInteger own && (row = 0 || own = above + 1.0)
               | _ -> false)

    let private isMostlyDistinct (table: TextTable) column =
        let values = table.Rows |> Array.map (Array.item column) |> Array.filter (CsvField.isMissing >> not)
        2 * HashSet(values, StringComparer.Ordinal).Count > values.Length

    let private found (table: TextTable) column =
        let values = table.Rows |> Array.map (Array.item column) |> Array.filter (CsvField.isMissing >> not)
        // Infinities and numbers beyond double are numbers somebody wrote, and are refused as such.
        let numbers = values |> Array.filter CsvField.isNumeric |> Array.length

        match firstText table column with
        | _ when values.Length = 0 -> Ok ColumnKind.Empty
        | None -> Ok(if countsRows table column then ColumnKind.Identifier else ColumnKind.Numeric)
        | Some row when 2 * numbers >= values.Length ->
            let mend =
                $"correct the cell ({numbers} of {values.Length} in the column are numbers), or list the column in \"categorical\" or \"drop\""

            cellProblem table row column mend
        | Some _ -> Ok(if isMostlyDistinct table column then ColumnKind.Identifier else ColumnKind.Categorical)

    let private declaredNumeric (table: TextTable) column =
        match firstText table column with
        | None -> Ok ColumnKind.Numeric
        | Some row -> cellProblem table row column "correct the cell, or take the column out of \"numeric\""

    /// <summary>The kind of every column.</summary>
    /// <remarks>
    /// Missing is a cell that is empty or NA, N/A, NaN, null or ?, in upper or lower case. A column whose other cells are all
    /// numbers is numeric, unless they are whole numbers that count the rows. Of columns of text those are identifiers of
    /// which more than half of the cells are different.
    /// </remarks>
    /// <param name="declared">What the user says.</param>
    /// <param name="target">The number of the column that is to be told, from 0, where there is one; its cells are not looked at.</param>
    /// <param name="table">The table.</param>
    /// <returns>
    /// A kind for each column; or one line that names the file, the place and the mend: where a column that is mostly numbers
    /// holds text, an infinity or a number beyond double, and where a declared column does not exist, is the target or is declared twice.
    /// </returns>
    let kinds (declared: ColumnDeclarations) (target: int option) (table: TextTable) : Result<ColumnKind[], string> =
        let lists = [ "drop", declared.Drop; "categorical", declared.Categorical; "numeric", declared.Numeric ]

        let unknown =
            lists
            |> Seq.collect (fun (list, names) -> names |> Seq.map (fun name -> list, name))
            |> Seq.tryFind (fun (_, name) -> not (Array.contains name table.Columns))

        let twice =
            lists
            |> Seq.collect (snd >> Seq.distinct)
            |> Seq.append (target |> Option.map (Array.get table.Columns) |> Option.toList)
            |> Seq.countBy id
            |> Seq.tryFind (fun (_, count) -> count > 1)

        match unknown, twice with
        | Some(list, name), _ ->
            let nearest = Interact.Core.Onnx.Closest.names 3 name table.Columns |> List.map DataProblem.quoted
            let nearest = String.concat ", " nearest

            DataProblem.ofFile
                table.Source
                $"no column is named {DataProblem.quoted name}, as \"{list}\" says"
                $"the nearest names are {nearest}"
        | None, Some(name, _) ->
            DataProblem.ofFile
                table.Source
                $"column {DataProblem.quoted name} is declared in two ways"
                "name it in one of \"target\", \"drop\", \"categorical\" and \"numeric\""
        | None, None ->
            let kind column =
                let name = table.Columns[column]

                if target = Some column then Ok ColumnKind.Target
                elif Array.contains name declared.Drop then Ok ColumnKind.Dropped
                elif Array.contains name declared.Categorical then Ok ColumnKind.Categorical
                elif Array.contains name declared.Numeric then declaredNumeric table column
                else found table column

            (Ok [], [ 0 .. table.Columns.Length - 1 ])
            ||> List.fold (fun kinds column ->
                kinds |> Result.bind (fun kinds -> kind column |> Result.map (fun own -> own :: kinds)))
            |> Result.map (List.rev >> Array.ofList)
