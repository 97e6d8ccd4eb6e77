namespace Interact.Core.Transform

open System
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
[<RequireQualifiedAccess>]
module internal MixedDerivatives =

    /// A partial derivative of an elementwise function by an operand.
    let private partial f (node: Node) i = (Elementwise.rule f).Partials[i] |> Node.substitute node.Operands node

    /// How far coefficients of nodes are needed: those of the outputs in full, and of the partial derivatives that the chain rule asks
    /// for to one order less each time.
    let private ordersNeeded (input: Node) (order: int) (outputs: Node list) : Dictionary<Node, int> =
        let needed = Dictionary<Node, int>(HashIdentity.Reference)
        let mutable pending = outputs

        for order in order .. -1 .. 1 do
            let fresh = Graph.dependents [ input ] pending |> Array.filter (fun node -> needed.TryAdd(node, order))

            pending <- [
                for node in fresh do
                    match node.Primitive with
                    | Elementwise f ->
                        for i in 0 .. node.Operands.Length - 1 do
                            partial f node i
                    | _ -> ()

                yield! pending
            ]

        needed

    /// Coefficients of the outputs for all sets of a family: for each order from 1 on an array of shape sets x (shape of the output); None
    /// where all of them are zero by the structure of the graph. A set's members are numbers of elements of the input.
    let coefficients (family: SetFamily) (input: Node) (outputs: Node list) : Node -> int -> Node option =
        let known = Dictionary<struct (Node * int), Node>()
        let needed = ordersNeeded input family.Order outputs

        let find (node: Node) order =
            match known.TryGetValue(struct (node, order)) with
            | true, stack -> Some stack
            | false, _ -> None

        let lead (node: Node) = node |> Node.reshape (Array.append [| 1 |] node.Shape)
        let count order = (family.OfOrder order).Length

        /// The sum of products of coefficients of two nodes over terms; a value itself stands in for coefficients of order 0.
        let sumOfProducts order left right (multiply: Node -> Batched -> Node) =
            family.Terms order
            |> Seq.map (fun term ->
                let picked places stack = stack |> Node.gather 0 places

                let other =
                    if term.Right = 0 then
                        Some { Node = right; HasAxis = false }
                    else
                        find right term.Right
                        |> Option.map (fun stack -> { Node = picked term.RightPlaces stack; HasAxis = true })

                match find left term.Left, other with
                | Some own, Some other -> Some(multiply (picked term.LeftPlaces own) other)
                | _ -> None)
            |> Steps.addAll

        let elementwise f order (node: Node) =
            node.Operands
            |> Seq.mapi (fun i operand ->
                if needed.ContainsKey operand then
                    let slope = partial f node i

                    let multiply own (other: Batched) =
                        Node.multiply own (if other.HasAxis then other.Node else lead other.Node)

                    if Node.isZero slope then None else sumOfProducts order operand slope multiply
                else
                    None)
            |> Steps.addAll
            |> Option.map (Node.broadcast (Array.append [| count order |] node.Shape))

        let contract contraction order (node: Node) =
            let left, right = node.Operands[0], node.Operands[1]
            let batched a b = Contraction.batched a b contraction

            Steps.addAll [
                sumOfProducts order left right (fun own other ->
                    Product.contract (batched true other.HasAxis) own other.Node)
                sumOfProducts order right left (fun own other ->
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
                |> (Rules.find node.Primitive).Batch (count order) node
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
            | Elementwise f -> elementwise f order node
            | Structural _
            | Concat _ -> linear order node
            | Contract contraction -> contract contraction order node
            | Maximum axes -> maximum axes order node

        if family.Order > 0 then
            let features = family.OfOrder 1 |> Array.map Array.exactlyOne

            known[struct (input, 1)] <-
                Node.identity features.Length
                |> Node.scatter 1 features input.Size
                |> Node.reshape (Array.append [| features.Length |] input.Shape)

        let inOrder = needed.Keys |> Seq.sortBy _.Id |> Array.ofSeq

        for order in 1 .. family.Order do
            for node in inOrder do
                if needed[node] >= order && not (obj.ReferenceEquals(node, input)) then
                    coefficient order node
                    |> Option.filter (Node.isZero >> not)
                    |> Option.iter (fun stack -> known[struct (node, order)] <- stack)

        find
