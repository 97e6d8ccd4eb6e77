namespace Interact.Core

open System.Collections.Generic

/// Sums and contractions. The two are one family: a sum over a product is a contraction, and a contraction first sums whatever
/// only one factor depends on. So nothing is repeated in memory, and no work is done once per element of an axis that plays no part.
[<RequireQualifiedAccess>]
module Product =

    /// Largest number of multiply-adds that is done while the graph is built.
    let private foldWork = 65536

    /// A factor of a contraction: a node and the label of each of its axes.
    type private Factor = { Node: Node; Labels: int[] }

    /// The factor with transpositions and repetitions undone: the labels say it all.
    let rec private unviewed (factor: Factor) =
        let node = factor.Node

        match node.Primitive with
        | Structural(Transpose permutation) ->
            let labels = Array.zeroCreate node.Rank
            permutation |> Array.iteri (fun target source -> labels[source] <- factor.Labels[target])
            unviewed { Node = node.Operands[0]; Labels = labels }
        | Structural(Broadcast _) -> unviewed { factor with Node = node.Operands[0] }
        | Structural(Reshape _) ->
            let inner = node.Operands[0]

            match inner.Primitive, Shape.matchAxes inner.Shape node.Shape with
            | (Structural(Transpose _) | Structural(Broadcast _)), Some places ->
                unviewed {
                    Node = inner
                    Labels = places |> Array.map (fun place -> if place < 0 then -1 else factor.Labels[place])
                }
            | _ -> factor
        | Constant(Fill value) -> { Node = Node.scalar value; Labels = [||] }
        | _ -> factor

    /// The factor with views undone and without axes of size 1.
    let private bare (factor: Factor) =
        let { Node = node; Labels = labels } = unviewed factor
        let long = [| 0 .. node.Rank - 1 |] |> Array.filter (fun axis -> node.Shape[axis] <> 1)

        {
            Node = node |> Node.reshape (long |> Array.map (fun axis -> node.Shape[axis]))
            Labels = long |> Array.map (fun axis -> labels[axis])
        }

    /// The terms that a sum over axes passes on to: what is added or negated along axes that all of it has, and holds a product that
    /// the sum merges with.
    let private isSumOfTerms (axes: int[]) (node: Node) =
        match node.Primitive with
        | Elementwise Negate -> node.MergesWithSum
        | Elementwise Add ->
            node.MergesWithSum
            && node.Operands
               |> Array.forall (fun operand -> axes |> Array.forall (fun axis -> operand.Shape[axis] <> 1))
        | _ -> false

    /// Sum over the given axes, which are removed.
    let rec sum (axes: int[]) (node: Node) : Node =
        let axes = Array.sort axes

        Checks.axes (nameof axes) node.Rank axes
        let shape = Shape.removeAxes axes node.Shape

        let kept axesOfSizeOne (operand: Node) =
            axes |> Array.forall (fun axis -> (operand.Shape[axis] = 1) = axesOfSizeOne)

        match node.Primitive with
        | _ when axes.Length = 0 -> node
        | _ when kept true node -> node |> Node.reshape shape
        | Constant(Fill value) ->
            Node.fill shape (value * float (axes |> Array.fold (fun n axis -> n * node.Shape[axis]) 1))
        | Structural(Broadcast _) ->
            let inner = node.Operands[0]
            let repeats = axes |> Array.fold (fun n axis -> n * (node.Shape[axis] / max 1 inner.Shape[axis])) 1

            Node.multiply (Node.scalar (float repeats)) (sum axes inner) |> Node.broadcast shape
        | Structural(Reshape _) when Option.isSome (Shape.matchAxes node.Operands[0].Shape node.Shape) ->
            let inner = node.Operands[0]
            let places = (Shape.matchAxes inner.Shape node.Shape).Value

            let innerAxes = [|
                for axis in 0 .. inner.Rank - 1 do
                    if Array.contains places[axis] axes then axis
            |]

            // Only where summing inside meets a product to merge with; elsewhere the reshape may as well stay.
            match inner.Primitive with
            | Contract _ -> sum innerAxes inner |> Node.reshape shape
            | _ -> sumOfFactors axes node
        | Structural(Sum inner) ->
            let operand = node.Operands[0]
            let left = [| 0 .. operand.Rank - 1 |] |> Array.filter (fun axis -> not (Array.contains axis inner))
            sum (Array.append inner (axes |> Array.map (fun axis -> left[axis]))) operand
        | Structural(Transpose permutation) when node.MergesWithSum ->
            let innerAxes = axes |> Array.map (fun axis -> permutation[axis])
            let kept = Shape.removeAxes axes permutation
            let place axis = kept |> Array.filter (fun other -> other < axis) |> Array.length
            sum innerAxes node.Operands[0] |> Node.transpose (kept |> Array.map place)
        | Contract contraction ->
            contract
                { contraction with Output = Shape.removeAxes axes contraction.Output }
                node.Operands[0]
                node.Operands[1]
        | Elementwise(Add | Negate) when isSumOfTerms axes node -> sumOfTerms axes node
        | Elementwise Multiply when kept true node.Operands[0] && kept false node.Operands[1] ->
            Node.multiply
                (node.Operands[0] |> Node.reshape (Shape.removeAxes axes node.Operands[0].Shape))
                (sum axes node.Operands[1])
            |> Node.broadcast shape
        | Elementwise Multiply when kept true node.Operands[1] && kept false node.Operands[0] ->
            Node.multiply
                (sum axes node.Operands[0])
                (node.Operands[1] |> Node.reshape (Shape.removeAxes axes node.Operands[1].Shape))
            |> Node.broadcast shape
        | _ -> sumOfFactors axes node

    /// A sum over what is added or negated, term by term. Derivatives of deep graphs add one term for each of their functions, so this
    /// walks over them without recursion.
    and private sumOfTerms (axes: int[]) (node: Node) : Node =
        let sums = Dictionary<Node, Node>(HashIdentity.Reference)
        let pending = Stack<Node> [ node ]

        while pending.Count > 0 do
            let term = pending.Peek()

            if sums.ContainsKey term then
                pending.Pop() |> ignore
            elif not (isSumOfTerms axes term) then
                sums[pending.Pop()] <- sum axes term
            else
                let left = term.Operands |> Array.filter (sums.ContainsKey >> not)
                left |> Array.rev |> Array.iter pending.Push

                if left.Length = 0 then
                    let part (operand: Node) = sums[operand] |> Node.reshape (Shape.removeAxes axes operand.Shape)

                    sums[pending.Pop()] <-
                        match Array.map part term.Operands with
                        | [| negated |] -> Node.elementwise Negate [ negated ]
                        | parts -> Node.add parts[0] parts[1] |> Node.broadcast (Shape.removeAxes axes term.Shape)

        sums[node]

    /// A sum over what is larger than its factors is a contraction of these.
    and private sumOfFactors axes node =
        match OuterFactors.tryFind node with
        | Some(left, right) ->
            let labels = [| 0 .. node.Rank - 1 |]
            let whole factor = factor |> Node.broadcast node.Shape

            contract { Left = labels; Right = labels; Output = Shape.removeAxes axes labels } (whole left) (whole right)
        | None -> plainSum axes node

    and private plainSum axes node =
        Node.make (Structural(Sum axes)) [| node |] (Shape.removeAxes axes node.Shape) node.Size

    /// The product of two nodes summed over every label that the output lacks. Labels are arbitrary numbers, one for each axis.
    and contract (contraction: Contraction) (left: Node) (right: Node) : Node =
        Checks.length (nameof left) contraction.Left.Length left.Shape
        Checks.length (nameof right) contraction.Right.Length right.Shape
        let sizes = Contraction.sizes contraction left.Shape right.Shape

        Array.iter2
            (fun label size ->
                Checks.require (sizes[label] = size) (nameof left) (fun () ->
                    $"contract: shapes {Shape.describe left.Shape} and {Shape.describe right.Shape} differ along a shared axis."))
            contraction.Left
            left.Shape

        let output = contraction.Output |> Array.map (fun label -> sizes[label])

        if Node.isZero left || Node.isZero right then
            Node.fill output 0.0
        else
            let a = bare { Node = left; Labels = contraction.Left }

            let b = bare { Node = right; Labels = contraction.Right }

            let a, b, resolved = withoutIdentities contraction.Output a b [||]
            let a, b, reduced = reduce contraction.Output a b resolved
            let present = Array.append a.Labels b.Labels
            let accounted = Array.concat [ present; contraction.Output; reduced ]

            // Labels that are summed though neither factor carries them count how often the same product was added.
            let mutable repeats = 1

            for label in sizes do
                if not (Array.contains label.Key accounted) then repeats <- repeats * label.Value

            let long = contraction.Output |> Array.filter (fun label -> Array.contains label present)
            let product = multiplyFactors long a b

            Node.multiply (Node.scalar (float repeats)) product
            |> Node.reshape (
                contraction.Output
                |> Array.map (fun label -> if Array.contains label present then sizes[label] else 1)
            )
            |> Node.broadcast output

    /// The factors with identities in them resolved, and after those given the labels that thereby are summed: a product x ∘ I with
    /// labels (k, h), summed over h, is x at h = k, and so is the other factor.
    and private withoutIdentities (output: int[]) (a: Factor) (b: Factor) (resolved: int[]) : Factor * Factor * int[] =
        let resolve (factor: Factor) (other: Factor) =
            let byOperand i =
                let identity = bare { factor with Node = factor.Node.Operands[i] }

                match identity.Node.Primitive, identity.Labels with
                | Constant Identity, [| first; second |] ->
                    let rest = bare { factor with Node = factor.Node.Operands[1 - i] }

                    let rename kept summed =
                        let apart labels = not (Array.contains kept labels && Array.contains summed labels)
                        let renamed = Array.map (fun label -> if label = summed then kept else label)

                        if not (Array.contains summed output) && apart rest.Labels && apart other.Labels then
                            let ofRest = { rest with Labels = renamed rest.Labels }
                            Some(ofRest, { other with Labels = renamed other.Labels }, summed)
                        else
                            None

                    rename first second |> Option.orElseWith (fun () -> rename second first)
                | _ -> None

            match factor.Node.Primitive with
            | Elementwise Multiply -> List.tryPick byOperand [ 0; 1 ]
            | _ -> None

        match resolve a b, lazy (resolve b a) with
        | Some(a, b, summed), _
        | None, Lazy(Some(b, a, summed)) -> withoutIdentities output a b (Array.append resolved [| summed |])
        | None, _ -> a, b, resolved

    /// Both factors summed over labels that neither the other factor nor the output has, and these labels after those given. A sum
    /// may turn out to repeat along other labels, which leaves these to the other factor alone: hence the recursion.
    and private reduce (output: int[]) (a: Factor) (b: Factor) (reduced: int[]) : Factor * Factor * int[] =
        let lone (factor: Factor) (other: Factor) =
            factor.Labels
            |> Array.filter (fun label -> not (Array.contains label output || Array.contains label other.Labels))

        let sumOver labels factor =
            if Array.isEmpty labels then
                factor
            else
                let axes = labels |> Array.map (fun label -> Array.findIndex ((=) label) factor.Labels)
                bare { Node = sum axes factor.Node; Labels = Shape.removeAxes axes factor.Labels }

        match lone a b, lone b a with
        | [||], [||] -> a, b, reduced
        | ofA, ofB -> reduce output (sumOver ofA a) (sumOver ofB b) (Array.concat [ reduced; ofA; ofB ])

    /// The product of bare factors in which every label stands at least twice among factors and output.
    and private multiplyFactors (output: int[]) (a: Factor) (b: Factor) : Node =
        let summed = a.Labels |> Array.filter (fun label -> not (Array.contains label output))

        if summed.Length = 0 then
            Node.multiply (alignTo output a) (alignTo output b)
        else
            match a.Node.Primitive, b.Node.Primitive with
            | Constant Identity, _ -> multiplyIdentity output a b
            | _, Constant Identity -> multiplyIdentity output b a
            | _ ->
                let contraction = Contraction.canonical { Left = a.Labels; Right = b.Labels; Output = output }

                let sizes = Contraction.sizes contraction a.Node.Shape b.Node.Shape

                let work =
                    if sizes.Values |> Seq.fold (fun n size -> n * float size) 1.0 <= float foldWork then
                        0
                    else
                        System.Int32.MaxValue

                Node.make
                    (Contract contraction)
                    [| a.Node; b.Node |]
                    (Contraction.shape contraction a.Node.Shape b.Node.Shape)
                    work

    /// Contraction with the identity renames the summed label to the other one.
    and private multiplyIdentity output identity other =
        match identity.Labels |> Array.partition (fun label -> Array.contains label output) with
        | [| kept |], [| summed |] when not (Array.contains kept other.Labels) ->
            alignTo output {
                other with
                    Labels = other.Labels |> Array.map (fun label -> if label = summed then kept else label)
            }
        | _ ->
            let n = identity.Node.Shape[0]
            let dense = Node.reshape [| n; n |] (Node.constant [| n * n |] (Primitive.literal [| n; n |] Identity))
            multiplyFactors output { identity with Node = dense } other

    /// The factor with its axes in the order of the output labels, size 1 where it lacks one.
    and private alignTo (output: int[]) (factor: Factor) =
        let order = output |> Array.filter (fun label -> Array.contains label factor.Labels)
        let permutation = order |> Array.map (fun label -> Array.findIndex ((=) label) factor.Labels)
        let sizeOf label = factor.Node.Shape[Array.findIndex ((=) label) factor.Labels]

        factor.Node
        |> Node.transpose permutation
        |> Node.reshape (
            output |> Array.map (fun label -> if Array.contains label factor.Labels then sizeOf label else 1)
        )

    /// Inner product over all axes of two nodes of one shape.
    let dot (left: Node) (right: Node) =
        let labels = [| 0 .. left.Rank - 1 |]

        contract { Left = labels; Right = labels; Output = [||] } left right

    /// Matrix product over the last two axes; leading axes are batches, aligned at the last and repeated where their size is 1.
    let matmul (left: Node) (right: Node) =
        Checks.require (left.Rank >= 2 && right.Rank >= 2) (nameof left) (fun () ->
            $"matmul: {Shape.describe left.Shape} and {Shape.describe right.Shape} must have at least two axes each.")

        let batchShape =
            match Shape.tryBroadcast left.Shape[.. left.Rank - 3] right.Shape[.. right.Rank - 3] with
            | Some shape -> shape
            | None ->
                Checks.invalid
                    (nameof left)
                    $"matmul: batches of {Shape.describe left.Shape} and {Shape.describe right.Shape} do not fit."

        let rank = batchShape.Length
        let whole (node: Node) = node |> Node.broadcast (Array.append batchShape node.Shape[node.Rank - 2 ..])
        let batch = [| 0 .. rank - 1 |]
        let row, inner, column = rank, rank + 1, rank + 2

        contract
            {
                Left = Array.append batch [| row; inner |]
                Right = Array.append batch [| inner; column |]
                Output = Array.append batch [| row; column |]
            }
            (whole left)
            (whole right)
