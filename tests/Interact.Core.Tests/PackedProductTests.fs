/// Matrix products by packed panels against the plain loop: the same bits for every shape, layout of the factors, instruction set and
/// division of the work. The switches DOTNET_EnableAVX512=0, DOTNET_EnableAVX2=0 and DOTNET_EnableHWIntrinsic=0 run these tests as on
/// machines without those instructions.
[<Xunit.Trait("Category", "Kernels")>]
module Interact.Core.Tests.PackedProductTests

#nowarn "9" // Addresses: what kernels work on.

open System
open System.Runtime.InteropServices
open FSharp.NativeInterop
open FsCheck.FSharp
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Tests.Generators
open Xunit

/// How a factor lies in memory.
type Layout =
    | LinesAdjacent
    | DepthsAdjacent
    /// Depths that are adjacent three by three or so.
    | DepthsInRuns of int
    /// Lines that are adjacent in runs.
    | LinesInRuns of int
    | SameForLines
    | SameForDepths
    | OneNumber
    | Strided
    | Irregular

type Precision =
    | Double
    | Single

/// One product.
type internal Case = {
    Set: InstructionSet
    Precision: Precision
    Batches: int
    Rows: int
    Columns: int
    Depth: int
    Left: Layout list
    Right: Layout list
    /// Whether all batches have the same matrix, on either side.
    Shared: bool * bool
    Packed: bool * bool
    /// Elements between the rows of the result.
    Gap: int
    Symmetric: bool
    /// The right matrix has the first factors of the left one, of which it is as many as this.
    Common: int
    Accumulate: bool
    Parts: int
    Seed: int
}

let private plain = {
    Set = Portable
    Precision = Double
    Batches = 1
    Rows = 1
    Columns = 1
    Depth = 1
    Left = [ DepthsAdjacent ]
    Right = [ LinesAdjacent ]
    Shared = false, false
    Packed = false, false
    Gap = 0
    Symmetric = false
    Common = 0
    Accumulate = false
    Parts = 1
    Seed = 1
}

/// Numbers of either precision as the kernels round them.
type private Arithmetic<'T> = {
    OfFloat: float -> 'T
    Multiply: 'T -> 'T -> 'T
    MultiplyAdd: 'T -> 'T -> 'T -> 'T
    Bits: 'T -> int64
}

let private doubles set : Arithmetic<float> = {
    OfFloat = id
    Multiply = (*)
    MultiplyAdd =
        fun x y z ->
            match set with
            | Portable -> x * y + z
            | Avx512
            | Avx2
            | AdvSimd -> Math.FusedMultiplyAdd(x, y, z)
    Bits = BitConverter.DoubleToInt64Bits
}

let private singles set : Arithmetic<float32> = {
    OfFloat = float32
    Multiply = (*)
    MultiplyAdd =
        fun x y z ->
            match set with
            | Portable -> x * y + z
            | Avx512
            | Avx2
            | AdvSimd -> MathF.FusedMultiplyAdd(x, y, z)
    Bits = BitConverter.SingleToInt32Bits >> int64
}

/// The offsets of a factor, and how many elements it has.
let private offsets (random: Random) batches isShared lines depth layout : MatrixFactor * int =
    let lineOffsets, depthOffsets =
        match layout with
        | LinesAdjacent -> Array.init lines id, Array.init depth (fun k -> k * (lines + 3))
        | DepthsAdjacent -> Array.init lines (fun i -> i * (depth + 1)), Array.init depth id
        | DepthsInRuns length ->
            let step = length + lines * length
            Array.init lines (fun i -> i * length), Array.init depth (fun k -> k / length * step + k % length)
        | LinesInRuns length ->
            let step = length * max 1 depth + 5
            Array.init lines (fun i -> i / length * step + i % length), Array.init depth (fun k -> k * length)
        | SameForLines -> Array.zeroCreate lines, Array.init depth id
        | SameForDepths -> Array.init lines (fun i -> 2 * i), Array.zeroCreate depth
        | OneNumber -> Array.zeroCreate lines, Array.zeroCreate depth
        | Strided -> Array.init lines (fun i -> 3 * i), Array.init depth (fun k -> 2 * k + 1)
        | Irregular -> Array.init lines (fun _ -> random.Next 50), Array.init depth (fun _ -> random.Next 60)

    let largest (offsets: int[]) = if offsets.Length = 0 then 0 else Array.max offsets
    let one = largest lineOffsets + largest depthOffsets + 1
    let batch = Array.init batches (fun b -> if isShared then 3 else b * one)

    { Batch = batch; Lines = lineOffsets; Depth = depthOffsets }, largest batch + one

/// Memory that begins in the middle of a vector, so many elements long.
type private Memory<'T when 'T: unmanaged>(values: 'T[]) =
    let start = NativeMemory.AlignedAlloc(unativeint ((values.Length + 1) * sizeof<'T>), 64un)
    let address = NativePtr.toNativeInt (NativePtr.ofVoidPtr<'T> start) + nativeint sizeof<'T>
    let span = Span<'T>(NativePtr.toVoidPtr (NativePtr.ofNativeInt<'T> address), values.Length)
    do values.AsSpan().CopyTo span
    member _.Address = address

    member _.Values =
        Span<'T>(NativePtr.toVoidPtr (NativePtr.ofNativeInt<'T> address), values.Length).ToArray()

    interface IDisposable with
        member _.Dispose() = NativeMemory.AlignedFree start

/// The result of the kernels, and that of the plain loop.
let private results (arithmetic: Arithmetic<'T>) (case: Case) : 'T[] * 'T[] =
    let random = Random case.Seed
    let numbers count = Array.init count (fun _ -> arithmetic.OfFloat(2.0 * random.NextDouble() - 1.0))

    let side isShared lines layouts =
        let factors = layouts |> List.map (offsets random case.Batches isShared lines case.Depth)
        factors |> List.map fst |> Array.ofList, factors |> List.map (snd >> numbers) |> Array.ofList

    let left, leftValues = side (fst case.Shared) case.Rows case.Left

    let right, rightValues =
        if case.Common > 0 then
            left[.. case.Common - 1], leftValues[.. case.Common - 1]
        else
            side (snd case.Shared) case.Columns case.Right

    let stride = case.Columns + case.Gap
    let old = numbers (case.Batches * case.Rows * stride)

    let shape = {
        Batches = case.Batches
        Rows = case.Rows
        Columns = case.Columns
        Depth = case.Depth
        Left = left
        Right = right
        LeftIsPacked = fst case.Packed
        RightIsPacked = snd case.Packed
        ResultBatch = Array.init case.Batches (fun b -> b * case.Rows * stride)
        ResultStride = stride
        Symmetric = case.Symmetric
        Accumulate = case.Accumulate
    }

    let expected = Array.copy old

    let element (factors: MatrixFactor[]) (values: 'T[][]) batch line depth =
        Array.map2
            (fun (factor: MatrixFactor) (values: 'T[]) ->
                values[factor.Batch[batch] + factor.Lines[line] + factor.Depth[depth]])
            factors
            values
        |> Array.reduce arithmetic.Multiply

    for batch in 0 .. case.Batches - 1 do
        let columns =
            Array.init case.Columns (fun j -> Array.init case.Depth (element right rightValues batch j))

        for i in 0 .. case.Rows - 1 do
            let row = Array.init case.Depth (element left leftValues batch i)

            for j in 0 .. case.Columns - 1 do
                let at i j = shape.ResultBatch[batch] + i * stride + j

                if case.Symmetric && j < i then
                    expected[at i j] <- expected[at j i]
                else
                    let start = if case.Accumulate then old[at i j] else arithmetic.OfFloat 0.0

                    expected[at i j] <- Array.fold2 (fun sum x y -> arithmetic.MultiplyAdd x y sum) start row columns[j]

    let leftMemory = leftValues |> Array.map (fun values -> new Memory<'T>(values))

    let rightMemory =
        if case.Common > 0 then
            leftMemory[.. case.Common - 1]
        else
            rightValues |> Array.map (fun values -> new Memory<'T>(values))

    use result = new Memory<'T>(old)
    let product = PackedProduct.create<'T> case.Set shape

    let workspace =
        NativeMemory.AlignedAlloc(unativeint (product.WorkspaceSize case.Parts * sizeof<'T> + 64), 64un)

    // What is left in scratch memory must not matter.
    NativeMemory.Fill(workspace, unativeint (product.WorkspaceSize case.Parts * sizeof<'T>), 0xFFuy)
    let addresses = Array.map (fun (memory: Memory<'T>) -> memory.Address)
    let packedLeft = if shape.LeftIsPacked then Some(product.PackLeft(addresses leftMemory)) else None
    let packedRight = if shape.RightIsPacked then Some(product.PackRight(addresses rightMemory)) else None

    let given memory (packed: PackedMatrix<'T> option) =
        match packed with
        | Some packed -> [| packed.Address |]
        | None -> addresses memory

    for part in case.Parts - 1 .. -1 .. 0 do
        product.Run(
            given leftMemory packedLeft,
            given rightMemory packedRight,
            result.Address,
            NativePtr.toNativeInt (NativePtr.ofVoidPtr<'T> workspace),
            part,
            case.Parts
        )

    packedLeft |> Option.iter _.KeepAlive()
    packedRight |> Option.iter _.KeepAlive()
    NativeMemory.AlignedFree workspace

    for memory in Array.append leftMemory rightMemory |> Array.distinct do
        (memory :> IDisposable).Dispose()

    expected, result.Values

let private checkBits (arithmetic: Arithmetic<'T>) case =
    let expected, actual = results arithmetic case
    let bits = Array.map arithmetic.Bits
    let expected, actual = bits expected, bits actual

    if expected <> actual then
        let index = Array.zip expected actual |> Array.findIndex (fun (e, a) -> e <> a)
        let stride = case.Columns + case.Gap

        Assert.Fail
            $"element {index} (row {index / stride}, column {index % stride}) of {expected.Length} is wrong: %A{case}"

let private check case =
    match case.Precision with
    | Double -> checkBits (doubles case.Set) case
    | Single -> checkBits (singles case.Set) case

/// Every set runs on every machine, if need be in software.
let private sets = [ Avx512; Avx2; AdvSimd; Portable ]

let private layouts = [
    LinesAdjacent
    DepthsAdjacent
    DepthsInRuns 6
    LinesInRuns 5
    SameForLines
    SameForDepths
    OneNumber
    Strided
    Irregular
]

let private cases =
    gen {
        let size = Gen.frequency [ 1, Gen.constant 0; 8, Gen.choose (1, 9); 6, Gen.choose (10, 70) ]
        let factors = Gen.frequency [ 4, Gen.constant 1; 2, Gen.constant 2; 1, Gen.constant 3 ]
        let sideOf count = Gen.elements layouts |> Gen.listOfLength count
        let flag = Gen.elements [ true; false ]
        let rarely = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
        let! set = Gen.elements sets
        let! precision = Gen.elements [ Double; Single ]
        let! batches = Gen.frequency [ 1, Gen.constant 0; 6, Gen.constant 1; 4, Gen.choose (2, 5) ]
        let! rows = size
        let! columns = size
        let! depth = Gen.frequency [ 8, size; 1, Gen.choose (250, 600) ]
        let! symmetric = rarely
        let! common = if symmetric then Gen.choose (0, 2) else Gen.constant 0
        let! left = factors |> Gen.bind sideOf
        let! right = factors |> Gen.bind sideOf
        let! shared = Gen.zip rarely rarely
        let! packed = Gen.zip rarely rarely
        let! gap = Gen.elements [ 0; 0; 1; 5 ]
        let! accumulate = flag
        let! parts = Gen.choose (1, 4)
        let! seed = Gen.choose (0, 1_000_000)

        return {
            Set = set
            Precision = precision
            Batches = batches
            Rows = rows
            Columns = (if symmetric then rows else columns)
            Depth = depth
            Left = left
            Right = right
            Shared = shared
            Packed = packed
            Gap = gap
            Symmetric = symmetric
            Common = min common left.Length
            Accumulate = accumulate
            Parts = parts
            Seed = seed
        }
    }

let private shrink (case: Case) =
    seq {
        if case.Batches > 1 then { case with Batches = case.Batches - 1 }
        if case.Parts > 1 then { case with Parts = case.Parts - 1 }
        if case.Gap > 0 then { case with Gap = 0 }
        if case.Accumulate then { case with Accumulate = false }
        if case.Packed <> (false, false) then { case with Packed = false, false }
        if case.Shared <> (false, false) then { case with Shared = false, false }
        if case.Common > 0 then { case with Common = case.Common - 1 }
        if case.Left.Length > max 1 case.Common then { case with Left = case.Left.Tail }
        if case.Right.Length > 1 then { case with Right = case.Right.Tail }
        if case.Rows > 1 && not case.Symmetric then { case with Rows = case.Rows - 1 }
        if case.Columns > 1 && not case.Symmetric then { case with Columns = case.Columns - 1 }

        if case.Rows > 1 && case.Symmetric then
            { case with Rows = case.Rows - 1; Columns = case.Columns - 1 }

        if case.Depth > 1 then { case with Depth = case.Depth / 2 }
    }

[<Fact>]
let ``packed products are the plain loop, bit for bit`` () = holdsFor 3000 (Arb.fromGenShrink (cases, shrink)) check

[<Fact>]
let ``small products are the plain loop at every size`` () =
    for set, precision in List.allPairs sets [ Double; Single ] do
        for rows in [ 0; 1; 2; 3; 4; 5; 7; 8; 9; 12; 16; 17; 33 ] do
            for columns in [ 0; 1; 2; 3; 4; 7; 8; 9; 15; 16; 17; 24; 31; 33; 49; 64; 65 ] do
                for depth in [ 0; 1; 2; 4; 5; 9 ] do
                    check { plain with Set = set; Precision = precision; Rows = rows; Columns = columns; Depth = depth }

/// Shapes that are divided into blocks in every direction.
let private large = [
    { plain with Rows = 65; Columns = 130; Depth = 257 }
    { plain with Rows = 3; Columns = 701; Depth = 300 }
    { plain with Rows = 1100; Columns = 5; Depth = 20 }
    { plain with Rows = 1; Columns = 1000; Depth = 70 }
    { plain with Rows = 1000; Columns = 1; Depth = 70 }
    {
        plain with
            Rows = 150
            Columns = 450
            Depth = 270
            Left = [ LinesAdjacent ]
            Right = [ DepthsAdjacent ]
    }
    {
        plain with
            Rows = 201
            Columns = 201
            Depth = 530
            Symmetric = true
            Left = [ DepthsAdjacent; SameForLines ]
    }
    {
        plain with
            Rows = 420
            Columns = 420
            Depth = 33
            Symmetric = true
            Left = [ LinesAdjacent; SameForDepths; SameForLines ]
            Common = 2
    }
    {
        plain with
            Rows = 540
            Columns = 540
            Depth = 9
            Symmetric = true
            Left = [ DepthsAdjacent; SameForLines ]
            Common = 1
    }
    {
        plain with
            Rows = 40
            Columns = 1100
            Depth = 21
            Left = [ Strided ]
            Right = [ DepthsAdjacent; LinesAdjacent ]
    }
    { plain with Batches = 300; Rows = 12; Columns = 12; Depth = 4; Right = [ DepthsAdjacent ] }
    { plain with Batches = 300; Rows = 12; Columns = 4; Depth = 12; Shared = (true, false) }
]

[<Fact>]
let ``products of many blocks are the plain loop, however they are divided`` () =
    for case in large do
        for set, precision in List.allPairs sets [ Double; Single ] do
            for parts in [ 1; 2; 7 ] do
                for accumulate in [ false; true ] do
                    check { case with Set = set; Precision = precision; Parts = parts; Accumulate = accumulate }

[<Fact>]
let ``a constant serves all products of its layout`` () =
    let shape rows = {
        Batches = 1
        Rows = rows
        Columns = 20
        Depth = 30
        Left = [| { Batch = [| 0 |]; Lines = Array.init rows (fun i -> 30 * i); Depth = [| 0..29 |] } |]
        Right = [| { Batch = [| 0 |]; Lines = [| 0..19 |]; Depth = [| 0..20..580 |] } |]
        LeftIsPacked = false
        RightIsPacked = true
        ResultBatch = [| 0 |]
        ResultStride = 20
        Symmetric = false
        Accumulate = false
    }

    let layout rows = (PackedProduct.create<float> InstructionSet.best (shape rows)).RightLayout
    Assert.Equal(layout 30, layout 17)

[<Fact>]
let ``offsets that do not fit the shape are refused`` () =
    let factor lines depth = { Batch = [| 0 |]; Lines = Array.zeroCreate lines; Depth = Array.zeroCreate depth }

    let shape = {
        Batches = 1
        Rows = 2
        Columns = 3
        Depth = 4
        Left = [| factor 2 4 |]
        Right = [| factor 3 4 |]
        LeftIsPacked = false
        RightIsPacked = false
        ResultBatch = [| 0 |]
        ResultStride = 3
        Symmetric = false
        Accumulate = false
    }

    let refuses shape =
        Assert.ThrowsAny<ArgumentException>(fun () -> PackedProduct.create<float> Portable shape |> ignore)
        |> ignore

    refuses { shape with Rows = -1 }
    refuses { shape with Left = [||] }
    refuses { shape with Left = [| factor 3 4 |] }
    refuses { shape with Right = [| factor 3 5 |] }
    refuses { shape with ResultBatch = [||] }
    refuses { shape with ResultStride = 2 }
    refuses { shape with Symmetric = true }
