namespace Interact.Core.Data

open System
open System.IO
open System.IO.Compression
open Interact.Core

/// <summary>Named arrays in NumPy's .npz format: a zip archive of .npy files.</summary>
[<RequireQualifiedAccess>]
module Npz =

    let private extension = ".npy"

    /// An array inflated to more bytes than this may be no more than so many times its compressed size.
    let private largestUnproved = 64L <<< 20

    let private largestRatio = 100L

    /// Zip keeps no time before this one.
    let private timestamp = DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero)

    let private copyAnew = "copy or save the file anew"

    let private name (entry: ZipArchiveEntry) = entry.FullName.Substring(0, entry.FullName.Length - extension.Length)

    let private listed entries = entries |> Seq.map (name >> DataProblem.quoted) |> String.concat ", "

    /// The array asked for, or the only one.
    let private choose source wanted (archive: ZipArchive) =
        let entries =
            archive.Entries |> Seq.filter _.FullName.EndsWith(extension, StringComparison.Ordinal) |> Seq.toList

        let matching =
            match wanted with
            | Some wanted -> entries |> List.filter (fun entry -> name entry = wanted)
            | None -> entries

        match wanted, matching with
        | _, [ entry ] -> Ok entry
        | _ when entries.IsEmpty -> DataProblem.ofFile source "there is no array in it" "save one with numpy.savez"
        | None, _ ->
            let problem = $"there are {entries.Length} arrays in it ({listed entries})"
            DataProblem.ofFile source problem "save the one that is meant alone"
        | Some wanted, [] ->
            DataProblem.ofFile
                source
                $"there is no array {DataProblem.quoted wanted} in it"
                $"name one of {listed entries}"
        | Some wanted, _ -> DataProblem.ofFile source $"two arrays are named {DataProblem.quoted wanted}" copyAnew

    let private readEntry source (entry: ZipArchiveEntry) =
        let source = $"{source}, array {DataProblem.quoted (name entry)}"

        let isSound () =
            use stream = entry.Open()
            Crc32.ofStream stream = entry.Crc32

        if entry.Length > largestUnproved && entry.Length / largestRatio > entry.CompressedLength then
            let problem = $"{entry.CompressedLength} bytes inflate to {entry.Length}"
            DataProblem.ofFile source problem "save it uncompressed, with numpy.savez"
        elif not (isSound ()) then
            DataProblem.ofFile source "its checksum is wrong" copyAnew
        else
            use stream = entry.Open()
            Npy.readPart source stream entry.Length

    /// <summary>Reads a table from an archive of arrays; see <see cref="M:Interact.Core.Data.Npy.read"/>.</summary>
    /// <param name="wanted">The name of the array, or none where the archive holds only one.</param>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The file; the stream can seek, and is left open.</param>
    /// <returns>
    /// The table, or one line that names the file, the array, the place and the mend. Refused is what
    /// <c>Npy.read</c> refuses, an archive without arrays, with several of which none is named or without the one that
    /// is, a damaged archive, and an array of more than 64 MiB that inflates more than a hundredfold.
    /// </returns>
    let read (wanted: string option) (source: string) (stream: Stream) : Result<Table, string> =
        try
            use archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen = true)
            choose source wanted archive |> Result.bind (readEntry source)
        with
        | :? InvalidDataException
        | :? EndOfStreamException -> DataProblem.ofFile source "the archive is damaged or cut short" copyAnew

    /// <summary>Reads several named arrays as tables, of which some may be absent.</summary>
    /// <param name="wanted">The names, and whether the array must be there.</param>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The file; the stream can seek, and is left open.</param>
    /// <returns>
    /// The tables in the order of the names, none for one that is absent and may be; or one line, as of <c>read</c>.
    /// </returns>
    let readSeveral
        (wanted: (string * bool) list)
        (source: string)
        (stream: Stream)
        : Result<Table option list, string> =
        try
            use archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen = true)

            let readOne (wanted, isNeeded) =
                if isNeeded || archive.Entries |> Seq.exists (fun entry -> entry.FullName = wanted + extension) then
                    choose source (Some wanted) archive |> Result.bind (readEntry source) |> Result.map Some
                else
                    Ok None

            List.foldBack
                (fun name rest ->
                    readOne name |> Result.bind (fun table -> rest |> Result.map (fun rest -> table :: rest)))
                wanted
                (Ok [])
        with
        | :? InvalidDataException
        | :? EndOfStreamException -> DataProblem.ofFile source "the archive is damaged or cut short" copyAnew

    /// <summary>Writes named arrays as a .npz archive, which <c>numpy.load</c> reads without pickles.</summary>
    /// <remarks>Entries are stored uncompressed and bear a fixed time, so equal arrays give equal bytes.</remarks>
    /// <param name="stream">Where to; it is left open and need not be able to seek.</param>
    /// <param name="arrays">The names and the arrays, in the order of writing.</param>
    /// <exception cref="T:System.ArgumentException">
    /// A name is empty or given twice, or the sizes of an array do not fit its elements.
    /// </exception>
    let write (stream: Stream) (arrays: (string * NpyArray) seq) =
        let arrays = Seq.toArray arrays
        let names = Array.map fst arrays
        Checks.require (not (Array.contains "" names)) (nameof arrays) (fun () -> "An array has no name.")

        match DataProblem.duplicate names with
        | Some(name, _, _) -> Checks.invalid (nameof arrays) $"Two arrays are named '{name}'."
        | None -> ()

        use archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen = true)

        for name, array in arrays do
            let entry = archive.CreateEntry(name + extension, CompressionLevel.NoCompression)
            entry.LastWriteTime <- timestamp
            use entryStream = entry.Open()
            Npy.writeArray entryStream array
