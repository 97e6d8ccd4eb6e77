namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// What a graph becomes: steps in order, and the buffers they work on.
[<NoEquality; NoComparison>]
type internal Lowered = {
    Steps: Step[]
    /// Number of elements of each buffer.
    Sizes: int[]
    /// The value of each buffer that is constant.
    Constants: NumberBuffer option[]
    /// Buffers of the inputs.
    Inputs: int[]
    /// Where the outputs are, each in row-major order.
    Outputs: View[]
}

/// Turns graphs into steps: views instead of moves, elementwise functions of one shape in one loop, products with their factors.
[<RequireQualifiedAccess>]
module internal Lowering =

    /// Nodes in an order in which each comes after what it needs.
    let private inOrder (needs: Node -> Node seq) (roots: Node seq) : Node[] =
        let order = ResizeArray<Node>()
        let seen = HashSet<Node>(HashIdentity.Reference)
        let pending = Stack<struct (Node * bool)>()

        for root in roots do
            pending.Push(struct (root, false))

            while pending.Count > 0 do
                let struct (node, isReady) = pending.Pop()

                if isReady then
                    order.Add node
                elif seen.Add node then
                    pending.Push(struct (node, true))

                    for needed in needs node do
                        if not (seen.Contains needed) then pending.Push(struct (needed, false))

        order.ToArray()

    /// The users of each node.
    let private users (nodes: Node[]) (needs: Node -> Node seq) : Node -> Node seq =
        let table = Dictionary<Node, List<Node>>(HashIdentity.Reference)

        for node in nodes do
            for needed in needs node do
                match table.TryGetValue needed with
                | true, known -> known.Add node
                | false, _ -> table[needed] <- List [ node ]

        fun node ->
            match table.TryGetValue node with
            | true, known -> known
            | false, _ -> Seq.empty

    /// Products that are multiplied out only where contractions use them: larger than one of their factors, and used by nothing else.
    let private dissolved (nodes: Node[]) (inputs: Node list) (outputs: Node list) : HashSet<Node> =
        let varies = HashSet<Node>(Graph.dependents inputs outputs, HashIdentity.Reference)
        let users = users nodes (fun node -> node.Operands)
        let isOutput = HashSet<Node>(outputs, HashIdentity.Reference)
        // Nodes of which contractions alone see the elements, be it through others of them.
        let inside = HashSet<Node>(HashIdentity.Reference)
        let products = HashSet<Node>(HashIdentity.Reference)

        for node in Array.rev nodes do
            let isSeenByContractions (user: Node) =
                match user.Primitive with
                | Contract _ -> true
                | _ -> inside.Contains user

            if not (isOutput.Contains node) && users node |> Seq.forall isSeenByContractions then
                if Factors.isOuterProduct node && varies.Contains node then
                    inside.Add node |> ignore
                    products.Add node |> ignore
                elif Factors.isRelabelling node then
                    inside.Add node |> ignore

        products

    /// The products behind all contractions of a graph.
    let private products (nodes: Node[]) (inputs: Node list) (outputs: Node list) : Dictionary<Node, FactoredProduct> =
        let dissolved = dissolved nodes inputs outputs
        let found = Dictionary<Node, FactoredProduct>(HashIdentity.Reference)

        for node in nodes do
            match node.Primitive with
            | Contract contraction ->
                found[node] <- Factors.ofContract dissolved.Contains contraction node.Operands[0] node.Operands[1]
            | _ -> ()

        found

    /// Whether indices along an axis follow one another at equal distances.
    let private (|Regular|_|) (indices: int[]) =
        if indices.Length = 0 || indices[0] < 0 then
            None
        elif indices.Length = 1 then
            Some(indices[0], 1)
        else
            let step = indices[1] - indices[0]

            if
                indices
                |> Array.indexed
                |> Array.forall (fun (i, index) -> index >= 0 && index = indices[0] + i * step)
            then
                Some(indices[0], step)
            else
                None

    /// The steps that compute outputs from inputs.
    ///
    /// evaluate: gives the value of a node that depends on no input.
    let lower (engine: Engine) (evaluate: Node -> float[]) (inputs: Node list) (outputs: Node list) : Lowered =
        let products = products (Graph.nodes outputs) inputs outputs

        let needs (node: Node) : Node seq =
            match products.TryGetValue node with
            | true, product -> Seq.append product.Left product.Right |> Seq.map _.Node
            | false, _ -> node.Operands

        let nodes = inOrder needs (Seq.append inputs outputs)
        let varies = HashSet<Node>(inputs, HashIdentity.Reference)

        for node in nodes do
            if needs node |> Seq.exists varies.Contains then varies.Add node |> ignore

        let usersOf = users nodes needs
        let sizes = ResizeArray<int>()
        let constants = ResizeArray<NumberBuffer option>()
        let views = Dictionary<Node, View>(HashIdentity.Reference)
        let steps = ResizeArray<Step>()

        let newBuffer size =
            sizes.Add size
            constants.Add None
            sizes.Count - 1

        let newConstant (buffer: NumberBuffer) =
            sizes.Add(int buffer.Length)
            constants.Add(Some buffer)
            sizes.Count - 1

        // Inputs and constants.
        for input in inputs do
            views[input] <- View.dense (newBuffer input.Size) input.Shape

        let literalView (node: Node) literal =
            let buffer = newConstant (Constants.find engine.Precision node literal)

            match literal with
            | Fill _ -> View.repeated buffer node.Shape
            | Dense _
            | Stored _
            | Identity -> View.dense buffer node.Shape

        // Of what depends on no input, only that is computed which no view of a constant can express.
        let isView (node: Node) =
            match node.Primitive with
            | Structural(Transpose _ | Broadcast _ | Reshape _) -> true
            | _ -> false

        let isUsed = HashSet<Node>(outputs, HashIdentity.Reference)

        for node in Array.rev nodes do
            if varies.Contains node || (isUsed.Contains node && isView node) then
                needs node |> Seq.iter (isUsed.Add >> ignore)

        let compute (node: Node) =
            let value: float[] = evaluate node
            View.dense (newConstant (NumberMemory.buffer engine.Precision value)) node.Shape

        for node in nodes do
            if isUsed.Contains node && not (varies.Contains node) then
                views[node] <-
                    match node.Primitive with
                    | Constant literal -> literalView node literal
                    | Input name ->
                        Checks.invalid (nameof inputs) $"the graph needs '{name}', which is not among the inputs."
                    | Structural(Transpose permutation) -> views[node.Operands[0]] |> View.transpose permutation
                    | Structural(Broadcast shape) -> views[node.Operands[0]] |> View.broadcast shape
                    | Structural(Reshape shape) ->
                        views[node.Operands[0]] |> View.tryReshape shape |> Option.defaultWith (fun () -> compute node)
                    | _ -> compute node

        // Levels: everything on a level depends on lower levels only, except elementwise functions of one shape, which are one loop.
        let levels = Dictionary<Node, int>(HashIdentity.Reference)

        let isElementwise (node: Node) =
            match node.Primitive with
            | Elementwise _ -> true
            | _ -> false

        let level (node: Node) =
            let after (needed: Node) =
                match levels.TryGetValue needed with
                | false, _ -> 0
                | true, own when Factors.isRelabelling node -> own
                | true, own when isElementwise node && isElementwise needed && needed.Shape = node.Shape -> own
                | true, own -> own + 1

            needs node |> Seq.map after |> Seq.fold max 0

        let isInput = HashSet<Node>(inputs, HashIdentity.Reference)
        let scheduled = nodes |> Array.filter (fun node -> varies.Contains node && not (isInput.Contains node))

        for node in scheduled do
            levels[node] <- level node

        let isOutput = HashSet<Node>(outputs, HashIdentity.Reference)

        // Elementwise functions of one shape.
        let emitTile (region: Node[]) =
            let inRegion = HashSet<Node>(region, HashIdentity.Reference)
            let shape = region[0].Shape
            let total = Shape.size shape
            let broadcast (node: Node) = views[node] |> View.broadcast shape

            let operands =
                region
                |> Seq.collect _.Operands
                |> Seq.filter (inRegion.Contains >> not)
                |> Seq.distinct
                |> Seq.toArray

            let operandViews = operands |> Array.map broadcast

            /// Elements that an order of axes makes jump from one to the next, over all operands.
            let jumps (order: int[]) =
                operandViews
                |> Array.sumBy (fun view ->
                    let inner = order |> Array.tryFindBack (fun axis -> shape[axis] <> 1)

                    match inner with
                    | Some axis when view.Strides[axis] > 1 -> 1
                    | Some _
                    | None -> 0)

            // The order of axes in memory of one of the operands that fill the shape: the one that suits most of them.
            let order =
                operandViews
                |> Array.filter (fun view ->
                    Array.forall2 (fun size stride -> size = 1 || stride <> 0) shape view.Strides)
                |> Array.map (fun view -> [| 0 .. shape.Length - 1 |] |> Array.sortBy (fun axis -> -view.Strides[axis]))
                |> Array.append [| [| 0 .. shape.Length - 1 |] |]
                |> Array.rev
                |> Array.minBy jumps

            let inOrder (view: View) = View.transpose order view
            let lastUse = Dictionary<Node, int>(HashIdentity.Reference)

            region
            |> Array.iteri (fun i node ->
                for operand in node.Operands do
                    lastUse[operand] <- i)

            let instructions = ResizeArray<TileInstruction>()
            let places = Dictionary<Node, Place>(HashIdentity.Reference)
            let free = Stack<int>()
            let mutable registers = 0

            let newRegister () =
                if free.Count > 0 then
                    free.Pop()
                else
                    registers <- registers + 1
                    registers - 1

            let isDirect (view: View) =
                match View.merged view.Shape view.Strides with
                | [| struct (size, stride) |] -> stride = 1 || size = 1
                | _ -> false

            let load (view: View) =
                let register = newRegister ()
                instructions.Add(TileInstruction.Load(view, register))
                Place.Register register

            let place (isNumberAllowed: bool) (node: Node) =
                match places.TryGetValue node with
                | true, known -> known
                | false, _ ->
                    let view = inOrder (broadcast node)

                    let found =
                        if isDirect view then Place.InOrder view
                        elif isNumberAllowed && view.Strides |> Array.forall ((=) 0) then Place.Number view
                        else load view

                    match found with
                    | Place.Number _ -> ()
                    | Place.InOrder _
                    | Place.Register _ -> places[node] <- found

                    found

            let writes = ResizeArray<int>()

            region
            |> Array.iteri (fun i node ->
                let f =
                    match node.Primitive with
                    | Elementwise f -> f
                    | _ -> Checks.invalid (nameof node) "only elementwise functions form tiles."

                let found = Array.zeroCreate<Place> node.Operands.Length

                node.Operands
                |> Array.iteri (fun j operand ->
                    let otherIsNumber =
                        j = 1
                        && (match found[0] with
                            | Place.Number _ -> true
                            | Place.Register _
                            | Place.InOrder _ -> false)

                    found[j] <- place (node.Operands.Length = 2 && not otherIsNumber) operand)

                // Registers whose values are used for the last time here may take the result.
                for operand in Array.distinct node.Operands do
                    if lastUse[operand] = i then
                        match places.TryGetValue operand with
                        | true, Place.Register register -> free.Push register
                        | _ -> ()

                let isSeen = isOutput.Contains node || usersOf node |> Seq.exists (inRegion.Contains >> not)

                let result =
                    if isSeen then
                        let view = View.denseInOrder (newBuffer total) shape order
                        views[node] <- view
                        writes.Add view.Buffer
                        Place.InOrder(inOrder view)
                    else
                        Place.Register(newRegister ())

                places[node] <- result
                instructions.Add(TileInstruction.Apply(f, found, result)))

            let reads = operands |> Array.map (fun node -> views[node].Buffer)
            let iterated = order |> Array.map (fun axis -> shape[axis])
            steps.Add(TileStep(engine, iterated, instructions.ToArray(), reads, writes.ToArray()))

        let copyTo (target: View) (source: View) = steps.Add(CopyStep(engine, source, target))

        let dense (view: View) : View =
            if View.isDense view then
                view
            else
                let target = View.dense (newBuffer (Shape.size view.Shape)) view.Shape
                copyTo target view
                target

        let emitProduct (node: Node) (contraction: Contraction) (product: FactoredProduct) =
            let factor (factor: Factor) : FactorView = {
                Labels = factor.Labels
                View = views[factor.Node]
                Constant = if varies.Contains factor.Node then None else Some factor.Node
            }

            // The result's columns are the side that fills whole vectors better.
            let waste labels = (let size = product.Size labels in float ((size + 7) / 8 * 8) / float (max 1 size))

            let product =
                if waste product.Rows < 0.9 * waste product.Columns then
                    {
                        product with
                            Left = product.Right
                            Right = product.Left
                            Rows = product.Columns
                            Columns = product.Rows
                    }
                else
                    product

            let labels = Array.concat [ product.Batch; product.Rows; product.Columns ]
            let order = labels |> Array.map (fun label -> Array.findIndex ((=) label) contraction.Output)
            let target = View.denseInOrder (newBuffer node.Size) node.Shape order
            let address buffer = constants[buffer].Value.Address
            views[node] <- target

            steps.Add(
                ContractStep(
                    engine,
                    product,
                    Array.map factor product.Left,
                    Array.map factor product.Right,
                    target,
                    address
                )
            )

        let emit (node: Node) =
            let operand i = views[node.Operands[i]]
            let newView () = View.dense (newBuffer node.Size) node.Shape

            let reduce reduction axes =
                let source = operand 0

                let kept =
                    [| 0 .. source.Shape.Length - 1 |] |> Array.filter (fun axis -> not (Array.contains axis axes))

                let order = [| 0 .. kept.Length - 1 |] |> Array.sortBy (fun i -> -source.Strides[kept[i]])
                let result = View.denseInOrder (newBuffer node.Size) node.Shape order
                let strides = Array.zeroCreate source.Shape.Length
                kept |> Array.iteri (fun i axis -> strides[axis] <- result.Strides[i])
                views[node] <- result

                steps.Add(
                    ReduceStep(engine, reduction, axes, source, { result with Shape = source.Shape; Strides = strides })
                )

            match node.Primitive with
            | _ when node.Size = 0 -> views[node] <- newView ()
            | Input _
            | Constant _ -> ()
            | Elementwise _ -> Checks.invalid (nameof node) "elementwise functions are emitted as tiles."
            | Contract contraction -> emitProduct node contraction products[node]
            | Maximum axes -> reduce Largest axes
            | Concat axis ->
                let target = newView ()
                views[node] <- target
                let mutable start = 0

                for i in 0 .. node.Operands.Length - 1 do
                    let source = operand i
                    copyTo (target |> View.slice axis start 1 source.Shape[axis]) source
                    start <- start + source.Shape[axis]
            | Structural map ->
                match map with
                | Reshape shape ->
                    views[node] <-
                        operand 0
                        |> View.tryReshape shape
                        |> Option.defaultWith (fun () -> dense (operand 0) |> View.tryReshape shape |> Option.get)
                | Transpose permutation -> views[node] <- operand 0 |> View.transpose permutation
                | Broadcast shape -> views[node] <- operand 0 |> View.broadcast shape
                | Sum axes -> reduce Total axes
                | Gather(axis, Regular(first, step)) ->
                    views[node] <- operand 0 |> View.slice axis first step node.Shape[axis]
                | Gather(axis, indices) ->
                    let target = newView ()
                    views[node] <- target
                    steps.Add(GatherStep(engine, axis, indices, operand 0, target))
                | Scatter(axis, indices, _) ->
                    let source = dense (operand 0)
                    let target = newView ()
                    views[node] <- target
                    steps.Add(ScatterStep(engine, axis, indices, source, target))

        let isTiled (node: Node) = isElementwise node && node.Size > 0
        let position = Dictionary<Node, int>(HashIdentity.Reference)
        scheduled |> Array.iteri (fun i node -> position[node] <- i)

        for _, onLevel in scheduled |> Array.groupBy (fun node -> levels[node]) |> Array.sortBy fst do
            let tiled, others = onLevel |> Array.partition isTiled

            for _, region in tiled |> Array.groupBy _.Shape do
                emitTile region

            // Views of what is computed on this level come last.
            let views, others = others |> Array.partition Factors.isRelabelling
            others |> Array.iter emit
            views |> Array.iter emit

        let results = outputs |> List.map (fun output -> dense views[output]) |> List.toArray

        {
            Steps = steps.ToArray()
            Sizes = sizes.ToArray()
            Constants = constants.ToArray()
            Inputs = [| for input in inputs -> views[input].Buffer |]
            Outputs = results
        }
