namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// How an operand of a lane product is read: a vector of lanes, or a number that all lanes share.
type internal ILaneOperand<'V> =
    static abstract Load: address: nativeint -> 'V

[<Struct>]
type internal Varying<'I, 'V, 'T when 'I :> IVectors<'V, 'T> and 'T: unmanaged> =
    interface ILaneOperand<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = 'I.Load address

[<Struct>]
type internal Shared<'I, 'V, 'T when 'I :> IVectors<'V, 'T> and 'T: unmanaged> =
    interface ILaneOperand<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = 'I.Repeat(NativePtr.read (NativePtr.ofNativeInt<'T> address))

/// One side of a product while it runs: line i at depth k stands at Base + Lines[i] + Depth[k], in bytes. Past the last line, three
/// more can be read.
[<Struct; NoEquality; NoComparison>]
type internal LaneView = { Base: nativeint; Lines: nativeptr<int>; Depth: nativeptr<int> }

/// What a tile writes: the addresses of the results of its first column, one for each row, and the distances of the other columns.
[<Struct; NoEquality; NoComparison>]
type internal LaneTarget = {
    Rows: nativeptr<int>
    mutable Columns: nativeptr<int>
    Address: nativeint
    /// Rows and columns that exist; the others are computed nevertheless, and not stored.
    RowCount: int
    ColumnCount: int
    /// Whether the sums start from what the result holds, and not from zero.
    GoesOn: bool
}

/// The sums of one row of a tile.
[<Struct; NoEquality; NoComparison>]
type internal LaneSums<'V> = { mutable First: 'V; mutable Second: 'V; mutable Third: 'V; mutable Fourth: 'V }

[<AbstractClass; Sealed>]
type internal LaneRow<'I, 'V, 'T, 'Columns
    when 'I :> IVectors<'V, 'T>
    and 'Columns :> ICount
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    static member private Place(target: inref<LaneTarget>, row: int, column: int) =
        target.Address
        + nativeint (NativePtr.get target.Rows row)
        + nativeint (NativePtr.get target.Columns column)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Load(sums: byref<LaneSums<'V>>, target: inref<LaneTarget>, row: int) =
        if row < target.RowCount then
            sums.First <- 'I.Load(LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 0))

            if 'Columns.Value > 1 && target.ColumnCount > 1 then
                sums.Second <- 'I.Load(LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 1))

            if 'Columns.Value > 2 && target.ColumnCount > 2 then
                sums.Third <- 'I.Load(LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 2))

            if 'Columns.Value > 3 && target.ColumnCount > 3 then
                sums.Fourth <- 'I.Load(LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 3))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Store(sums: inref<LaneSums<'V>>, target: inref<LaneTarget>, row: int) =
        if row < target.RowCount then
            'I.Store(sums.First, LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 0))

            if 'Columns.Value > 1 && target.ColumnCount > 1 then
                'I.Store(sums.Second, LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 1))

            if 'Columns.Value > 2 && target.ColumnCount > 2 then
                'I.Store(sums.Third, LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 2))

            if 'Columns.Value > 3 && target.ColumnCount > 3 then
                'I.Store(sums.Fourth, LaneRow<'I, 'V, 'T, 'Columns>.Place(&target, row, 3))

    /// sums += x·y, for the columns of y.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Accumulate(sums: byref<LaneSums<'V>>, x: 'V, y: inref<LaneSums<'V>>) =
        sums.First <- 'I.MultiplyAdd(x, y.First, sums.First)
        if 'Columns.Value > 1 then sums.Second <- 'I.MultiplyAdd(x, y.Second, sums.Second)
        if 'Columns.Value > 2 then sums.Third <- 'I.MultiplyAdd(x, y.Third, sums.Third)
        if 'Columns.Value > 3 then sums.Fourth <- 'I.MultiplyAdd(x, y.Fourth, sums.Fourth)

/// The kernel of all lane products: sums of up to four rows and four columns, each a vector of lanes, held in registers while the
/// depth passes by.
///
///     for k: for i < rows: for j < columns: for lane: result[i, j, lane] += x[i, k, lane] · y[j, k, lane]
///
/// Every sum is one chain of multiply-adds in ascending k.
[<AbstractClass; Sealed>]
type internal LaneTile<'I, 'V, 'T, 'X, 'Y, 'Rows, 'Columns
    when 'I :> IVectors<'V, 'T>
    and 'X :> ILaneOperand<'V>
    and 'Y :> ILaneOperand<'V>
    and 'Rows :> ICount
    and 'Columns :> ICount
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    /// So many tiles side by side. x and y begin with their first lines, the target with its first row and column.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Run(depth: int, x: inref<LaneView>, y: inref<LaneView>, target: inref<LaneTarget>, tiles: int) =
        let xLines, xDepth, yDepth = x.Lines, x.Depth, y.Depth
        let x0 = x.Base + nativeint (NativePtr.get xLines 0)
        let x1 = if 'Rows.Value > 1 then x.Base + nativeint (NativePtr.get xLines 1) else 0n
        let x2 = if 'Rows.Value > 2 then x.Base + nativeint (NativePtr.get xLines 2) else 0n
        let x3 = if 'Rows.Value > 3 then x.Base + nativeint (NativePtr.get xLines 3) else 0n
        let mutable place = target
        let mutable yLines = y.Lines

        for _ in 1..tiles do
            let mutable r0 = Unchecked.defaultof<LaneSums<'V>>
            let mutable r1 = Unchecked.defaultof<LaneSums<'V>>
            let mutable r2 = Unchecked.defaultof<LaneSums<'V>>
            let mutable r3 = Unchecked.defaultof<LaneSums<'V>>

            if place.GoesOn then
                LaneRow<'I, 'V, 'T, 'Columns>.Load(&r0, &place, 0)
                if 'Rows.Value > 1 then LaneRow<'I, 'V, 'T, 'Columns>.Load(&r1, &place, 1)
                if 'Rows.Value > 2 then LaneRow<'I, 'V, 'T, 'Columns>.Load(&r2, &place, 2)
                if 'Rows.Value > 3 then LaneRow<'I, 'V, 'T, 'Columns>.Load(&r3, &place, 3)

            let y0 = y.Base + nativeint (NativePtr.get yLines 0)
            let y1 = if 'Columns.Value > 1 then y.Base + nativeint (NativePtr.get yLines 1) else 0n
            let y2 = if 'Columns.Value > 2 then y.Base + nativeint (NativePtr.get yLines 2) else 0n
            let y3 = if 'Columns.Value > 3 then y.Base + nativeint (NativePtr.get yLines 3) else 0n
            let mutable b = Unchecked.defaultof<LaneSums<'V>>

            for k in 0 .. depth - 1 do
                let ofX = nativeint (NativePtr.get xDepth k)
                let ofY = nativeint (NativePtr.get yDepth k)
                b.First <- 'Y.Load(y0 + ofY)
                if 'Columns.Value > 1 then b.Second <- 'Y.Load(y1 + ofY)
                if 'Columns.Value > 2 then b.Third <- 'Y.Load(y2 + ofY)
                if 'Columns.Value > 3 then b.Fourth <- 'Y.Load(y3 + ofY)
                LaneRow<'I, 'V, 'T, 'Columns>.Accumulate(&r0, 'X.Load(x0 + ofX), &b)
                if 'Rows.Value > 1 then LaneRow<'I, 'V, 'T, 'Columns>.Accumulate(&r1, 'X.Load(x1 + ofX), &b)
                if 'Rows.Value > 2 then LaneRow<'I, 'V, 'T, 'Columns>.Accumulate(&r2, 'X.Load(x2 + ofX), &b)
                if 'Rows.Value > 3 then LaneRow<'I, 'V, 'T, 'Columns>.Accumulate(&r3, 'X.Load(x3 + ofX), &b)

            LaneRow<'I, 'V, 'T, 'Columns>.Store(&r0, &place, 0)
            if 'Rows.Value > 1 then LaneRow<'I, 'V, 'T, 'Columns>.Store(&r1, &place, 1)
            if 'Rows.Value > 2 then LaneRow<'I, 'V, 'T, 'Columns>.Store(&r2, &place, 2)
            if 'Rows.Value > 3 then LaneRow<'I, 'V, 'T, 'Columns>.Store(&r3, &place, 3)
            yLines <- NativePtr.add yLines 'Columns.Value
            place.Columns <- NativePtr.add place.Columns 'Columns.Value
