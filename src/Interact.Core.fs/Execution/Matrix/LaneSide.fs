namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open FSharp.NativeInterop

/// A side of a product: one factor is read where it stands, several are multiplied out, block by block.
[<Sealed>]
type internal LaneSide<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType>
    (factors: LaneFactor[], vectorsPerDepth: int, depthBlock: int, linesAtOnce: int, isWorthPacking: bool) =

    let tables =
        factors |> Array.map (fun factor -> LaneTables(factor, sizeof<'T>, 'I.Lanes, vectorsPerDepth))

    let bytes = 'I.Lanes * sizeof<'T>

    let linesConflict =
        match Arithmetic.step factors[0].Lines with
        | ValueSome step -> factors[0].Lines.Length > 4 && factors[0].Varies && step * sizeof<'T> % 4096 = 0
        | ValueNone -> false

    let isPacked = factors.Length > 1 || linesConflict || isWorthPacking
    // Lines past the end repeat the last, and no tile begins later than these.
    let packedLines =
        OffsetTable(Array.init (linesAtOnce + 3) (fun i -> min i (linesAtOnce - 1) * depthBlock * bytes))

    let packedDepth = OffsetTable(Array.init depthBlock (fun k -> k * bytes))

    member _.IsPacked = isPacked
    /// Whether the tile reads a vector, and not a number.
    member _.Varies = isPacked || factors[0].Varies
    /// Elements of scratch memory.
    member _.ScratchSize = if isPacked then linesAtOnce * depthBlock * 'I.Lanes else 0

    /// The side as tiles read it, where it need not be multiplied out.
    member _.InPlace(addresses: nativeint[], batch: int, pass: int, depth: int) : LaneView =
        let table = tables[0]

        {
            Base = addresses[0] + table.Batch batch + table.Pass pass
            Lines = table.Lines
            Depth = NativePtr.add table.Depth depth
        }

    /// A line's first two factors, or its only one.
    member private _.Begin(x: nativeint, y: nativeint, depth: int, target: nativeint, count: int) =
        let ofX = tables[0]

        if tables.Length = 1 then
            if ofX.Varies then
                LanePacking<'I, 'V, 'T, Varying<'I, 'V, 'T>>.Copy(x, ofX, depth, target, count)
            else
                LanePacking<'I, 'V, 'T, Shared<'I, 'V, 'T>>.Copy(x, ofX, depth, target, count)
        else
            let ofY = tables[1]

            if ofX.Varies then
                if ofY.Varies then
                    LanePacking<'I, 'V, 'T, Varying<'I, 'V, 'T>>
                        .Product<Varying<'I, 'V, 'T>>(x, ofX, y, ofY, depth, target, count)
                else
                    LanePacking<'I, 'V, 'T, Varying<'I, 'V, 'T>>
                        .Product<Shared<'I, 'V, 'T>>(x, ofX, y, ofY, depth, target, count)
            elif ofY.Varies then
                LanePacking<'I, 'V, 'T, Shared<'I, 'V, 'T>>
                    .Product<Varying<'I, 'V, 'T>>(x, ofX, y, ofY, depth, target, count)
            else
                LanePacking<'I, 'V, 'T, Shared<'I, 'V, 'T>>
                    .Product<Shared<'I, 'V, 'T>>(x, ofX, y, ofY, depth, target, count)

    /// Multiplies out some lines at some depths. The product of the first factors may be there already: given as the address of their
    /// first line, packed alike.
    member side.Pack
        (
            addresses: nativeint[],
            batch: int,
            pass: int,
            depth: int,
            count: int,
            first: int,
            last: int,
            scratch: nativeint,
            known: int,
            origin: nativeint
        ) =
        let at i line =
            addresses[i]
            + tables[i].Batch batch
            + tables[i].Pass pass
            + nativeint (NativePtr.get tables[i].Lines line)

        for line in first .. (if count = 0 then first else last) - 1 do
            let target = scratch + nativeint ((line - first) * depthBlock * bytes)

            if known = 0 then
                side.Begin(at 0 line, (if tables.Length > 1 then at 1 line else 0n), depth, target, count)

            let start = if known > 0 then known else 2
            let origin = origin + nativeint ((line - first) * depthBlock * bytes)

            for i in start .. tables.Length - 1 do
                let further = tables[i]
                let from = if known > 0 && i = known then origin else target

                if further.Varies then
                    LanePacking<'I, 'V, 'T, Varying<'I, 'V, 'T>>
                        .Multiply(from, at i line, further, depth, target, count)
                else
                    LanePacking<'I, 'V, 'T, Shared<'I, 'V, 'T>>.Multiply(from, at i line, further, depth, target, count)

    /// The lines that were multiplied out, as tiles read them: the first of them is line `first`.
    member _.Packed(first: int, scratch: nativeint) : LaneView = {
        Base = scratch
        Lines = NativePtr.add packedLines.Address -first
        Depth = packedDepth.Address
    }
