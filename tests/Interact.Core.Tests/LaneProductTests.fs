/// Products lane by lane against the plain loop: the same bits for every shape, layout of the factors, instruction set and division of
/// the work. Like those of packed products, these tests are also run with instruction sets switched off.
[<Xunit.Trait("Category", "Kernels")>]
module Interact.Core.Tests.LaneProductTests

open System
open System.Runtime.InteropServices
open FsCheck.FSharp
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Tests.Generators
open Xunit

/// How a factor lies in memory; its lanes are innermost, or there is one number for all of them.
type Layout =
    | LinesOutside
    | DepthsOutside
    | SameForLines
    | SameForDepths
    | Irregular
    /// So far from line to line that all lines share the places of the first cache.
    | FarApart

/// One factor: how it lies, and whether it has lanes.
type Side = (Layout * bool) list

/// One product.
type internal Case = {
    Set: InstructionSet
    Precision: Precision
    Batches: int
    Rows: int
    Columns: int
    Depth: int
    /// Vectors of lanes.
    Vectors: int
    Left: Side
    Right: Side
    SumsLanes: bool
    Symmetric: bool
    /// The right side has the first factors of the left one, of which it is as many as this.
    Common: int
    Parts: int
    Seed: int
}

let private vector case = LaneProduct.vector case.Set case.Precision

/// The offsets of a factor, and how many elements it has.
let private offsets (random: Random) (case: Case) lines (layout, varies) : LaneFactor * int =
    let lanes = vector case * case.Vectors
    let unit = if varies then lanes else 1

    let lineOffsets, depthOffsets =
        match layout with
        | LinesOutside -> Array.init lines (fun i -> i * (case.Depth + 1)), Array.init case.Depth id
        | DepthsOutside -> Array.init lines id, Array.init case.Depth (fun k -> k * (lines + 2))
        | SameForLines -> Array.zeroCreate lines, Array.init case.Depth id
        | SameForDepths -> Array.init lines (fun i -> 2 * i), Array.zeroCreate case.Depth
        | Irregular -> Array.init lines (fun _ -> random.Next 40), Array.init case.Depth (fun _ -> random.Next 50)
        | FarApart -> Array.init lines (fun i -> i * 4096 / unit), Array.init case.Depth id

    let largest (offsets: int[]) = if offsets.Length = 0 then 0 else Array.max offsets
    let one = largest lineOffsets + largest depthOffsets + 1
    let scaled = Array.map ((*) unit)

    {
        Batch = Array.init case.Batches (fun b -> b * one) |> scaled
        Lines = scaled lineOffsets
        Depth = scaled depthOffsets
        Varies = varies
    },
    case.Batches * one * unit

/// Numbers of either precision as kernels round them.
type private Arithmetic = { Round: float -> float; MultiplyAdd: float -> float -> float -> float }

let private arithmetic case =
    let isFused = case.Set <> Portable

    match case.Precision with
    | Precision.Double -> {
        Round = id
        MultiplyAdd = fun x y z -> if isFused then Math.FusedMultiplyAdd(x, y, z) else x * y + z
      }
    | Precision.Single -> {
        Round = float32 >> float
        MultiplyAdd =
            fun x y z ->
                let x, y, z = float32 x, float32 y, float32 z
                float (if isFused then MathF.FusedMultiplyAdd(x, y, z) else x * y + z)
      }

/// Memory aligned to 64 bytes, so many elements long, with values of either precision.
type private Memory(precision: Precision, values: float[]) =
    let size = Precision.size precision

    let address =
        NativeMemory.AlignedAlloc(unativeint (values.Length * size + 64), 64un) |> IntPtr.op_Explicit

    do NumberMemory.write precision values address
    member _.Address: nativeint = address

    member _.Values =
        let result = Array.zeroCreate<float> values.Length
        NumberMemory.read precision address result
        result

    interface IDisposable with
        member _.Dispose() = NativeMemory.AlignedFree(address.ToPointer())

let private check (case: Case) =
    let random = Random case.Seed
    let { Round = round; MultiplyAdd = multiplyAdd } = arithmetic case
    let numbers count = Array.init count (fun _ -> round (2.0 * random.NextDouble() - 1.0))
    let lanes = vector case * case.Vectors

    let side lines (factors: Side) =
        factors
        |> List.map (fun factor ->
            let factor, size = offsets random case lines factor
            factor, numbers size)
        |> Array.ofList

    let left = side case.Rows case.Left
    let right = if case.Common > 0 then left[.. case.Common - 1] else side case.Columns case.Right
    let perResult = if case.SumsLanes then 1 else lanes
    let at (batch: int) i j = ((batch * case.Rows + i) * (case.Columns + 1) + j) * perResult

    let shape: LaneProductShape = {
        Batches = case.Batches
        Rows = case.Rows
        Columns = case.Columns
        Depth = case.Depth
        Lanes = lanes
        Left = left |> Array.map fst
        Right = right |> Array.map fst
        Result = {
            Batch = Array.init case.Batches (fun b -> at b 0 0)
            Lines = Array.init case.Rows (fun i -> at 0 i 0)
            Depth = Array.init case.Columns (fun j -> at 0 0 j)
            Varies = not case.SumsLanes
        }
        Symmetric = case.Symmetric
    }

    let element (factors: (LaneFactor * float[])[]) batch line depth lane =
        factors
        |> Array.map (fun (factor, values) ->
            let place = factor.Batch[batch] + factor.Lines[line] + factor.Depth[depth]
            values[if factor.Varies then place + lane else place])
        |> Array.reduce (fun x y -> round (x * y))

    let product batch i j lane sum depth =
        multiplyAdd (element left batch i depth lane) (element right batch j depth lane) sum

    let expected = Array.create (at case.Batches 0 0 + lanes) 7.0

    for batch in 0 .. case.Batches - 1 do
        for i in 0 .. case.Rows - 1 do
            for j in (if case.Symmetric then i else 0) .. case.Columns - 1 do
                let depths = seq { 0 .. case.Depth - 1 }

                let put i j =
                    if case.SumsLanes then
                        // A sum for each lane of a vector, over depths and vectors; then over the lanes.
                        expected[at batch i j] <-
                            Array.init (vector case) (fun lane ->
                                (0.0, Seq.allPairs depths (seq { 0 .. case.Vectors - 1 }))
                                ||> Seq.fold (fun sum (depth, v) ->
                                    product batch i j (v * vector case + lane) sum depth))
                            |> Array.reduce (fun x y -> round (x + y))
                    else
                        for lane in 0 .. lanes - 1 do
                            expected[at batch i j + lane] <- Seq.fold (product batch i j lane) 0.0 depths

                put i j

                if case.Symmetric then Array.blit expected (at batch i j) expected (at batch j i) perResult

    let memories (side: (LaneFactor * float[])[]) =
        side |> Array.map (fun (_, values) -> new Memory(case.Precision, values))

    let ofLeft = memories left
    let ofRight = if case.Common > 0 then ofLeft[.. case.Common - 1] else memories right
    use result = new Memory(case.Precision, Array.create expected.Length 7.0)
    let kernel = LaneProduct.create case.Set case.Precision shape
    // What is left in scratch memory must not matter.
    use workspace = new Memory(case.Precision, Array.create (kernel.WorkspaceSize case.Parts) nan)
    let addresses = Array.map (fun (memory: Memory) -> memory.Address)

    for part in case.Parts - 1 .. -1 .. 0 do
        kernel.Run(addresses ofLeft, addresses ofRight, result.Address, workspace.Address, part, case.Parts)

    for memory in Array.append ofLeft ofRight |> Array.distinct do
        (memory :> IDisposable).Dispose()

    let bits = Array.map BitConverter.DoubleToInt64Bits

    if bits expected <> bits result.Values then
        let index = Array.zip expected result.Values |> Array.findIndex (fun (e, a) -> not (e.Equals a))
        Assert.Fail $"element {index} is {result.Values[index]}, not {expected[index]}: %A{case}"

let private sets = [ Avx512; Avx2; AdvSimd; Portable ]

let private cases =
    gen {
        let size = Gen.frequency [ 1, Gen.constant 0; 8, Gen.choose (1, 9); 3, Gen.choose (10, 40) ]

        let layout =
            Gen.elements [ LinesOutside; DepthsOutside; SameForLines; SameForDepths; Irregular; FarApart ]

        let flag = Gen.elements [ true; false ]
        let factor = Gen.zip layout (Gen.frequency [ 2, Gen.constant true; 1, Gen.constant false ])
        let count = Gen.frequency [ 4, Gen.constant 1; 2, Gen.constant 2; 1, Gen.constant 3 ]
        let! set = Gen.elements sets
        let! precision = Gen.elements [ Precision.Double; Precision.Single ]
        let! batches = Gen.frequency [ 1, Gen.constant 0; 6, Gen.constant 1; 3, Gen.choose (2, 4) ]
        let! rows = size
        let! columns = size
        let! depth = Gen.frequency [ 8, size; 1, Gen.choose (150, 400) ]
        let! vectors = Gen.choose (1, 3)
        let! symmetric = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
        let! left = count |> Gen.bind (fun count -> Gen.listOfLength count factor)
        let! right = count |> Gen.bind (fun count -> Gen.listOfLength count factor)
        let! common = if symmetric then Gen.choose (0, left.Length) else Gen.constant 0
        let! sums = flag
        let! parts = Gen.choose (1, 4)
        let! seed = Gen.choose (0, 1_000_000)
        // One of the sides has lanes.
        let hasLanes = Seq.exists snd

        let left =
            if hasLanes (if common > 0 then left[.. common - 1] else right) || hasLanes left then
                left
            else
                (fst left.Head, true) :: left.Tail

        return {
            Set = set
            Precision = precision
            Batches = batches
            Rows = rows
            Columns = (if symmetric then rows else columns)
            Depth = depth
            Vectors = vectors
            Left = left
            Right = right
            SumsLanes = sums
            Symmetric = symmetric
            Common = common
            Parts = parts
            Seed = seed
        }
    }

let private shrink (case: Case) =
    seq {
        if case.Batches > 1 then { case with Batches = case.Batches - 1 }
        if case.Parts > 1 then { case with Parts = case.Parts - 1 }
        if case.Vectors > 1 then { case with Vectors = case.Vectors - 1 }
        if case.Rows > 1 && not case.Symmetric then { case with Rows = case.Rows - 1 }
        if case.Columns > 1 && not case.Symmetric then { case with Columns = case.Columns - 1 }

        if case.Rows > 1 && case.Symmetric then
            { case with Rows = case.Rows - 1; Columns = case.Columns - 1 }

        if case.Depth > 1 then { case with Depth = case.Depth / 2 }
    }

[<Fact>]
let ``lane products are the plain loop, bit for bit`` () = holdsFor 1000 (Arb.fromGenShrink (cases, shrink)) check

[<Fact>]
let ``lanes that do not fill vectors are refused`` () =
    let one: LaneFactor = { Batch = [| 0 |]; Lines = [| 0 |]; Depth = [| 0 |]; Varies = true }

    let shape: LaneProductShape = {
        Batches = 1
        Rows = 1
        Columns = 1
        Depth = 1
        Lanes = 12
        Left = [| one |]
        Right = [| one |]
        Result = one
        Symmetric = false
    }

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            LaneProduct.create Avx512 Precision.Double shape |> ignore<ILaneProduct>)

    Assert.Contains("12 lanes do not fill vectors of 8", error.Message)
