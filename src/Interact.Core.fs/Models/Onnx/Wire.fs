// Protobuf's wire format: numbers, lengths and nesting. Nothing here knows ONNX.
namespace Interact.Core.Onnx

open System
open System.Runtime.InteropServices
open System.Text
open System.Text.Unicode

/// Raised where the bytes are not what the format allows. It never leaves the reader: OnnxFile turns it into a Result.
[<Sealed>]
type internal WireFormatException(reason: string) =
    inherit Exception(reason)

/// How a field's value is laid out; 3 and 4, the groups of protobuf 1, are not read.
type internal WireType =
    | Varint = 0
    | Fixed64 = 1
    | Bytes = 2
    | Fixed32 = 5

/// The values of one repeated field, gathered over all its occurrences.
[<Sealed>]
type internal Repeated<'T>() =
    let mutable items: 'T[] = Array.Empty()
    let mutable count = 0

    member _.Count = count

    /// Room for further values at the end, for the caller to fill.
    member _.Extend(extra: int) : Span<'T> =
        let needed = int64 count + int64 extra

        if needed > int64 items.Length then
            let grown = if count = 0 then needed else max needed (2L * int64 count)
            Array.Resize(&items, int (min grown (int64 Array.MaxLength)))

        let start = count
        count <- int needed
        Span(items, start, extra)

    member this.Add(item: 'T) =
        let slot = this.Extend 1
        slot[0] <- item

    /// The values; nothing may be added afterwards.
    member _.ToArray() = if count = items.Length then items else Array.sub items 0 count

/// The values of one repeated field of fixed width as little-endian bytes: where they stand in one block a view of it, not a copy.
[<Sealed>]
type internal FixedWidths() =
    let mutable only = ReadOnlyMemory<byte>.Empty
    let mutable gathered: Repeated<byte> option = None

    let append (block: ReadOnlyMemory<byte>) (blocks: Repeated<byte>) = block.Span.CopyTo(blocks.Extend block.Length)

    member _.Add(block: ReadOnlyMemory<byte>) =
        match gathered with
        | Some blocks -> append block blocks
        | None when only.IsEmpty -> only <- block
        | None ->
            let blocks = Repeated<byte>()
            append only blocks
            append block blocks
            gathered <- Some blocks

    /// All values; nothing may be added afterwards.
    member _.Bytes: ReadOnlyMemory<byte> =
        match gathered with
        | Some blocks -> ReadOnlyMemory(blocks.ToArray())
        | None -> only

    /// All values in an array.
    member this.ToArray<'T when 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>() : 'T[] =
        MemoryMarshal.Cast<byte, 'T>(this.Bytes.Span).ToArray()

/// A cursor over the fields of a message and of the messages inside it. Call Next until it is false; after each true,
/// take the field by the member for its type, or Skip it. A member given the field's name raises WireFormatException
/// with that name and the byte's offset where the field is cut short, of another wire type, or malformed.
[<Sealed>]
type internal WireReader(bytes: ReadOnlyMemory<byte>, limits: ImportLimits) =
    let mutable position = 0
    let mutable limit = bytes.Length
    let mutable field = 0
    let mutable wireType = WireType.Varint
    let path = Array.create limits.Depth ""
    let mutable depth = 0
    let mutable start = 0
    let mutable messages = 0
    let mutable rare = 0

    /// The innermost names suffice to find a place, and the offset makes it unique.
    let inside name =
        let names = [| yield! path[max 0 (depth - 3) .. depth - 1]; if name <> "" then name |]
        if names.Length = 0 then "" else sprintf " inside field '%s'" (String.Join('.', names))

    let fail (name: string) (reason: string) : 'T =
        raise (WireFormatException $"{reason} at byte {position}{inside name}")

    let require size name =
        if int64 (limit - position) < size then
            fail name $"truncated ({size} bytes announced, {limit - position} present)"

    let varint name =
        let rest = bytes.Span.Slice(position, limit - position)
        let mutable value = 0UL
        let mutable length = 0
        let mutable more = true

        while more do
            if length = rest.Length then fail name "truncated (a number has no end)"

            let next = rest[length]

            if length = 9 && next > 1uy then fail name "a number of more than 64 bits"

            value <- value ||| (uint64 (next &&& 0x7Fuy) <<< (7 * length))
            length <- length + 1
            more <- next >= 0x80uy

        position <- position + length
        value

    let expect expected name =
        if wireType <> expected then fail name $"a value of wire type {wireType} where {expected} is due"

    /// The length of a length-delimited field, which is known to be present.
    let length name =
        expect WireType.Bytes name
        let announced = varint name
        // Beyond Int64 no file has that many either; the message then names the largest.
        require (int64 (min announced (uint64 Int64.MaxValue))) name
        int announced

    let take size =
        let taken = bytes.Slice(position, size)
        position <- position + size
        taken

    let fixedWidth expected size name =
        expect expected name
        require (int64 size) name
        take size

    /// One occurrence of a repeated number of variable width: a single one, or a packed block of them.
    let varints name (into: Repeated<'T>) (convert: uint64 -> 'T) =
        if wireType = WireType.Varint then
            into.Add(convert (varint name))
        else
            let block = length name
            let outer = limit
            limit <- position + block
            // The last byte of each number is the one below 0x80.
            let mutable count = 0

            for value in bytes.Span.Slice(position, block) do
                if value < 0x80uy then count <- count + 1

            let values = into.Extend count
            let mutable index = 0

            while position < limit do
                let value = varint name
                values[index] <- convert value
                index <- index + 1

            limit <- outer

    /// One occurrence of a repeated number of fixed width: a single one, or a packed block of them.
    let fixedWidths single size name : ReadOnlyMemory<byte> =
        let block = if wireType = single then size else length name
        require (int64 block) name

        if block % size <> 0 then fail name $"a packed block of {block} bytes, not a multiple of {size},"

        take block

    let toInt32 name (raw: uint64) =
        let value = int64 raw

        if value < int64 Int32.MinValue || value > int64 Int32.MaxValue then
            fail name $"{value} where a number of 32 bits is due"

        int32 value

    /// What the file may ask for.
    member _.Limits = limits

    /// Number of the field that Next has found.
    member _.Field = field

    /// Moves to the next field of the current message; false at its end.
    member _.Next() : bool =
        if position = limit then
            false
        else
            let tag = varint ""
            let kind = int (tag &&& 7UL)

            if tag >>> 3 = 0UL || tag > uint64 UInt32.MaxValue then fail "" $"a field of number {tag >>> 3}"

            if kind > 5 then fail "" $"a field of wire type {kind}"

            if kind = 3 || kind = 4 then fail "" "a field of protobuf's abandoned group type"

            field <- int (tag >>> 3)
            wireType <- enum kind
            true

    /// Passes over the field, whatever it holds.
    member _.Skip() =
        match wireType with
        | WireType.Varint -> varint "" |> ignore
        | WireType.Fixed64 -> fixedWidth wireType 8 "" |> ignore
        | WireType.Fixed32 -> fixedWidth wireType 4 "" |> ignore
        | _ -> take (length "") |> ignore

    member _.Int64(name: string) : int64 =
        expect WireType.Varint name
        int64 (varint name)

    member _.Int32(name: string) : int32 =
        expect WireType.Varint name
        toInt32 name (varint name)

    member _.Float32(name: string) : float32 = MemoryMarshal.Read<float32> (fixedWidth WireType.Fixed32 4 name).Span

    /// The bytes themselves, not a copy.
    member _.Bytes(name: string) : ReadOnlyMemory<byte> = take (length name)

    member _.String(name: string) : string =
        let size = length name
        let encoded = bytes.Span.Slice(position, size)

        if not (Utf8.IsValid encoded) then fail name "text that is not UTF-8"

        position <- position + size
        Encoding.UTF8.GetString encoded

    member _.Int64s(name: string, into: Repeated<int64>) = varints name into int64
    member _.UInt64s(name: string, into: Repeated<uint64>) = varints name into id
    member _.Int32s(name: string, into: Repeated<int32>) = varints name into (toInt32 name)
    member _.Float32s(name: string, into: FixedWidths) = into.Add(fixedWidths WireType.Fixed32 4 name)
    member _.Float64s(name: string, into: FixedWidths) = into.Add(fixedWidths WireType.Fixed64 8 name)

    /// A message inside this one, read by a function that calls Next until it is false.
    member this.Message(name: string, read: WireReader -> 'T) : 'T =
        let size = length name

        if depth = limits.Depth then fail name $"messages nested more than {limits.Depth} deep"
        if messages = limits.Messages then fail name $"more than {limits.Messages} messages"

        let outerLimit = limit
        let outerStart = start
        limit <- position + size
        path[depth] <- name
        start <- position
        depth <- depth + 1
        messages <- messages + 1
        let message = read this
        limit <- outerLimit
        start <- outerStart
        depth <- depth - 1
        message

    /// A message that may stand only once; protobuf would merge a second one into the first.
    member this.Once(name: string, earlier: 'T option, read: WireReader -> 'T) : 'T option =
        if earlier.IsSome then fail name "a second value of a field that has one"

        Some(this.Message(name, read))

    /// Counts the current message among those of which a file may have fewer than of others.
    member _.CountRare(what: string, most: int) =
        rare <- rare + 1
        if rare > most then fail "" $"more than {most} {what}"

    /// Refuses the current message for what it says: its numbers can be read, and make no sense.
    member _.Refuse(reason: string) : 'T =
        let place = if depth = 0 then "" else $", in what begins at byte {start}{inside String.Empty}"
        raise (WireFormatException(reason + place))
