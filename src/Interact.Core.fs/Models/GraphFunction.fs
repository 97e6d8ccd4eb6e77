namespace Interact.Core

open System
open System.Collections.Generic
open Interact.Core.Execution
open Interact.Core.Transform

/// An input of a graph that is held fixed while another one is explained.
[<RequireQualifiedAccess>]
type HeldInput = {
    Node: Node
    /// Whether it takes whole numbers only, such as token ids.
    IsInteger: bool
    /// Its elements, row-major; None as long as nobody has given them.
    Values: float[] option
} with

    /// The input's name.
    member this.Name = Primitive.name this.Node.Primitive

/// A function given as a graph. Plans are made when first needed and kept: values of inputs that are held fixed are arguments of the
/// plans, so that other values need no other plans.
[<Sealed>]
type GraphFunction
    private
    (
        input: Node,
        output: Node,
        describe: Node -> string option,
        held: HeldInput list,
        plans: PlanCache,
        switchPlans: SwitchPlans,
        lookups: Lazy<(Node * Lookup)[]>
    ) =

    /// Those that the output depends on.
    static let reached output (held: HeldInput list) =
        let nodes = HashSet<Node>(Graph.nodes [ output ], HashIdentity.Reference)
        held |> List.filter (fun input -> nodes.Contains input.Node)

    let own = reached output held

    let valuesOf (held: HeldInput) () =
        match held.Values with
        | Some values -> values
        | None -> Checks.invalid held.Name $"input '{held.Name}' is not explained and has no value; hold it at one."

    let heldValues = own |> List.map valuesOf
    let evaluator evaluation = PlanRunner(input, output, heldValues, plans, evaluation)
    let byDefault = evaluator Evaluation.defaults :> IDifferentiable

    /// Multiply-adds of the function, and elements of its elementwise functions.
    let work =
        lazy
            (let nodes = Graph.dependents [ input ] [ output ]

             let elements =
                 nodes
                 |> Array.sumBy (fun node ->
                     match node.Primitive with
                     | Elementwise _ -> float node.Size
                     | _ -> 0.0)

             Cost.multiplyAdds [ output ], elements)

    /// What nodes give at a point.
    let valuesAt (point: float[]) (nodes: Node list) =
        let held = own |> List.map (fun held -> held.Node, valuesOf held ())
        Run.once ((input, point) :: held) nodes

    /// The nodes of the outputs' graphs, in order of evaluation, whose values are not finite, with these.
    let notFinite (point: float[]) (outputs: Node list) =
        let nodes = Graph.nodes outputs |> List.ofArray

        Seq.zip nodes (valuesAt point nodes)
        |> Seq.filter (fun (_, value) -> not (Array.forall Double.IsFinite value))
        |> List.ofSeq

    let firstNotFinite point outputs = notFinite point outputs |> List.tryHead

    /// The nearest described node at or below a node: what a person knows it by.
    let origin (node: Node) : string option =
        let seen = HashSet<Node>(HashIdentity.Reference)
        let pending = Stack<Node> [ node ]
        let mutable found = None

        while found.IsNone && pending.Count > 0 do
            let node = pending.Pop()

            if seen.Add node then
                found <- describe node
                node.Operands |> Array.sortBy _.Id |> Array.iter pending.Push

        found

    let name node = origin node |> Option.defaultValue $"'{Primitive.name node.Primitive}'"

    let isConstant (node: Node) =
        match node.Primitive with
        | Constant _ -> true
        | _ -> false

    /// The constant behind a view, or the node itself.
    let rec unviewed (node: Node) =
        match node.Primitive with
        | Structural _ -> unviewed node.Operands[0]
        | _ -> node

    /// Which of the nodes that are not finite is to blame: a lookup outside its axis, or else the first one that is computed, with
    /// the constant it has this from.
    let blame (point: float[]) (bad: (Node * float[]) list) : NotFiniteCause =
        let outside =
            bad
            |> List.tryPick (fun (node, _) ->
                Lookup.tryFind node
                |> Option.bind (fun lookup ->
                    let indices = valuesAt point [ lookup.Indices ] |> Array.head
                    Lookup.tryOutside lookup indices |> Option.map (fun place -> node, lookup, indices[place])))

        match outside, bad |> List.tryFind (fst >> unviewed >> isConstant >> not) with
        | Some(node, lookup, index), _ -> {
            Reason = $"{name node} looks up {index} among {lookup.Size} elements"
            Mend = Some(Lookup.mend lookup)
          }
        | None, Some(culprit, value) ->
            let gives = $"{name culprit} gives {value |> Array.find (Double.IsFinite >> not)}"
            let isBad node = bad |> List.exists (fun (other, _) -> obj.ReferenceEquals(other, node))

            match
                culprit.Operands |> Array.map unviewed |> Array.tryFind (fun node -> isConstant node && isBad node)
            with
            | Some constant -> {
                Reason =
                    let weights = describe constant |> Option.defaultValue "a constant that it uses"
                    $"{gives}: {weights} has elements that are infinite or not a number"
                Mend = Some "export the model with finite weights"
              }
            | None -> { Reason = gives; Mend = None }
        | None, None -> {
            Reason = $"the output is {name (fst bad.Head)}, which is not finite"
            Mend = Some "export the model with finite weights"
          }

    let whyNotFinite (point: float[]) (combination: float[]) : NotFiniteCause option =
        let explained =
            Product.dot (Node.constant [| output.Size |] combination) (output |> Node.reshape [| output.Size |])

        /// The first node whose own partial derivatives are not finite, or else what came of them.
        let derivative order (partials: Elementwise -> Formula list) whole =
            firstNotFinite point [ whole ]
            |> Option.map (fun (result, _) ->
                let culprit =
                    Graph.nodes [ explained ]
                    |> Seq.tryFind (fun node ->
                        match node.Primitive with
                        | Elementwise f ->
                            partials f
                            |> List.map (Node.substitute node.Operands node)
                            |> firstNotFinite point
                            |> Option.isSome
                        | _ -> false)
                    |> Option.defaultValue result

                { Reason = $"the {order} derivative of {name culprit} is not finite"; Mend = None })

        match notFinite point [ explained ] with
        | bad when bad |> List.exists (fst >> unviewed >> isConstant >> not) -> Some(blame point bad)
        | _ ->
            let first f = (Elementwise.rule f).Partials

            let second f = [
                for i in 0 .. Elementwise.arity f - 1 do
                    for j in 0..i -> Elementwise.second f i j
            ]

            derivative "first" first (Vjp.grad input explained)
            |> Option.orElseWith (fun () -> derivative "second" second (Curvature.hessian input explained))

    /// A function with inputs that are held fixed beside the one it is a function of.
    new(input, output, describe, held: HeldInput list) =
        let nodes = HashSet<Node>(Graph.nodes [ output ], HashIdentity.Reference)

        let own = [
            for held in held do
                if nodes.Contains held.Node then held.Node
        ]

        let lookups =
            lazy
                (Graph.nodes [ output ]
                 |> Array.choose (fun node -> Lookup.tryFind node |> Option.map (fun lookup -> node, lookup)))

        GraphFunction(
            input,
            output,
            describe,
            held,
            PlanCache(own, input, output),
            SwitchPlans(own, input, output),
            lookups
        )

    new(input, output, describe) = GraphFunction(input, output, describe, [])

    /// The inputs that are held fixed.
    member _.Held = held

    /// The node of the outputs with the values of held inputs in their places: constants, so plans made from it are for these values alone.
    member internal _.HoldingOutput: Node =
        let values = [
            for held in own do
                match held.Values with
                | Some values -> held.Node, Node.constant held.Node.Shape values
                | None -> ()
        ]

        Graph.substitute values [ output ] |> List.head

    /// The names of those on which the output depends and which have no value yet.
    member internal _.Missing = [
        for held in own do
            if held.Values.IsNone then held.Name
    ]

    /// Whether the output depends on an input that is held fixed.
    member internal _.DependsOn(node: Node) = own |> List.exists (fun held -> obj.ReferenceEquals(held.Node, node))

    /// The inputs held fixed that the output depends on, and what gives their values: an error where nobody has.
    member internal _.HeldValues: (Node * (unit -> float[])) list = [
        for held in own do
            held.Node, valuesOf held
    ]

    /// The same function with inputs held at other values; it has its plans in common with this one.
    member internal _.Holding(held: HeldInput list) =
        GraphFunction(input, output, describe, held, plans, switchPlans, lookups)

    /// Why values of a held input lead outside an axis that they look up, as far as it alone decides; None where they do not.
    member internal _.WhyOutside(held: Node, values: float[]) : string option =
        let rec isReshaped (node: Node) =
            match node.Primitive with
            | Structural(Reshape _) -> isReshaped node.Operands[0]
            | _ -> obj.ReferenceEquals(node, held)

        let dependsOnItAlone (node: Node) =
            Graph.nodes [ node ]
            |> Array.forall (fun node ->
                match node.Primitive with
                | Input _ -> obj.ReferenceEquals(node, held)
                | _ -> true)

        lookups.Value
        |> Array.tryPick (fun (node, lookup) ->
            let why place index =
                $"{place} {index}, but {name node} looks it up among {lookup.Size} elements; {Lookup.mend lookup}"

            let input = Primitive.name held.Primitive

            if isReshaped lookup.Indices then
                Lookup.tryOutside lookup values
                |> Option.map (fun place -> why $"{input}[{place}] is" values[place])
            elif dependsOnItAlone lookup.Indices && (Node.tryValue lookup.Indices).IsNone then
                let indices = Run.once [ held, values ] [ lookup.Indices ] |> Array.head

                Lookup.tryOutside lookup indices
                |> Option.map (fun place -> why $"what follows from {input} is" indices[place])
            else
                None)

    /// The node that stands for the input.
    member _.Input = input
    /// The node of the outputs.
    member _.Output = output
    /// What a node of the graph is called where it came from, such as the node's name and operator in a model file.
    member _.Describe = describe

    /// Roughly how long second derivatives at one point along so many directions take, in nanoseconds. It depends on the graph alone,
    /// not on the machine.
    member _.CurvatureExpense(directions: int) =
        let multiplyAdds, elements = work.Value
        float directions * (multiplyAdds / 20.0 + elements)

    /// The function evaluated in another precision, by several threads, or within limits of memory. It cannot tell why a value is not
    /// finite; the function itself can.
    member _.In(evaluation: Evaluation) : IDifferentiable = evaluator evaluation

    interface IHessianProducts with
        member _.Products requests = (evaluator Evaluation.defaults :> IHessianProducts).Products requests

    interface IDifferentiable with
        member _.InputSize = input.Size
        member _.OutputSize = output.Size
        member _.Values points = byDefault.Values points
        member _.Gradients requests = byDefault.Gradients requests
        member _.Curvatures requests = byDefault.Curvatures requests
        member _.WhyNotFinite(point, combination) = whyNotFinite point combination

    interface ISwitching with
        member _.Along(evaluation, points) =
            GraphSwitchingPath(switchPlans, heldValues |> List.map (fun values -> values ()), evaluation, points)
