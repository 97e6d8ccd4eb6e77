namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open FSharp.NativeInterop

/// Rows that are folded into one, and how often: each time over, x begins so many numbers later, and so does the result.
[<NoEquality; NoComparison>]
type internal FoldedRows = {
    /// Where each row begins.
    Rows: OffsetTable
    Repeats: int
    Step: int
    ResultStep: int
}

/// Reductions and moves of numbers 'T, given by addresses without alignment; counts and strides are in numbers. The results do not
/// depend on the instruction set.
type internal IRunKernels =
    /// r[i] += x[i].
    abstract Accumulate: x: nativeint * r: nativeint * count: int -> unit
    /// r[i] = max(r[i], x[i]), NaN if either is.
    abstract Maximum: x: nativeint * r: nativeint * count: int -> unit
    /// r[i] = Σ_j x[i·stride + j] for j in ascending order; 0 where there are no columns.
    abstract RowSums: x: nativeint * stride: int * columns: int * r: nativeint * rows: int -> unit
    /// r[i] = max_j x[i·stride + j], NaN if any is; -∞ where there are no columns.
    abstract RowMaxima: x: nativeint * stride: int * columns: int * r: nativeint * rows: int -> unit
    /// r[i] = Σ_j x[rows[j] + i] for j in ascending order; 0 where there are no rows.
    abstract ColumnSums: x: nativeint * rows: FoldedRows * r: nativeint * columns: int -> unit
    /// r[i] = max_j x[rows[j] + i], NaN if any is; -∞ where there are no rows.
    abstract ColumnMaxima: x: nativeint * rows: FoldedRows * r: nativeint * columns: int -> unit
    abstract Fill: value: float * r: nativeint * count: int -> unit
    /// r[i] = x[i·stride], for strides of any sign.
    abstract Copy: x: nativeint * stride: int * r: nativeint * count: int -> unit
    /// r[j·columns + i] = x[j·rowStride + i·stride]: rows with equal distances, one after the other.
    abstract CopyRows: x: nativeint * rowStride: int * stride: int * r: nativeint * columns: int * rows: int -> unit
    /// r[j·rStride + i] = x[i·xStride + j] for i below columns, j below rows: rows and columns are those of r.
    abstract Transpose: x: nativeint * xStride: int * r: nativeint * rStride: int * rows: int * columns: int -> unit

/// A step of a reduction: the numbers of a row are folded one after the other.
type internal IFold<'T> =
    static abstract Start: 'T
    static abstract Next: 'T * 'T -> 'T

[<Struct>]
type internal SumFold<'T when 'T :> IFloatingPointIeee754<'T>> =
    interface IFold<'T> with
        static member Start = 'T.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Next(x, y) = x + y

[<Struct>]
type internal MaximumFold<'T when 'T :> IFloatingPointIeee754<'T>> =
    interface IFold<'T> with
        static member Start = 'T.NegativeInfinity

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Next(x, y) = 'T.Max(x, y)

/// Rows folded from first to last: eight rows side by side, each in a chain of its own.
module internal RowFold =

    let private one<'F, 'T when 'T: unmanaged and 'F :> IFold<'T>> (x: nativeptr<'T>) columns : 'T =
        let mutable sum = 'F.Start

        for j in 0 .. columns - 1 do
            sum <- 'F.Next(sum, NativePtr.get x j)

        sum

    let private eight<'F, 'T when 'T: unmanaged and 'F :> IFold<'T>>
        (x: nativeptr<'T>)
        stride
        columns
        (r: nativeptr<'T>)
        =
        let x0 = x
        let x1 = NativePtr.add x0 stride
        let x2 = NativePtr.add x1 stride
        let x3 = NativePtr.add x2 stride
        let x4 = NativePtr.add x3 stride
        let x5 = NativePtr.add x4 stride
        let x6 = NativePtr.add x5 stride
        let x7 = NativePtr.add x6 stride
        let mutable s0, s1, s2, s3 = 'F.Start, 'F.Start, 'F.Start, 'F.Start
        let mutable s4, s5, s6, s7 = 'F.Start, 'F.Start, 'F.Start, 'F.Start

        for j in 0 .. columns - 1 do
            s0 <- 'F.Next(s0, NativePtr.get x0 j)
            s1 <- 'F.Next(s1, NativePtr.get x1 j)
            s2 <- 'F.Next(s2, NativePtr.get x2 j)
            s3 <- 'F.Next(s3, NativePtr.get x3 j)
            s4 <- 'F.Next(s4, NativePtr.get x4 j)
            s5 <- 'F.Next(s5, NativePtr.get x5 j)
            s6 <- 'F.Next(s6, NativePtr.get x6 j)
            s7 <- 'F.Next(s7, NativePtr.get x7 j)

        NativePtr.set r 0 s0
        NativePtr.set r 1 s1
        NativePtr.set r 2 s2
        NativePtr.set r 3 s3
        NativePtr.set r 4 s4
        NativePtr.set r 5 s5
        NativePtr.set r 6 s6
        NativePtr.set r 7 s7

    let rows<'F, 'T when 'T: unmanaged and 'F :> IFold<'T>> (x: nativeint) stride columns (r: nativeint) rows =
        let x = NativePtr.ofNativeInt<'T> x
        let r = NativePtr.ofNativeInt<'T> r

        let row (i: int) =
            NativePtr.ofNativeInt<'T>(NativePtr.toNativeInt x + nativeint i * nativeint stride * nativeint sizeof<'T>)

        let mutable i = 0

        while i <= rows - 8 do
            eight<'F, 'T> (row i) stride columns (NativePtr.add r i)
            i <- i + 8

        while i < rows do
            NativePtr.set r i (one<'F, 'T> (row i) columns)
            i <- i + 1

/// Copies of one run or many.
module internal Moves =

    let private block = 16

    let copy<'T when 'T: unmanaged> (x: nativeint) (stride: int) (r: nativeint) (count: int) =
        let bytes = nativeint stride * nativeint sizeof<'T>

        if stride = 1 then
            let bytes = int64 count * int64 sizeof<'T>
            Buffer.MemoryCopy((x: nativeint).ToPointer(), (r: nativeint).ToPointer(), bytes, bytes)
        else
            let r = NativePtr.ofNativeInt<'T> r
            let mutable from = x

            for i in 0 .. count - 1 do
                NativePtr.set r i (NativePtr.read (NativePtr.ofNativeInt<'T> from))
                from <- from + bytes

    /// In blocks of which both sides stay in the first cache.
    let transpose<'T when 'T: unmanaged> (x: nativeint) (xStride: int) (r: nativeint) (rStride: int) rows columns =
        let size = nativeint sizeof<'T>
        let step = nativeint xStride * size
        let mutable firstRow = 0

        while firstRow < rows do
            let lastRow = min rows (firstRow + block) - 1
            let mutable firstColumn = 0

            while firstColumn < columns do
                let length = min block (columns - firstColumn)

                for j in firstRow..lastRow do
                    let mutable from = x + nativeint firstColumn * step + nativeint j * size
                    let mutable into = r + (nativeint j * nativeint rStride + nativeint firstColumn) * size

                    for _ in 1..length do
                        NativePtr.write
                            (NativePtr.ofNativeInt<'T> into)
                            (NativePtr.read (NativePtr.ofNativeInt<'T> from))

                        from <- from + step
                        into <- into + size

                firstColumn <- firstColumn + block

            firstRow <- firstRow + block

/// Rows of vectors: short runs, of which there are many, in one call.
[<AbstractClass; Sealed>]
type internal VectorRows<'I, 'V, 'T
    when 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType
    and 'V: struct
    and 'I :> IVectors<'V, 'T>> =

    static member private CopyRow(from: nativeint, stride: int, into: nativeint, columns: int) =
        let size = nativeint sizeof<'T>
        let whole = columns - columns % 'I.Lanes
        let mutable i = 0

        if stride = 1 then
            while i < whole do
                let place = nativeint i * size
                'I.Store('I.Load(from + place), into + place)
                i <- i + 'I.Lanes

            if whole < columns then
                let place = nativeint whole * size
                let rest = PartialVectors<'I, 'V, 'T>.Load(from + place, columns - whole)
                PartialVectors<'I, 'V, 'T>.Store(rest, into + place, columns - whole)
        elif stride = 0 then
            let value = 'I.Repeat(NativePtr.read (NativePtr.ofNativeInt<'T> from))

            while i < whole do
                'I.Store(value, into + nativeint i * size)
                i <- i + 'I.Lanes

            if whole < columns then
                PartialVectors<'I, 'V, 'T>.Store(value, into + nativeint whole * size, columns - whole)
        else
            Moves.copy<'T> from stride into columns

    static member CopyRows(x: nativeint, rowStride: int, stride: int, r: nativeint, columns: int, rows: int) =
        let size = nativeint sizeof<'T>
        let mutable from = x
        let mutable into = r

        if columns = 'I.Lanes && stride = 1 then
            // Lanes of products: a row is a vector.
            for _ in 1..rows do
                'I.Store('I.Load from, into)
                from <- from + nativeint rowStride * size
                into <- into + nativeint columns * size
        else
            for _ in 1..rows do
                VectorRows<'I, 'V, 'T>.CopyRow(from, stride, into, columns)
                from <- from + nativeint rowStride * size
                into <- into + nativeint columns * size

    /// Folds rows into one: the operation is applied to the result so far and each further row.
    static member private FoldOne<'F when 'F :> IBinary<'V>>
        (x: nativeint, offsets: nativeptr<int>, rows: int, r: nativeint, columns: int)
        =
        let size = nativeint sizeof<'T>
        let whole = columns - columns % 'I.Lanes
        let first = x + nativeint (NativePtr.get offsets 0) * size
        let mutable i = 0

        while i < whole do
            let place = nativeint i * size
            let mutable sum = 'I.Load(first + place)

            for row in 1 .. rows - 1 do
                sum <- 'F.Apply(sum, 'I.Load(x + nativeint (NativePtr.get offsets row) * size + place))

            'I.Store(sum, r + place)
            i <- i + 'I.Lanes

        if whole < columns then
            let count = columns - whole
            let place = nativeint whole * size
            let mutable sum = PartialVectors<'I, 'V, 'T>.Load(first + place, count)

            for row in 1 .. rows - 1 do
                let from = x + nativeint (NativePtr.get offsets row) * size + place
                sum <- 'F.Apply(sum, PartialVectors<'I, 'V, 'T>.Load(from, count))

            PartialVectors<'I, 'V, 'T>.Store(sum, r + place, count)

    static member Fold<'F when 'F :> IBinary<'V>>(x: nativeint, folded: FoldedRows, r: nativeint, columns: int) =
        let size = nativeint sizeof<'T>
        let offsets, rows = folded.Rows.Address, folded.Rows.Array.Length

        for i in 0 .. folded.Repeats - 1 do
            let x = x + nativeint i * nativeint folded.Step * size
            let r = r + nativeint i * nativeint folded.ResultStep * size
            VectorRows<'I, 'V, 'T>.FoldOne<'F>(x, offsets, rows, r, columns)

        // The table is not moved, but would be freed.
        GC.KeepAlive folded.Rows

/// The reductions and moves of one instruction set.
[<Sealed>]
type internal RunTable<'I, 'V, 'T
    when 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType
    and 'T :> IFloatingPointIeee754<'T>
    and 'V: struct
    and 'I :> IVectors<'V, 'T>>() =

    let fill (value: float) (r: nativeint) count =
        if Numbers.isDouble<'T> then
            Span<float>(r.ToPointer(), count).Fill value
        else
            Span<single>(r.ToPointer(), count).Fill(single value)

    let fillRows value (rows: FoldedRows) (r: nativeint) columns =
        for i in 0 .. rows.Repeats - 1 do
            fill value (r + nativeint i * nativeint rows.ResultStep * nativeint sizeof<'T>) columns

    interface IRunKernels with
        member _.Accumulate(x, r, count) = BinaryRun<AddLanes<'I, 'V, 'T>, Direct<'I, 'V, 'T>, 'V>.Run r x r count

        member _.Maximum(x, r, count) = BinaryRun<MaxLanes<'I, 'V, 'T>, Direct<'I, 'V, 'T>, 'V>.Run r x r count

        member _.RowSums(x, stride, columns, r, rows) = RowFold.rows<SumFold<'T>, 'T> x stride columns r rows

        member _.RowMaxima(x, stride, columns, r, rows) = RowFold.rows<MaximumFold<'T>, 'T> x stride columns r rows

        member _.ColumnSums(x, rows, r, columns) =
            if rows.Rows.Array.Length = 0 then
                fillRows 0.0 rows r columns
            else
                VectorRows<'I, 'V, 'T>.Fold<AddLanes<'I, 'V, 'T>>(x, rows, r, columns)

        member _.ColumnMaxima(x, rows, r, columns) =
            if rows.Rows.Array.Length = 0 then
                fillRows -infinity rows r columns
            else
                VectorRows<'I, 'V, 'T>.Fold<MaxLanes<'I, 'V, 'T>>(x, rows, r, columns)

        member _.Fill(value, r, count) = fill value r count

        member _.CopyRows(x, rowStride, stride, r, columns, rows) =
            VectorRows<'I, 'V, 'T>.CopyRows(x, rowStride, stride, r, columns, rows)

        member _.Copy(x, stride, r, count) = Moves.copy<'T> x stride r count

        member _.Transpose(x, xStride, r, rStride, rows, columns) = Moves.transpose<'T> x xStride r rStride rows columns

[<RequireQualifiedAccess>]
module internal RunKernels =

    let private ofDoubles: InstructionSet -> IRunKernels =
        function
        | Avx512 -> RunTable<Vectors512<float>, Vector512<float>, float>()
        | Avx2 -> RunTable<Vectors256<float>, Vector256<float>, float>()
        | AdvSimd -> RunTable<FusedVectors128<float>, Vector128<float>, float>()
        | Portable -> RunTable<Vectors128<float>, Vector128<float>, float>()

    let private ofSingles: InstructionSet -> IRunKernels =
        function
        | Avx512 -> RunTable<Vectors512<single>, Vector512<single>, single>()
        | Avx2 -> RunTable<Vectors256<single>, Vector256<single>, single>()
        | AdvSimd -> RunTable<FusedVectors128<single>, Vector128<single>, single>()
        | Portable -> RunTable<Vectors128<single>, Vector128<single>, single>()

    /// The kernels of an instruction set for float or single.
    let create<'T> (set: InstructionSet) : IRunKernels = if Numbers.isDouble<'T> then ofDoubles set else ofSingles set
