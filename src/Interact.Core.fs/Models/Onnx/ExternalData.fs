namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open Microsoft.Win32.SafeHandles

/// Reads elements that a model keeps in other files. Such a file must be in the model's folder or below it, under its own name: no
/// link of any kind, no device, no pipe. What is opened is compared with what was looked at before.
///
/// folder: the model's. bytes: what may be read of all files together.
[<Sealed>]
type internal ExternalFiles(folder: string, bytes: int64) =

    let files = Dictionary<string, Result<SafeFileHandle * int64, string>>()
    let ranges = Dictionary<struct (string * int64 * int64), ReadOnlyMemory<byte>>()
    let readOf = Dictionary<string, int64>()
    let mutable total = 0L

    /// A location's parts; an error where it could lead anywhere but down from the folder, on whatever system.
    let parts (location: string) =
        let isNamed part = part <> "" && part <> "." && part <> ".."
        let parts = location.Split '/'

        if location = "" then
            Error "names no file; export the model again"
        elif
            location.StartsWith '/'
            || location.Contains ':'
            || location.Contains '\\'
            || location.StartsWith '~'
        then
            Error "is no path down from the model's folder; put the file beside the model and name it alone"
        elif location |> Seq.exists Char.IsControl || not (Array.forall isNamed parts) then
            Error
                "leads out of the model's folder or is no file's name; put the file beside the model and name it alone"
        else
            Ok parts

    /// What is under a location; an error where it or a folder on the way is a link, or it is no file.
    let look (parts: string[]) =
        let path count = Path.Combine(folder, Path.Combine(Array.truncate count parts))

        let isFolder count =
            match FileIdentity.ofPath (path count) with
            | Some { Kind = FileKind.Folder } -> true
            | _ -> false

        let whole = path parts.Length

        if not (Seq.forall isFolder (seq { 1 .. parts.Length - 1 })) then
            Error "is in no folder, or behind a link; put the file itself beside the model"
        else
            match FileIdentity.ofPath whole with
            | None -> Error "does not exist, or cannot be looked at; put the file beside the model"
            | Some { Kind = FileKind.Other } ->
                Error "is a link, a device or a pipe, and no file; put the file itself beside the model"
            | Some { Kind = FileKind.Folder } -> Error "is a folder; name the file in it"
            | Some found when found.Names <> 1UL ->
                Error "has another name elsewhere (a hard link); put a copy of the file beside the model"
            | Some found -> Ok(whole, found)

    let openFile (path: string, looked: FileIdentity) =
        let handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)

        match FileIdentity.ofHandle handle with
        | Some opened when
            opened.Kind = FileKind.Regular
            && opened.Names = 1UL
            && opened.Disk = looked.Disk
            && opened.Number = looked.Number
            ->
            Ok(handle, RandomAccess.GetLength handle)
        | _ ->
            handle.Dispose()
            Error "was replaced while it was opened; try again"

    let find (location: string) =
        match files.TryGetValue location with
        | true, known -> known
        | false, _ ->
            let found =
                try
                    parts location |> Result.bind look |> Result.bind openFile
                with
                | :? UnauthorizedAccessException -> Error "may not be read; check its permissions"
                | :? IOException -> Error "cannot be read; check the disk, or copy the file anew"
                | :? ArgumentException -> Error "is no file's name; put the file beside the model and name it alone"

            files[location] <- found
            found

    let fill (handle: SafeFileHandle) offset (length: int64) =
        let buffer = GC.AllocateUninitializedArray<byte>(int length)
        let mutable filled = 0
        let mutable isWhole = true

        while isWhole && filled < buffer.Length do
            let read = RandomAccess.Read(handle, buffer.AsSpan filled, offset + int64 filled)
            filled <- filled + read
            isWhole <- read > 0

        if isWhole then Ok(ReadOnlyMemory buffer) else Error "became shorter while it was read; try again"

    /// A number of bytes among a tensor's entries.
    let number (entries: Entry[]) key =
        match entries |> Array.tryFind (fun entry -> entry.Key = key) with
        | None -> Ok None
        | Some { Value = text } ->
            match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value -> Ok(Some value)
            | false, _ -> Error $"with the {key} {Quote.name text}, which is no number of bytes; export the model again"

    let distinct (entries: Entry[]) =
        let known =
            entries
            |> Array.filter (fun entry -> entry.Key = "location" || entry.Key = "offset" || entry.Key = "length")

        match known |> Array.countBy _.Key |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(key, _) -> Error $"and gives its {key} twice; export the model again"
        | None -> Ok known

    /// Bytes offset .. offset + length - 1 of a file, each stretch read once.
    let read location (handle: SafeFileHandle, size: int64) (offset: int64) (length: int64) =
        let key = struct (location, offset, length)

        match ranges.TryGetValue key with
        | true, known -> Ok known
        | false, _ ->
            let before =
                match readOf.TryGetValue location with
                | true, before -> before
                | false, _ -> 0L

            if length > int64 Array.MaxLength then
                Error $"of {length} bytes, more than an array can hold; make the model smaller"
            elif before + length > size then
                Error "which other constants overlap; export the model again"
            elif total + length > bytes then
                Error $"beyond the {bytes} bytes that may be read; raise ImportLimits.Bytes"
            else
                fill handle offset length
                |> Result.map (fun contents ->
                    ranges[key] <- contents
                    readOf[location] <- before + length
                    total <- total + length
                    contents)

    /// Bytes read so far.
    member _.Total = total

    /// The bytes of a tensor. needed: how many its elements take, where that is known. An error is the end of a sentence that begins
    /// with the tensor.
    member _.Read(entries: Entry[], needed: int64 option) : Result<ReadOnlyMemory<byte>, string> =
        let location = entries |> Array.tryFind (fun entry -> entry.Key = "location")
        let named = location |> Option.map _.Value |> Option.defaultValue ""

        let stretch (handle, size) offset length =
            let offset = offset |> Option.defaultValue 0L
            let length = length |> Option.defaultValue (max 0L (size - offset))

            if offset > size || length > size - offset then
                Error
                    $"at bytes {offset} to {float offset + float length} of it, which has {size}; copy the file anew, or export the model again"
            elif needed.IsSome && needed.Value <> length then
                Error $"in {length} bytes of it, and takes {needed.Value}; export the model again"
            else
                read named (handle, size) offset length

        distinct entries
        |> Result.bind (fun entries -> number entries "offset" |> Result.map (fun offset -> entries, offset))
        |> Result.bind (fun (entries, offset) -> number entries "length" |> Result.map (fun length -> offset, length))
        |> Result.bind (fun (offset, length) ->
            find named
            |> Result.mapError (fun problem -> $"which {problem}")
            |> Result.bind (fun file -> stretch file offset length))
        |> Result.mapError (fun problem -> $"keeps its elements in the file {Quote.name named}, {problem}")

    interface IDisposable with
        member _.Dispose() =
            for file in files.Values do
                match file with
                | Ok(handle, _) -> handle.Dispose()
                | Error _ -> ()

/// Models whose constants are in other files, as if they were in the model's.
[<RequireQualifiedAccess>]
module internal ExternalData =

    let private needed (tensor: TensorProto) =
        DataType.byteSize tensor.DataType
        |> Option.bind (fun size ->
            (Some(int64 size), tensor.Dims)
            ||> Array.fold (fun product size ->
                match product with
                | Some product when size = 0L -> Some(0L * product)
                | Some product when size > 0L && product <= Int64.MaxValue / size -> Some(product * size)
                | _ -> None))

    let private tensor (files: ExternalFiles) (tensor: TensorProto) =
        match tensor.Content with
        | TensorContent.External entries -> {
            tensor with
                Content =
                    match files.Read(entries, needed tensor) with
                    | Ok bytes when bytes.IsEmpty -> TensorContent.Absent
                    | Ok bytes -> TensorContent.Raw bytes
                    | Error problem -> TensorContent.Unreadable problem
          }
        | _ -> tensor

    let rec private attribute files (attribute: AttributeProto) = {
        attribute with
            Value =
                match attribute.Value with
                | AttributeValue.Tensor value -> AttributeValue.Tensor(tensor files value)
                | AttributeValue.Tensors values -> AttributeValue.Tensors(Array.map (tensor files) values)
                | AttributeValue.Graph body -> AttributeValue.Graph(graph files body)
                | AttributeValue.Graphs bodies -> AttributeValue.Graphs(Array.map (graph files) bodies)
                | value -> value
    }

    and private node files (node: NodeProto) =
        if node.Attributes.Length = 0 then
            node
        else
            { node with Attributes = node.Attributes |> Array.map (attribute files) }

    and private graph files (graph: GraphProto) = {
        graph with
            Nodes = graph.Nodes |> Array.map (node files)
            Initializers = graph.Initializers |> Array.map (tensor files)
    }

    /// The model with the elements that other files of its folder hold, and how many bytes of those were read. Where they cannot be
    /// read, the tensor says why.
    let attach (limits: ImportLimits) (path: string) (fileBytes: int64) (model: ModelProto) : ModelProto * int64 =
        let whole = Path.GetFullPath path

        let folder =
            match Path.GetDirectoryName whole with
            | null -> whole
            | folder -> folder

        use files = new ExternalFiles(folder, limits.Bytes - fileBytes)

        let attached = {
            model with
                Graph = graph files model.Graph
                Functions =
                    model.Functions
                    |> Array.map (fun definition -> {
                        definition with
                            Nodes = definition.Nodes |> Array.map (node files)
                            DefaultAttributes = definition.DefaultAttributes |> Array.map (attribute files)
                    })
        }

        attached, files.Total
