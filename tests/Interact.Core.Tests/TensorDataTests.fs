/// The elements of constants as numbers, and the refusal of those that do not hold what they promise.
module Interact.Core.Tests.TensorDataTests

open System
open System.Runtime.InteropServices
open FsCheck
open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.Results
open Xunit

let private parseConstant (Constant bytes) = OnnxFile.parseTensor (ReadOnlyMemory bytes)
let private floats constant = parseConstant constant |> Result.bind TensorData.toFloats
let private integers constant = parseConstant constant |> Result.bind TensorData.toIntegers

[<Fact>]
let ``elements are the same numbers whether raw or typed`` () =
    let agree (values: float[]) =
        let dims = [ values.Length ]
        let numbers = values |> Array.map BitConverter.DoubleToInt64Bits
        let small = numbers |> Array.map int

        let same (read: Constant -> Result<'T[], string>) one other =
            Assert.Equal<'T[]>(read one |> ok, read other |> ok)

        same floats (Init.doubles "" dims values) (Init.doublesTyped "" dims values)
        same floats (Init.floats "" dims values) (Init.floatsTyped "" dims values)
        same integers (Init.int64s "" dims numbers) (Init.int64sTyped "" dims numbers)
        same integers (Init.int32s "" dims small) (Init.int32sTyped "" dims small)
        Assert.Equal<float[]>(values, floats (Init.doubles "" dims values) |> ok)
        Assert.Equal<float[]>(values |> Array.map (float32 >> float), floats (Init.floats "" dims values) |> ok)
        Assert.Equal<int64[]>(numbers, integers (Init.int64s "" dims numbers) |> ok)

    Check.QuickThrowOnFailure agree

[<Fact>]
let ``repeated numbers read the same packed or one by one`` () =
    let constant elements = Init.ofField "" DataType.Int64 [ 3 ] elements
    let oneByOne = Array.concat [ Field.int 7 1; Field.int 7 -1; Field.int 7 300 ]
    Assert.Equal<int64[]>([| 1L; -1L; 300L |], integers (constant oneByOne) |> ok)
    Assert.Equal<int64[]>([| 1L; -1L; 300L |], integers (constant (Field.packedInts 7 [ 1L; -1L; 300L ])) |> ok)

/// Bit patterns from IEEE 754: one, minus two, the largest half, the smallest half, infinity.
[<Fact>]
let ``half precision widens exactly`` () =
    let bits = [| 0x3C00us; 0xC000us; 0x7BFFus; 0x0001us; 0x7C00us |]
    let expected = [| 1.0; -2.0; 65504.0; Math.ScaleB(1.0, -24); Double.PositiveInfinity |]
    Assert.Equal<float[]>(expected, floats (Init.ofField "" DataType.Float16 [ 5 ] (Field.packed 9 bits)) |> ok)
    let typed = Field.packedInts 5 (bits |> Seq.map int64)
    Assert.Equal<float[]>(expected, floats (Init.ofField "" DataType.Float16 [ 5 ] typed) |> ok)

/// The upper halves of the float32 patterns of one, minus two and 3.140625.
[<Fact>]
let ``bfloat16 widens exactly`` () =
    let bits = [| 0x3F80us; 0xC000us; 0x4049us |]
    let expected = [| 1.0; -2.0; 3.140625 |]
    Assert.Equal<float[]>(expected, floats (Init.ofField "" DataType.BFloat16 [ 3 ] (Field.packed 9 bits)) |> ok)
    let typed = Field.packedInts 5 (bits |> Seq.map int64)
    Assert.Equal<float[]>(expected, floats (Init.ofField "" DataType.BFloat16 [ 3 ] typed) |> ok)

[<Fact>]
let ``integers of every width keep their values`` () =
    let raw dataType (elements: 'T[]) expected =
        let constant = Init.ofField "" dataType [ elements.Length ] (Field.packed 9 elements)
        Assert.Equal<int64[]>(expected, integers constant |> ok)

    let typed dataType number expected =
        let constant = Init.ofField "" dataType [ Array.length expected ] (Field.packedInts number expected)
        Assert.Equal<int64[]>(expected, integers constant |> ok)

    raw DataType.Int8 [| -128y; 127y |] [| -128L; 127L |]
    raw DataType.UInt8 [| 255uy |] [| 255L |]
    raw DataType.Int16 [| -32768s |] [| -32768L |]
    raw DataType.UInt16 [| 65535us |] [| 65535L |]
    raw DataType.Int32 [| Int32.MinValue |] [| int64 Int32.MinValue |]
    raw DataType.UInt32 [| UInt32.MaxValue |] [| 4294967295L |]
    raw DataType.Int64 [| Int64.MinValue |] [| Int64.MinValue |]
    raw DataType.UInt64 [| 9223372036854775807UL |] [| Int64.MaxValue |]
    raw DataType.Bool [| 0uy; 1uy; 2uy |] [| 0L; 1L; 1L |]
    typed DataType.Int8 5 [| -128L; 127L |]
    typed DataType.UInt8 5 [| 255L |]
    typed DataType.Int16 5 [| -32768L |]
    typed DataType.UInt16 5 [| 65535L |]
    typed DataType.Bool 5 [| 0L; 1L |]
    typed DataType.UInt32 11 [| 4294967295L |]
    typed DataType.UInt64 11 [| Int64.MaxValue |]

[<Fact>]
let ``raw elements are a view of the file`` () =
    let (Constant bytes) = Init.floats "w" [ 2 ] [ 1.0; 2.0 ]

    match (parseConstant (Constant bytes) |> ok).Content with
    | TensorContent.Raw view ->
        let isArray, segment = MemoryMarshal.TryGetArray view
        Assert.True isArray
        Assert.Same(bytes, segment.Array)
    | other -> invalidOp $"%A{other}"

[<Fact>]
let ``a scalar has one element and an empty tensor none`` () =
    Assert.Equal<float[]>([| 2.5 |], floats (Init.doubles "" [] [ 2.5 ]) |> ok)
    Assert.Equal<float[]>([||], floats (Init.doubles "" [ 0; 7 ] []) |> ok)
    Assert.Equal<int[]>([| 0; 7 |], parseConstant (Init.doubles "" [ 0; 7 ] []) |> Result.bind TensorData.shape |> ok)

[<Fact>]
let ``a tensor that does not hold what it promises is refused`` () =
    let dims (sizes: int64 list) elements =
        let fields = [ yield! sizes |> List.map (Field.int64 1); Field.int 2 1; Field.packed 9 (elements: float32[]) ]

        Constant(Array.concat fields)

    let typed dataType number elements = Init.ofField "w" dataType [ 1 ] (Field.packedInts number elements)

    assertRefused [
        refusal (floats (dims [ 2L; 3L ] [| 1.0f |])), "should have 2 x 3 elements and has 4 bytes"
        refusal (floats (dims [ 1L ] [| 1.0f; 2.0f |])), "should have 1 elements and has 8 bytes"
        refusal (floats (dims [ 2L ] [||])), "should have 2 elements and has none"
        refusal (floats (Init.raw "w" DataType.Float [ 1 ] [| 0uy; 0uy; 0uy |])), "has 3 bytes, where each takes 4"
        refusal (floats (Init.floatsTyped "w" [ 3 ] [ 1.0; 2.0 ])), "should have 3 elements and has 8 bytes"
        refusal (floats (dims [ -1L; -1L ] [| 1.0f |])), "negative size (-1 x -1)"
        refusal (floats (dims [ 1L <<< 32; 1L <<< 32 ] [||])), "more elements than an array can hold"
        refusal (floats (dims [ Int64.MaxValue; Int64.MaxValue ] [||])), "more elements than an array can hold"
        refusal (floats (dims [ 1L <<< 20; 1L <<< 20; 0L ] [||])), "more elements than an array can hold"
        refusal (floats (dims (List.replicate 33 1L) [| 1.0f |])), "33 dimensions, more than 32"
        refusal (integers (typed DataType.UInt8 5 [ 256L ])), "256, which is no UINT8"
        refusal (integers (typed DataType.Int8 5 [ -129L ])), "-129, which is no INT8"
        refusal (integers (typed DataType.Int32 5 [ 1L <<< 31 ])), "2147483648 where a number of 32 bits is due"
        refusal (integers (typed DataType.UInt64 11 [ -1L ])), "18446744073709551615, which is no UINT64"
        refusal (floats (typed DataType.Float 7 [ 1L ])), "a field that is not for the type FLOAT"
    ]

[<Fact>]
let ``a tensor that cannot be numbers names its type and the remedy`` () =
    let ofType dataType = Init.raw "w" dataType [ 1 ] [| 0uy |]

    assertRefused [
        for dataType, name in
            [
                DataType.String, "STRING"
                DataType.Complex64, "COMPLEX64"
                DataType.Float8E4M3FN, "FLOAT8E4M3FN"
                DataType.Int4, "INT4"
                DataType.Unknown 99, "number 99"
                DataType.Unknown -1, "number -1"
            ] do
            refusal (floats (ofType dataType)),
            $"tensor 'w' has elements of the type {name}, which cannot be read; store it"

            refusal (integers (ofType dataType)), $"of the type {name}"

        refusal (floats (Init.int64s "w" [ 1 ] [ 1L ])), "of the type INT64 where floating numbers are due"
        refusal (integers (Init.floats "w" [ 1 ] [ 1.0 ])), "of the type FLOAT where integers are due"
        refusal (floats (Init.external "w" DataType.Float [ 1 ] "../w.bin")),
        "outside the model's file, in '../w.bin'; save the model as one file"
    ]

[<Fact>]
let ``names in a message are escaped and shortened`` () =
    let problemOf name = refusal (floats (Init.raw name DataType.String [ 1 ] [||]))
    let hostile = problemOf "\027[31mred\nline\u202E"
    Assert.Contains(@"'\u001B[31mred\u000Aline\u202E'", hostile)
    assertRefused [ problemOf (String('n', 500_000)), "…' (500000 characters)" ]

[<Fact>]
let ``floating numbers may come in blocks and one by one`` () =
    let blocks = [ Field.packed 4 [| 1.0f; 2.0f |]; Field.float32 4 3.0f; Field.packed 4 [| 4.0f |] ]
    let pieces = Init.ofField "w" DataType.Float [ 4 ] (Array.concat blocks)
    Assert.Equal(Ok [| 1.0; 2.0; 3.0; 4.0 |], floats pieces)

    let singly =
        Init.ofField "w" DataType.Double [ 2 ] (Array.append (Field.float64 10 0.1) (Field.float64 10 0.2))

    Assert.Equal(Ok [| 0.1; 0.2 |], floats singly)
