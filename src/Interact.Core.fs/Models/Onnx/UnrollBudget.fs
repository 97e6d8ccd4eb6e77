namespace Interact.Core.Onnx

open Interact.Core

/// Loops, branches and functions ask for more than their budget. It ends the whole node of the main graph.
type internal UnrollBudgetException(message: string) =
    inherit NodeProblemException(message)

/// How much of a graph may come out of loops, branches and functions: a small file can ask for any amount.
[<Sealed>]
type internal UnrollBudget() =

    /// Nodes that may be built inside other nodes, turns of loops among them.
    static let nodes = 50_000

    /// Elements that constants computed inside other nodes may have together: 64 MB.
    static let elements = 8_388_608

    let mutable nodesLeft = nodes
    let mutable elementsLeft = elements

    /// Graphs in nodes and functions in functions that may lie around a node.
    static member depth = 64

    /// Counts a node, or one turn of a loop. Error: UnrollBudgetException where there are too many.
    member _.SpendNode() =
        nodesLeft <- nodesLeft - 1

        if nodesLeft < 0 then
            raise (
                UnrollBudgetException
                    $"loops and functions become more than {nodes} nodes; export a model with shorter loops and sequences"
            )

    /// Counts the elements of a constant. Error: UnrollBudgetException where there are too many.
    member _.SpendConstant(node: Node) =
        match node.Primitive with
        | Constant(Dense values) ->
            elementsLeft <- elementsLeft - values.Length

            if elementsLeft < 0 then
                raise (
                    UnrollBudgetException
                        $"loops and functions compute more than {elements} constant numbers; export a model with shorter loops"
                )
        | _ -> ()
