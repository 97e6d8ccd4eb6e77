namespace Interact.Core

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Threading

/// A node of the immutable graph: a primitive applied to operands, and the shape of its result.
///
/// Nodes are shared: the same primitive on the same operands is the same object, so equality is by reference. An operand's Id is
/// always smaller than the Id of what uses it; ascending Ids are an order of evaluation.
[<Sealed; AllowNullLiteral(false)>]
type Node internal (id: int64, primitive: Primitive, operands: Node[], shape: Shape) =

    // Known from the operands at once: asked of a graph of any depth, it needs no walk.
    let mergesWithSum =
        match primitive with
        | Contract _ -> true
        | Structural(Transpose _) -> operands[0].MergesWithSum
        | Structural(Reshape _) -> operands[0].MergesWithSum && Option.isSome (Shape.matchAxes operands[0].Shape shape)
        | Elementwise(Add | Negate) -> operands |> Array.exists _.MergesWithSum
        | _ -> false

    /// Number in the order of creation.
    member _.Id = id
    /// What the node computes.
    member _.Primitive = primitive
    /// What it computes from.
    member _.Operands = operands
    /// Sizes of the axes of its value; empty for a scalar.
    member _.Shape = shape
    /// Number of axes.
    member _.Rank = shape.Length
    /// Number of elements.
    member _.Size = Shape.size shape
    /// Whether a sum over axes can be taken inside the node, where it merges with a product.
    member internal _.MergesWithSum: bool = mergesWithSum

/// The table through which equal nodes become one. It holds them weakly: what nobody uses any more is forgotten.
module private Sharing =

    let private hashOf (primitive: Primitive) (operands: int64[]) (shape: Shape) =
        let mutable hash = primitive.GetHashCode()

        for id in operands do
            hash <- 31 * hash + int id

        for size in shape do
            hash <- 31 * hash + size

        hash

    /// What equal nodes have in common. Operands are told by their Ids, so that no key keeps a node alive.
    [<Sealed>]
    type Key(primitive: Primitive, operands: int64[], shape: Shape) =
        let hash = hashOf primitive operands shape

        member private _.Hash = hash
        member private _.Primitive = primitive
        member private _.Operands = operands
        member private _.Shape = shape

        override _.GetHashCode() = hash

        // Primitives are compared by Equals, for which NaN equals itself.
        override _.Equals other =
            match other with
            | :? Key as key ->
                hash = key.Hash
                && operands.AsSpan().SequenceEqual key.Operands
                && shape.AsSpan().SequenceEqual key.Shape
                && primitive.Equals key.Primitive
            | _ -> false

    let private table = Dictionary<Key, WeakReference<Node>>()
    let mutable private lastId = 0L
    let mutable private purgeAt = 4096

    let private purge () =
        let dead = [
            for entry in table do
                if not (fst (entry.Value.TryGetTarget())) then entry.Key
        ]

        for key in dead do
            table.Remove key |> ignore

        purgeAt <- 2 * table.Count + 4096

    let create primitive operands shape = Node(Interlocked.Increment &lastId, primitive, operands, shape)

    let private find key =
        match table.TryGetValue key with
        | true, reference ->
            match reference.TryGetTarget() with
            | true, node -> Some node
            | false, _ -> None
        | false, _ -> None

    let share (primitive: Primitive) (operands: Node[]) (shape: Shape) =
        let key = Key(primitive, operands |> Array.map _.Id, shape)

        lock table (fun () ->
            match find key with
            | Some node -> node
            | None ->
                if table.Count >= purgeAt then purge ()

                let node = create primitive operands shape
                table[key] <- WeakReference<Node> node
                node)

    let private ofElements = ConditionalWeakTable<obj, List<WeakReference<Node>>>()

    /// The constant of one array, or of elements kept elsewhere, under one shape. They are told apart by reference.
    let shareElements (elements: obj) (literal: Literal) (shape: Shape) =
        let known = ofElements.GetValue(elements, (fun _ -> List()))

        lock known (fun () ->
            let alive =
                known
                |> Seq.tryPick (fun reference ->
                    match reference.TryGetTarget() with
                    | true, node when node.Shape = shape -> Some node
                    | _ -> None)

            match alive with
            | Some node -> node
            | None ->
                let node = create (Constant literal) [||] shape
                known.RemoveAll(fun reference -> not (fst (reference.TryGetTarget()))) |> ignore<int>
                known.Add(WeakReference<Node> node)
                node)

/// Smart constructors: they check shapes, fold small constants, drop what has no effect, and share equal nodes.
///
/// Zero times anything, and zero divided by anything, is zero here, also where the other operand would make it NaN.
[<RequireQualifiedAccess>]
module Node =

    /// Results up to this many elements are computed at once when all operands are constant; larger ones when the graph is run.
    let private foldLimit = 4096

    /// A literal larger than this is not compared with others: it is shared where the array is the same.
    let private shareLimit = 64

    /// A new value supplied from outside. Every call makes another one, whatever its name.
    let input (name: string) (shape: Shape) = Sharing.create (Input name) [||] shape

    /// Negative zero equals zero, but 1/x does not: constants that hold it are not shared.
    let private isNegativeZero (value: float) = value = 0.0 && Double.IsNegative value

    /// Every element has the same value.
    let fill (shape: Shape) (value: float) =
        if isNegativeZero value then
            Sharing.create (Constant(Fill value)) [||] shape
        else
            Sharing.share (Constant(Fill value)) [||] shape

    /// A single number.
    let scalar (value: float) = fill [||] value

    /// A constant array in row-major order. The array belongs to the graph from now on: do not change it.
    let constant (shape: Shape) (values: float[]) =
        Checks.require (values.Length = Shape.size shape) (nameof values) (fun () ->
            $"values has {values.Length} elements; shape {Shape.describe shape} has {Shape.size shape}.")

        let isFirst (value: float) = value.Equals values[0] && isNegativeZero value = isNegativeZero values[0]

        if values.Length > 0 && Array.forall isFirst values then
            fill shape values[0]
        elif values.Length <= shareLimit && not (Array.exists isNegativeZero values) then
            Sharing.share (Constant(Dense values)) [||] shape
        else
            Sharing.shareElements values (Dense values) shape

    /// A constant array in row-major order whose elements stay where they are until they are needed, unless they are few.
    let stored (shape: Shape) (elements: StoredElements) =
        Checks.require (elements.Count = Shape.size shape) (nameof elements) (fun () ->
            $"there are {elements.Count} elements; shape {Shape.describe shape} has {Shape.size shape}.")

        if elements.Count <= foldLimit then
            constant shape (elements.ToArray())
        else
            Sharing.shareElements elements (Stored elements) shape

    /// The identity matrix of n x n.
    let identity (n: int) = if n = 1 then fill [| 1; 1 |] 1.0 else Sharing.share (Constant Identity) [||] [| n; n |]

    let internal (|Filled|_|) (node: Node) =
        match node.Primitive with
        | Constant(Fill value) -> Some value
        | _ -> None

    /// Whether every element is the constant 0.
    let internal isZero (node: Node) =
        match node with
        | Filled 0.0 -> true
        | _ -> false

    /// The elements of a constant node, None for any other.
    let tryValue (node: Node) =
        match node.Primitive with
        | Constant literal -> Some(Primitive.literal node.Shape literal)
        | _ -> None

    /// The node itself, or its value where all operands are constant and the work is small.
    let internal make (primitive: Primitive) (operands: Node[]) (shape: Shape) (work: int) =
        let isConstant (operand: Node) =
            match operand.Primitive with
            | Constant _ -> true
            | _ -> false

        if work <= foldLimit && Array.forall isConstant operands then
            let arguments = operands |> Array.map (fun operand -> operand.Shape, (tryValue operand).Value)
            constant shape (Primitive.value primitive shape arguments)
        else
            Sharing.share primitive operands shape

    let private structural map (node: Node) =
        let shape = Structural.shape map node.Shape
        make (Structural map) [| node |] shape (max node.Size (Shape.size shape))

    /// The same elements in row-major order under another shape.
    let rec reshape (shape: Shape) (node: Node) =
        Checks.require (Shape.size shape = node.Size) (nameof shape) (fun () ->
            $"reshape: {Shape.describe node.Shape} has {node.Size} elements, {Shape.describe shape} has {Shape.size shape}.")

        if shape = node.Shape then
            node
        else
            match node.Primitive with
            | Structural(Reshape _) -> reshape shape node.Operands[0]
            | Constant(Fill value) -> fill shape value
            | Constant(Dense values) -> constant shape values
            | Constant(Stored elements) -> stored shape elements
            | Constant Identity -> Sharing.share (Structural(Reshape shape)) [| node |] shape
            | _ -> structural (Reshape shape) node

    /// Axes reordered: axis i of the result is axis permutation[i] of the node.
    let rec transpose (permutation: int[]) (node: Node) =
        Checks.require (Array.sort permutation = [| 0 .. node.Rank - 1 |]) (nameof permutation) (fun () ->
            $"transpose: %A{permutation} is not a permutation of the axes of {Shape.describe node.Shape}.")

        let long = permutation |> Array.filter (fun axis -> node.Shape[axis] <> 1)

        if long = Array.sort long then
            node |> reshape (permutation |> Array.map (fun axis -> node.Shape[axis]))
        else
            match node.Primitive with
            | Structural(Transpose inner) ->
                node.Operands[0] |> transpose (permutation |> Array.map (fun axis -> inner[axis]))
            | Constant Identity -> node
            | _ -> structural (Transpose permutation) node

    /// The node repeated along axes of size 1, and along new leading axes, up to the given shape.
    let rec broadcast (shape: Shape) (node: Node) =
        Checks.require
            (node.Rank <= shape.Length && Shape.tryBroadcast node.Shape shape = Some shape)
            (nameof shape)
            (fun () -> $"broadcast: {Shape.describe node.Shape} cannot be repeated to {Shape.describe shape}.")

        match node.Primitive with
        | _ when node.Shape = shape -> node
        | Constant(Fill value) -> fill shape value
        | Structural(Broadcast _) when node.Rank = shape.Length -> broadcast shape node.Operands[0]
        | _ ->
            let padded = node |> reshape (Shape.padLeft shape.Length node.Shape)

            if padded.Shape = shape then
                padded
            else
                Sharing.share (Structural(Broadcast shape)) [| padded |] shape

    /// Elements picked along an axis: element i is element indices[i] of the node, or 0 where the index is -1.
    let rec gather (axis: int) (indices: int[]) (node: Node) =
        Checks.axis (nameof axis) node.Rank axis
        let size = node.Shape[axis]

        Checks.require (indices |> Array.forall (fun i -> i >= -1 && i < size)) (nameof indices) (fun () ->
            $"gather: an index lies outside axis {axis} of {Shape.describe node.Shape}.")

        match node.Primitive with
        | _ when indices.Length = size && Array.forall2 (=) indices [| 0 .. size - 1 |] -> node
        | Constant(Fill 0.0) -> fill (Structural.shape (Gather(axis, indices)) node.Shape) 0.0
        | Structural(Gather(innerAxis, inner)) when innerAxis = axis ->
            let composed = indices |> Array.map (fun i -> if i < 0 then -1 else inner[i])
            node.Operands[0] |> gather axis composed
        | _ -> structural (Gather(axis, indices)) node

    /// Elements added along an axis of the given size: element i goes to indices[i], or nowhere where the index is -1.
    let scatter (axis: int) (indices: int[]) (size: int) (node: Node) =
        Checks.axis (nameof axis) node.Rank axis
        Checks.length (nameof indices) node.Shape[axis] indices

        Checks.require (indices |> Array.forall (fun i -> i >= -1 && i < size)) (nameof indices) (fun () ->
            $"scatter: an index lies outside an axis of {size}.")

        match node.Primitive with
        | _ when size = indices.Length && indices = [| 0 .. size - 1 |] -> node
        | Constant(Fill 0.0) -> fill (Structural.shape (Scatter(axis, indices, size)) node.Shape) 0.0
        | _ -> structural (Scatter(axis, indices, size)) node

    /// Operands one after the other along an axis.
    let concat (axis: int) (nodes: Node list) =
        match nodes with
        | [] -> Checks.invalid (nameof nodes) "concat: nothing to join."
        | [ only ] -> only
        | first :: _ ->
            Checks.axis (nameof axis) first.Rank axis

            for node in nodes do
                Checks.require
                    (node.Rank = first.Rank
                     && Shape.removeAxes [| axis |] node.Shape = Shape.removeAxes [| axis |] first.Shape)
                    (nameof nodes)
                    (fun () ->
                        $"concat: {Shape.describe first.Shape} and {Shape.describe node.Shape} differ beside axis {axis}.")

            let shape = Array.copy first.Shape
            shape[axis] <- nodes |> List.sumBy (fun node -> node.Shape[axis])
            make (Concat axis) (List.toArray nodes) shape (Shape.size shape)

    /// The largest element over the given axes, which are removed.
    let maximum (axes: int[]) (node: Node) =
        let axes = Array.sort axes
        Checks.axes (nameof axes) node.Rank axes
        let shape = Shape.removeAxes axes node.Shape

        if axes |> Array.forall (fun axis -> node.Shape[axis] = 1) then
            node |> reshape shape
        else
            Checks.require (node.Size > 0) (nameof node) (fun () -> "maximum: there is no element to choose from.")
            make (Maximum axes) [| node |] shape node.Size

    /// What is repeated, where the node only repeats something.
    let private unrepeated (node: Node) =
        match node.Primitive with
        | Structural(Broadcast _) -> node.Operands[0]
        | Constant(Fill value) -> fill (Array.create node.Rank 1) value
        | _ -> node

    /// Whether the order of the operands makes no difference: then it is settled, so that a·b and b·a are one node.
    let private isCommutative (f: Elementwise) =
        match f with
        | Add
        | Multiply
        | Max
        | Min
        | Equal -> true
        | _ -> false

    /// An elementwise function of operands whose shapes are aligned at the last axis; axes of size 1 are repeated.
    let rec elementwise (f: Elementwise) (operands: Node list) : Node =
        Checks.require (operands.Length = Elementwise.arity f) (nameof operands) (fun () ->
            $"{f} takes {Elementwise.arity f} operands; {operands.Length} were given.")

        let target =
            (operands.Head.Shape, operands.Tail)
            ||> List.fold (fun shape operand ->
                match Shape.tryBroadcast shape operand.Shape with
                | Some merged -> merged
                | None ->
                    Checks.invalid
                        (nameof operands)
                        $"{Primitive.name (Elementwise f)}: shapes {Shape.describe shape} and {Shape.describe operand.Shape} do not fit.")

        match simplify f operands with
        | Some simpler -> simpler |> broadcast target
        | None ->
            let aligned =
                operands
                |> List.map (fun operand ->
                    operand |> reshape (Shape.padLeft target.Length operand.Shape) |> unrepeated)
                |> List.toArray

            if isCommutative f && aligned[0].Id > aligned[1].Id then Array.Reverse aligned

            let shape =
                aligned |> Array.map _.Shape |> Array.reduce (Array.map2 (fun a b -> if a = 1 then b else a))

            make (Elementwise f) aligned shape (Shape.size shape) |> broadcast target

    /// A simpler node of the same value (up to repetition along axes), where one is known.
    and private simplify (f: Elementwise) (operands: Node list) : Node option =
        match f, operands with
        | Add, [ Filled 0.0; other ]
        | Add, [ other; Filled 0.0 ]
        | Subtract, [ other; Filled 0.0 ]
        | Multiply, [ Filled 1.0; other ]
        | Multiply, [ other; Filled 1.0 ]
        | Divide, [ other; Filled 1.0 ]
        | Power, [ other; Filled 1.0 ] -> Some other
        | Multiply, [ Filled 0.0; _ ]
        | Multiply, [ _; Filled 0.0 ]
        | Divide, [ Filled 0.0; _ ] -> Some(scalar 0.0)
        | Power, [ _; Filled 0.0 ] -> Some(scalar 1.0)
        | Power, [ other; Filled 2.0 ] -> Some(elementwise Multiply [ other; other ])
        | Power, [ other; Filled -1.0 ] -> Some(elementwise Reciprocal [ other ])
        | Add, [ a; b ] when obj.ReferenceEquals(a, b) -> Some(elementwise Multiply [ scalar 2.0; a ])
        | Subtract, [ Filled 0.0; other ]
        | Multiply, [ Filled -1.0; other ]
        | Multiply, [ other; Filled -1.0 ] -> Some(elementwise Negate [ other ])
        | Max, [ other; Filled 0.0 ]
        | Max, [ Filled 0.0; other ] -> Some(elementwise Relu [ other ])
        | Select, [ Filled condition; a; b ] -> Some(if condition <> 0.0 then a else b)
        | Negate, [ negated ] when negated.Primitive = Elementwise Negate -> Some negated.Operands[0]
        | Relu, [ rectified ] when rectified.Primitive = Elementwise Relu -> Some rectified
        | StopGradient, [ stopped ] when stopped.Primitive = Elementwise StopGradient -> Some stopped
        | _ -> None

    /// Sum of two nodes.
    let add a b = elementwise Add [ a; b ]

    /// Product of two nodes, element by element.
    let multiply a b = elementwise Multiply [ a; b ]

    /// The formula with its operands and result put in.
    let rec substitute (operands: Node[]) (result: Node) (formula: Formula) : Node =
        match formula with
        | Operand i -> operands[i]
        | Result -> result
        | Number value -> scalar value
        | Apply(f, arguments) -> elementwise f (arguments |> List.map (substitute operands result))
