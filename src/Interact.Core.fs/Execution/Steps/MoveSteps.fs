namespace Interact.Core.Execution

open Interact.Core

/// Copies the elements of one view into another of the same shape.
[<Sealed>]
type internal CopyStep(engine: Engine, source: View, target: View) =
    inherit Step([| source.Buffer |], [| target.Buffer |])

    let loop = Loop.create source.Shape [| target.Strides; source.Strides |]
    let bytes = Precision.size engine.Precision

    /// An outer axis along which the source is contiguous, where it is not along the inner one: then blocks are transposed.
    let contiguous =
        if loop.InnerStrides[0] = 1 && loop.InnerStrides[1] > 1 then
            Array.tryFindIndex ((=) 1) loop.OuterStrides[1]
        else
            None

    let without (axis: int option) (values: int[]) =
        match axis with
        | Some axis -> Array.removeAt axis values
        | None -> values

    override _.Work = float (Shape.size source.Shape)
    override _.Describe = $"copy {Shape.describe source.Shape}"

    override _.Bind() =
        let walker =
            Walker(loop.Outer |> without contiguous, loop.OuterStrides |> Array.map (without contiguous))

        let inner = loop.Inner
        let write, read = loop.InnerStrides[0], loop.InnerStrides[1]

        {
            new BoundStep() with
                override _.Run(addresses, _, _, _) =
                    let from = addresses[source.Buffer] + nativeint source.Offset * nativeint bytes
                    let into = addresses[target.Buffer] + nativeint target.Offset * nativeint bytes
                    let mutable more = inner > 0 && walker.Start()

                    while more do
                        let r = into + nativeint walker.Offsets[0] * nativeint bytes
                        let x = from + nativeint walker.Offsets[1] * nativeint bytes

                        match contiguous with
                        | Some axis ->
                            engine.Runs.Transpose(x, read, r, loop.OuterStrides[0][axis], loop.Outer[axis], inner)
                        | None when write = 1 || inner = 1 -> engine.Runs.Copy(x, read, r, inner)
                        | None ->
                            for i in 0 .. inner - 1 do
                                engine.Runs.Copy(
                                    x + nativeint (i * read) * nativeint bytes,
                                    1,
                                    r + nativeint (i * write) * nativeint bytes,
                                    1
                                )

                        more <- walker.Next()
        }

/// Stretches of neighbouring indices: so many elements from one place to another; from -1 where they are 0.
[<Struct>]
type internal Stretch = { From: int; Into: int; Count: int }

[<RequireQualifiedAccess>]
module internal Stretch =

    /// The stretches of a list of indices, -1 standing for nothing.
    let ofIndices (indices: int[]) : Stretch[] =
        let stretches = ResizeArray<Stretch>()

        indices
        |> Array.iteri (fun i from ->
            let continues =
                stretches.Count > 0
                && (let last = stretches[stretches.Count - 1]
                    if from < 0 then last.From < 0 else last.From >= 0 && last.From + last.Count = from)

            if continues then
                let last = stretches[stretches.Count - 1]
                stretches[stretches.Count - 1] <- { last with Count = last.Count + 1 }
            else
                stretches.Add { From = from; Into = i; Count = 1 })

        stretches.ToArray()

/// Picks elements along an axis: element i of the result is element indices[i] of the source, or 0 where the index is -1.
[<Sealed>]
type internal GatherStep(engine: Engine, axis: int, indices: int[], source: View, target: View) =
    inherit Step([| source.Buffer |], [| target.Buffer |])

    let bytes = Precision.size engine.Precision
    let stretches = Stretch.ofIndices indices

    /// The axes after the gathered one form one run on both sides, which stretches lengthen where they are contiguous.
    let inner = Shape.size source.Shape[axis + 1 ..]

    let isDense =
        View.isDense { source with Shape = source.Shape[axis..]; Strides = source.Strides[axis..] }

    override _.Work = float (Shape.size target.Shape)
    override _.Describe = $"gather {Shape.describe target.Shape}"

    override _.Bind() =
        let outer =
            Walker(source.Shape[.. axis - 1], [| target.Strides[.. axis - 1]; source.Strides[.. axis - 1] |])

        let within =
            Walker(source.Shape[axis + 1 ..], [| target.Strides[axis + 1 ..]; source.Strides[axis + 1 ..] |])

        let step = target.Strides[axis]
        let from = source.Strides[axis]

        {
            new BoundStep() with
                override _.Run(addresses, _, _, _) =
                    let mutable more = Shape.size target.Shape > 0 && outer.Start()

                    while more do
                        let x =
                            addresses[source.Buffer] + nativeint ((source.Offset + outer.Offsets[1])) * nativeint bytes

                        let r =
                            addresses[target.Buffer] + nativeint ((target.Offset + outer.Offsets[0])) * nativeint bytes

                        for stretch in stretches do
                            let into = r + nativeint (stretch.Into * step) * nativeint bytes

                            if stretch.From < 0 then
                                engine.Runs.Fill(0.0, into, stretch.Count * inner)
                            elif isDense then
                                engine.Runs.Copy(
                                    x + nativeint (stretch.From * from) * nativeint bytes,
                                    1,
                                    into,
                                    stretch.Count * inner
                                )
                            elif inner = 1 then
                                engine.Runs.Copy(
                                    x + nativeint (stretch.From * from) * nativeint bytes,
                                    from,
                                    into,
                                    stretch.Count
                                )
                            else
                                for i in 0 .. stretch.Count - 1 do
                                    let mutable moreWithin = within.Start()

                                    while moreWithin do
                                        engine.Runs.Copy(
                                            x
                                            + nativeint (((stretch.From + i) * from + within.Offsets[1]))
                                              * nativeint bytes,
                                            1,
                                            into + nativeint ((i * step + within.Offsets[0])) * nativeint bytes,
                                            1
                                        )

                                        moreWithin <- within.Next()

                        more <- outer.Next()
        }

/// Adds elements along an axis: element i of the source is added to element indices[i] of the result, or dropped where it is -1.
/// Source and target are in row-major order.
[<Sealed>]
type internal ScatterStep(engine: Engine, axis: int, indices: int[], source: View, target: View) =
    inherit Step([| source.Buffer |], [| target.Buffer |])

    let bytes = Precision.size engine.Precision
    let stretches = Stretch.ofIndices indices |> Array.filter (fun stretch -> stretch.From >= 0)
    let outer = Shape.size source.Shape[.. axis - 1]
    let inner = Shape.size source.Shape[axis + 1 ..]

    override _.Work = float (Shape.size source.Shape)
    override _.Describe = $"scatter {Shape.describe source.Shape}"

    override _.Bind() = {
        new BoundStep() with
            override _.Run(addresses, _, _, _) =
                let x = addresses[source.Buffer] + nativeint source.Offset * nativeint bytes
                let r = addresses[target.Buffer] + nativeint target.Offset * nativeint bytes
                engine.Runs.Fill(0.0, r, Shape.size target.Shape)

                for o in 0 .. outer - 1 do
                    for stretch in stretches do
                        engine.Runs.Accumulate(
                            x + nativeint ((o * indices.Length + stretch.Into) * inner) * nativeint bytes,
                            r + nativeint ((o * target.Shape[axis] + stretch.From) * inner) * nativeint bytes,
                            stretch.Count * inner
                        )
    }
