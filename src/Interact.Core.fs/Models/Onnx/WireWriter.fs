namespace Interact.Core.Onnx

open System
open System.IO
open System.Runtime.InteropServices
open System.Text

/// Writes the fields of a message in protobuf's wire format, in the order of the calls. Nothing here knows ONNX.
[<Sealed>]
type internal WireWriter() =
    let bytes = new MemoryStream()

    let rec varint (value: uint64) =
        if value < 0x80UL then
            bytes.WriteByte(byte value)
        else
            bytes.WriteByte(byte (value ||| 0x80UL))
            varint (value >>> 7)

    let tag (field: int) (wireType: WireType) = varint (uint64 (field <<< 3) ||| uint64 wireType)

    /// An integer; 0 is written too.
    member _.Int64(field: int, value: int64) =
        tag field WireType.Varint
        varint (uint64 value)

    /// A number in single precision.
    member _.Float32(field: int, value: float32) =
        tag field WireType.Fixed32
        bytes.Write(ReadOnlySpan(BitConverter.GetBytes value))

    /// A block of bytes, with its length in front.
    member _.Bytes(field: int, block: ReadOnlySpan<byte>) =
        tag field WireType.Bytes
        varint (uint64 block.Length)
        bytes.Write block

    /// A text in UTF-8.
    member writer.String(field: int, text: string) = writer.Bytes(field, ReadOnlySpan(Encoding.UTF8.GetBytes text))

    /// Integers in one packed block.
    member writer.Int64s(field: int, values: int64 seq) =
        let packed = WireWriter()
        values |> Seq.iter (fun value -> packed.Unmarked(uint64 value))
        writer.Bytes(field, packed.Written)

    /// Numbers of fixed width in one packed block, little-endian.
    member writer.Fixed<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>(field: int, values: 'T[]) =
        writer.Bytes(field, MemoryMarshal.AsBytes(ReadOnlySpan values))

    /// A message inside this one.
    member writer.Message(field: int, write: WireWriter -> unit) =
        let inner = WireWriter()
        write inner
        writer.Bytes(field, inner.Written)

    member private _.Unmarked(value: uint64) = varint value
    member private _.Written = ReadOnlySpan(bytes.GetBuffer(), 0, int bytes.Length)

    /// All that was written.
    member _.ToArray() = bytes.ToArray()
