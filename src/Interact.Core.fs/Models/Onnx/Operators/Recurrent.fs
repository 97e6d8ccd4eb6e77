/// Recurrent layers, unrolled: every step of a sequence becomes part of the graph.
module internal Interact.Core.Onnx.RecurrentOperators

open System
open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

/// Elements of an axis from one place on.
let private part axis first count (node: Node) = node |> Node.gather axis [| first .. first + count - 1 |]

/// One element of an axis, which is removed.
let private pick axis index (node: Node) =
    node |> Node.gather axis [| index |] |> Node.reshape (Shape.removeAxes [| axis |] node.Shape)

let private stack axis (parts: Node list) =
    parts
    |> List.map (fun part -> part |> Node.reshape (Array.insertAt axis 1 part.Shape))
    |> Node.concat axis

/// x·wᵀ over the last axes.
let private times (weights: Node) (x: Node) =
    let kept = [| 1 .. x.Rank - 1 |]

    weights
    |> Product.contract
        {
            Left = Array.append kept [| 0 |]
            Right = [| x.Rank; 0 |]
            Output = Array.append kept [| x.Rank |]
        }
        x

/// What the cell of one direction is made of.
type private Cell = {
    Gates: int
    /// Elements of a state.
    Hidden: int
    /// Weights of the state: gates x hidden, hidden.
    Recurrence: Node
    /// Biases of the state: gates x hidden.
    Bias: Node
    /// Weights of an LSTM's memory in its gates: 3 hidden.
    Peephole: Node option
    Activations: (Node -> Node) list
    /// Bounds what goes into activations.
    Clip: Node -> Node
}

/// The part of one gate in what is computed for all of them.
let private gate (cell: Cell) i (all: Node) = all |> part (all.Rank - 1) (i * cell.Hidden) cell.Hidden

let private add = Node.add
let private multiply = Node.multiply

/// A step of a cell: from the input's share of each gate (batch x gates·hidden) and the states to the states after it.
type private Step = NodeContext -> Cell -> Node -> Node list -> Node list

let private simpleStep: Step =
    fun _ cell input states ->
        let h = states.Head
        let z = add input (add (times cell.Recurrence h) cell.Bias)
        [ cell.Activations.Head(cell.Clip z) ]

/// Gates: update, reset, hidden.
let private gruStep: Step =
    fun context cell input states ->
        let h = states.Head
        let f, g = cell.Activations[0], cell.Activations[1]
        let weights i = cell.Recurrence |> part 0 (i * cell.Hidden) cell.Hidden
        let recurrent i = add (times (weights i) h) (gate cell i cell.Bias)
        let update = f (cell.Clip(add (gate cell 0 input) (recurrent 0)))
        let reset = f (cell.Clip(add (gate cell 1 input) (recurrent 1)))

        let hidden =
            if NodeContext.flag "linear_before_reset" false context then
                multiply reset (recurrent 2)
            else
                add (times (weights 2) (multiply reset h)) (gate cell 2 cell.Bias)

        let proposed = g (cell.Clip(add (gate cell 2 input) hidden))
        let kept = apply Subtract [ Node.scalar 1.0; update ]
        [ add (multiply kept proposed) (multiply update h) ]

/// Gates: input, output, forget, cell.
let private lstmStep: Step =
    fun context cell input states ->
        let h, memory = states[0], states[1]
        let f, g, activation = cell.Activations[0], cell.Activations[1], cell.Activations[2]
        let all = add input (add (times cell.Recurrence h) cell.Bias)

        let peeping i memory (z: Node) =
            match cell.Peephole with
            | Some weights -> add z (multiply (gate cell i weights) memory)
            | None -> z

        let entry = f (cell.Clip(gate cell 0 all |> peeping 0 memory))

        let kept =
            if NodeContext.flag "input_forget" false context then
                apply Subtract [ Node.scalar 1.0; entry ]
            else
                f (cell.Clip(gate cell 2 all |> peeping 2 memory))

        let proposed = g (cell.Clip(gate cell 3 all))
        let after = add (multiply kept memory) (multiply entry proposed)
        let exit = f (cell.Clip(gate cell 1 all |> peeping 1 after))
        [ multiply exit (activation after); after ]

/// All steps of one direction: the outputs in the order of the sequence, and the states after the last step.
let private run context step (cell: Cell) (lengths: int64[]) backward (inputs: Node) (initial: Node list) =
    let steps, batch = inputs.Shape[0], inputs.Shape[1]
    let outputs = Array.create steps (Node.fill [| batch; cell.Hidden |] 0.0)
    let mutable states = initial

    let order = if backward then [ steps - 1 .. -1 .. 0 ] else [ 0 .. steps - 1 ]

    for t in order do
        // A gate is a product, a bias, a bound, an activation and what is made of it.
        context.Meter.Enter(5 * cell.Gates)

        let isLive = lengths |> Array.map (fun length -> if int64 t < length then 1.0 else 0.0)
        let after = step context cell (pick 0 t inputs) states

        if Array.forall ((=) 1.0) isLive then
            states <- after
            outputs[t] <- after.Head
        else
            // Beyond the end of its sequence an item keeps its states, and its outputs are 0.
            let live = Node.constant [| batch; 1 |] isLive
            states <- List.map2 (fun before after -> apply Select [ live; after; before ]) states after
            outputs[t] <- apply Select [ live; after.Head; Node.scalar 0.0 ]

    List.ofArray outputs, states

let private directions context =
    match NodeContext.string "direction" "forward" context with
    | "forward" -> [ false ]
    | "reverse" -> [ true ]
    | "bidirectional" -> [ false; true ]
    | other -> NodeContext.fail $"direction {Quote.name other} is unknown; use forward, reverse or bidirectional"

/// A recurrent operator of some gates and states; activations: the default names for one direction.
let private recurrent name gates stateCount activations (step: Step) =
    Operator.since 1 name (fun context ->
        let directions = directions context
        let count = directions.Length
        let batchFirst = NodeContext.int "layout" 0 context = 1
        let swap (node: Node) = if batchFirst then node |> Node.transpose [| 1; 0; 2 |] else node

        let checkedInput i what (shape: int[]) =
            NodeContext.tryInput i context
            |> Option.map (fun value ->
                let fits =
                    value.Node.Rank = shape.Length && Array.forall2 (fun a b -> b < 0 || a = b) value.Node.Shape shape

                if not fits then
                    let wanted =
                        shape |> Array.map (fun size -> if size < 0 then "?" else string size) |> String.concat " x "

                    NodeContext.fail
                        $"its {what} (operand {i}) have shape {Shape.describe value.Node.Shape} where {wanted} is needed; export the model again"

                value.Node)

        let needed i what shape =
            match checkedInput i what shape with
            | Some node -> node
            | None -> NodeContext.fail $"its {what} (operand {i}) are missing; export the model again"

        let x = needed 0 "sequences" [| -1; -1; -1 |] |> swap
        let steps, batch, features = x.Shape[0], x.Shape[1], x.Shape[2]

        let recurrence = needed 2 "recurrence weights" [| count; -1; -1 |]
        let hidden = recurrence.Shape[2]
        let weights = needed 1 "weights" [| count; gates * hidden; features |]
        let recurrence = needed 2 "recurrence weights" [| count; gates * hidden; hidden |]

        let bias =
            checkedInput 3 "biases" [| count; 2 * gates * hidden |]
            |> Option.defaultValue (Node.fill [| count; 2 * gates * hidden |] 0.0)

        let lengths =
            NodeContext.tryIntegers 4 "lengths" context
            |> Option.defaultValue (Array.create batch (int64 steps))

        if
            lengths.Length <> batch
            || lengths |> Array.exists (fun length -> length < 0L || length > int64 steps)
        then
            NodeContext.fail
                $"its lengths are not one number up to {steps} for each of {batch} sequences; export the model again"

        let initial i =
            let shape = if batchFirst then [| batch; count; hidden |] else [| count; batch; hidden |]

            checkedInput i "initial states" shape
            |> Option.map swap
            |> Option.defaultValue (Node.fill [| count; batch; hidden |] 0.0)

        let initials = [ for i in 0 .. stateCount - 1 -> initial (5 + i) ]

        let peepholes =
            if stateCount = 2 then checkedInput 7 "peephole weights" [| count; 3 * hidden |] else None

        let clip =
            match NodeContext.tryValue "clip" context with
            | None -> id
            | Some _ ->
                let bound = NodeContext.float "clip" 0.0 context

                fun (z: Node) -> apply Min [ apply Max [ z; Node.scalar -bound ]; Node.scalar bound ]

        let functions =
            RecurrentActivation.functions (List.replicate count activations |> List.concat) context
            |> List.chunkBySize activations.Length

        let results = [
            for d, backward in List.indexed directions do
                let biases = pick 0 d bias

                let cell = {
                    Gates = gates
                    Hidden = hidden
                    Recurrence = pick 0 d recurrence
                    Bias = biases |> part 0 (gates * hidden) (gates * hidden)
                    Peephole = peepholes |> Option.map (pick 0 d)
                    Activations = functions[d]
                    Clip = clip
                }

                let inputs = add (times (pick 0 d weights) x) (biases |> part 0 0 (gates * hidden))
                run context step cell lengths backward inputs (initials |> List.map (pick 0 d))
        ]

        let sequence =
            results
            |> List.map (fun (outputs, _) ->
                if outputs.IsEmpty then Node.constant [| 0; batch; hidden |] [||] else stack 0 outputs)
            |> stack 1

        let final i = results |> List.map (fun (_, states) -> List.item i states) |> stack 0 |> swap

        let outputs = if batchFirst then sequence |> Node.transpose [| 2; 0; 1; 3 |] else sequence

        outputs :: [ for i in 0 .. stateCount - 1 -> final i ] |> List.map Value.real)

let table: Operator list = [
    recurrent "RNN" 1 1 [ "Tanh" ] simpleStep
    recurrent "GRU" 3 1 [ "Sigmoid"; "Tanh" ] gruStep
    recurrent "LSTM" 4 2 [ "Sigmoid"; "Tanh"; "Tanh" ] lstmStep
]
