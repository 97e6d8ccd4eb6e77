namespace Interact.Core

open Interact.Core.Transform

/// The file a model was read from.
type ModelSource = {
    File: string
    /// SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    Sha256: string
}

/// A model that can be explained: a function of rows of numbers.
[<NoEquality; NoComparison>]
type Model = {
    /// The function and its derivatives.
    Function: IDifferentiable
    /// The graph behind it; None where derivatives come from outside.
    Graph: GraphFunction option
    /// Where it was read from; None for one written in code.
    Source: ModelSource option
    /// What was noticed while reading it, in sentences.
    Warnings: string list
    /// What makes of a row the tensor inside the model that is explained; None where rows are explained themselves.
    Upstream: GraphFunction option
} with

    /// Number of elements that are explained.
    member this.InputSize = this.Function.InputSize

    /// Number of elements in a row of data: those that are explained, unless a tensor inside the model is.
    member this.RowSize =
        match this.Upstream with
        | Some upstream -> upstream.Input.Size
        | None -> this.InputSize

    /// The other inputs, which are held fixed; none for a model that is no graph.
    member this.Held: HeldInput list =
        match this.Graph, this.Upstream with
        | Some graph, Some upstream ->
            graph.Held |> List.filter (fun held -> not (obj.ReferenceEquals(held.Node, upstream.Input)))
        | Some graph, None -> graph.Held
        | None, _ -> []

    /// Number of elements in the flattened output of a row.
    member this.OutputSize = this.Function.OutputSize

/// Making models, and evaluating them and their derivatives at a row.
[<RequireQualifiedAccess>]
module Model =

    /// A model of which only values and derivatives are known.
    let ofDifferentiable (f: IDifferentiable) : Model = {
        Function = f
        Graph = None
        Source = None
        Warnings = []
        Upstream = None
    }

    /// A model given as a graph from an input to its outputs.
    let ofGraph (graph: GraphFunction) : Model = {
        Function = graph
        Graph = Some graph
        Source = None
        Warnings = []
        Upstream = None
    }

    /// A model written as a function of a vector of the given length; any shape of result, flattened.
    /// Errors: ArgumentException unless the length is positive, and whatever the function raises.
    let ofFunction (length: int) (f: Tensor -> Tensor) : Model =
        Checks.within (nameof length) 1 System.Int32.MaxValue length
        let input = Node.input "x" [| length |]
        let output = f (Tensor input)
        Checks.require (output.Node.Size > 0) (nameof f) (fun () -> "the function has an empty result.")
        ofGraph (GraphFunction(input, output.Node, (fun _ -> None)))

    /// A model whose value, gradient and second derivatives are supplied from outside.
    let ofOracle (oracle: Oracle) : Model = ofDifferentiable (Oracle.toDifferentiable oracle)

    /// The model with every ReLU replaced by SoftPlus, ln(1+exp(βz))/β.
    /// Errors: ArgumentException unless β is positive and finite, and for a model that is not a graph.
    let smooth (beta: float) (model: Model) : Model =
        match model.Graph with
        | None ->
            Checks.invalid
                (nameof model)
                "only models given as a graph can be smoothed; this one's derivatives come from outside."
        | Some graph ->
            let smoothed (graph: GraphFunction) =
                let output = Smoothing.softplus beta [ graph.Output ] |> List.head
                GraphFunction(graph.Input, output, graph.Describe, graph.Held)

            let whole = smoothed graph

            {
                model with
                    Function = whole
                    Graph = Some whole
                    Upstream = model.Upstream |> Option.map smoothed
            }

    /// The model as a function of its input in other units: at z it is the model at z∘scales, element by element.
    ///
    /// Errors: ArgumentException unless there is one finite, nonzero scale for each element that is explained; for a model that is not a
    /// graph, and for one that is explained from a tensor inside.
    let scaled (scales: float[]) (model: Model) : Model =
        Checks.length (nameof scales) model.InputSize scales

        Checks.require
            (scales |> Array.forall (fun scale -> System.Double.IsFinite scale && scale <> 0.0))
            (nameof scales)
            (fun () -> "a scale is zero or not finite; leave that element in its own units, with the scale 1.")

        match model.Graph, model.Upstream with
        | Some graph, None ->
            let input = Node.input (Primitive.name graph.Input.Primitive) graph.Input.Shape
            let inUnits = Node.multiply input (Node.constant graph.Input.Shape scales)
            let output = [ graph.Output ] |> Graph.substitute [ graph.Input, inUnits ] |> List.head
            let whole = GraphFunction(input, output, graph.Describe, graph.Held)
            { model with Function = whole; Graph = Some whole }
        | _ ->
            Checks.invalid
                (nameof model)
                "only models given as a graph and explained from an input can be taken in other units."

    let private isWhole (value: float) = System.Math.Floor value = value

    let private checkHeld (held: HeldInput) (values: float[]) =
        Checks.length held.Name held.Node.Size values
        Checks.finite held.Name values

        if held.IsInteger then
            match Array.tryFindIndex (isWhole >> not) values with
            | Some index ->
                Checks.invalid
                    held.Name
                    $"{held.Name}[{index}] is {values[index]}; this input takes whole numbers only."
            | None -> ()

    /// Refuses values of a held input that are looked up where nothing is.
    let private checkLookups (held: HeldInput) (values: float[]) (model: Model) =
        [ model.Upstream; model.Graph ]
        |> List.choose id
        |> List.tryPick (fun graph -> graph.WhyOutside(held.Node, values))
        |> Option.iter (fun why -> Checks.invalid held.Name $"{why}.")

    let private holding (name: string) (values: float[]) (graph: GraphFunction) =
        graph.Held
        |> List.map (fun held -> if held.Name = name then { held with Values = Some values } else held)
        |> graph.Holding

    let private withHeld name values (model: Model) =
        match model.Graph with
        | Some graph ->
            let whole = holding name values graph

            {
                model with
                    Function = whole
                    Graph = Some whole
                    Upstream = model.Upstream |> Option.map (holding name values)
            }
        | None -> model

    /// The model with one of its other inputs held at a value: as many elements as the input has in one example, row-major. Plans are
    /// shared with the model it is made from, so this may be done for every row.
    ///
    /// Errors: ArgumentException where the model has no such input, for values of another number or that are not finite, and for
    /// fractions where the input takes integers, and for indices outside an axis in which they are looked up.
    let hold (name: string) (values: float[]) (model: Model) : Model =
        match model.Held |> List.tryFind (fun held -> held.Name = name) with
        | Some held ->
            checkHeld held values
            checkLookups held values model
            withHeld name values model
        | None ->
            let known = model.Held |> List.map (fun held -> $"'{held.Name}'") |> String.concat ", "
            let has = if known = "" then "none" else known
            Checks.invalid (nameof name) $"the model has no input '{name}' that can be held fixed; it has {has}."

    /// Checks that a row of data fits the model, before anything is computed of it.
    ///
    /// Errors: ArgumentException for a row of the wrong length or with elements that are not finite; for fractions where the input takes
    /// integers, and for indices outside an axis in which they are looked up.
    let checkData (row: float[]) (model: Model) : unit =
        let isRow (upstream: GraphFunction) (held: HeldInput) = obj.ReferenceEquals(held.Node, upstream.Input)

        match model.Upstream, model.Graph with
        | Some upstream, Some graph when graph.Held |> List.exists (isRow upstream) ->
            let held = graph.Held |> List.find (isRow upstream)
            checkHeld held row
            checkLookups held row model
        | _ ->
            Checks.length (nameof row) model.RowSize row
            Checks.finite (nameof row) row

    /// What of a row of data is explained, and the model to explain it with. Where a tensor inside the model is explained, this is
    /// the tensor's value at the row, and whatever of the row reaches the output past the tensor is held fixed; otherwise it is the
    /// row itself.
    ///
    /// Errors: ArgumentException for a row of the wrong length or with elements that do not fit.
    let enter (row: float[]) (model: Model) : Model * float[] =
        match model.Upstream, model.Graph with
        | Some upstream, Some graph ->
            checkData row model

            let entered =
                if graph.DependsOn upstream.Input then
                    withHeld (Primitive.name upstream.Input.Primitive) row model
                else
                    model

            entered, (upstream :> IDifferentiable).Values([| row |])[0]
        | _ -> model, row

    /// The names of inputs that are not explained, have no value, and make a difference: Model.hold gives them one.
    let missing (model: Model) : string list =
        let named = model.Held |> List.map _.Name

        [ model.Graph; model.Upstream ]
        |> List.choose id
        |> List.collect _.Missing
        |> List.distinct
        |> List.filter (fun name -> List.contains name named)

    /// The function and its derivatives, evaluated in another precision, by several threads, or within limits of memory.
    /// Error: ArgumentException for single precision of a model that is not a graph.
    let evaluatedBy (evaluation: Evaluation) (model: Model) : IDifferentiable =
        match model.Graph with
        | Some graph -> graph.In evaluation
        | None ->
            Checks.require (evaluation.Precision = Precision.Double) "Precision" (fun () ->
                "only models given as a graph can be evaluated in single precision; this one's derivatives come from outside.")

            model.Function

    /// Roughly how long second derivatives at one point along so many directions take, in nanoseconds; infinite where derivatives come
    /// from outside.
    let internal curvatureExpense (directions: int) (model: Model) =
        match model.Graph with
        | Some graph -> graph.CurvatureExpense directions
        | None -> infinity

    let private checkRow (model: Model) (row: float[]) =
        Checks.length (nameof row) model.InputSize row
        Checks.finite (nameof row) row

    let private oneHot (model: Model) target =
        Checks.within (nameof target) 0 (model.OutputSize - 1) target
        Array.init model.OutputSize (fun i -> if i = target then 1.0 else 0.0)

    /// A path that stays at the row.
    let private stay (model: Model) (row: float[]) target = {
        Baseline = row
        Displacement = Array.zeroCreate row.Length
        Output = oneHot model target
        Nodes = [| 0.0 |]
    }

    /// The outputs at a row. Error: ArgumentException for a row of the wrong length or with elements that are not finite.
    let evaluate (model: Model) (row: float[]) : float[] =
        checkRow model row
        model.Function.Values([| row |])[0]

    /// The gradient at a row of one element of the flattened output: as many elements as the row. Errors: as for evaluate, and
    /// ArgumentException for a target out of range.
    let gradient (model: Model) (target: int) (row: float[]) : float[] =
        checkRow model row
        model.Function.Gradients([| stay model row target |])[0]

    /// The second derivatives at a row of one element of the flattened output: n x n. Errors: as for gradient.
    let hessian (model: Model) (target: int) (row: float[]) : float[,] =
        checkRow model row

        let request = { Points = stay model row target; Weights = [| 1.0 |]; Directions = EachFeature }

        let flat = (Array.head (model.Function.Curvatures [| request |])).Curvature
        let n = row.Length
        Array2D.init n n (fun i j -> (flat[i * n + j] + flat[j * n + i]) / 2.0)
