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
        switchPlans: SwitchPlans
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

    /// The first node of the outputs' graphs, in order of evaluation, whose value is not finite.
    let firstNotFinite (point: float[]) (outputs: Node list) =
        let nodes = Graph.nodes outputs |> List.ofArray
        let held = own |> List.map (fun held -> held.Node, valuesOf held ())
        let values = Run.once ((input, point) :: held) nodes
        Seq.zip nodes values |> Seq.tryFind (fun (_, value) -> not (Array.forall Double.IsFinite value))

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

    let whyNotFinite (point: float[]) (combination: float[]) =
        let explained =
            Product.dot (Node.constant [| output.Size |] combination) (output |> Node.reshape [| output.Size |])

        let name node = origin node |> Option.defaultValue $"'{Primitive.name node.Primitive}'"

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

                $"the {order} derivative of {name culprit} is not finite")

        match firstNotFinite point [ explained ] with
        | Some(culprit, value) ->
            let bad = value |> Array.find (Double.IsFinite >> not)
            Some $"{name culprit} gives {bad}"
        | None ->
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

        GraphFunction(input, output, describe, held, PlanCache(own, input, output), SwitchPlans(own, input, output))

    new(input, output, describe) = GraphFunction(input, output, describe, [])

    /// The inputs that are held fixed.
    member _.Held = held

    /// The names of those on which the output depends and which have no value yet.
    member internal _.Missing = [
        for held in own do
            if held.Values.IsNone then held.Name
    ]

    /// Whether the output depends on an input that is held fixed.
    member internal _.DependsOn(node: Node) = own |> List.exists (fun held -> obj.ReferenceEquals(held.Node, node))

    /// The same function with inputs held at other values; it has its plans in common with this one.
    member internal _.Holding(held: HeldInput list) = GraphFunction(input, output, describe, held, plans, switchPlans)

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
