namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// A factor's offsets in bytes, in memory that does not move. Lines past the end repeat the last. Where lanes are summed, each depth
/// counts once for every vector of lanes.
[<Sealed>]
type internal LaneTables(factor: LaneFactor, size: int, vector: int, vectorsPerDepth: int) =
    let step = if factor.Varies then vector * size else 0

    let lines =
        let last = factor.Lines.Length - 1

        OffsetTable(
            Array.init (factor.Lines.Length + 3) (fun i -> if last < 0 then 0 else factor.Lines[min i last] * size)
        )

    let depth =
        OffsetTable [|
            for offset in factor.Depth do
                for part in 0 .. vectorsPerDepth - 1 -> offset * size + part * step
        |]

    member _.Varies = factor.Varies
    member _.Batch(batch: int) = nativeint factor.Batch[batch] * nativeint size
    /// From the first lanes to those of a pass.
    member _.Pass(pass: int) = nativeint pass * nativeint step
    member _.Lines = lines.Address
    member _.Depth = depth.Address

    /// The distance of depths, where it is always the same.
    member val Step =
        match Arithmetic.step depth.Array with
        | ValueSome step -> ValueSome(nativeint step)
        | ValueNone -> ValueNone

    /// Where a depth of a line is.
    member _.At(line: nativeint, at: int) = line + nativeint depth.Array[at]

/// Multiplying out the factors of a line: one vector for each depth.
[<AbstractClass; Sealed>]
type internal LanePacking<'I, 'V, 'T, 'X
    when 'I :> IVectors<'V, 'T>
    and 'X :> ILaneOperand<'V>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    /// target[k] = x[k] · y[k], where depths are at equal distances.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Even<'Y when 'Y :> ILaneOperand<'V>>
        (x: nativeint, xStep: nativeint, y: nativeint, yStep: nativeint, target: nativeint, count: int)
        =
        let bytes = nativeint ('I.Lanes * sizeof<'T>)
        let mutable x, y, into = x, y, target

        for _ in 1..count do
            'I.Store('I.Multiply('X.Load x, 'Y.Load y), into)
            x <- x + xStep
            y <- y + yStep
            into <- into + bytes

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private Uneven<'Y when 'Y :> ILaneOperand<'V>>
        (x: nativeint, xDepth: nativeptr<int>, y: nativeint, yDepth: nativeptr<int>, target: nativeint, count: int)
        =
        let bytes = nativeint ('I.Lanes * sizeof<'T>)
        let mutable into = target

        for k in 0 .. count - 1 do
            let ofX = 'X.Load(x + nativeint (NativePtr.get xDepth k))
            'I.Store('I.Multiply(ofX, 'Y.Load(y + nativeint (NativePtr.get yDepth k))), into)
            into <- into + bytes

    /// target[k] = x[k] · y[k].
    static member Product<'Y when 'Y :> ILaneOperand<'V>>
        (x: nativeint, ofX: LaneTables, y: nativeint, ofY: LaneTables, depth: int, target: nativeint, count: int)
        =
        match ofX.Step, ofY.Step with
        | ValueSome xStep, ValueSome yStep ->
            LanePacking<'I, 'V, 'T, 'X>.Even<'Y>(ofX.At(x, depth), xStep, ofY.At(y, depth), yStep, target, count)
        | _ ->
            let xDepth, yDepth = NativePtr.add ofX.Depth depth, NativePtr.add ofY.Depth depth
            LanePacking<'I, 'V, 'T, 'X>.Uneven<'Y>(x, xDepth, y, yDepth, target, count)

    /// target[k] = x[k].
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Copy(x: nativeint, ofX: LaneTables, depth: int, target: nativeint, count: int) =
        let bytes = nativeint ('I.Lanes * sizeof<'T>)
        let mutable into = target

        match ofX.Step with
        | ValueSome step ->
            let mutable x = ofX.At(x, depth)

            for _ in 1..count do
                'I.Store('X.Load x, into)
                x <- x + step
                into <- into + bytes
        | ValueNone ->
            for k in depth .. depth + count - 1 do
                'I.Store('X.Load(x + nativeint (NativePtr.get ofX.Depth k)), into)
                into <- into + bytes

    /// target[k] = source[k] · x[k], where source and target are packed.
    static member Multiply
        (source: nativeint, x: nativeint, ofX: LaneTables, depth: int, target: nativeint, count: int)
        =
        let bytes = nativeint ('I.Lanes * sizeof<'T>)

        match ofX.Step with
        | ValueSome step ->
            LanePacking<'I, 'V, 'T, Varying<'I, 'V, 'T>>.Even<'X>(source, bytes, ofX.At(x, depth), step, target, count)
        | ValueNone ->
            let mutable from, into = source, target

            for k in depth .. depth + count - 1 do
                'I.Store('I.Multiply('I.Load from, 'X.Load(x + nativeint (NativePtr.get ofX.Depth k))), into)
                from <- from + bytes
                into <- into + bytes
