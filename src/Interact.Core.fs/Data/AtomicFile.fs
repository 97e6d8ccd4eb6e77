namespace Interact.Core.Data

open System
open System.IO

/// <summary>Files that are there whole or not at all.</summary>
[<RequireQualifiedAccess>]
module AtomicFile =

    /// Runs a step that depends on the folder and its permissions.
    let private attempt path (step: unit -> 'a) =
        try
            Ok(step ())
        with
        | :? UnauthorizedAccessException ->
            DataProblem.ofFile path "may not be written" "check the permissions of the file and its folder"
        | :? IOException as problem ->
            DataProblem.ofFile path $"could not be written: {problem.Message.TrimEnd '.'}" "name another folder"

    /// <summary>Writes a file under a temporary name beside its own, and gives it its own when complete.</summary>
    /// <remarks>
    /// What stood under that name is replaced in one step, and stays as it was if anything fails. Whatever
    /// <paramref name="write"/> raises, cancellation and a full disk included, is raised again after the temporary file
    /// is deleted.
    /// </remarks>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>
    /// One line that names the file and the mend, if its folder does not exist or cannot be written, or if the name
    /// belongs to a folder or to a file that cannot be replaced.
    /// </returns>
    let write (path: string) (write: Stream -> unit) : Result<unit, string> =
        let target = Path.GetFullPath path
        let temporary = $"{target}.{Path.GetRandomFileName()}.tmp"

        let complete (stream: FileStream) =
            try
                using stream (fun stream ->
                    write stream
                    stream.Flush(flushToDisk = true))

                attempt path (fun () -> File.Move(temporary, target, overwrite = true))
            finally
                File.Delete temporary

        if Directory.Exists target then
            DataProblem.ofFile path "a folder" "give the path of a file in it"
        elif not (Directory.Exists(Path.GetDirectoryName target)) then
            DataProblem.ofFile path "its folder does not exist" "make the folder, or name another one"
        else
            attempt path (fun () -> new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            |> Result.bind complete
