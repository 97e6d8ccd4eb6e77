/// One step of a plan for every primitive: the loops around the kernels.
module internal Interact.Core.Execution.Steps

open System
open Interact.Core

/// Reads the arrays of the operands and writes the array of the result.
type Step = float[][] -> float[] -> unit

let private elementwise (f: Elementwise) (target: Shape) (operands: Shape[]) : Step =
    let strides = operands |> Array.map (fun shape -> Shape.broadcastStrides shape target)
    let loop = Loop.create target (Array.append [| Shape.strides target |] strides)
    let length = loop.Inner
    let varies i = loop.InnerStrides[i + 1] <> 0

    match (Elementwise.rule f).Value with
    | Unary value ->
        let kernel = Kernels.unary f value

        fun sources result ->
            Loop.run loop (fun offsets ->
                kernel.Invoke(ReadOnlySpan(sources[0], offsets[1], length), Span(result, offsets[0], length)))
    | Binary value ->
        let runs = Kernels.binary f value
        let byScalar = Kernels.binaryByScalar f value
        let scalarFirst = Kernels.scalarByRun f value

        match varies 0, varies 1 with
        | true, true ->
            fun sources result ->
                Loop.run loop (fun offsets ->
                    runs.Invoke(
                        ReadOnlySpan(sources[0], offsets[1], length),
                        ReadOnlySpan(sources[1], offsets[2], length),
                        Span(result, offsets[0], length)
                    ))
        | true, false ->
            fun sources result ->
                Loop.run loop (fun offsets ->
                    byScalar.Invoke(
                        ReadOnlySpan(sources[0], offsets[1], length),
                        sources[1][offsets[2]],
                        Span(result, offsets[0], length)
                    ))
        | false, true ->
            fun sources result ->
                Loop.run loop (fun offsets ->
                    scalarFirst.Invoke(
                        ReadOnlySpan(sources[1], offsets[2], length),
                        sources[0][offsets[1]],
                        Span(result, offsets[0], length)
                    ))
        | false, false ->
            fun sources result ->
                Loop.run loop (fun offsets ->
                    result[offsets[0]] <- value (sources[0].[offsets[1]]) (sources[1].[offsets[2]]))
    | Ternary value ->
        let inner = loop.InnerStrides

        fun sources result ->
            Loop.run loop (fun offsets ->
                for i in 0 .. length - 1 do
                    result[offsets[0] + i] <-
                        value
                            (sources[0].[offsets[1] + i * inner[1]])
                            (sources[1].[offsets[2] + i * inner[2]])
                            (sources[2].[offsets[3] + i * inner[3]]))

/// Copies with arbitrary strides on either side.
let private copy (shape: Shape) (write: int[]) (read: int[]) : float[] -> float[] -> unit =
    let loop = Loop.create shape [| write; read |]
    let length = loop.Inner
    let writeStep, readStep = loop.InnerStrides[0], loop.InnerStrides[1]

    if writeStep = 1 && readStep = 1 then
        fun source result -> Loop.run loop (fun offsets -> Array.Copy(source, offsets[1], result, offsets[0], length))
    else
        fun source result ->
            Loop.run loop (fun offsets ->
                let mutable from = offsets[1]
                let mutable into = offsets[0]

                for _ in 1..length do
                    result[into] <- source[from]
                    from <- from + readStep
                    into <- into + writeStep)

let private sum (axes: int[]) (operand: Shape) : Step =
    let write = Shape.broadcastStrides (Shape.keepAxes axes operand) operand
    let loop = Loop.create operand [| write; Shape.strides operand |]
    let length = loop.Inner

    fun sources result ->
        Array.Clear result

        if loop.InnerStrides[0] = 0 then
            Loop.run loop (fun offsets ->
                result[offsets[0]] <- result[offsets[0]] + Kernels.sum (ReadOnlySpan(sources[0], offsets[1], length)))
        else
            Loop.run loop (fun offsets ->
                Kernels.accumulate (ReadOnlySpan(sources[0], offsets[1], length)) (Span(result, offsets[0], length)))

/// For each (outer block, index along the axis) a run of inner elements.
let private blocks axis (shape: Shape) = Shape.size shape[.. axis - 1], Shape.size shape[axis + 1 ..]

let private gather axis (indices: int[]) (operand: Shape) : Step =
    let outer, inner = blocks axis operand

    fun sources result ->
        for o in 0 .. outer - 1 do
            for i in 0 .. indices.Length - 1 do
                let into = (o * indices.Length + i) * inner

                if indices[i] >= 0 then
                    Array.Copy(sources[0], (o * operand[axis] + indices[i]) * inner, result, into, inner)
                else
                    Array.Clear(result, into, inner)

let private scatter axis (indices: int[]) size (operand: Shape) : Step =
    let outer, inner = blocks axis operand

    fun sources result ->
        Array.Clear result

        for o in 0 .. outer - 1 do
            for i in 0 .. indices.Length - 1 do
                if indices[i] >= 0 then
                    let from = ReadOnlySpan(sources[0], (o * indices.Length + i) * inner, inner)
                    Kernels.accumulate from (Span(result, (o * size + indices[i]) * inner, inner))

let private structural map (target: Shape) (operand: Shape) : Step =
    match map with
    | Reshape _ -> fun sources result -> Array.Copy(sources[0], result, result.Length)
    | Transpose permutation ->
        let strides = Shape.strides operand
        let move = copy target (Shape.strides target) (permutation |> Array.map (fun axis -> strides[axis]))
        fun sources result -> move sources[0] result
    | Broadcast _ ->
        let move = copy target (Shape.strides target) (Shape.broadcastStrides operand target)
        fun sources result -> move sources[0] result
    | Sum axes -> sum axes operand
    | Gather(axis, indices) -> gather axis indices operand
    | Scatter(axis, indices, size) -> scatter axis indices size operand

/// The labels of a contraction by their part in the matrix products: batch x rows x columns, summed over depth.
let private contract (contraction: Contraction) (left: Shape) (right: Shape) : Step =
    let sizes = Contraction.sizes contraction left right
    let isIn (labels: int[]) label = Array.contains label labels
    let size labels = labels |> Array.fold (fun n label -> n * sizes[label]) 1
    let { Left = a; Right = b; Output = output } = contraction
    let batch = output |> Array.filter (fun label -> isIn a label && isIn b label)
    let rows = output |> Array.filter (fun label -> isIn a label && not (isIn b label))
    let columns = output |> Array.filter (fun label -> isIn b label && not (isIn a label))
    let depth = a |> Array.filter (fun label -> isIn b label && not (isIn output label))

    /// The array with its axes in the given order: itself where they are already.
    let arrange (labels: int[]) shape (order: int[]) : float[] -> float[] =
        if labels = order then
            id
        else
            let strides = Shape.strides shape
            let arranged = order |> Array.map (fun label -> sizes[label])
            let read = order |> Array.map (fun label -> strides[Array.findIndex ((=) label) labels])
            let move = copy arranged (Shape.strides arranged) read

            fun source ->
                let result = Array.zeroCreate source.Length
                move source result
                result

    let arrangeLeft = arrange a left (Array.concat [ batch; rows; depth ])
    let arrangeRight = arrange b right (Array.concat [ batch; depth; columns ])
    let computed = Array.concat [ batch; rows; columns ]
    let target = output |> Array.map (fun label -> sizes[label])
    let arrangeResult = arrange computed (computed |> Array.map (fun label -> sizes[label])) output
    let batches, m, n, k = size batch, size rows, size columns, size depth
    let inPlace = (computed = output)

    fun sources result ->
        let x = arrangeLeft sources[0]
        let y = arrangeRight sources[1]
        let product = if inPlace then result else Array.zeroCreate (Shape.size target)

        for i in 0 .. batches - 1 do
            MatrixProduct.compute m n k x (i * m * k) y (i * k * n) product (i * m * n)

        if not inPlace then Array.Copy(arrangeResult product, result, result.Length)

let private maximum (axes: int[]) (operand: Shape) : Step =
    let write = Shape.broadcastStrides (Shape.keepAxes axes operand) operand
    let loop = Loop.create operand [| write; Shape.strides operand |]
    let step = loop.InnerStrides[0]

    fun sources result ->
        Array.Fill(result, Double.NegativeInfinity)

        Loop.run loop (fun offsets ->
            for i in 0 .. loop.Inner - 1 do
                let into = offsets[0] + i * step
                result[into] <- Math.Max(result[into], sources[0][offsets[1] + i]))

let private concat axis (target: Shape) (operands: Shape[]) : Step =
    let outer, inner = blocks axis target
    let runs = operands |> Array.map (fun shape -> shape[axis] * inner)
    let starts = runs |> Array.scan (+) 0
    let total = Array.last starts

    fun sources result ->
        for o in 0 .. outer - 1 do
            for i in 0 .. sources.Length - 1 do
                Array.Copy(sources[i], o * runs[i], result, o * total + starts[i], runs[i])

/// The step that computes a node from the arrays of its operands.
let create (node: Node) : Step =
    let operands = node.Operands |> Array.map _.Shape

    match node.Primitive with
    | Input name -> Checks.invalid (nameof node) $"input '{name}' is supplied, not computed."
    | Constant literal ->
        let values = Primitive.literal node.Shape literal
        fun _ result -> Array.Copy(values, result, values.Length)
    | Elementwise f -> elementwise f node.Shape operands
    | Structural map -> structural map node.Shape operands[0]
    | Contract contraction -> contract contraction operands[0] operands[1]
    | Maximum axes -> maximum axes operands[0]
    | Concat axis -> concat axis node.Shape operands
