namespace Interact.Core.Onnx

open Interact.Core

/// How much of a graph may come out of loops, branches and functions: a small file can ask for any amount.
[<Sealed>]
type internal UnrollBudget() =

    /// Nodes that may be built inside other nodes, turns of loops among them.
    static let nodes = 100_000

    /// Elements that constants computed inside other nodes may have together: 64 MB.
    static let elements = 8_388_608

    let mutable nodesLeft = nodes
    let mutable elementsLeft = elements

    /// Graphs in nodes and functions in functions that may lie around a node.
    static member depth = 64

    /// Counts a node, or one turn of a loop. Error: NodeProblemException where there are too many.
    member _.SpendNode() =
        nodesLeft <- nodesLeft - 1

        if nodesLeft < 0 then
            NodeContext.fail
                $"loops and functions become more than {nodes} nodes; export a model with shorter loops and sequences"

    /// Counts the elements of a constant. Error: NodeProblemException where there are too many.
    member _.SpendConstant(node: Node) =
        match node.Primitive with
        | Constant(Dense values) ->
            elementsLeft <- elementsLeft - values.Length

            if elementsLeft < 0 then
                NodeContext.fail
                    $"loops and functions compute more than {elements} constant numbers; export a model with shorter loops"
        | _ -> ()
