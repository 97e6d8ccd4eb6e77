namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// A plan while it is made: the steps so far, the buffers they work on, and where each node's value stands.
[<Sealed>]
type internal Draft(engine: Engine, lanes: Node -> int option) =

    let sizes = ResizeArray<int>()
    let constants = ResizeArray<NumberBuffer option>()
    let views = Dictionary<Node, View>(HashIdentity.Reference)
    let steps = ResizeArray<Step>()

    let add size constant =
        sizes.Add size
        constants.Add constant
        sizes.Count - 1

    let orderOf (node: Node) =
        let axes = [| 0 .. node.Rank - 1 |]

        match lanes node with
        | Some lane -> Array.append (Array.filter ((<>) lane) axes) [| lane |]
        | None -> axes

    member _.Engine = engine
    member _.Sizes = sizes
    member _.Constants = constants
    /// Where the values of nodes stand.
    member _.Views = views
    member _.Steps = steps
    /// The axis of the lanes of nodes that have them.
    member _.Lanes = lanes
    member _.NewBuffer(size: int) = add size None
    member _.NewConstant(buffer: NumberBuffer) = add (int buffer.Length) (Some buffer)

    /// Axes from the slowest in memory to the fastest: the lanes come last.
    member _.OrderOf(node: Node) = orderOf node

    /// Where a node's value is to stand.
    member draft.NewView(node: Node) : View =
        let view = View.denseInOrder (draft.NewBuffer node.Size) node.Shape (orderOf node)
        views[node] <- view
        view

    member _.Copy(target: View, source: View) = steps.Add(CopyStep(engine, source, target))

    /// The view in row-major order, copied where it is not.
    member draft.Dense(view: View) : View =
        if View.isDense view then
            view
        else
            let target = View.dense (draft.NewBuffer(Shape.size view.Shape)) view.Shape
            draft.Copy(target, view)
            target

    /// A node's value laid out in full, as it would be if it were computed.
    member draft.LaidOut(node: Node) : View =
        let inOrder = View.transpose (orderOf node) views[node]

        if View.isDense inOrder then
            views[node]
        else
            let target = View.denseInOrder (draft.NewBuffer node.Size) node.Shape (orderOf node)
            draft.Copy(View.transpose (orderOf node) target, inOrder)
            target
