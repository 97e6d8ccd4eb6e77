/// Reductions over axes.
module internal Interact.Core.Onnx.ReductionOperators

open Interact.Core

let private square (x: Node) = Node.multiply x x

let private count (axes: int[]) (x: Node) = axes |> Array.fold (fun n axis -> n * x.Shape[axis]) 1

/// The mean over axes, which are removed.
let mean axes x = Node.elementwise Divide [ Product.sum axes x; Node.scalar (float (count axes x)) ]

/// A root of a total that is not negative; at 0 it and its derivatives are 0.
let private rootOf (root: Node -> Node) (total: Node) =
    let isZero = Node.elementwise Equal [ total; Node.scalar 0.0 ]
    let positive = Node.elementwise Select [ isZero; Node.scalar 1.0; total ]
    Node.elementwise Select [ isZero; Node.scalar 0.0; root positive ]

/// √ of a total of squares; at 0 its derivatives are 0.
let squareRoot (total: Node) = total |> rootOf (fun positive -> Node.elementwise Sqrt [ positive ])

/// The Lᵖ norm over axes, which are removed; where everything is 0 so is its derivative.
let norm (p: float) axes (x: Node) =
    if p <= 0.0 then NodeContext.fail $"attribute 'p' is {p}; it must be positive"

    let size = Node.elementwise Abs [ x ]

    if p = 1.0 then
        Product.sum axes size
    elif p = 2.0 then
        Product.sum axes (square x) |> squareRoot
    else
        Product.sum axes (Node.elementwise Power [ size; Node.scalar p ])
        |> rootOf (fun positive -> Node.elementwise Power [ positive; Node.scalar (1.0 / p) ])

/// The largest element, of none -∞.
let private maximum axes (x: Node) =
    if count axes x = 0 then
        Node.fill (Shape.removeAxes axes x.Shape) -infinity
    else
        Node.maximum axes x

let private logSumExp axes (x: Node) =
    let largest = Node.elementwise StopGradient [ maximum axes x ]
    // Nothing is taken out of what is infinite: ∞ - ∞ is no number.
    let isFinite = Node.elementwise Less [ Node.elementwise Abs [ largest ]; Node.scalar infinity ]
    let largest = Node.elementwise Select [ isFinite; largest; Node.scalar 0.0 ]
    let kept = largest |> Node.reshape (Shape.keepAxes axes x.Shape)
    let total = Node.elementwise Exp [ Node.elementwise Subtract [ x; kept ] ] |> Product.sum axes
    Node.add largest (Node.elementwise Log [ total ])

/// The elements of an axis combined pair by pair: one half with the other until one element is left, or the neutral one where none is.
let rec byHalves (combine: Node -> Node -> Node) (neutral: float) axis (x: Node) : Node =
    let size = x.Shape[axis]

    if size = 1 then
        x
    elif size = 0 then
        Node.fill (Shape.keepAxes [| axis |] x.Shape) neutral
    else
        let half = size / 2
        let part first last = x |> Node.gather axis [| first..last |]
        let pairs = combine (part 0 (half - 1)) (part half (2 * half - 1))

        byHalves
            combine
            neutral
            axis
            (if size % 2 = 0 then pairs else Node.concat axis [ pairs; part (size - 1) (size - 1) ])

/// The product over axes.
let private product (axes: int[]) (x: Node) =
    axes
    |> Array.fold (fun x axis -> byHalves Node.multiply 1.0 axis x) x
    |> Node.reshape (Shape.removeAxes axes x.Shape)

/// What the reduction runs over: all axes where none are given, unless that means none at all.
let private reduce (f: int[] -> Node -> Node) (given: int64[] option) context =
    let x = NodeContext.input 0 context

    let axes =
        match given with
        | Some axes when axes.Length > 0 -> NodeContext.axes x.Node.Rank axes
        | _ when NodeContext.flag "noop_with_empty_axes" false context -> [||]
        | _ -> [| 0 .. x.Node.Rank - 1 |]

    let exact = f axes x.Node
    // A mean or norm of integers is cut off as any quotient of integers is.
    let reduced = if x.Type = Integer then ArithmeticOperators.truncate exact else exact

    {
        Node =
            if NodeContext.flag "keepdims" true context then
                reduced |> Node.reshape (Shape.keepAxes axes x.Node.Shape)
            else
                reduced
        Type = x.Type
    }

/// Axes are an attribute at first, and an operand from the given version on.
let private reduction operandSince name f = [
    Operator.one 1 name (fun context -> reduce f (NodeContext.tryInts "axes" context) context)
    Operator.one operandSince name (fun context -> reduce f (NodeContext.tryIntegers 1 "axes" context) context)
]

let table: Operator list =
    [
        reduction 13 "ReduceSum" Product.sum
        reduction 18 "ReduceMean" mean
        reduction 18 "ReduceMax" maximum
        reduction 18 "ReduceMin" (fun axes x ->
            Node.elementwise Negate [ maximum axes (Node.elementwise Negate [ x ]) ])
        reduction 18 "ReduceProd" product
        reduction 18 "ReduceL1" (norm 1.0)
        reduction 18 "ReduceL2" (norm 2.0)
        reduction 18 "ReduceSumSquare" (fun axes x -> Product.sum axes (square x))
        reduction 18 "ReduceLogSum" (fun axes x -> Node.elementwise Log [ Product.sum axes x ])
        reduction 18 "ReduceLogSumExp" logSumExp
    ]
    |> List.concat
