namespace Interact.Core

/// An array of numbers as the functions of people are written in: operators, elementwise functions, sums and products.
/// Computing with tensors builds a graph; constants are folded at once. Shapes are aligned at the last axis and axes of size 1 are
/// repeated, as in NumPy. Shapes that do not fit raise an ArgumentException.
[<Struct; CustomEquality; NoComparison>]
type Tensor(node: Node) =
    /// The node of the graph.
    member _.Node = node
    /// Sizes of the axes; empty for a scalar.
    member _.Shape: Shape = Array.copy node.Shape

    /// The value in row-major order where it is known already (made of constants only); otherwise None.
    member _.TryValue = Node.tryValue node |> Option.map Array.copy

    override _.Equals other =
        match other with
        | :? Tensor as tensor -> obj.ReferenceEquals(tensor.Node, node)
        | _ -> false

    override _.GetHashCode() = node.Id.GetHashCode()

    override this.ToString() =
        match this.TryValue with
        | Some [| value |] when node.Rank = 0 -> string value
        | Some values when values.Length <= 16 ->
            let listed = values |> Array.map string |> String.concat "; "
            $"tensor {Shape.describe node.Shape} [{listed}]"
        | _ -> $"tensor {Shape.describe node.Shape} ({Primitive.name node.Primitive})"

    static member private Unary(f, x: Tensor) = Tensor(Node.elementwise f [ x.Node ])

    static member private Binary(f, x: Tensor, y: Tensor) = Tensor(Node.elementwise f [ x.Node; y.Node ])

    /// A scalar constant.
    static member op_Implicit(value: float) = Tensor(Node.scalar value)

    static member (~-)(x: Tensor) = Tensor.Unary(Negate, x)
    static member (+)(x: Tensor, y: Tensor) = Tensor.Binary(Add, x, y)
    static member (-)(x: Tensor, y: Tensor) = Tensor.Binary(Subtract, x, y)
    static member (*)(x: Tensor, y: Tensor) = Tensor.Binary(Multiply, x, y)
    static member (/)(x: Tensor, y: Tensor) = Tensor.Binary(Divide, x, y)
    static member (+)(x: Tensor, y: float) = x + Tensor(Node.scalar y)
    static member (-)(x: Tensor, y: float) = x - Tensor(Node.scalar y)
    static member (*)(x: Tensor, y: float) = x * Tensor(Node.scalar y)
    static member (/)(x: Tensor, y: float) = x / Tensor(Node.scalar y)
    static member (+)(x: float, y: Tensor) = Tensor(Node.scalar x) + y
    static member (-)(x: float, y: Tensor) = Tensor(Node.scalar x) - y
    static member (*)(x: float, y: Tensor) = Tensor(Node.scalar x) * y
    static member (/)(x: float, y: Tensor) = Tensor(Node.scalar x) / y
    static member Pow(x: Tensor, y: Tensor) = Tensor.Binary(Power, x, y)
    static member Pow(x: Tensor, y: float) = Tensor.Binary(Power, x, Tensor(Node.scalar y))
    static member Abs(x: Tensor) = Tensor.Unary(Abs, x)
    static member Sign(x: Tensor) = Tensor.Unary(Sign, x)
    static member Exp(x: Tensor) = Tensor.Unary(Exp, x)
    static member Log(x: Tensor) = Tensor.Unary(Log, x)
    static member Sqrt(x: Tensor) = Tensor.Unary(Sqrt, x)
    static member Sin(x: Tensor) = Tensor.Unary(Sin, x)
    static member Cos(x: Tensor) = Tensor.Unary(Cos, x)
    static member Tan(x: Tensor) = Tensor.Unary(Tan, x)
    static member Asin(x: Tensor) = Tensor.Unary(Asin, x)
    static member Acos(x: Tensor) = Tensor.Unary(Acos, x)
    static member Atan(x: Tensor) = Tensor.Unary(Atan, x)
    static member Sinh(x: Tensor) = Tensor.Unary(Sinh, x)
    static member Cosh(x: Tensor) = Tensor.Unary(Cosh, x)
    static member Tanh(x: Tensor) = Tensor.Unary(Tanh, x)

    /// Element i along the first axis, which is removed.
    member _.Item
        with get (i: int): Tensor =
            Checks.require (node.Rank > 0) (nameof i) (fun () -> "a scalar has no elements to pick.")
            Checks.within (nameof i) 0 (node.Shape[0] - 1) i
            Tensor(node |> Node.gather 0 [| i |] |> Node.reshape node.Shape[1..])

    /// Elements first to last along the first axis, both included; without bounds from the start or to the end.
    member _.GetSlice(first: int option, last: int option) : Tensor =
        let first = defaultArg first 0
        let last = defaultArg last (node.Shape[0] - 1)
        Checks.within (nameof first) 0 node.Shape[0] first
        Checks.within (nameof last) (first - 1) (node.Shape[0] - 1) last
        Tensor(node |> Node.gather 0 [| first..last |])

/// Functions on tensors beyond the operators and the F# functions exp, log, sqrt, tanh and the like, which apply to them as they are.
[<RequireQualifiedAccess>]
module Tensor =

    let private unary f (x: Tensor) = Tensor(Node.elementwise f [ x.Node ])
    let private binary f (x: Tensor) (y: Tensor) = Tensor(Node.elementwise f [ x.Node; y.Node ])
    let private axesOf (x: Tensor) = [| 0 .. x.Node.Rank - 1 |]

    let private kept (axis: int) (reduced: Node) (whole: Node) =
        Tensor(reduced |> Node.reshape (Shape.keepAxes [| axis |] whole.Shape))

    /// A scalar constant.
    let scalar (value: float) = Tensor(Node.scalar value)

    /// A constant vector.
    let ofArray (values: float[]) = Tensor(Node.constant [| values.Length |] (Array.copy values))

    /// A constant of the given shape from its elements in row-major order.
    let create (shape: int[]) (values: float[]) = Tensor(Node.constant (Array.copy shape) (Array.copy values))

    /// Scalars side by side as a vector; tensors of one shape along a new first axis.
    let stack (parts: Tensor list) =
        parts
        |> List.map (fun part -> part.Node |> Node.reshape (Array.append [| 1 |] part.Node.Shape))
        |> Node.concat 0
        |> Tensor

    /// The same elements in row-major order under another shape.
    let reshape (shape: int[]) (x: Tensor) = Tensor(x.Node |> Node.reshape (Array.copy shape))
    /// Axes in reverse order; for a matrix its transpose.
    let transpose (x: Tensor) = Tensor(x.Node |> Node.transpose (Array.rev (axesOf x)))
    /// Sum of all elements: a scalar.
    let sum (x: Tensor) = Tensor(x.Node |> Product.sum (axesOf x))
    /// Sum along an axis, which is removed.
    let sumAlong (axis: int) (x: Tensor) = Tensor(x.Node |> Product.sum [| axis |])
    /// Mean of all elements: a scalar.
    let mean (x: Tensor) = sum x / float x.Node.Size
    /// Largest element: a scalar.
    let maximum (x: Tensor) = Tensor(x.Node |> Node.maximum (axesOf x))
    /// Inner product of two tensors of one shape: a scalar.
    let dot (x: Tensor) (y: Tensor) = Tensor(Product.dot x.Node y.Node)

    /// Matrix product over the last two axes; a vector on the right is taken as a column, one on the left as a row.
    let matmul (x: Tensor) (y: Tensor) =
        let left = if x.Node.Rank = 1 then x.Node |> Node.reshape [| 1; x.Node.Size |] else x.Node
        let right = if y.Node.Rank = 1 then y.Node |> Node.reshape [| y.Node.Size; 1 |] else y.Node
        let product = Product.matmul left right
        let keep axis isVector = if isVector then [||] else [| product.Shape[axis] |]

        product
        |> Node.reshape (
            Array.concat [
                product.Shape[.. product.Rank - 3]
                keep (product.Rank - 2) (x.Node.Rank = 1)
                keep (product.Rank - 1) (y.Node.Rank = 1)
            ]
        )
        |> Tensor

    /// max(x, 0), with derivative 0 at 0.
    let relu x = unary Relu x
    /// 1/(1+exp(-x)).
    let sigmoid x = unary Sigmoid x
    /// ln(1+exp(βx))/β, which tends to ReLU as β grows.
    let softplus (beta: float) (x: Tensor) = unary Softplus (beta * x) / beta
    /// The error function.
    let erf x = unary Erf x
    /// 1/x.
    let reciprocal x = unary Reciprocal x
    /// x·sigmoid(x), also called swish.
    let silu (x: Tensor) = x * sigmoid x
    /// x·Φ(x) with the normal distribution function Φ, by the error function.
    let gelu (x: Tensor) = 0.5 * x * (1.0 + erf (x / sqrt 2.0))
    /// The larger of two, element by element; where they tie each takes half of the derivative. The maximum of x and the constant 0
    /// is ReLU, with derivative 0 where they tie.
    let max x y = binary Max x y
    /// The smaller of two, element by element; where they tie each takes half of the derivative.
    let min x y = binary Min x y
    /// 1 where x < y, 0 elsewhere; has derivative 0.
    let less x y = binary Less x y

    /// x where the condition is not 0, y elsewhere.
    let where (condition: Tensor) (x: Tensor) (y: Tensor) =
        Tensor(Node.elementwise Select [ condition.Node; x.Node; y.Node ])

    /// The value, taken as constant by every derivative.
    let stopGradient x = unary StopGradient x

    /// ln Σ exp(x) along an axis, kept at size 1. The largest element is taken out first, so that nothing overflows; as the result
    /// does not depend on it, it counts as constant.
    let logSumExp (axis: int) (x: Tensor) =
        let largest = kept axis (x.Node |> Node.maximum [| axis |]) x.Node |> stopGradient
        let total = exp (x - largest)
        largest + log (kept axis (total.Node |> Product.sum [| axis |]) x.Node)

    /// exp(x)/Σ exp(x) along an axis.
    let softmax (axis: int) (x: Tensor) =
        let largest = kept axis (x.Node |> Node.maximum [| axis |]) x.Node |> stopGradient
        let numerator = exp (x - largest)
        numerator / kept axis (numerator.Node |> Product.sum [| axis |]) x.Node

    /// ln softmax(x) along an axis.
    let logSoftmax (axis: int) (x: Tensor) = x - logSumExp axis x
