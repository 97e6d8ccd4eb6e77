namespace Interact.Core.Data

open System
open System.IO

/// <summary>Tables from files of any of the formats that are read.</summary>
[<RequireQualifiedAccess>]
module DataFile =

    let private readers = [ ".csv", Csv.read; ".json", JsonTable.read; ".npy", Npy.read; ".npz", Npz.read None ]

    let private bufferSize = 1 <<< 16

    let private readWith (reader: string -> Stream -> Result<'T, string>) path =
        try
            use stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize)

            if stream.CanSeek then
                reader path stream
            else
                DataProblem.ofFile path "not a regular file" "give the path of a file"
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> DataProblem.ofFile path "no such file" "check the path"
        | :? UnauthorizedAccessException -> DataProblem.ofFile path "may not be read" "check its permissions"
        | :? OutOfMemoryException -> DataProblem.ofFile path "does not fit in memory" "split it into smaller files"
        | :? IOException as problem ->
            DataProblem.ofFile path $"could not be read: {problem.Message.TrimEnd '.'}" "try again"

    let private existing path read =
        if Directory.Exists path then DataProblem.ofFile path "a folder" "give the path of a file in it"
        elif not (File.Exists path) then DataProblem.ofFile path "no such file" "check the path"
        else read ()

    /// <summary>Reads a table whose cells may be text from a .csv file whose line 1 names the columns.</summary>
    /// <returns>
    /// The table, or one line that names the file, the place and the mend: what <c>TextTable.read</c> refuses, another extension, a
    /// folder, or a file that does not exist, cannot be opened or does not fit in memory.
    /// </returns>
    let readText (path: string) : Result<TextTable, string> =
        existing path (fun () ->
            if path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) then
                readWith TextTable.read path
            else
                DataProblem.ofFile path "tables of text are read from .csv files alone" "save the table as CSV")

    /// <summary>Reads a table from a file, in the format that its extension names, in upper or lower case.</summary>
    /// <param name="path">A .csv, .json, .npy or .npz file.</param>
    /// <returns>
    /// The table, or one line that names the file, the place and the mend: what the reader of the format refuses
    /// (<c>Csv.read</c>, <c>JsonTable.read</c>, <c>Npy.read</c>, <c>Npz.read</c> for the only array), another
    /// extension, a folder, or a file that does not exist, cannot be opened or does not fit in memory.
    /// </returns>
    let read (path: string) : Result<Table, string> =
        let reader =
            readers
            |> List.tryFind (fun (extension, _) -> path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))

        existing path (fun () ->
            match reader with
            | Some(_, reader) -> readWith reader path
            | None ->
                let known = readers |> List.map fst |> String.concat ", "
                DataProblem.ofFile path "its extension is none of those that are read" $"use one of {known}")

    /// <summary>Reads several named arrays of a .npz file, of which some may be absent.</summary>
    /// <param name="wanted">The names, and whether the array must be there.</param>
    /// <param name="path">The file.</param>
    /// <returns>
    /// The tables in the order of the names, none for one that is absent and may be; or one line that names the file, the place and the
    /// mend.
    /// </returns>
    let readArrays (wanted: (string * bool) list) (path: string) : Result<Table option list, string> =
        existing path (fun () -> readWith (Npz.readSeveral wanted) path)
