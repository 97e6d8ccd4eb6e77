namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core
open Interact.Core.Rules

/// A node whose elements are each one of several smooth functions of their operands, and which of them a state tells.
type internal Switch = {
    Node: Node
    /// What the state depends on, element by element: a ReLU's operand, the difference of what is compared, or how far each candidate is
    /// below the largest. An element switches where its argument crosses zero.
    Argument: Node
}

/// Functions with kinks as switches between smooth pieces: ReLU(z) = s·z with the state s = 1 where z > 0 and 0 elsewhere. With all
/// states held, what is left of a graph is smooth, and so is each argument.
[<RequireQualifiedAccess>]
module internal Switches =

    let private binary f a b = Node.elementwise f [ a; b ]
    let private signOf state = binary Subtract (binary Multiply (Node.scalar 2.0) state) (Node.scalar 1.0)

    /// The argument of a switch; None for a node that is none.
    let private argument (node: Node) : Node option =
        match node.Primitive with
        | Elementwise f ->
            match f with
            | Relu
            | Abs
            | Sign -> Some node.Operands[0]
            | Max
            | Min -> Some(binary Subtract node.Operands[0] node.Operands[1])
            | Less
            | LessOrEqual -> Some(binary Subtract node.Operands[1] node.Operands[0])
            // Steps without end, and points: their derivatives are 0 on either side.
            | Floor
            | Ceiling
            | Round
            | Equal
            | Negate
            | Reciprocal
            | Exp
            | Expm1
            | Log
            | Log1p
            | Sqrt
            | Sin
            | Cos
            | Tan
            | Asin
            | Acos
            | Atan
            | Sinh
            | Cosh
            | Tanh
            | Asinh
            | Acosh
            | Atanh
            | Sigmoid
            | Softplus
            | Erf
            | StopGradient
            | Add
            | Subtract
            | Multiply
            | Divide
            | Power
            | Select -> None
        | Maximum axes ->
            let kept = Shape.keepAxes axes node.Operands[0].Shape
            Some(binary Subtract node.Operands[0] (node |> Node.reshape kept))
        | Input _
        | Constant _
        | Structural _
        | Contract _
        | Concat _ -> None

    /// The state where the argument is zero: what gives the derivative that stands in the table of functions.
    let private tie (node: Node) =
        match node.Primitive with
        | Elementwise(Relu | Less) -> 0.0
        | Elementwise LessOrEqual -> 1.0
        | _ -> 0.5

    /// The states of all elements: 1 where the argument is positive, 0 where it is negative. Of a maximum, each candidate's share.
    let states (switch: Switch) : Node =
        match switch.Node.Primitive with
        | Maximum axes -> MaximumRules.shares axes switch.Node
        | _ ->
            let zero = Node.scalar 0.0
            let positive = binary Less zero switch.Argument

            Node.add positive (binary Multiply (Node.scalar (tie switch.Node)) (binary Equal switch.Argument zero))

    /// The node with its states held.
    let private held (node: Node) (operands: Node[]) (state: Node) : Node =
        let between upper lower = Node.add lower (Node.multiply state (binary Subtract upper lower))

        match node.Primitive with
        | Maximum axes -> Node.multiply state operands[0] |> Product.sum axes
        | Elementwise Relu -> Node.multiply state operands[0]
        | Elementwise Abs -> Node.multiply (signOf state) operands[0]
        | Elementwise Sign -> signOf state
        | Elementwise Max -> between operands[0] operands[1]
        | Elementwise Min -> between operands[1] operands[0]
        | _ -> state

    /// Whether the derivatives of what is computed from the node depend on what it is computed from.
    let private passesOn (node: Node) =
        match node.Primitive with
        | Elementwise(StopGradient | Floor | Ceiling | Round | Equal) -> false
        | _ -> true

    /// Whether the output depends on the input through a function that may switch: quickly told, where there is none.
    let mayExist (input: Node) (output: Node) : bool =
        Graph.dependents [ input ] [ output ]
        |> Array.exists (fun node ->
            match node.Primitive with
            | Maximum _ -> true
            | _ -> (argument node).IsSome)

    /// The switches that the output depends on and that the input can move, in order of evaluation.
    let find (input: Node) (output: Node) : Switch[] =
        let live = HashSet<Node>([ output ], HashIdentity.Reference)

        for node in Graph.dependents [ input ] [ output ] |> Array.rev do
            if live.Contains node && passesOn node then node.Operands |> Array.iter (live.Add >> ignore)

        let found =
            Graph.dependents [ input ] [ output ]
            |> Array.filter live.Contains
            |> Array.choose (fun node ->
                argument node |> Option.map (fun argument -> { Node = node; Argument = argument }))

        let direction = Node.input "direction" input.Shape
        let tangent = found |> Seq.map _.Argument |> List.ofSeq |> Jvp.tangents [ input, direction ]
        found |> Array.filter (fun switch -> (tangent switch.Argument).IsSome)

    /// The outputs with the states of the switches held at given nodes of the arguments' shapes.
    let hold (switches: (Switch * Node) seq) (outputs: Node list) : Node list =
        let table = Dictionary<Node, Node>(HashIdentity.Reference)

        for switch, state in switches do
            table[switch.Node] <- state

        outputs
        |> Graph.rewrite (fun node operands ->
            match table.TryGetValue node with
            | true, state -> Some(held node operands state)
            | false, _ -> None)

    /// For every element of a switch's argument the number of the element that it decides about: candidates of one maximum share theirs.
    let decided (switch: Switch) : int[] =
        match switch.Node.Primitive with
        | Maximum axes ->
            let shape = switch.Argument.Shape
            let strides = Shape.broadcastStrides (Shape.keepAxes axes shape) shape
            let numbers = Array.zeroCreate<int>(Shape.size shape)
            let mutable position = 0

            Shape.iterate shape (fun index ->
                numbers[position] <- Shape.offset strides index
                position <- position + 1)

            numbers
        | _ -> Array.init switch.Argument.Size id

    /// Degree of each node between switches as a polynomial in the input: 0, 1, or 2 for all that is not affine.
    let private degree (degrees: int[]) (node: Node) =
        let highest = Array.max degrees
        let nonlinear = if highest = 0 then 0 else 2

        match node.Primitive with
        | Elementwise f ->
            match f with
            | Negate
            | Relu
            | Abs
            | Add
            | Subtract
            | Max
            | Min -> highest
            | Multiply -> Array.sum degrees
            | Divide -> if degrees[1] = 0 then degrees[0] else 2
            | Select -> max degrees[1] degrees[2]
            | Sign
            | Floor
            | Ceiling
            | Round
            | Less
            | LessOrEqual
            | Equal -> 0
            | Reciprocal
            | Exp
            | Expm1
            | Log
            | Log1p
            | Sqrt
            | Sin
            | Cos
            | Tan
            | Asin
            | Acos
            | Atan
            | Sinh
            | Cosh
            | Tanh
            | Asinh
            | Acosh
            | Atanh
            | Sigmoid
            | Softplus
            | Erf
            | StopGradient
            | Power -> nonlinear
        | Contract _ -> Array.sum degrees
        | Structural _
        | Concat _
        | Maximum _ -> highest
        | Input _
        | Constant _ -> 0

    /// Whether the output is affine in the input wherever nothing switches.
    let isPiecewiseLinear (input: Node) (output: Node) : bool =
        let degrees = Dictionary<Node, int>(HashIdentity.Reference)
        degrees[input] <- 1

        let degreeOf node =
            match degrees.TryGetValue node with
            | true, own -> own
            | false, _ -> 0

        for node in Graph.dependents [ input ] [ output ] do
            if not (degrees.ContainsKey node) then
                degrees[node] <- min 2 (degree (node.Operands |> Array.map degreeOf) node)

        degreeOf output <= 1
