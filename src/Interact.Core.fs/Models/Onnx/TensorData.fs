namespace Interact.Core.Onnx

open System
open System.Numerics.Tensors
open System.Runtime.InteropServices
open Interact.Core

/// The elements of a tensor as numbers, in row-major order. Every error is one sentence that names the tensor, what is
/// wrong with it, and what would mend it. Nothing is allocated before the elements are known to be there.
[<RequireQualifiedAccess>]
module TensorData =

    let private called (tensor: TensorProto) =
        if tensor.Name = "" then "a tensor without a name" else $"tensor {Quote.name tensor.Name}"

    let private refuse (tensor: TensorProto) (problem: string) (mend: string) : Result<'T, string> =
        Error $"{called tensor} {problem}; {mend}"

    let private damaged tensor problem = refuse tensor problem "the file is damaged: export the model again"

    let private dimsOf (tensor: TensorProto) = tensor.Dims |> Array.map string |> String.concat " x "

    /// Whether an array can hold the product of the sizes, also of those beside one of 0.
    let private isWithin (dims: int64[]) =
        (Some 1L, dims)
        ||> Array.fold (fun product size ->
            match product with
            | Some product when size <= int64 Array.MaxLength / product -> Some(product * max 1L size)
            | _ -> None)
        |> Option.isSome

    /// The sizes of the tensor's axes, none for a scalar.
    ///
    /// It is an error where a size is negative or does not fit an int, and where the product of the sizes is more than
    /// an array can hold. Whether the elements are present is not looked at.
    let shape (tensor: TensorProto) : Result<int[], string> =
        if tensor.Dims |> Array.exists (fun size -> size < 0L) then
            damaged tensor $"has a negative size ({dimsOf tensor})"
        elif not (isWithin tensor.Dims) then
            refuse tensor $"has more elements than an array can hold ({dimsOf tensor})" "make the model smaller"
        else
            Ok(Array.map int tensor.Dims)

    let private wrongCount (tensor: TensorProto) (found: string) =
        let wanted = if tensor.Dims.Length = 0 then "one element" else $"{dimsOf tensor} elements"
        damaged tensor $"should have {wanted} and has {found}"

    /// The elements of little-endian bytes, each converted.
    let inline private ofRaw tensor count (raw: ReadOnlyMemory<byte>) ([<InlineIfLambda>] convert: 'T -> 'R) =
        let size = sizeof<'T>

        if int64 raw.Length <> int64 count * int64 size then
            wrongCount tensor $"{raw.Length} bytes, where each takes {size}"
        else
            let elements = MemoryMarshal.Cast<byte, 'T> raw.Span
            let numbers = Array.zeroCreate count

            for index in 0 .. count - 1 do
                numbers[index] <- convert elements[index]

            Ok numbers

    /// The elements of a typed field, each converted.
    let inline private ofField tensor count (elements: 'T[]) ([<InlineIfLambda>] convert: 'T -> 'R) =
        if elements.Length <> count then
            wrongCount tensor (string elements.Length)
        else
            Ok(Array.map convert elements)

    /// The elements of little-endian bytes, each converted when they are needed.
    let inline private storedRaw tensor count (raw: ReadOnlyMemory<byte>) ([<InlineIfLambda>] convert: 'T -> float) =
        let size = sizeof<'T>

        if int64 raw.Length <> int64 count * int64 size then
            wrongCount tensor $"{raw.Length} bytes, where each takes {size}"
        else
            Ok
                {
                    new StoredElements(count) with
                        member _.CopyTo target =
                            let elements = MemoryMarshal.Cast<byte, 'T> raw.Span

                            for index in 0 .. elements.Length - 1 do
                                target[index] <- convert elements[index]
                }

    /// The elements of a typed field, each converted when they are needed.
    let inline private storedField tensor count (elements: 'T[]) ([<InlineIfLambda>] convert: 'T -> float) =
        if elements.Length <> count then
            wrongCount tensor (string elements.Length)
        else
            Ok
                {
                    new StoredElements(count) with
                        member _.CopyTo target =
                            for index in 0 .. elements.Length - 1 do
                                target[index] <- convert elements[index]
                }

    /// The elements of a field that is wider than the type, each of which must lie between two bounds.
    let inline private narrowed
        tensor
        count
        (elements: 'T[])
        (low: 'T)
        (high: 'T)
        ([<InlineIfLambda>] convert: 'T -> 'R)
        =
        match elements |> Array.tryFind (fun element -> element < low || element > high) with
        | Some element -> damaged tensor $"has the element {element}, which is no {DataType.name tensor.DataType}"
        | None -> ofField tensor count elements convert

    let private ofHalf (bits: uint16) = float (BitConverter.UInt16BitsToHalf bits)

    /// The upper half of a float32.
    let private ofBFloat16 (bits: uint16) = float (BitConverter.UInt32BitsToSingle(uint32 bits <<< 16))

    let private misplaced (tensor: TensorProto) =
        damaged tensor $"keeps its elements in a field that is not for the type {DataType.name tensor.DataType}"

    let private floats (tensor: TensorProto) count : Result<StoredElements, string> =
        match tensor.DataType, tensor.Content with
        | DataType.Float, TensorContent.Raw raw -> storedRaw tensor count raw (fun (element: float32) -> float element)
        | DataType.Float, TensorContent.Floats elements -> storedField tensor count elements float
        | DataType.Double, TensorContent.Raw raw -> storedRaw tensor count raw (fun (element: float) -> element)
        | DataType.Double, TensorContent.Doubles elements -> storedField tensor count elements id
        | DataType.Float16, TensorContent.Raw raw -> storedRaw tensor count raw ofHalf
        | DataType.Float16, TensorContent.Int32s elements ->
            narrowed tensor count elements 0 0xFFFF (fun element -> ofHalf (uint16 element))
            |> Result.bind (fun elements -> storedField tensor count elements id)
        | DataType.BFloat16, TensorContent.Raw raw -> storedRaw tensor count raw ofBFloat16
        | DataType.BFloat16, TensorContent.Int32s elements ->
            narrowed tensor count elements 0 0xFFFF (fun element -> ofBFloat16 (uint16 element))
            |> Result.bind (fun elements -> storedField tensor count elements id)
        | _ -> misplaced tensor

    /// 32-bit integers that stand for a narrower type.
    let private signedWithin (tensor: TensorProto) count (elements: int32[]) low high =
        narrowed tensor count elements low high int64

    /// Unsigned integers that stand for a narrower type, or are to be int64.
    let private unsignedUpTo (tensor: TensorProto) count (elements: uint64[]) high =
        narrowed tensor count elements 0UL high int64

    let private integers (tensor: TensorProto) count : Result<int64[], string> =
        match tensor.DataType, tensor.Content with
        | DataType.Int64, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: int64) -> element)
        | DataType.Int64, TensorContent.Int64s elements -> ofField tensor count elements id
        | DataType.Int32, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: int32) -> int64 element)
        | DataType.Int32, TensorContent.Int32s elements -> ofField tensor count elements int64
        | DataType.Int16, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: int16) -> int64 element)
        | DataType.Int16, TensorContent.Int32s elements -> signedWithin tensor count elements -0x8000 0x7FFF
        | DataType.Int8, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: sbyte) -> int64 element)
        | DataType.Int8, TensorContent.Int32s elements -> signedWithin tensor count elements -0x80 0x7F
        | DataType.UInt16, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: uint16) -> int64 element)
        | DataType.UInt16, TensorContent.Int32s elements -> signedWithin tensor count elements 0 0xFFFF
        | DataType.UInt8, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: byte) -> int64 element)
        | DataType.UInt8, TensorContent.Int32s elements -> signedWithin tensor count elements 0 0xFF
        | DataType.Bool, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: byte) -> min 1L (int64 element))
        | DataType.Bool, TensorContent.Int32s elements -> signedWithin tensor count elements 0 1
        | DataType.UInt32, TensorContent.Raw raw -> ofRaw tensor count raw (fun (element: uint32) -> int64 element)
        | DataType.UInt32, TensorContent.UInt64s elements -> unsignedUpTo tensor count elements 0xFFFFFFFFUL
        | DataType.UInt64, TensorContent.Raw raw ->
            ofRaw tensor count raw (fun (element: uint64) -> element)
            |> Result.bind (fun elements -> unsignedUpTo tensor count elements (uint64 Int64.MaxValue))
        | DataType.UInt64, TensorContent.UInt64s elements -> unsignedUpTo tensor count elements (uint64 Int64.MaxValue)
        | _ -> misplaced tensor

    /// The elements, once it is known that they are in this file and of a type to decode.
    let private decoded kind expected none decode (tensor: TensorProto) =
        match DataType.kind tensor.DataType, tensor.Content with
        | ElementKind.Unsupported, _ ->
            refuse
                tensor
                $"has elements of the type {DataType.name tensor.DataType}, which cannot be read"
                "store it as FLOAT, DOUBLE or INT64"
        | found, _ when found <> kind ->
            refuse
                tensor
                $"has elements of the type {DataType.name tensor.DataType} where {expected} are due"
                "cast it to one of those"
        | _, TensorContent.Unreadable problem -> Error $"{called tensor} {problem}"
        | _, TensorContent.External entries ->
            let location =
                entries
                |> Array.tryFind (fun entry -> entry.Key = "location")
                |> Option.map (fun entry -> $", in {Quote.name entry.Value}")
                |> Option.defaultValue ""

            refuse
                tensor
                $"keeps its elements outside the model's file{location}"
                "save the model as one file (onnx.save without save_as_external_data)"
        | _, content ->
            shape tensor
            |> Result.bind (fun shape ->
                match content, Array.fold (*) 1 shape with
                | TensorContent.Absent, 0 -> Ok none
                | TensorContent.Absent, _ -> wrongCount tensor "none"
                | _, count -> decode tensor count)

    let private nothing = {
        new StoredElements(0) with
            member _.CopyTo _ = ()
    }

    /// The elements of a FLOAT, DOUBLE, FLOAT16 or BFLOAT16 tensor, left where they are until they are needed. It is an error where
    /// toFloats's are.
    let toStored (tensor: TensorProto) : Result<StoredElements, string> =
        decoded ElementKind.Floating "floating numbers" nothing floats tensor

    /// The elements of a FLOAT, DOUBLE, FLOAT16 or BFLOAT16 tensor, each the same number in double.
    ///
    /// It is an error where shape's are, where the tensor is of another type, where the number of elements is not the
    /// product of the sizes, and where they are outside the file.
    let toFloats (tensor: TensorProto) : Result<float[], string> =
        toStored tensor |> Result.map (fun elements -> elements.ToArray())

    /// The elements of a tensor of integers of 8 to 64 bits, or of a BOOL one: 0 and 1.
    ///
    /// It is an error where toFloats's are, and where an element is beyond what its type or an int64 can hold.
    let toIntegers (tensor: TensorProto) : Result<int64[], string> =
        decoded ElementKind.Integer "integers" [||] integers tensor

    /// Whether one of the 16-bit numbers has all bits of its exponent.
    let private hasExponent (exponent: uint16) (raw: ReadOnlyMemory<byte>) =
        let elements = MemoryMarshal.Cast<byte, uint16> raw.Span
        let mutable found = false

        for element in elements do
            if element &&& exponent = exponent then found <- true

        found

    /// Whether an element is infinite or not a number. False where the elements cannot be read.
    let hasNonFinite (tensor: TensorProto) : bool =
        match tensor.DataType, tensor.Content with
        | DataType.Float, TensorContent.Raw raw when raw.Length % 4 = 0 ->
            not (TensorPrimitives.IsFiniteAll<float32>(MemoryMarshal.Cast<byte, float32> raw.Span))
        | DataType.Float, TensorContent.Floats elements ->
            not (TensorPrimitives.IsFiniteAll<float32>(ReadOnlySpan elements))
        | DataType.Double, TensorContent.Raw raw when raw.Length % 8 = 0 ->
            not (TensorPrimitives.IsFiniteAll<float>(MemoryMarshal.Cast<byte, float> raw.Span))
        | DataType.Double, TensorContent.Doubles elements ->
            not (TensorPrimitives.IsFiniteAll<float>(ReadOnlySpan elements))
        | DataType.Float16, TensorContent.Raw raw when raw.Length % 2 = 0 -> hasExponent 0x7C00us raw
        | DataType.BFloat16, TensorContent.Raw raw when raw.Length % 2 = 0 -> hasExponent 0x7F80us raw
        | _ -> false

    /// The number that all elements are, where they are raw, floating, more than one and the same bits.
    let tryUniform (tensor: TensorProto) : float option =
        match tensor.Content, DataType.byteSize tensor.DataType with
        | TensorContent.Raw raw, Some size when
            raw.Length > size
            && raw.Length % size = 0
            && MemoryExtensions.SequenceEqual(raw.Span.Slice size, raw.Span.Slice(0, raw.Length - size))
            ->
            toFloats { tensor with Dims = [||]; Content = TensorContent.Raw(raw.Slice(0, size)) }
            |> Result.toOption
            |> Option.map Array.head
        | _ -> None
