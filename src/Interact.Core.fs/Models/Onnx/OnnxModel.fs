namespace Interact.Core.Onnx

open System
open System.IO
open System.Security.Cryptography
open System.Threading.Tasks
open Interact.Core

/// How a model is read.
type OnnxOptions = {
    /// Which of the model's outputs is explained; None for the first floating one.
    Output: string option
    /// Which inputs are explained.
    Input: ExplainedInput
    /// A tensor inside the model that is explained in the place of the input, such as an embedding or a feature map; rows of data
    /// are still values of the input. None to explain the input itself.
    At: string option
    /// How much the file may ask for.
    Limits: ImportLimits
}

/// A value that goes into or out of a model.
type Port = {
    Name: string
    /// The type of its elements as ONNX names it.
    ElementType: string
    /// Its axes as declared: sizes, or names of those that may vary.
    Shape: string list
}

/// What is in a model file.
type Inspection = {
    Source: ModelSource
    Producer: string
    /// Versions of the operator sets, by domain ("" is the standard one).
    Opsets: (string * int64) list
    Inputs: Port list
    Outputs: Port list
    /// The output that is explained; None where no model can be made.
    Explained: string option
    /// How many nodes there are of each operator, in graphs inside nodes and in functions too.
    Operators: (string * int) list
    /// Number of floating elements in constants.
    Parameters: int64
    /// Operators whose first derivative jumps somewhere, and how many nodes there are of each.
    Kinks: (string * int) list
    Warnings: string list
    /// Why the model cannot be explained; empty where it can.
    Problems: ImportProblem list
}

/// Reads ONNX models into graphs.
[<RequireQualifiedAccess>]
module OnnxModel =

    let defaults: OnnxOptions = { Output = None; Input = FirstFloating; At = None; Limits = ImportLimits.defaults }

    let private port (info: ValueInfo) : Port =
        match info.Type with
        | TypeProto.Tensor(elementType, shape) -> {
            Name = Quote.line info.Name
            ElementType = DataType.name elementType
            Shape =
                shape
                |> Option.map (Array.map (OnnxImport.describeAxis >> Quote.line) >> List.ofArray)
                |> Option.defaultValue [ "?" ]
          }
        | _ -> { Name = Quote.line info.Name; ElementType = "not a tensor"; Shape = [] }

    let private inFile path text = [ OnnxImport.problem path text ]

    /// What the bytes of the file at the path say and what the import makes of them.
    let private importBytes (wanted: Explained) (limits: ImportLimits) (path: string) (bytes: ReadOnlyMemory<byte>) =
        OnnxFile.parseWithin limits bytes
        |> Result.mapError (inFile path)
        |> Result.map (fun model ->
            let model, beside = ExternalData.attach limits path (int64 bytes.Length) model
            model, OnnxImport.runFor wanted limits (int64 bytes.Length + beside) Map.empty model)

    /// The file's contents and what the import makes of them.
    let private import
        (wanted: Explained)
        (limits: ImportLimits)
        (path: string)
        : Result<ModelSource * ModelProto * Imported, ImportProblem list> =
        OnnxFile.readBytes path
        |> Result.mapError (inFile path)
        |> Result.bind (fun bytes ->
            // Beside the import, because the first hash of a process takes as long: it loads the system's cryptography.
            let hash = Task.Run(fun () -> Convert.ToHexStringLower(SHA256.HashData bytes.Span))

            importBytes wanted limits path bytes
            |> Result.map (fun (model, imported) ->
                { File = FileInfo(path).Name; Sha256 = hash.Result }, model, imported))

    let private isFloating (_: string, value: Value option) =
        match value with
        | Some value -> value.Type = Real
        | None -> false

    let private quoted (outputs: (string * Value option) list) =
        outputs |> List.map (fst >> Quote.name) |> String.concat ", "

    /// The output that is explained, of an import without problems.
    let private choose (options: OnnxOptions) path (imported: Imported) =
        let floating = imported.Outputs |> List.filter isFloating

        match options.Output with
        | None ->
            match floating with
            | first :: _ -> Ok first
            | [] ->
                Error(
                    OnnxImport.problem
                        path
                        $"none of its outputs {quoted imported.Outputs} is floating; labels and truth values have no derivatives: export the model with the numbers they are chosen by"
                )
        | Some name ->
            match imported.Outputs |> List.tryFind (fun (output, _) -> output = name) with
            | Some chosen when isFloating chosen -> Ok chosen
            | Some _ ->
                let instead =
                    if floating.IsEmpty then
                        "the model has no floating output"
                    else
                        $"name a floating one: {quoted floating}"

                Error(
                    OnnxImport.problem
                        $"output {Quote.name name}"
                        $"its elements are integers or truth values, which have no derivatives; {instead}"
                )
            | None ->
                let nearest =
                    imported.Outputs |> Seq.map fst |> Closest.names 8 name |> List.map Quote.name |> String.concat ", "

                let more = if imported.Outputs.Length > 8 then $" and {imported.Outputs.Length - 8} more" else ""

                Error(OnnxImport.problem path $"the model has no output {Quote.name name}; it has {nearest}{more}")

    let private describe (imported: Imported) node =
        match imported.Origins.TryGetValue node with
        | true, name -> Some name
        | false, _ -> None

    /// The model of an import without problems. Error: the output does not depend on the tensor that is explained.
    let private create (imported: Imported) (input: Node) (name: string, output: Node) =
        let whole held = GraphFunction(input, output, describe imported, held)

        let model graph = { Model.ofGraph graph with Warnings = imported.Warnings }

        match imported.Inner with
        | None -> Ok(model (whole imported.Held))
        | Some _ when (Graph.dependents [ input ] [ output ]).Length <= 1 ->
            let place = $"tensor {Quote.name (Primitive.name input.Primitive)}"
            Error [ OnnxImport.problem place $"output {Quote.name name} does not depend on it; name another tensor" ]
        | Some(row, tensor) ->
            Ok {
                model (whole (row :: imported.Held)) with
                    Upstream = Some(GraphFunction(row.Node, tensor, describe imported, imported.Held))
            }

    /// The model that was imported from the path, and the output it gives.
    let private toModel (options: OnnxOptions) path (imported: Imported) : Result<Model * string, ImportProblem list> =
        match imported.Problems, imported.Input with
        | [], Some input ->
            match choose options path imported with
            | Ok(name, Some output) when output.Node.Size = 0 ->
                Error [ OnnxImport.problem $"output {Quote.name name}" "it has no elements; name another output" ]
            | Ok(name, Some output) ->
                create imported input (name, output.Node) |> Result.map (fun model -> model, name)
            | Ok(_, None) -> Error imported.Problems
            | Error problem -> Error [ problem ]
        | problems, _ -> Error problems

    let private explained (options: OnnxOptions) : Explained = { Input = options.Input; At = options.At }

    /// Makes a model of the bytes of the file at the path, as load does.
    let internal ofBytes (options: OnnxOptions) (path: string) (bytes: ReadOnlyMemory<byte>) =
        importBytes (explained options) options.Limits path bytes
        |> Result.bind (fun (_, imported) -> toModel options path imported |> Result.map fst)

    /// Reads a model and makes it a function of one of its inputs (by default the first floating one), of all floating ones together,
    /// or of a tensor inside it; the other inputs are held fixed at values that Model.hold gives them. Constants in single precision
    /// are taken as the doubles they equal; an axis that may vary in front is the batch, and a row is one example.
    ///
    /// Where a tensor inside the model is explained, Model.enter makes its value of a row. Whatever of the row reaches the output past
    /// the tensor is held fixed at that row, so explanations tell of the tensor's share alone.
    ///
    /// Errors: all problems of the file together, each with its place.
    let load (options: OnnxOptions) (path: string) : Result<Model, ImportProblem list> =
        import (explained options) options.Limits path
        |> Result.bind (fun (source, _, imported) ->
            toModel options path imported |> Result.map (fun (model, _) -> { model with Source = Some source }))

    /// Operators whose first derivative jumps somewhere.
    let private kinked = [
        "Relu"
        "LeakyRelu"
        "PRelu"
        "ThresholdedRelu"
        "HardSigmoid"
        "HardSwish"
        "Abs"
        "Max"
        "Min"
        "Clip"
        "Selu"
        "Shrink"
        "ReduceMax"
        "ReduceMin"
        "ReduceL1"
        "Where"
        "MaxPool"
        "GlobalMaxPool"
        "TopK"
        "ArgMax"
        "ArgMin"
        "Hardmax"
        "Mod"
        "OneHot"
        "Sign"
        "Floor"
        "Ceil"
        "Round"
    ]

    let private kinkedActivations = [ "relu"; "leakyrelu"; "thresholdedrelu"; "hardsigmoid"; "elu" ]

    /// Whether the node's first derivative jumps somewhere; of some operators attributes decide.
    let private hasKinks (node: NodeProto) =
        let strings name =
            node.Attributes
            |> Array.tryPick (fun attribute ->
                match attribute.Value with
                | AttributeValue.Strings values when attribute.Name = name -> Some values
                | AttributeValue.String value when attribute.Name = name -> Some [| value |]
                | _ -> None)
            |> Option.defaultValue [||]

        let hasAttribute name = node.Attributes |> Array.exists (fun attribute -> attribute.Name = name)

        let hasNumber name number =
            node.Attributes
            |> Array.exists (fun attribute ->
                attribute.Name = name
                && (attribute.Value = AttributeValue.Int(int64 number)
                    || attribute.Value = AttributeValue.Float(float32 number)))

        match node.Domain, node.OpType with
        | "", ("RNN" | "GRU" | "LSTM") ->
            hasAttribute "clip"
            || strings "activations"
               |> Array.exists (fun name -> List.contains (name.ToLowerInvariant()) kinkedActivations)
        // The slope at 0 is 1 above, and α below.
        | "", "Elu" -> hasAttribute "alpha" && not (hasNumber "alpha" 1)
        // Sums of absolute values.
        | "", ("LpPool" | "GlobalLpPool" | "LpNormalization") -> hasNumber "p" 1
        | "", ("ScatterElements" | "ScatterND") ->
            strings "reduction" |> Array.exists (fun name -> name = "max" || name = "min")
        | "ai.onnx.ml", "Normalizer" -> strings "norm" <> [| "L2" |]
        | "ai.onnx.ml", "Imputer" -> true
        | "", name -> List.contains name kinked
        | _ -> false

    /// The nodes with those of the graphs inside them.
    let rec private allNodes (nodes: NodeProto seq) : NodeProto seq =
        seq {
            for node in nodes do
                node

                for attribute in node.Attributes do
                    match attribute.Value with
                    | AttributeValue.Graph graph -> yield! allNodes graph.Nodes
                    | AttributeValue.Graphs graphs ->
                        for graph in graphs do
                            yield! allNodes graph.Nodes
                    | _ -> ()
        }

    /// Looks into a model file: what it contains, and whether and why not it can be explained in the way that is asked for.
    /// Errors: where the file cannot be read as an ONNX model at all.
    let inspectFor (options: OnnxOptions) (path: string) : Result<Inspection, ImportProblem list> =
        import (explained options) options.Limits path
        |> Result.map (fun (source, proto, imported) ->
            let graph = proto.Graph
            let made = toModel options path imported

            let nodes =
                Seq.append
                    (allNodes graph.Nodes)
                    (proto.Functions |> Seq.collect (fun definition -> allNodes definition.Nodes))

            let counted (nodes: NodeProto seq) =
                nodes
                |> Seq.countBy (fun node ->
                    Quote.bare (if node.Domain = "" then node.OpType else $"{node.Domain}.{node.OpType}"))
                |> Seq.sort
                |> List.ofSeq

            {
                Source = source
                Producer = Quote.line ($"{proto.ProducerName} {proto.ProducerVersion}".Trim())
                Opsets = [ for opset in proto.OpsetImports -> opset.Domain, opset.Version ]
                Inputs = OnnxImport.inputPorts graph |> Array.map port |> List.ofArray
                Outputs = graph.Outputs |> Array.map port |> List.ofArray
                Explained = made |> Result.toOption |> Option.map snd
                Operators = counted nodes
                Parameters =
                    graph.Initializers
                    |> Array.filter (fun tensor -> DataType.kind tensor.DataType = ElementKind.Floating)
                    |> Array.sumBy (fun tensor -> tensor.Dims |> Array.fold (*) 1L)
                Kinks = nodes |> Seq.filter hasKinks |> counted
                Warnings = imported.Warnings
                Problems =
                    match made with
                    | Ok _ -> []
                    | Error problems -> problems
            })

    /// The same, explained by default.
    let inspect (path: string) : Result<Inspection, ImportProblem list> = inspectFor defaults path
