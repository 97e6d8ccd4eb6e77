namespace Interact.Core

open System
open Interact.Core.Execution
open Interact.Core.Transform

/// A function given as a graph. Plans are made when first needed and kept.
[<Sealed>]
type GraphFunction(input: Node, output: Node, describe: Node -> string option) =

    let plans = PlanCache(input, output)
    let switchPlans = SwitchPlans(input, output)
    let evaluator evaluation = PlanRunner(input, output, plans, evaluation) :> IDifferentiable
    let byDefault = evaluator Evaluation.defaults

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
        let values = Run.once [ input, point ] nodes
        Seq.zip nodes values |> Seq.tryFind (fun (_, value) -> not (Array.forall Double.IsFinite value))

    /// The nearest described node at or below a node: what a person knows it by.
    let rec origin (node: Node) =
        match describe node with
        | Some name -> Some name
        | None -> node.Operands |> Seq.sortByDescending _.Id |> Seq.tryPick origin

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

    interface IDifferentiable with
        member _.InputSize = input.Size
        member _.OutputSize = output.Size
        member _.Values points = byDefault.Values points
        member _.Gradients requests = byDefault.Gradients requests
        member _.Curvatures requests = byDefault.Curvatures requests
        member _.WhyNotFinite(point, combination) = whyNotFinite point combination

    interface ISwitching with
        member _.Along(evaluation, points) = GraphSwitchingPath(switchPlans, evaluation, points)
