namespace Interact.Core.Execution

#nowarn "9" // Addresses: kernels work on memory that is not checked.

open FSharp.NativeInterop
open Interact.Core

/// Where an instruction of a tile finds an operand or puts its result.
[<NoEquality; NoComparison; RequireQualifiedAccess>]
type internal Place =
    /// Memory for one tile, in the cache.
    | Register of int
    /// A view whose elements stand one after the other in the order of iteration.
    | InOrder of View
    /// A view of one number, the same for all elements.
    | Number of View

/// One instruction of a tile.
[<NoEquality; NoComparison; RequireQualifiedAccess>]
type internal TileInstruction =
    /// Brings a view into a register, whatever its strides.
    | Load of View * register: int
    /// Applies a function. Of two operands one may be a number; of one or three none.
    | Apply of Elementwise * operands: Place[] * result: Place

/// An address that moves on with the elements of a loop.
[<Struct; NoEquality; NoComparison>]
type private Access = {
    /// The buffer, or -1 for registers.
    Buffer: int
    /// In bytes.
    Offset: nativeint
    /// Bytes from one element of the loop to the next.
    Step: nativeint
} with

    member inline this.At(addresses: nativeint[], registers: nativeint, start: int) =
        (if this.Buffer < 0 then registers else addresses[this.Buffer])
        + this.Offset
        + nativeint start * this.Step

/// An instruction made ready: does its work for elements start .. start + count - 1.
[<AbstractClass>]
type private TileOperation() =
    abstract Run: addresses: nativeint[] * registers: nativeint * start: int * count: int -> unit

[<Sealed>]
type private UnaryOperation(kernel: UnaryKernel, x: Access, r: Access) =
    inherit TileOperation()

    override _.Run(addresses, registers, start, count) =
        kernel.Invoke(x.At(addresses, registers, start), r.At(addresses, registers, start), count)

[<Sealed>]
type private BinaryOperation(kernel: BinaryKernel, x: Access, y: Access, r: Access) =
    inherit TileOperation()

    override _.Run(addresses, registers, start, count) =
        kernel.Invoke(
            x.At(addresses, registers, start),
            y.At(addresses, registers, start),
            r.At(addresses, registers, start),
            count
        )

[<Sealed>]
type private TernaryOperation(kernel: TernaryKernel, c: Access, x: Access, y: Access, r: Access) =
    inherit TileOperation()

    override _.Run(addresses, registers, start, count) =
        kernel.Invoke(
            c.At(addresses, registers, start),
            x.At(addresses, registers, start),
            y.At(addresses, registers, start),
            r.At(addresses, registers, start),
            count
        )

/// Brings elements start .. start + count - 1 of a view, in the order of iteration, into a register, run by run.
[<Sealed>]
type private LoadOperation(engine: Engine, view: View, r: Access) =
    inherit TileOperation()

    let bytes = Precision.size engine.Precision
    let axes = View.merged view.Shape view.Strides
    let sizes = axes |> Array.map (fun (struct (size, _)) -> size)
    let strides = axes |> Array.map (fun (struct (_, stride)) -> stride)
    let last = axes.Length - 1

    override _.Run(addresses, registers, start, count) =
        let from = addresses[view.Buffer]
        let mutable into = r.At(addresses, registers, start)
        let size, stride = sizes[last], strides[last]
        // Rows are runs of the innermost axis; the axis before it counts them.
        let rows, rowStride = if last > 0 then sizes[last - 1], strides[last - 1] else 1, 0
        // The place of the first element, digit by digit.
        let digits = NativePtr.stackalloc<int>(last + 1)
        let mutable rest = start / size
        let mutable within = start - rest * size
        let mutable row = 0
        let mutable offset = view.Offset

        if last > 0 then
            let outer = rest / rows
            row <- rest - outer * rows
            rest <- outer

            for axis in last - 2 .. -1 .. 0 do
                let outer = rest / sizes[axis]
                let digit = rest - outer * sizes[axis]
                NativePtr.set digits axis digit
                offset <- offset + digit * strides[axis]
                rest <- outer

        let mutable remaining = count

        while remaining > 0 do
            let place = from + nativeint (offset + row * rowStride + within * stride) * nativeint bytes

            // Whole rows, as many as follow each other here, or what is left of one.
            let whole = if within = 0 && remaining >= size then min (remaining / size) (rows - row) else 0

            let length =
                if whole > 0 then
                    engine.Runs.CopyRows(place, rowStride, stride, into, size, whole)
                    row <- row + whole
                    whole * size
                else
                    let length = min remaining (size - within)
                    engine.Runs.CopyRows(place, 0, stride, into, length, 1)
                    row <- row + 1
                    length

            into <- into + nativeint length * nativeint bytes
            remaining <- remaining - length
            within <- 0

            if row = rows then
                row <- 0
                let mutable axis = last - 2
                let mutable carries = axis >= 0

                while carries do
                    let digit = NativePtr.get digits axis + 1
                    offset <- offset + strides[axis]

                    if digit = sizes[axis] then
                        offset <- offset - digit * strides[axis]
                        NativePtr.set digits axis 0
                        axis <- axis - 1
                        carries <- axis >= 0
                    else
                        NativePtr.set digits axis digit
                        carries <- false

/// Elementwise functions fused: all instructions are carried out on one tile, small enough for the cache, before the next tile.
///
/// shape: sizes of the axes in the order of iteration; all views are given with these axes.
[<Sealed>]
type internal TileStep(engine: Engine, shape: Shape, instructions: TileInstruction[], reads: int[], writes: int[]) =
    inherit Step(reads, writes)

    let bytes = Precision.size engine.Precision
    let total = Shape.size shape
    /// A dozen registers of so many elements fit the first cache, and calls weigh little.
    let tile = min 512 total
    // Registers begin at multiples of 64 bytes.
    let registerSize = (tile + 15) / 16 * 16

    let access (place: Place) : Access =
        match place with
        | Place.Register register -> {
            Buffer = -1
            Offset = nativeint (register * registerSize) * nativeint bytes
            Step = 0n
          }
        | Place.InOrder view -> {
            Buffer = view.Buffer
            Offset = nativeint view.Offset * nativeint bytes
            Step = nativeint bytes
          }
        | Place.Number view -> { Buffer = view.Buffer; Offset = nativeint view.Offset * nativeint bytes; Step = 0n }

    let registers =
        instructions
        |> Seq.map (fun instruction ->
            match instruction with
            | TileInstruction.Load(_, register)
            | TileInstruction.Apply(_, _, Place.Register register) -> register + 1
            | TileInstruction.Apply _ -> 0)
        |> Seq.fold max 0

    let binary f (x: Place) (y: Place) =
        match x, y with
        | Place.Number _, _ -> engine.Elementwise.NumberByBinary f
        | _, Place.Number _ -> engine.Elementwise.BinaryByNumber f
        | _ -> engine.Elementwise.Binary f

    let operations =
        instructions
        |> Array.map (fun instruction ->
            match instruction with
            | TileInstruction.Load(view, register) ->
                LoadOperation(engine, view, access (Place.Register register)) :> TileOperation
            | TileInstruction.Apply(f, [| x |], r) -> UnaryOperation(engine.Elementwise.Unary f, access x, access r)
            | TileInstruction.Apply(f, [| x; y |], r) -> BinaryOperation(binary f x y, access x, access y, access r)
            | TileInstruction.Apply(f, operands, r) ->
                TernaryOperation(
                    engine.Elementwise.Ternary f,
                    access operands[0],
                    access operands[1],
                    access operands[2],
                    access r
                ))

    let run (addresses: nativeint[]) (scratch: nativeint) part parts =
        let tiles = (total + tile - 1) / max 1 tile
        let registers = scratch + nativeint (part * registers * registerSize) * nativeint bytes

        for index in
            int (int64 tiles * int64 part / int64 parts) .. int (int64 tiles * int64 (part + 1) / int64 parts) - 1 do
            let start = index * tile
            let count = min tile (total - start)

            for operation in operations do
                operation.Run(addresses, registers, start, count)

    override _.Work = float total * float instructions.Length
    override _.IsDivisible = true
    override _.Describe = $"tile {Shape.describe shape}, {instructions.Length} instructions"
    override _.ScratchSize parts = parts * registers * registerSize

    override _.Bind() = {
        new BoundStep() with
            override _.Run(addresses, scratch, part, parts) = run addresses scratch part parts
    }
