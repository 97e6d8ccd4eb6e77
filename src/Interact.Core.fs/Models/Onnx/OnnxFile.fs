namespace Interact.Core.Onnx

open System
open System.IO

/// Reads ONNX models and tensors. What a file says is checked as far as it can be read alone: numbers, lengths,
/// nesting, text; that it has a graph and operator sets; that a node has an operator and an attribute one value. Names,
/// shapes and operators are the importer's to check.
[<RequireQualifiedAccess>]
module OnnxFile =

    let private explain what (bytes: ReadOnlyMemory<byte>) reason =
        match Signature.describe bytes.Span with
        | Some(other, mend) -> $"not an ONNX {what}: the file is {other}; {mend}"
        | None -> $"not a readable ONNX {what}: {reason}; the file is damaged or of another format: export it again"

    let private guarded what limits (read: WireReader -> 'T) (bytes: ReadOnlyMemory<byte>) =
        if not BitConverter.IsLittleEndian then
            Error "ONNX files can be read on little-endian machines only; use another machine"
        else
            try
                Ok(read (WireReader(bytes, limits)))
            with
            | :? WireFormatException as problem -> Error(explain what bytes problem.Message)
            | :? OutOfMemoryException -> Error "the file's contents do not fit in memory; use a machine with more"

    /// Reads a model. The bytes are not copied: they must stay as they are while the model, whose raw tensors are views
    /// of them, is in use.
    ///
    /// Returns the model, or one sentence that says what is wrong, at which byte of which field, and what would mend
    /// it. Memory and time are proportional to the length of the bytes, whatever they say.
    let parseWithin (limits: ImportLimits) (bytes: ReadOnlyMemory<byte>) : Result<ModelProto, string> =
        guarded "model" limits ModelReader.model bytes

    /// Reads a model as parseWithin does, within the default limits.
    let parse (bytes: ReadOnlyMemory<byte>) : Result<ModelProto, string> = parseWithin ImportLimits.defaults bytes

    /// Reads a bare tensor, as the input_0.pb of ONNX's operator cases is. As for parse, the bytes are not copied.
    let parseTensor (bytes: ReadOnlyMemory<byte>) : Result<TensorProto, string> =
        guarded "tensor" ImportLimits.defaults TensorReader.tensor bytes

    /// Whether a path leads to a device or a pipe, without opening it: that could wait for ever.
    let private isDevice (path: string) =
        let target =
            match FileInfo(path).ResolveLinkTarget(returnFinalTarget = true) with
            | null -> path
            | target -> target.FullName

        match FileIdentity.ofPath target with
        | Some { Kind = FileKind.Other } -> true
        | _ -> false

    /// All bytes of a file of at most 2 GB, or why it cannot be read.
    let readBytes (path: string) : Result<ReadOnlyMemory<byte>, string> =
        try
            if isDevice path then
                Error "not a regular file; give the path of a file"
            else
                use stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1)

                if not stream.CanSeek then
                    Error "not a regular file; give the path of a file"
                elif stream.Length > int64 Array.MaxLength then
                    Error $"{stream.Length} bytes, where an ONNX file has at most 2 GB; keep less in one file"
                else
                    let bytes = GC.AllocateUninitializedArray<byte>(int stream.Length)
                    stream.ReadExactly(bytes.AsSpan())
                    Ok(ReadOnlyMemory bytes)
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error "no such file; check the path"
        | :? UnauthorizedAccessException when Directory.Exists path -> Error "a folder; give the path of a file in it"
        | :? UnauthorizedAccessException -> Error "may not be read; check its permissions"
        | :? OutOfMemoryException -> Error "does not fit in memory; use a machine with more"
        | :? IOException as problem -> Error $"could not be read: {problem.Message.TrimEnd '.'}; try again"
        | :? ArgumentException -> Error "not a path; give the path of a file"

    let private ofFile parse (path: string) =
        readBytes path |> Result.bind parse |> Result.mapError (fun problem -> $"{path}: {problem}")

    /// Reads a model from a file of at most 2 GB, and opens no other file. The error is parse's after the path, or says
    /// why the file cannot be read.
    let read (path: string) : Result<ModelProto, string> = ofFile parse path

    /// Reads a bare tensor from a file. The error is parseTensor's after the path, or says why the file cannot be read.
    let readTensor (path: string) : Result<TensorProto, string> = ofFile parseTensor path
