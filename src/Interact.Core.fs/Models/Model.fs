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
} with

    /// Number of elements in a row.
    member this.InputSize = this.Function.InputSize
    /// Number of elements in the flattened output of a row.
    member this.OutputSize = this.Function.OutputSize

/// Making models, and evaluating them and their derivatives at a row.
[<RequireQualifiedAccess>]
module Model =

    /// A model of which only values and derivatives are known.
    let ofDifferentiable (f: IDifferentiable) : Model = { Function = f; Graph = None; Source = None; Warnings = [] }

    /// A model given as a graph from an input to its outputs.
    let ofGraph (graph: GraphFunction) : Model = { Function = graph; Graph = Some graph; Source = None; Warnings = [] }

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
            let output = Smoothing.softplus beta [ graph.Output ] |> List.head
            let smoothed = GraphFunction(graph.Input, output, graph.Describe)

            { model with Function = smoothed; Graph = Some smoothed }

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
