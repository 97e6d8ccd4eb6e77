namespace Interact.Core

open Interact.Core.Transform

/// The graphs that tell where a model switches on a path, at a number of points at once.
module internal SwitchGraph =

    let private flat (node: Node) = node |> Node.reshape [| node.Size |]
    let private joined (nodes: Node seq) = nodes |> Seq.map flat |> List.ofSeq |> Node.concat 0

    /// Derivatives of nodes along the path.
    let private slopes (path: PathGraph.Path) (nodes: Node list) =
        let tangent = Jvp.tangents [ path.Middle, path.Push path.Inputs[1] ] nodes

        nodes
        |> List.map (fun node ->
            tangent node
            |> Option.map (Node.broadcast node.Shape)
            |> Option.defaultWith (fun () -> Node.fill node.Shape 0.0))

    let private graph (path: PathGraph.Path) inputs points outputs = {
        Inputs = path.Inputs @ inputs
        Outputs = outputs
        Points = (path.Nodes, 0) :: points
    }

    /// For each element of every switch's argument the number of the decision it takes part in, and whether the model is piecewise linear.
    let describe (input: Node) (output: Node) : int[] * bool =
        let path = PathGraph.along 1 input output
        let switches = Switches.find path.Middle path.Explained
        let starts = switches |> Array.scan (fun start switch -> start + switch.Argument.Size) 0

        let decisions =
            switches
            |> Array.mapi (fun i switch -> Switches.decided switch |> Array.map ((+) starts[i]))
            |> Array.concat

        decisions, Switches.isPiecewiseLinear path.Middle path.Explained

    /// Arguments, slopes and states: points x elements each.
    let sample count (input: Node) (output: Node) : BatchGraph =
        let path = PathGraph.along count input output
        let switches = Switches.find path.Middle path.Explained
        let arguments = switches |> Seq.map _.Argument |> List.ofSeq

        [ joined arguments; joined (slopes path arguments); switches |> Seq.map Switches.states |> joined ]
        |> List.map (path.AtAll [])
        |> graph path [] []

    /// A path on which states are held, the explained output and the arguments with these states, and how these become what is computed at
    /// all points. The states are one more input: points x elements.
    let private held count input output =
        let path = PathGraph.along count input output
        let switches = Switches.find path.Middle path.Explained
        let starts = switches |> Array.scan (fun start switch -> start + switch.Argument.Size) 0
        let state = Node.input "state" [| Array.last starts |]
        let states = Node.input "states" [| count; state.Size |]

        let own i (switch: Switch) =
            let elements = [| starts[i] .. starts[i + 1] - 1 |]
            switch, state |> Node.gather 0 elements |> Node.reshape switch.Argument.Shape

        let rewritten =
            path.Explained :: (switches |> Seq.map _.Argument |> List.ofSeq)
            |> Switches.hold (Array.mapi own switches)

        let finish outputs = outputs |> List.map (path.AtAll [ state, states ]) |> graph path [ states ] [ states, 0 ]

        path, rewritten.Head, rewritten.Tail, finish

    /// Arguments and slopes with states held.
    let hold count (input: Node) (output: Node) : BatchGraph =
        let path, _, arguments, finish = held count input output
        finish [ joined arguments; joined (slopes path arguments) ]

    /// Gradients of the explained output with states held: points x n.
    let gradients count (input: Node) (output: Node) : BatchGraph =
        let path, explained, _, finish = held count input output
        finish [ explained |> Vjp.grad path.Middle |> path.Pull ]
