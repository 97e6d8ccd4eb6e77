namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open FSharp.NativeInterop

/// How a packed matrix lies in memory: depth blocks of panels, which hold all their lines for one depth, then for the next. Matrices
/// of one layout can be exchanged.
type internal PackedLayout = {
    Batches: int
    Lines: int
    Depth: int
    /// Lines of a panel.
    PanelWidth: int
    /// Depths of a block; the last block may be shorter.
    DepthBlock: int
}

[<RequireQualifiedAccess>]
module internal PackedLayout =

    /// Alignment of packed panels in bytes: a line of the cache, and the longest vector.
    [<Literal>]
    let Alignment = 64

    let panels (layout: PackedLayout) = (layout.Lines + layout.PanelWidth - 1) / layout.PanelWidth

    /// Elements of one batch.
    let batchSize (layout: PackedLayout) = panels layout * layout.PanelWidth * layout.Depth

    /// Where a panel starts in a packed matrix, in elements.
    let panelStart (layout: PackedLayout) batch depth count panel =
        batch * batchSize layout + layout.PanelWidth * (panels layout * depth + panel * count)

/// A constant matrix that has been packed for products of one layout. Its memory does not move.
[<Sealed>]
type internal PackedMatrix<'T when 'T: unmanaged>(layout: PackedLayout) =
    let spare = PackedLayout.Alignment / sizeof<'T>

    let memory =
        GC.AllocateUninitializedArray<'T>(layout.Batches * PackedLayout.batchSize layout + spare, pinned = true)

    let address =
        let start =
            NativePtr.toNativeInt (
                NativePtr.ofVoidPtr<'T>(Unsafe.AsPointer(&MemoryMarshal.GetArrayDataReference memory))
            )

        let alignment = nativeint PackedLayout.Alignment
        (start + alignment - 1n) / alignment * alignment

    member _.Layout = layout
    member _.Address = address
    /// Keeps the memory until here.
    member _.KeepAlive() = GC.KeepAlive memory

/// Arithmetic offsets: each is so much larger than the one before.
[<RequireQualifiedAccess>]
module internal Arithmetic =

    let step (offsets: int[]) : int voption =
        if offsets.Length < 2 then
            ValueSome 0
        else
            let step = offsets[1] - offsets[0]
            let follows i = offsets[i] = offsets[0] + i * step
            if Seq.forall follows (seq { 2 .. offsets.Length - 1 }) then ValueSome step else ValueNone

/// One of the two matrices of a product, with what is known about its offsets.
[<Sealed>]
type internal MatrixSide<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType>(factors: MatrixFactor[], isPacked: bool, layout: PackedLayout) =

    let tables = factors |> Array.map (fun factor -> FactorTables(factor, 'I.Lanes, layout.PanelWidth))

    let lanes = 'I.Lanes
    let strips = layout.PanelWidth / lanes
    let step = nativeint (layout.PanelWidth * sizeof<'T>)

    let strides =
        match factors with
        | [| factor |] when not isPacked && layout.Depth > 0 ->
            match Arithmetic.step factor.Lines, Arithmetic.step factor.Depth with
            | ValueSome line, ValueSome depth -> ValueSome struct (line, depth)
            | _ -> ValueNone
        | _ -> ValueNone

    member _.Layout = layout
    member _.IsPacked = isPacked

    /// The distances between lines and between depths of a matrix of one factor, if there are such.
    member _.Strides = strides

    /// The distance between lines of such a matrix, in bytes.
    member val LineBytes =
        match strides with
        | ValueSome struct (line, _) -> nativeint line * nativeint sizeof<'T>
        | ValueNone -> 0n

    /// The distance between depths of such a matrix, in bytes.
    member val DepthBytes =
        match strides with
        | ValueSome struct (_, depth) -> nativeint depth * nativeint sizeof<'T>
        | ValueNone -> 0n

    /// The address of an element of a matrix of one factor.
    member _.ElementAddress(addresses: nativeint[], batch: int, line: int, depth: int) =
        let tables = tables[0]
        let offset = tables.Batch[batch] + NativePtr.get tables.Lines line + NativePtr.get tables.Depth depth
        addresses[0] + nativeint offset * nativeint sizeof<'T>

    /// How many depths of a panel should be packed before those of the next one.
    member _.DepthsAtOnce =
        tables |> Array.fold (fun depths factor -> min depths factor.DepthsAtOnce) Int32.MaxValue

    /// Packs a panel: all factors of its strips, one after the other while the strip is in the first cache. The product of the factors
    /// before the first one stands at the origin, a distance from the target.
    member _.Pack
        (
            addresses: nativeint[],
            batch: int,
            panel: int,
            depth: int,
            count: int,
            target: nativeint,
            first: int,
            origin: nativeint
        ) =
        for part in 0 .. strips - 1 do
            let strip = panel * strips + part
            let present = layout.Lines - strip * lanes
            let target = target + nativeint (part * lanes * sizeof<'T>)

            for i in first .. tables.Length - 1 do
                let factor = tables[i]
                let source = addresses[i] + nativeint factor.Batch[batch] * nativeint sizeof<'T>

                if i = 0 then
                    StripPacking<'I, 'V, 'T, Write>.Pack(source, factor, strip, present, depth, count, target, step, 0n)
                else
                    let origin = if i = first then origin else 0n

                    StripPacking<'I, 'V, 'T, MultiplyInto>
                        .Pack(source, factor, strip, present, depth, count, target, step, origin)

    /// The whole matrix, packed.
    member side.PackAll(addresses: nativeint[]) =
        let packed = PackedMatrix<'T> layout

        for batch in 0 .. layout.Batches - 1 do
            for depth in 0 .. layout.DepthBlock .. layout.Depth - 1 do
                let count = min layout.DepthBlock (layout.Depth - depth)

                for panel in 0 .. PackedLayout.panels layout - 1 do
                    let start = PackedLayout.panelStart layout batch depth count panel

                    side.Pack(
                        addresses,
                        batch,
                        panel,
                        depth,
                        count,
                        packed.Address + nativeint start * nativeint sizeof<'T>,
                        0,
                        0n
                    )

        packed
