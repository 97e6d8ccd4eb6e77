namespace Interact.Core.Data

open System
open System.Buffers.Binary
open System.IO
open System.Text
open System.Text.RegularExpressions

/// The element types of NumPy that are read as numbers.
[<RequireQualifiedAccess>]
type internal NpyElement =
    | Boolean
    | Int8
    | Int16
    | Int32
    | Int64
    | UInt8
    | UInt16
    | UInt32
    | UInt64
    | Float16
    | Float32
    | Float64

[<RequireQualifiedAccess>]
module internal NpyElement =

    /// The kind and size with which NumPy writes a type, without the byte order.
    let private codes =
        Map [
            "b1", NpyElement.Boolean
            "i1", NpyElement.Int8
            "i2", NpyElement.Int16
            "i4", NpyElement.Int32
            "i8", NpyElement.Int64
            "u1", NpyElement.UInt8
            "u2", NpyElement.UInt16
            "u4", NpyElement.UInt32
            "u8", NpyElement.UInt64
            "f2", NpyElement.Float16
            "f4", NpyElement.Float32
            "f8", NpyElement.Float64
        ]

    let tryParse code = Map.tryFind code codes

    /// Bytes an element.
    let size element =
        match element with
        | NpyElement.Boolean
        | NpyElement.Int8
        | NpyElement.UInt8 -> 1
        | NpyElement.Int16
        | NpyElement.UInt16
        | NpyElement.Float16 -> 2
        | NpyElement.Int32
        | NpyElement.UInt32
        | NpyElement.Float32 -> 4
        | NpyElement.Int64
        | NpyElement.UInt64
        | NpyElement.Float64 -> 8

    /// The nearest double to the element that stands, lowest byte first, at the start of some bytes.
    let value element (bytes: ReadOnlySpan<byte>) =
        match element with
        | NpyElement.Boolean -> if bytes[0] = 0uy then 0.0 else 1.0
        | NpyElement.Int8 -> float (sbyte bytes[0])
        | NpyElement.Int16 -> float (BinaryPrimitives.ReadInt16LittleEndian bytes)
        | NpyElement.Int32 -> float (BinaryPrimitives.ReadInt32LittleEndian bytes)
        | NpyElement.Int64 -> float (BinaryPrimitives.ReadInt64LittleEndian bytes)
        | NpyElement.UInt8 -> float bytes[0]
        | NpyElement.UInt16 -> float (BinaryPrimitives.ReadUInt16LittleEndian bytes)
        | NpyElement.UInt32 -> float (BinaryPrimitives.ReadUInt32LittleEndian bytes)
        | NpyElement.UInt64 -> float (BinaryPrimitives.ReadUInt64LittleEndian bytes)
        | NpyElement.Float16 -> float (BinaryPrimitives.ReadHalfLittleEndian bytes)
        | NpyElement.Float32 -> float (BinaryPrimitives.ReadSingleLittleEndian bytes)
        | NpyElement.Float64 -> BinaryPrimitives.ReadDoubleLittleEndian bytes

/// What the head of a .npy file says of the array after it.
type internal NpyHeader = {
    Element: NpyElement
    IsBigEndian: bool
    /// Whether the first axis varies fastest.
    IsFortran: bool
    /// The sizes as written; their product may lie beyond every integer type.
    Shape: bigint list
    /// Bytes from the start of the file to the first element.
    Length: int64
}

[<RequireQualifiedAccess>]
module internal NpyHeader =

    let private magic = [| 0x93uy; yield! "NUMPY"B |]

    /// Heads of the arrays read here take some hundred bytes.
    let private longestText = 1 <<< 16

    /// NumPy starts the elements at a multiple of this.
    let private alignment = 64

    let private saveAnew = "save the array anew with numpy.save"

    let private descr = Regex """['"]descr['"]\s*:\s*['"](?<order>[<>|=])(?<code>[^'"]*)['"]"""

    let private order = Regex """['"]fortran_order['"]\s*:\s*(?<order>True|False)"""

    let private shape = Regex """['"]shape['"]\s*:\s*\(\s*(?<sizes>(\d+L?\s*(,\s*|(?=\))))*)\)"""

    /// What the values of a type that is not read are.
    let private describe (code: string) =
        match Seq.tryHead code with
        | Some('U' | 'S' | 'a') -> "text"
        | Some 'O' -> "Python objects"
        | Some 'c' -> "complex numbers"
        | Some('M' | 'm') -> "dates or times"
        | Some 'V' -> "records"
        | _ -> "values of another type"

    let private parse source length (text: string) =
        let descr = descr.Match text
        let order = order.Match text
        let shape = shape.Match text

        if not (order.Success && shape.Success) then
            DataProblem.ofFile source "the NumPy header is damaged" saveAnew
        elif not descr.Success then
            DataProblem.ofFile source "the array holds records" "save its columns as one float64 array"
        else
            let code = descr.Groups["code"].Value

            match NpyElement.tryParse code with
            | None ->
                let problem = $"the array holds {describe code} (type {DataProblem.quoted code})"
                DataProblem.ofFile source problem "save numbers, as float64 for example"
            | Some element ->
                let sizes = shape.Groups["sizes"].Value.Replace("L", "")

                Ok {
                    Element = element
                    IsBigEndian = descr.Groups["order"].Value = ">"
                    IsFortran = order.Groups["order"].Value = "True"
                    Shape =
                        sizes.Split(',', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)
                        |> Seq.map bigint.Parse
                        |> Seq.toList
                    Length = length
                }

    /// Reads the head of a file of versions 1 to 3, of which so many bytes are present.
    let read source (stream: Stream) (present: int64) =
        let start = Array.zeroCreate<byte> 12
        let got = stream.ReadAtLeast(start.AsSpan(0, 10), 10, throwOnEndOfStream = false)
        let major = int start[6]

        if got < 10 || not (start.AsSpan().StartsWith magic) then
            DataProblem.ofFile source "the file is not a NumPy array" saveAnew
        elif major < 1 || major > 3 then
            DataProblem.ofFile source $"version {major} of the .npy format is not known" saveAnew
        else
            let lengthBytes = if major = 1 then 2 else 4
            stream.ReadAtLeast(start.AsSpan(10, lengthBytes - 2), lengthBytes - 2, false) |> ignore
            let textLength = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(start, 8, 4))
            let length = 8L + int64 lengthBytes + int64 textLength

            if textLength > uint32 longestText || length > present then
                DataProblem.ofFile source "the NumPy header is longer than it can be" saveAnew
            else
                let text = Array.zeroCreate<byte>(int textLength)
                stream.ReadExactly text
                parse source length (Encoding.Latin1.GetString text)

    /// The head of a file of version 1 for elements in row-major order.
    let format (code: string) (shape: int[]) =
        let sizes =
            match shape with
            | [| size |] -> $"{size},"
            | _ -> String.Join(", ", shape)

        let text = $"{{'descr': '{code}', 'fortran_order': False, 'shape': ({sizes}), }}"
        let unpadded = magic.Length + 4 + text.Length + 1
        let padding = (alignment - unpadded % alignment) % alignment
        let padded = text + String(' ', padding) + "\n"
        let length = Array.zeroCreate<byte> 2
        BinaryPrimitives.WriteUInt16LittleEndian(length.AsSpan(), uint16 padded.Length)
        Array.concat [ magic; [| 1uy; 0uy |]; length; Encoding.Latin1.GetBytes padded ]
