/// Choices by order: which element is the largest, and which ones follow. Places are constant between the points where the order
/// changes, so they have no derivative; what is at the places has.
module internal Interact.Core.Onnx.SelectionOperators

open Interact.Core

let private elementwise f (operands: Node list) = Node.elementwise f operands

/// The numbers from 0 on along an axis, of size 1 elsewhere.
let private places (axis: int) (shape: Shape) =
    Node.constant (shape |> Array.mapi (fun i size -> if i = axis then size else 1)) (Array.init shape[axis] float)

/// Of the given constants, one for each element, the smallest (or largest) that stands where the largest element over the axes is;
/// the axes are removed.
let placeOfLargest (takesLast: bool) (axes: int[]) (numbers: Node) (x: Node) : Node =
    let isLargest =
        elementwise Equal [ x; Node.maximum axes x |> Node.reshape (Shape.keepAxes axes x.Shape) ]

    if takesLast then
        elementwise Select [ isLargest; numbers; Node.scalar -infinity ] |> Node.maximum axes
    else
        let negated = elementwise Select [ isLargest; elementwise Negate [ numbers ]; Node.scalar -infinity ]
        elementwise Negate [ Node.maximum axes negated ]

let private nonEmpty axis (x: Node) =
    if x.Rank = 0 || x.Shape[axis] = 0 then
        NodeContext.fail $"a tensor of shape {Shape.describe x.Shape} has no largest element along axis {axis}"

/// The place of the first (or last) largest element along an axis. sign: -1 for the smallest.
let private argument name (sign: float) =
    Operator.one 1 name (fun context ->
        let x = (NodeContext.input 0 context).Node
        let axis = NodeContext.axis x.Rank (NodeContext.int "axis" 0 context)
        nonEmpty axis x
        let takesLast = NodeContext.flag "select_last_index" false context

        let place =
            Node.multiply (Node.scalar sign) x |> placeOfLargest takesLast [| axis |] (places axis x.Shape)

        {
            Node =
                if NodeContext.flag "keepdims" true context then
                    place |> Node.reshape (Shape.keepAxes [| axis |] x.Shape)
                else
                    place
            Type = Integer
        })

/// 1 at the first largest element along an axis, 0 elsewhere.
let private hardmaxOver axis (x: Node) =
    nonEmpty axis x
    let numbers = places axis x.Shape

    let first =
        placeOfLargest false [| axis |] numbers x |> Node.reshape (Shape.keepAxes [| axis |] x.Shape)

    elementwise Equal [ first; numbers ] |> Node.broadcast x.Shape

/// Over all axes from one on at first, over one axis later.
let private hardmax = [
    Operator.unary 1 "Hardmax" (fun context x ->
        let axis = NodeContext.axis (max x.Rank 1) (NodeContext.int "axis" 1 context)
        let rows = Shape.size x.Shape[.. axis - 1]
        x |> Node.reshape [| rows; x.Size / max rows 1 |] |> hardmaxOver 1 |> Node.reshape x.Shape)
    Operator.unary 13 "Hardmax" (fun context x ->
        x |> hardmaxOver (NodeContext.axis x.Rank (NodeContext.int "axis" -1 context)))
]

/// The k largest (or smallest) elements along the last axis of a matrix, in order, and their places; of equal ones the first leads.
type private Ordering = bool -> int -> Node -> Node * Node

/// One after the other, each time the first largest of those that are left: good for a few of many.
let private oneByOne: Ordering =
    fun largest k x ->
        let numbers = places 1 x.Shape |> Node.broadcast x.Shape
        let step = x.Shape |> Shape.keepAxes [| 1 |]

        let rec next count taken found (rest: Node) (left: Node) =
            if count = k then
                List.rev taken, List.rev found
            else
                let place = placeOfLargest false [| 1 |] left rest |> Node.reshape step
                let isPlace = elementwise Equal [ place; numbers ]

                let value =
                    elementwise Select [ isPlace; x; Node.scalar 0.0 ] |> Product.sum [| 1 |] |> Node.reshape step

                // Of those taken neither the value nor the place comes first again.
                let without (node: Node) limit = elementwise Select [ isPlace; Node.scalar limit; node ]
                next (count + 1) (value :: taken) (place :: found) (without rest -infinity) (without left infinity)

        let ranked = if largest then x else elementwise Negate [ x ]
        let values, indices = next 0 [] [] ranked numbers
        Node.concat 1 values, Node.concat 1 indices

/// All against all: each element's place in the order is the number of those before it, so k rows of zeros and one 1 pick the results.
let private pairwise: Ordering =
    fun largest k x ->
        let rows, n = x.Shape[0], x.Shape[1]
        let column = x |> Node.reshape [| rows; n; 1 |]
        let row = x |> Node.reshape [| rows; 1; n |]

        let precedes = if largest then elementwise Less [ row; column ] else elementwise Less [ column; row ]

        // [i, j]: whether i stands before j where they tie.
        let isEarlier =
            elementwise Less [
                Node.constant [| n; 1 |] (Array.init n float)
                Node.constant [| 1; n |] (Array.init n float)
            ]

        let before = elementwise Max [ precedes; Node.multiply (elementwise Equal [ column; row ]) isEarlier ]
        let rank = Product.sum [| 1 |] before |> Node.reshape [| rows; 1; n |]
        let chosen = elementwise Equal [ rank; Node.constant [| k; 1 |] (Array.init k float) ]
        let pick (values: Node) = elementwise Select [ chosen; values; Node.scalar 0.0 ] |> Product.sum [| 2 |]

        pick row, pick (Node.constant [| 1; 1; n |] (Array.init n float))

/// Places that are compared in each layer of a network that sorts n elements (Knuth, volume 3, algorithm 5.2.2 M).
let private layers n = [
    let highest =
        if n < 2 then 0 else 1 <<< (32 - System.Numerics.BitOperations.LeadingZeroCount(uint32 (n - 1)) - 1)

    let mutable p = highest

    while p > 0 do
        let mutable q = highest
        let mutable rest = 0
        let mutable distance = p
        let mutable isLast = false

        while not isLast do
            [|
                for i in 0 .. n - distance - 1 do
                    if i &&& p = rest then i, i + distance
            |]

            isLast <- q = p
            distance <- q - p
            q <- q / 2
            rest <- p

        p <- p / 2
]

/// The elements along the last axis of a matrix in order, from maxima and minima of pairs: their kinks are all that it has, so explanations
/// find them.
let private sorted largest (x: Node) : Node =
    let n = x.Shape[1]
    let first, second = if largest then Max, Min else Min, Max

    (x, layers n)
    ||> List.fold (fun x pairs ->
        let a = x |> Node.gather 1 (Array.map fst pairs)
        let b = x |> Node.gather 1 (Array.map snd pairs)
        let source = Array.init n (fun i -> 2 * pairs.Length + i)

        pairs
        |> Array.iteri (fun i (front, back) ->
            source[front] <- i
            source[back] <- pairs.Length + i)

        Node.concat 1 [ elementwise first [ a; b ]; elementwise second [ a; b ]; x ] |> Node.gather 1 source)

/// More elements than this are not sorted by a network: its indices would weigh more than they help.
let private mostSorted = 1024

/// Work grows with the square of the number of elements, or with k times it.
let private ordered: Ordering =
    fun largest k x -> if k > 0 && k <= 64 && 8 * k < x.Shape[1] then oneByOne largest k x else pairwise largest k x

let private topK since (count: NodeContext -> int64) =
    Operator.since since "TopK" (fun context ->
        let x = NodeContext.input 0 context
        let rank = x.Node.Rank
        let axis = NodeContext.axis rank (NodeContext.int "axis" -1 context)
        let k = count context

        if k < 0L || k > int64 x.Node.Shape[axis] then
            NodeContext.fail $"{k} elements cannot be picked from axis {axis} of shape {Shape.describe x.Node.Shape}"

        let largest = NodeContext.flag "largest" true context
        let axisLast = Array.append (Array.except [ axis ] [| 0 .. rank - 1 |]) [| axis |]
        let moved = x.Node |> Node.transpose axisLast
        let size = x.Node.Shape[axis]
        let flat = moved |> Node.reshape [| moved.Size / max size 1; size |]
        let chosen, indices = ordered largest (int k) flat

        let values =
            if x.Type = Real && size <= mostSorted then
                sorted largest flat |> Node.gather 1 [| 0 .. int k - 1 |]
            else
                chosen

        let back (node: Node) =
            node
            |> Node.reshape (Array.append moved.Shape[.. rank - 2] [| int k |])
            |> Node.transpose (Structural.invert axisLast)

        [ { x with Node = back values }; { Node = back indices; Type = Integer } ])

let private topKs =
    let operand context =
        match NodeContext.integers 1 "number of elements" context with
        | [| k |] -> k
        | numbers -> NodeContext.fail $"its number of elements (operand 1) are {numbers.Length} numbers; one is needed"

    [
        topK 1 (fun context ->
            match NodeContext.tryInt "k" context with
            | Some k -> int64 k
            | None -> NodeContext.fail "attribute 'k' is missing; export the model again")
        topK 10 operand
    ]

let table: Operator list = [ argument "ArgMax" 1.0; argument "ArgMin" -1.0 ] @ hardmax @ topKs
