namespace Interact.Core

open Interact.Core.Transform

/// Inputs of a graph in the order in which they are supplied, and what it computes from them.
type internal BatchGraph = {
    Inputs: Node list
    Outputs: Node list
    /// The inputs that differ from point to point, each with the axis of the points.
    Points: (Node * int) list
}

/// The graphs that answer requests for one model: values, gradients and second derivatives on a batch of paths.
///
/// Where the model begins with an affine map z of its input (see AffinePrefix), a path x' + tδ is the path z(x') + t·Lδ there, and
/// derivatives are taken by z: the map is applied once for each path, not at every point of it.
module internal PathGraph =

    /// The graph for one item made into one for a batch of items. points: the inputs that differ along their first axis.
    let overItems items (points: Node list) (inputs: Node list) (outputs: Node list) : BatchGraph =
        let batched =
            inputs
            |> List.map (fun input ->
                Node.input (Primitive.name input.Primitive) (Array.append [| items |] input.Shape))

        let pairs = List.zip inputs batched

        {
            Inputs = batched
            Outputs = outputs |> Vmap.applyAll pairs
            Points = [
                for input, batch in pairs do
                    if points |> List.exists (fun point -> obj.ReferenceEquals(point, input)) then batch, 1
            ]
        }

    let private flat (node: Node) = node |> Node.reshape [| node.Size |]

    /// Outputs at points: input items x n, output items x outputs.
    let values items (input: Node) (output: Node) : BatchGraph =
        let point = Node.input "points" [| input.Size |]
        let value = Graph.substitute [ input, point |> Node.reshape input.Shape ] [ flat output ]
        overItems items [] [ point ] value

    /// A model on a path.
    type Path = {
        /// Baseline, displacement, combination of the outputs and parameters of the points.
        Inputs: Node list
        /// The parameters of the points.
        Nodes: Node
        /// The affine map of one direction in the input: shape of the map's result.
        Push: Node -> Node
        /// The transpose of the affine map.
        Pull: Node -> Node
        /// What the rest of the model depends on.
        Middle: Node
        /// Whether the map is none at all: the middle is the input.
        IsInput: bool
        /// The explained combination of outputs, as it depends on the middle.
        Explained: Node
        /// What depends on the middle made into what is computed at all points, one after the other; also for other values that
        /// differ from point to point, given for one and for all.
        AtAll: (Node * Node) list -> Node -> Node
    }

    let along count (input: Node) (output: Node) : Path =
        let n = input.Size
        let baseline = Node.input "baseline" [| n |]
        let displacement = Node.input "displacement" [| n |]
        let combination = Node.input "output" [| output.Size |]
        let nodes = Node.input "nodes" [| count |]
        let node = Node.input "node" [||]
        let prefix = AffinePrefix.find input output
        let middle = Node.input "middle" prefix.Shape
        let rest = Graph.substitute [ prefix, middle ] [ output ] |> List.head
        let shaped (direction: Node) = direction |> Node.reshape input.Shape
        let push direction = Jvp.apply input (shaped direction) prefix
        let start = Graph.substitute [ input, shaped baseline ] [ prefix ] |> List.head
        let point = Node.add start (Node.multiply node (push displacement))

        {
            Inputs = [ baseline; displacement; combination; nodes ]
            Nodes = nodes
            Push = push
            Pull = fun cotangent -> Vjp.apply input prefix cotangent |> flat
            Middle = middle
            IsInput = obj.ReferenceEquals(prefix, input)
            Explained = Product.dot combination (flat rest)
            AtAll =
                fun others result ->
                    Graph.substitute [ middle, point ] [ result ] |> List.head |> Vmap.apply ((node, nodes) :: others)
        }

    /// Gradients at the points of paths: items x points x n.
    let gradients items count (input: Node) (output: Node) : BatchGraph =
        let path = along count input output
        let gradient = path.Explained |> Vjp.grad path.Middle |> path.Pull
        overItems items [ path.Nodes ] path.Inputs [ path.AtAll [] gradient ]

    /// Σ over points of the weighted second derivatives along directions that are given by what the affine map makes of them, each of
    /// the middle's shape: k x k.
    let private summedCurvature (path: Path) (weights: Node) (directions: Node) =
        let weight = Node.input "weight" [||]

        Curvature.weighted weight directions path.Middle path.Explained
        |> path.AtAll [ weight, weights ]
        |> Product.sum [| 0 |]

    /// Gradients at the points of paths (items x points x n) and weighted sums of second derivatives (items x k x k). None for the
    /// directions stands for every input element.
    let curvatures items count (directionCount: int option) (input: Node) (output: Node) : BatchGraph =
        let n = input.Size
        let path = along count input output
        let weights = Node.input "weights" [| count |]

        let extra, directions =
            match directionCount with
            | None -> [], Node.identity n
            | Some k ->
                let given = Node.input "directions" [| k; n |]
                [ given ], given

        let direction = Node.input "direction" [| n |]
        let pushed = path.Push direction |> Vmap.apply [ direction, directions ]
        let gradient = path.Explained |> Vjp.grad path.Middle |> path.Pull |> path.AtAll []

        /// Directions pushed through the whole model.
        let forward () = summedCurvature path weights pushed

        /// Second derivatives by every element of the middle, of which the directions are taken at the end: the better way where the
        /// directions are about as many, because these derivatives begin as an identity.
        let viaMiddle () =
            let size = path.Middle.Size
            let each = Node.identity size |> Node.reshape (Array.append [| size |] path.Middle.Shape)
            let matrix = summedCurvature path weights each
            let flatDirections = pushed |> Node.reshape [| directions.Shape[0]; size |]
            Product.matmul (Product.matmul flatDirections matrix) (flatDirections |> Node.transpose [| 1; 0 |])

        let isWorthTrying = path.Middle.Size <= 4 * directions.Shape[0] && not path.IsInput

        let curvature =
            if isWorthTrying then
                // Compared for one item, so that all batches are worked on in the same way.
                [ forward (); viaMiddle () ]
                |> List.minBy (fun curvature -> Execution.Cost.multiplyAdds [ curvature ])
            else
                forward ()

        overItems items [ path.Nodes; weights ] (path.Inputs @ weights :: extra) [ gradient; curvature ]

    /// Gradients at the points of paths (items x points x n) and weighted sums of second derivatives applied to directions (items x k x n):
    /// forward over reverse, at the cost of the directions alone.
    let products items count directionCount (input: Node) (output: Node) : BatchGraph =
        let path = along count input output
        let weights = Node.input "weights" [| count |]
        let weight = Node.input "weight" [||]
        let directions = Node.input "directions" [| directionCount; input.Size |]
        let direction = Node.input "direction" [| input.Size |]
        let inMiddle = Node.input "direction in the middle" path.Middle.Shape
        let gradient = path.Explained |> Vjp.grad path.Middle |> path.Pull |> path.AtAll []

        let product =
            Node.multiply weight path.Explained
            |> Curvature.hvp path.Middle inMiddle
            |> path.AtAll [ weight, weights ]
            |> Product.sum [| 0 |]
            |> path.Pull

        let pushed = path.Push direction |> Vmap.apply [ direction, directions ]
        let inputs = path.Inputs @ [ weights; directions ]
        overItems items [ path.Nodes; weights ] inputs [ gradient; product |> Vmap.apply [ inMiddle, pushed ] ]
