namespace Interact.Core.Execution

open Interact.Core

/// How elements along reduced axes become one.
type internal Reduction =
    | Total
    | Largest

/// Reduces axes of a view. Elements are taken in ascending order of their index, whatever the layout.
///
/// The target has the source's rank, with stride 0 along the reduced axes.
[<Sealed>]
type internal ReduceStep(engine: Engine, reduction: Reduction, axes: int[], source: View, target: View) =
    inherit Step([| source.Buffer |], [| target.Buffer |])

    let bytes = Precision.size engine.Precision

    /// From the slowest in memory to the fastest. (The reduced axes stay in the order of their index.)
    let kept =
        [| 0 .. source.Shape.Length - 1 |]
        |> Array.filter (fun axis -> not (Array.contains axis axes) && source.Shape[axis] <> 1)
        |> Array.sortBy (fun axis -> -source.Strides[axis])

    let reduced = axes |> Array.filter (fun axis -> source.Shape[axis] <> 1)
    let pick (axes: int[]) (values: int[]) = axes |> Array.map (fun axis -> values[axis])

    let loop axes = Loop.create (pick axes source.Shape) [| pick axes target.Strides; pick axes source.Strides |]
    let rows = loop kept
    let columns = loop reduced
    let rowStep = rows.InnerStrides[0]
    /// Whether source and target are contiguous along the innermost kept axes.
    let isAlong = rows.InnerStrides[0] = 1 && rows.InnerStrides[1] = 1

    let empty = if reduction = Total then 0.0 else -infinity

    let join (x: nativeint) (r: nativeint) (count: int) =
        match reduction with
        | Total -> engine.Runs.Accumulate(x, r, count)
        | Largest -> engine.Runs.Maximum(x, r, count)

    /// The innermost rows, each over the innermost columns; results one after the other where the target has them so.
    let reduceRows (x: nativeint) (r: nativeint) (step: int) =
        if columns.InnerStrides[1] = 1 && (step = 1 || rows.Inner = 1) then
            match reduction with
            | Total -> engine.Runs.RowSums(x, rows.InnerStrides[1], columns.Inner, r, rows.Inner)
            | Largest -> engine.Runs.RowMaxima(x, rows.InnerStrides[1], columns.Inner, r, rows.Inner)
        else
            for i in 0 .. rows.Inner - 1 do
                let row = x + nativeint (i * rows.InnerStrides[1]) * nativeint bytes
                let into = r + nativeint (i * step) * nativeint bytes
                engine.Runs.Copy(row, 1, into, 1)

                for j in 1 .. columns.Inner - 1 do
                    join (row + nativeint (j * columns.InnerStrides[1]) * nativeint bytes) into 1

    let bindAlong () =
        // Whole runs are folded, all reduced elements at a time, again and again along the axis before.
        let last = rows.Outer.Length - 1
        let repeats = last >= 0

        let folded = {
            Rows = Offsets.along [ for axis in reduced -> source.Shape[axis], source.Strides[axis] ] |> OffsetTable
            Repeats = if repeats then rows.Outer[last] else 1
            Step = if repeats then rows.OuterStrides[1][last] else 0
            ResultStep = if repeats then rows.OuterStrides[0][last] else 0
        }

        let without (values: int[]) = if repeats then values[.. last - 1] else values
        let outer = Walker(without rows.Outer, rows.OuterStrides |> Array.map without)

        {
            new BoundStep() with
                override _.Run(addresses, _, _, _) =
                    let mutable more = rows.Inner > 0 && outer.Start()

                    while more do
                        let x =
                            addresses[source.Buffer] + nativeint (source.Offset + outer.Offsets[1]) * nativeint bytes

                        let r =
                            addresses[target.Buffer] + nativeint (target.Offset + outer.Offsets[0]) * nativeint bytes

                        match reduction with
                        | Total -> engine.Runs.ColumnSums(x, folded, r, rows.Inner)
                        | Largest -> engine.Runs.ColumnMaxima(x, folded, r, rows.Inner)

                        more <- outer.Next()
        }

    let bindRows () =
        // Rows are reduced, several at once; further blocks of a row on their own, then joined.
        let outer = Walker(rows.Outer, rows.OuterStrides)
        let inner = Walker(columns.Outer, [| columns.OuterStrides[1] |])

        {
            new BoundStep() with
                override _.Run(addresses, scratch, _, _) =
                    let mutable more = rows.Inner > 0 && outer.Start()

                    while more do
                        let x =
                            addresses[source.Buffer] + nativeint ((source.Offset + outer.Offsets[1])) * nativeint bytes

                        let r =
                            addresses[target.Buffer] + nativeint ((target.Offset + outer.Offsets[0])) * nativeint bytes

                        if columns.Inner > 0 && inner.Start() then
                            reduceRows x r rowStep

                            while inner.Next() do
                                reduceRows (x + nativeint inner.Offsets[0] * nativeint bytes) scratch 1

                                if rowStep = 1 then
                                    join scratch r rows.Inner
                                else
                                    for i in 0 .. rows.Inner - 1 do
                                        let place = nativeint i * nativeint bytes
                                        join (scratch + place) (r + place * nativeint rowStep) 1
                        else
                            for i in 0 .. rows.Inner - 1 do
                                engine.Runs.Fill(empty, r + nativeint (i * rowStep) * nativeint bytes, 1)

                        more <- outer.Next()
        }

    override _.Work = float (Shape.size source.Shape)

    override _.ScratchSize _ = rows.Inner
    override _.Describe = $"reduce {Shape.describe source.Shape} over {reduced.Length} axes"

    override _.Bind() =
        if isAlong && (columns.Inner = 1 || columns.InnerStrides[1] <> 1) then bindAlong () else bindRows ()
