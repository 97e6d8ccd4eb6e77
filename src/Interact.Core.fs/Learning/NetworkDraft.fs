namespace Interact.Core.Learning

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Interact.Core
open Interact.Core.Onnx

/// A named array of a network.
[<NoComparison>]
type Parameter = {
    /// The layer's name and the parameter's own: "dense1.weight".
    Name: string
    Shape: int[]
    /// Whether training changes it by its gradient; statistics of normalisations are kept otherwise.
    IsTrained: bool
    /// Whether the network's outputs in use depend on it; the spread of a variational layer's weights counts in training only.
    IsUsed: bool
    /// Row-major.
    Values: float[]
}

/// Applying ONNX's operators to values by name.
module internal Operators =

    /// The operator set that networks are written in.
    let version = 17L

    let unlimited = {
        Bytes = Int64.MaxValue
        Messages = Int32.MaxValue
        Depth = 64
        Graphs = Int32.MaxValue
        Nodes = Int32.MaxValue
        Rank = 32
        Elements = int64 Array.MaxLength
        Memory = Int64.MaxValue
        Amplification = 1.0
        Time = TimeSpan.MaxValue
    }

    let createImport functions = GraphImport.create (ImportMeter(unlimited, 0L)) functions
    let createScope () = GraphImport.scope [| { Domain = ""; Version = version } |]

    /// Applies one operator; its results have names in the scope afterwards.
    /// Error: ArgumentException where it cannot be applied.
    let apply (import: Import) (scope: Scope) (node: NodeProto) =
        GraphImport.importNode import scope node

        if import.Problems.Count > 0 then
            let text = import.Problems |> Seq.map string |> String.concat " "
            // What is advised for files of others makes no sense for layers.
            let text = text.Replace("; export the model again", "").TrimEnd '.'
            Checks.invalid "layers" $"{text}; change the layer or what comes before it."

    /// The node behind a name.
    let find (scope: Scope) name : Node = scope.Values[name].Value.Node

/// A network while it is put together: layers add operators and parameters to it. Every value has the examples of a batch along its
/// first axis.
[<Sealed>]
type NetworkDraft internal (seed: int, input: string, example: Shape) =

    let import = Operators.createImport [||]
    let scope = Operators.createScope ()
    let nodes = List<NodeProto>()
    let constants = List<TensorProto>()
    let parameters = List<Parameter>()
    let rules = Dictionary<string, TrainingRule>()
    let counts = Dictionary<string, int>()
    let names = HashSet<string>([ input ])
    // What the user calls the next layer, and the layers that it lies in, each followed by a point.
    let mutable given: string option = None
    let mutable prefix = ""

    let claim name =
        Checks.require (names.Add name) "layers" (fun () ->
            $"two layers are called {Quote.name name}; give one of them another name.")

        name

    let define name node = scope.Values[name] <- Some(Value.real node)

    do define input (Node.input input (Array.append [| 1 |] example))

    member internal _.Nodes = nodes
    member internal _.Constants = constants
    member internal _.Parameters = parameters
    member internal _.Rules = rules

    member internal _.HasName(name: string) = names.Contains name

    /// The shape of a value without the axis of the examples.
    member _.ShapeOf(value: string) : int[] = (Operators.find scope value).Shape[1..]

    /// The layer's name: the one it was given, or else one that no other layer has: "dense1", "dense2", …
    member _.NewName(kind: string) : string =
        match given with
        | Some name ->
            given <- None
            prefix <- $"{name}."
            claim name
        | None ->
            let first = $"{prefix}{kind}"

            let rec next count =
                let name = $"{first}{count}"

                if names.Add name then
                    counts[first] <- count
                    name
                else
                    next (count + 1)

            next (1 + counts.GetValueOrDefault(first, 0))

    /// Adds layers of which the first to ask for a name gets this one; the names of those inside it begin with it.
    member internal _.Named(name: string, add: unit -> string) : string =
        let outer = prefix
        given <- Some $"{prefix}{name}"

        try
            add ()
        finally
            given <- None
            prefix <- outer

    /// Adds layers that have no one of them to bear the name that was given: the names of all begin with it.
    member internal _.Several(add: unit -> string) : string =
        given |> Option.iter (fun name -> prefix <- $"{claim name}.")
        given <- None
        add ()

    member private _.Add(parameter: Parameter) =
        Checks.require (parameters.TrueForAll(fun other -> other.Name <> parameter.Name)) "name" (fun () ->
            $"there is a parameter '{parameter.Name}' already.")

        parameters.Add parameter
        if parameter.IsUsed then define parameter.Name (Node.input parameter.Name parameter.Shape)
        parameter.Name

    member private _.Draw(name: string, shape: int[], fanIn, fanOut, initializer) =
        let elements = shape |> Array.fold (fun product size -> product * float size) 1.0

        Checks.require (elements <= float System.Array.MaxLength) "layers" (fun () ->
            $"the parameter {Quote.name name} would have {Shape.describe shape} elements; make the layer or the one before it smaller.")

        // Every parameter has random numbers of its own, whatever comes before it.
        let stream = RandomStream.Of(seed, -1 - parameters.Count)
        Initializer.draw stream (max 1 fanIn) (max 1 fanOut) shape initializer

    /// A trained parameter, and its name as an operand of operators.
    member draft.Parameter(name: string, shape: int[], fanIn: int, fanOut: int, initializer: Initializer) : string =
        let values = draft.Draw(name, shape, fanIn, fanOut, initializer)
        draft.Add { Name = name; Shape = shape; IsTrained = true; IsUsed = true; Values = values }

    /// A trained parameter that counts in training only.
    member internal draft.TrainingParameter(name: string, shape: int[], initializer: Initializer) : string =
        let values = draft.Draw(name, shape, 1, 1, initializer)
        draft.Add { Name = name; Shape = shape; IsTrained = true; IsUsed = false; Values = values }

    /// Numbers that are no subject of training, and their name as an operand of operators.
    member draft.Fixed(name: string, shape: int[], values: float[]) : string =
        Checks.length (nameof values) (Shape.size shape) values
        draft.Add { Name = name; Shape = shape; IsTrained = false; IsUsed = true; Values = Array.copy values }

    /// A list of integers as an operand of operators, such as a shape.
    member _.Integers(name: string, values: int64[]) : string =
        let tensor = {
            Name = name
            DataType = DataType.Int64
            Dims = [| int64 values.Length |]
            Content = TensorContent.Int64s values
        }

        constants.Add tensor
        scope.Values[name] <- Some(Value.ofIntegers [| values.Length |] values)
        name

    /// Applies an operator of ONNX (operator set 17) to values and parameters; the name of its first result.
    /// Error: ArgumentException where there is no such operator or it does not fit its operands.
    member _.Apply(operator: string, name: string, inputs: string list, attributes: (string * AttributeValue) list) =
        let node = {
            Name = name
            OpType = operator
            Domain = ""
            Inputs = Array.ofList inputs
            Outputs = [| name |]
            Attributes = [| for key, value in attributes -> { AttributeProto.Name = key; Value = value } |]
        }

        Operators.apply import scope node

        nodes.Add node
        name

    /// What takes the place of the node of that name in training.
    member internal _.InTraining(name: string, rule: TrainingRule) = rules[name] <- rule
