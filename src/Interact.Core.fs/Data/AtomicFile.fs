namespace Interact.Core.Data

open System
open System.IO

/// <summary>Raised where a file cannot be written to its end; the message is one line with the file and the mend.</summary>
[<Sealed>]
type FileWriteException(message: string, cause: exn) =
    inherit IOException(message, cause)

/// <summary>Writes to a file, and tells its failures from those of whatever else goes on meanwhile.</summary>
/// <remarks>What the disk refuses, on closing too, is a <c>FileWriteException</c>.</remarks>
/// <param name="path">The name of the file for messages.</param>
/// <param name="file">The file; it is closed with this stream.</param>
[<Sealed>]
type DiskStream(path: string, file: FileStream) =
    inherit Stream()

    // Linux and macOS number a full disk 28, and an exhausted quota 122 and 69; Windows has its own number.
    let fullDisk = [ 28; 122; 69; 0x80070070 ]

    let attempt (step: unit -> 'T) : 'T =
        try
            step ()
        with :? IOException as problem when not (problem :? FileWriteException) ->
            let text =
                if List.contains problem.HResult fullDisk then
                    DataProblem.text
                        path
                        "could not be written: the disk is full"
                        "free some space, or name another folder"
                else
                    DataProblem.text path $"could not be written: {problem.Message.TrimEnd '.'}" "name another folder"

            raise (FileWriteException(text, problem))

    override _.CanRead = file.CanRead
    override _.CanSeek = file.CanSeek
    override _.CanWrite = file.CanWrite
    override _.Length = file.Length

    override _.Position
        with get () = file.Position
        and set value = attempt (fun () -> file.Position <- value)

    override _.Read(buffer: byte[], offset, count) = attempt (fun () -> file.Read(buffer, offset, count))
    override _.Write(buffer: byte[], offset, count) = attempt (fun () -> file.Write(buffer, offset, count))
    override _.Seek(offset, origin) = attempt (fun () -> file.Seek(offset, origin))
    override _.SetLength length = attempt (fun () -> file.SetLength length)
    override _.Flush() = attempt (fun () -> file.Flush())

    /// <summary>Writes everything, and waits until the disk has it.</summary>
    member _.FlushToDisk() = attempt (fun () -> file.Flush(flushToDisk = true))

    override _.Dispose(disposing: bool) = if disposing then attempt file.Dispose

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
    /// <paramref name="write"/> raises, cancellation included, is raised again after the temporary file is deleted.
    /// </remarks>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>
    /// One line that names the file and the mend, if its folder does not exist or cannot be written, or if the name
    /// belongs to a folder or to a file that cannot be replaced, or if the disk is full.
    /// </returns>
    let write (path: string) (write: Stream -> unit) : Result<unit, string> =
        let target = Path.GetFullPath path
        let temporary = $"{target}.{Path.GetRandomFileName()}.tmp"

        let complete (file: FileStream) =
            try
                try
                    using (new DiskStream(path, file)) (fun stream ->
                        write stream
                        stream.FlushToDisk())

                    attempt path (fun () -> File.Move(temporary, target, overwrite = true))
                with :? FileWriteException as problem ->
                    Error problem.Message
            finally
                File.Delete temporary

        if Directory.Exists target then
            DataProblem.ofFile path "a folder" "give the path of a file in it"
        elif not (Directory.Exists(Path.GetDirectoryName target)) then
            DataProblem.ofFile path "its folder does not exist" "make the folder, or name another one"
        else
            attempt path (fun () -> new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            |> Result.bind complete
