namespace Interact.Core.Onnx

open System

/// Reads tensors from the wire. Here and in the other readers there is one function a message and one line a field, its
/// number as in onnx.proto; each raises WireFormatException.
[<RequireQualifiedAccess>]
module internal TensorReader =

    /// Refuses what has more dimensions than may be: a file that declares them wants to exhaust something.
    let limitRank (wire: WireReader) what rank =
        if rank > wire.Limits.Rank then
            wire.Refuse $"{what} has {rank} dimensions, more than {wire.Limits.Rank}"

    /// A key and its value, of metadata or of external data.
    let entry (wire: WireReader) : Entry =
        let mutable key = ""
        let mutable value = ""

        while wire.Next() do
            match wire.Field with
            | 1 -> key <- wire.String "key"
            | 2 -> value <- wire.String "value"
            | _ -> wire.Skip()

        { Key = key; Value = value }

    /// The one way among several in which a tensor keeps its elements.
    let private content (wire: WireReader) name isExternal entries candidates =
        match candidates, isExternal with
        | [], true -> TensorContent.External entries
        | [], false -> TensorContent.Absent
        | [ only ], false -> only
        | _ -> wire.Refuse $"tensor {Quote.name name} keeps its elements in more than one place"

    /// A tensor, its elements where and as the file has them.
    let tensor (wire: WireReader) : TensorProto =
        let mutable name = ""
        let mutable number = 0
        let mutable location = 0
        let mutable raw = ReadOnlyMemory<byte>.Empty
        let mutable strings = 0
        let dims = Repeated<int64>()
        let floats = FixedWidths()
        let int32s = Repeated<int32>()
        let int64s = Repeated<int64>()
        let doubles = FixedWidths()
        let uint64s = Repeated<uint64>()
        let external = Repeated<Entry>()

        while wire.Next() do
            match wire.Field with
            | 1 -> wire.Int64s("dims", dims)
            | 2 -> number <- wire.Int32 "data_type"
            | 3 -> wire.Refuse "a tensor divided into segments"
            | 4 -> wire.Float32s("float_data", floats)
            | 5 -> wire.Int32s("int32_data", int32s)
            | 6 ->
                wire.Bytes "string_data" |> ignore
                strings <- strings + 1
            | 7 -> wire.Int64s("int64_data", int64s)
            | 8 -> name <- wire.String "name"
            | 9 -> raw <- wire.Bytes "raw_data"
            | 10 -> wire.Float64s("double_data", doubles)
            | 11 -> wire.UInt64s("uint64_data", uint64s)
            | 13 -> external.Add(wire.Message("external_data", entry))
            | 14 -> location <- wire.Int32 "data_location"
            | _ -> wire.Skip()

        limitRank wire "a tensor" dims.Count

        if number = 0 then wire.Refuse $"tensor {Quote.name name} has no data type"

        if location < 0 || location > 1 then
            wire.Refuse $"tensor {Quote.name name} has the unknown data location {location}"

        let dataType = DataType.ofNumber number

        // Floating numbers in a field of their own type are laid out as raw ones are.
        {
            Name = name
            DataType = dataType
            Dims = dims.ToArray()
            Content =
                content wire name (location = 1) (external.ToArray()) [
                    if raw.Length > 0 then TensorContent.Raw raw
                    if not floats.Bytes.IsEmpty then
                        if dataType = DataType.Float then
                            TensorContent.Raw floats.Bytes
                        else
                            TensorContent.Floats(floats.ToArray())
                    if int32s.Count > 0 then TensorContent.Int32s(int32s.ToArray())
                    if int64s.Count > 0 then TensorContent.Int64s(int64s.ToArray())
                    if not doubles.Bytes.IsEmpty then
                        if dataType = DataType.Double then
                            TensorContent.Raw doubles.Bytes
                        else
                            TensorContent.Doubles(doubles.ToArray())
                    if uint64s.Count > 0 then TensorContent.UInt64s(uint64s.ToArray())
                    if strings > 0 then TensorContent.Strings strings
                ]
        }
