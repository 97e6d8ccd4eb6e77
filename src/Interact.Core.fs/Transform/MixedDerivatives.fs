namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core
open Interact.Core.Rules

/// Mixed partial derivatives of any order, of all sets of features that are wanted at once.
///
/// Every value v has, beside itself, a coefficient v_S for every set S: its derivative by each member of S once. That is arithmetic in the
/// algebra of e_i with e_i² = 0: linear maps act on coefficients by themselves, products are sums over parts of S, and for a function φ
///
///     φ(z)_S = Σ z_T φ'(z)_(S∖T)    over the subsets T of S that contain a certain member of S.
///
/// Coefficients of one order are one array, sets along its leading axis: each primitive is applied once for all sets of an order, what
/// sets have in common is computed once, and the result is a graph like any other.
///
/// Elementwise functions of one value z, however they are composed, are one function ψ: its coefficients are Σ_k ψ⁽ᵏ⁾(z) z⁽ᵏ⁾_S with the
/// divided powers z⁽ᵏ⁾_S = Σ z_T z⁽ᵏ⁻¹⁾_(S∖T), which all functions of z have in common; ψ⁽ᵏ⁾ has no axis of sets. (Faà di Bruno's formula.)
[<RequireQualifiedAccess>]
module internal MixedDerivatives =

    /// A partial derivative of an elementwise function by an operand.
    let private partial f (node: Node) i = (Elementwise.rule f).Partials[i] |> Node.substitute node.Operands node

    /// What coefficients are needed of, and how far.
    [<NoEquality; NoComparison>]
    type private Needs = {
        Orders: Dictionary<Node, int>
        /// For elementwise functions of one value alone, element by element, that value.
        Roots: Dictionary<Node, Node>
    }

    /// The one value that an elementwise function depends on, element by element and through elementwise functions only.
    let private tryRoot (isActive: Node -> bool) (roots: Dictionary<Node, Node>) (node: Node) =
        let rootOf (operand: Node) =
            match roots.TryGetValue operand with
            | true, root -> root
            | false, _ -> operand

        match node.Primitive with
        | Elementwise _ ->
            let active = node.Operands |> Array.filter isActive

            if active |> Array.forall (fun operand -> operand.Shape = node.Shape) then
                match active |> Array.map rootOf |> Array.distinctBy _.Id with
                | [| root |] -> Some root
                | _ -> None
            else
                None
        | _ -> None

    /// The outputs are needed in full, and of the partial derivatives that the chain rule asks for one order less each time.
    ///
    /// withRoots: whether functions of one value are looked for.
    let private needs withRoots (input: Node) (order: int) (outputs: Node list) : Needs =
        let orders = Dictionary<Node, int>(HashIdentity.Reference)
        let roots = Dictionary<Node, Node>(HashIdentity.Reference)
        let mutable asked = outputs

        for order in order .. -1 .. 1 do
            let dependents = Graph.dependents [ input ] asked
            let isActive = HashSet<Node>(dependents, HashIdentity.Reference)

            if withRoots then
                for node in dependents do
                    tryRoot isActive.Contains roots node |> Option.iter (fun root -> roots.TryAdd(node, root) |> ignore)

            let pending = Stack<Node>(Seq.filter isActive.Contains asked)

            while pending.Count > 0 do
                let node = pending.Pop()

                if orders.TryAdd(node, order) then
                    match roots.TryGetValue node with
                    | true, root -> pending.Push root
                    | false, _ ->
                        node.Operands |> Seq.filter isActive.Contains |> Seq.iter pending.Push

                        match node.Primitive with
                        | Elementwise f -> asked <- List.init node.Operands.Length (partial f node) @ asked
                        | _ -> ()

        { Orders = orders; Roots = roots }

    let private lead (node: Node) = node |> Node.reshape (Array.append [| 1 |] node.Shape)

    /// Coefficients of the outputs: for each order from 1 on an array with the coefficients along its leading axis; None where all of them are
    /// zero by the structure of the graph. seed: the input's coefficients of order 1, all that it has.
    let rec private carry
        withRoots
        (coefficients: ICoefficients)
        (input: Node)
        (seed: Node)
        (outputs: Node list)
        : Node -> int -> Node option =
        let needs = needs withRoots input coefficients.Order outputs
        let known = Dictionary<struct (Node * int), Node>()
        let powers = Dictionary<struct (Node * int * int), Node option>()

        let find (node: Node) order =
            match known.TryGetValue(struct (node, order)) with
            | true, stack -> Some stack
            | false, _ -> None

        /// The sum of products over terms; right: what a term's right side is taken from, None where it is zero.
        let sumOverTerms order left (right: CoefficientTerm -> Batched option) (multiply: Node -> Batched -> Node) =
            coefficients.Terms order
            |> Seq.map (fun term ->
                match find left term.Left, right term with
                | Some own, Some other ->
                    let own = own |> Node.gather 0 term.LeftPlaces
                    Some(Node.multiply (Node.scalar term.Factor) (multiply own other))
                | _ -> None)
            |> Steps.addAll

        let picked (term: CoefficientTerm) stack = { Node = stack |> Node.gather 0 term.RightPlaces; HasAxis = true }

        /// A value itself stands in for its coefficient of order 0.
        let ofNode (node: Node) (term: CoefficientTerm) =
            if term.Right = 0 then
                Some { Node = node; HasAxis = false }
            else
                find node term.Right |> Option.map (picked term)

        let multiplyElements own (other: Batched) =
            Node.multiply own (if other.HasAxis then other.Node else lead other.Node)

        /// Coefficients of the k-th divided power of what a value has beside itself.
        let rec power (root: Node) k order =
            if k = 1 then
                find root order
            else
                match powers.TryGetValue(struct (root, k, order)) with
                | true, stack -> stack
                | false, _ ->
                    let right (term: CoefficientTerm) =
                        if term.Right < k - 1 then None else power root (k - 1) term.Right |> Option.map (picked term)

                    let stack = sumOverTerms order root right multiplyElements
                    powers[struct (root, k, order)] <- stack
                    stack

        let derivatives =
            lazy
                (let byRoot = Dictionary<Node, Node -> int -> Node option>(HashIdentity.Reference)

                 let ofRoots =
                     needs.Roots |> Seq.filter (fun pair -> needs.Orders.ContainsKey pair.Key) |> Seq.groupBy _.Value.Id

                 for _, group in ofRoots do
                     let root = (Seq.head group).Value
                     let nodes = [ for pair in group -> pair.Key ]
                     let order = nodes |> Seq.map (fun node -> needs.Orders[node]) |> Seq.max
                     let ones = Node.fill (Array.append [| 1 |] root.Shape) 1.0
                     byRoot[root] <- carry false (RepeatedDerivatives order) root ones nodes

                 byRoot)

        let ofRoot (root: Node) order (node: Node) =
            Seq.init order ((+) 1)
            |> Seq.map (fun k ->
                match derivatives.Value[root] node k with
                | Some derivative -> power root k order |> Option.map (Node.multiply derivative)
                | None -> None)
            |> Steps.addAll

        let elementwise f order (node: Node) =
            node.Operands
            |> Seq.mapi (fun i operand ->
                let slope = if needs.Orders.ContainsKey operand then partial f node i else Node.scalar 0.0
                if Node.isZero slope then None else sumOverTerms order operand (ofNode slope) multiplyElements)
            |> Steps.addAll

        let contract contraction order (node: Node) =
            let left, right = node.Operands[0], node.Operands[1]
            let batched a b = Contraction.batched a b contraction

            Steps.addAll [
                sumOverTerms order left (ofNode right) (fun own other ->
                    Product.contract (batched true other.HasAxis) own other.Node)
                sumOverTerms order right (ofNode left) (fun own other ->
                    Product.contract (batched other.HasAxis true) other.Node own)
            ]

        /// A primitive that is linear in all its operands together.
        let linear order (node: Node) =
            let stacks = node.Operands |> Array.map (fun operand -> find operand order)

            if Array.forall Option.isNone stacks then
                None
            else
                Array.map2
                    (fun (operand: Node) stack ->
                        match stack with
                        | Some stack -> { Node = stack; HasAxis = true }
                        | None -> { Node = Node.fill operand.Shape 0.0; HasAxis = false })
                    node.Operands
                    stacks
                |> (Rules.find node.Primitive).Batch (coefficients.Count order) node
                |> Some

        let maximum axes order (node: Node) =
            find node.Operands[0] order
            |> Option.map (fun stack ->
                Node.multiply (lead (MaximumRules.shares axes node)) stack
                |> Product.sum (axes |> Array.map ((+) 1)))

        let coefficient order (node: Node) =
            match node.Primitive with
            | Input _
            | Constant _ -> None
            | Elementwise f ->
                match needs.Roots.TryGetValue node with
                | true, root -> ofRoot root order node
                | false, _ -> elementwise f order node
            | Structural _
            | Concat _ -> linear order node
            | Contract contraction -> contract contraction order node
            | Maximum axes -> maximum axes order node

        known[struct (input, 1)] <- seed
        let inOrder = needs.Orders.Keys |> Seq.sortBy _.Id |> Array.ofSeq

        for order in 1 .. coefficients.Order do
            for node in inOrder do
                if needs.Orders[node] >= order && not (obj.ReferenceEquals(node, input)) then
                    coefficient order node
                    |> Option.filter (Node.isZero >> not)
                    |> Option.map (Node.broadcast (Array.append [| coefficients.Count order |] node.Shape))
                    |> Option.iter (fun stack -> known[struct (node, order)] <- stack)

        find

    /// Coefficients of the outputs for all sets of a family: for each order from 1 on an array of shape sets x (shape of the output); None
    /// where all of them are zero by the structure of the graph. A set's members are numbers of elements of the input.
    let coefficients (family: SetFamily) (input: Node) (outputs: Node list) : Node -> int -> Node option =
        if family.Count = 0 then
            fun _ _ -> None
        else
            let features = family.OfOrder 1 |> Array.map Array.exactlyOne

            let seed =
                Node.identity features.Length
                |> Node.scatter 1 features input.Size
                |> Node.reshape (Array.append [| features.Length |] input.Shape)

            carry true family input seed outputs
