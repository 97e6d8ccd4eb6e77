namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// Elementwise functions fused into tiles.
[<RequireQualifiedAccess>]
module internal TileLowering =

    /// Elementwise functions of one shape as one step.
    ///
    /// isSeen: whether a node is used outside of the region, or an output.
    let emit (draft: Draft) (isSeen: Node -> bool) (region: Node[]) =
        let inRegion = HashSet<Node>(region, HashIdentity.Reference)
        let shape = region[0].Shape
        let total = Shape.size shape
        let broadcast (node: Node) = draft.Views[node] |> View.broadcast shape

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

        // The lanes last; or the order of axes in memory of one of the operands that fill the shape, the one that suits most of them.
        let ofOperands () =
            operandViews
            |> Array.filter (fun view -> Array.forall2 (fun size stride -> size = 1 || stride <> 0) shape view.Strides)
            |> Array.map (fun view -> [| 0 .. shape.Length - 1 |] |> Array.sortBy (fun axis -> -view.Strides[axis]))
            |> Array.append [| [| 0 .. shape.Length - 1 |] |]
            |> Array.rev
            // Many operands have few orders among them.
            |> Array.distinct
            |> Array.minBy jumps

        let order =
            match region |> Array.tryFind (draft.Lanes >> Option.isSome) with
            | Some node -> draft.OrderOf node
            | None -> ofOperands ()

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

            let result =
                if isSeen node then
                    let view = View.denseInOrder (draft.NewBuffer total) shape order
                    draft.Views[node] <- view
                    writes.Add view.Buffer
                    Place.InOrder(inOrder view)
                else
                    Place.Register(newRegister ())

            places[node] <- result
            instructions.Add(TileInstruction.Apply(f, found, result)))

        let reads = operands |> Array.map (fun node -> draft.Views[node].Buffer)
        let iterated = order |> Array.map (fun axis -> shape[axis])
        draft.Steps.Add(TileStep(draft.Engine, iterated, instructions.ToArray(), reads, writes.ToArray()))
