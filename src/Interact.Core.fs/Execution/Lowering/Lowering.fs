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

    let private isElementwise (node: Node) =
        match node.Primitive with
        | Elementwise _ -> true
        | _ -> false

    let private literalView (draft: Draft) (node: Node) literal =
        let buffer = draft.NewConstant(Constants.find draft.Engine.Precision node literal)

        match literal with
        | Fill _ -> View.repeated buffer node.Shape
        | Dense _
        | Stored _
        | Identity -> View.dense buffer node.Shape

    /// Places what depends on no input. Only that is computed which no view of a constant can express.
    ///
    /// constants: the nodes, in order, with what only they need. isUsed: whether anything needs a node's value in memory.
    let private placeConstants (draft: Draft) (evaluate: Node -> float[]) (isUsed: Node -> bool) (constants: Node seq) =
        let views = draft.Views

        let compute (node: Node) =
            let value = NumberMemory.buffer draft.Engine.Precision (evaluate node)
            View.dense (draft.NewConstant value) node.Shape

        for node in constants |> Seq.filter isUsed do
            views[node] <-
                match node.Primitive with
                | Constant literal -> literalView draft node literal
                | Input name -> Checks.invalid "inputs" $"the graph needs '{name}', which is not among the inputs."
                | Structural(Transpose permutation) -> views[node.Operands[0]] |> View.transpose permutation
                | Structural(Broadcast shape) -> views[node.Operands[0]] |> View.broadcast shape
                | Structural(Reshape shape) ->
                    views[node.Operands[0]] |> View.tryReshape shape |> Option.defaultWith (fun () -> compute node)
                | _ -> compute node

    /// The nodes by levels: everything on a level depends on lower levels only, except elementwise functions of one shape, which are
    /// one loop.
    let private byLevels (needs: Node -> Node seq) (nodes: Node[]) : Node[][] =
        let levels = Dictionary<Node, int>(HashIdentity.Reference)

        let level (node: Node) =
            let after (needed: Node) =
                match levels.TryGetValue needed with
                | false, _ -> 0
                | true, own when Factors.isRelabelling node -> own
                | true, own when isElementwise node && isElementwise needed && needed.Shape = node.Shape -> own
                | true, own -> own + 1

            needs node |> Seq.map after |> Seq.fold max 0

        for node in nodes do
            levels[node] <- level node

        nodes |> Array.groupBy (fun node -> levels[node]) |> Array.sortBy fst |> Array.map snd

    /// Nodes whose values are needed in memory: all that vary, and of the others what these need and no view expresses.
    let private used (needs: Node -> Node seq) (varies: Node -> bool) (outputs: Node list) (nodes: Node[]) =
        let isView (node: Node) =
            match node.Primitive with
            | Structural(Transpose _ | Broadcast _ | Reshape _) -> true
            | _ -> false

        let isUsed = HashSet<Node>(outputs, HashIdentity.Reference)

        for node in Array.rev nodes do
            if varies node || (isUsed.Contains node && isView node) then
                needs node |> Seq.iter (isUsed.Add >> ignore)

        isUsed

    /// The steps that compute outputs from inputs.
    ///
    /// evaluate: gives the value of a node that depends on no input. lanes: the axis of the lanes of nodes that have them.
    let lower
        (engine: Engine)
        (evaluate: Node -> float[])
        (lanes: Node -> int option)
        (inputs: Node list)
        (outputs: Node list)
        : Lowered =
        let products = Products.find (Graph.nodes outputs) inputs outputs

        let needs (node: Node) : Node seq =
            match products.TryGetValue node with
            | true, product -> Seq.append product.Left product.Right |> Seq.map _.Node
            | false, _ -> node.Operands

        let nodes = GraphOrder.sorted needs (Seq.append inputs outputs)
        let varying = HashSet<Node>(inputs, HashIdentity.Reference)

        for node in nodes do
            if needs node |> Seq.exists varying.Contains then varying.Add node |> ignore

        let usersOf = GraphOrder.users nodes needs
        let isOutput = HashSet<Node>(outputs, HashIdentity.Reference)
        let isInput = HashSet<Node>(inputs, HashIdentity.Reference)
        let draft = Draft(engine, lanes)
        let windows = Windows.Table()

        for input in inputs do
            draft.Views[input] <- View.dense (draft.NewBuffer input.Size) input.Shape

        let isUsed = used needs varying.Contains outputs nodes

        nodes |> Array.filter (varying.Contains >> not) |> placeConstants draft evaluate isUsed.Contains

        /// Whether a node of windows is read only in ways that leave its axes parted.
        let onlyParted (node: Node) =
            not (isOutput.Contains node)
            && usersOf node
               |> Seq.forall (fun user ->
                   match user.Primitive with
                   | Structural(Reshape _) -> true
                   | Structural(Gather(_, Windows.Window _)) -> true
                   | _ -> false)

        let emit (node: Node) =
            match node.Primitive with
            | _ when node.Size = 0 -> draft.NewView node |> ignore<View>
            | Input _
            | Constant _ -> ()
            | Elementwise _ -> Checks.invalid (nameof node) "elementwise functions are emitted as tiles."
            | Contract contraction -> ProductLowering.emit draft varying.Contains node contraction products[node]
            | Maximum axes -> MoveLowering.reduce draft Largest axes node
            | Concat axis -> MoveLowering.concat draft axis node
            | Structural map -> MoveLowering.structural draft windows onlyParted map node

        let isTiled (node: Node) = isElementwise node && node.Size > 0

        for onLevel in
            nodes
            |> Array.filter (fun node -> varying.Contains node && not (isInput.Contains node))
            |> byLevels needs do
            let tiled, others = onLevel |> Array.partition isTiled

            for _, region in tiled |> Array.groupBy _.Shape do
                let inRegion = HashSet<Node>(region, HashIdentity.Reference)

                let isSeen node = isOutput.Contains node || usersOf node |> Seq.exists (inRegion.Contains >> not)

                TileLowering.emit draft isSeen region

            // Views of what is computed on this level come last.
            let views, others = others |> Array.partition Factors.isRelabelling
            others |> Array.iter emit
            views |> Array.iter emit

        let results = outputs |> List.map (fun output -> draft.Dense draft.Views[output]) |> List.toArray
        let sizes = draft.Sizes.ToArray()

        let isKept =
            let kept = HashSet<int>()
            inputs |> Seq.iter (fun input -> kept.Add draft.Views[input].Buffer |> ignore)
            results |> Seq.iter (fun view -> kept.Add view.Buffer |> ignore)
            fun buffer -> draft.Constants[buffer].IsSome || kept.Contains buffer

        {
            Steps = Schedule.order (draft.Steps.ToArray()) sizes isKept
            Sizes = sizes
            Constants = draft.Constants.ToArray()
            Inputs = [| for input in inputs -> draft.Views[input].Buffer |]
            Outputs = results
        }
