namespace Interact.Core.Learning

open System.Collections.Generic
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Data

/// Examples to learn from.
[<NoComparison>]
type TrainingData = {
    /// Each example's elements, row-major.
    Inputs: float[][]
    /// Each example's target, see the loss.
    Targets: float[][]
    /// How much each example counts; None where all count alike.
    Weights: float[] option
} with

    /// Number of examples.
    member this.Count = this.Inputs.Length

/// Making training data.
[<RequireQualifiedAccess>]
module TrainingData =

    /// Examples that all count alike, each with a target of one or more numbers.
    let create (inputs: float[][]) (targets: float[][]) : TrainingData = {
        Inputs = inputs
        Targets = targets
        Weights = None
    }

    /// Examples that all count alike, each with a target of one number: a value or the number of a class.
    let ofNumbers (inputs: float[][]) (targets: float[]) : TrainingData =
        create inputs (targets |> Array.map Array.singleton)

    /// The rows of a table (CSV, JSON, NPY or NPZ): the columns of the given names are the targets, the others the inputs.
    /// Error: ArgumentException where the table has no column of such a name, or no other column.
    let ofTable (targets: string list) (table: Table) : TrainingData =
        let names = table.Columns |> Option.defaultValue [||]

        let places =
            targets
            |> List.map (fun target ->
                match Array.tryFindIndex ((=) target) names with
                | Some place -> place
                | None when names.Length = 0 ->
                    Checks.invalid (nameof targets) $"{table.Source} has no names of columns; add a header."
                | None -> Checks.invalid (nameof targets) $"{table.Source} has no column '{target}'.")

        let others =
            [| 0 .. table.ColumnCount - 1 |] |> Array.filter (fun column -> not (List.contains column places))

        Checks.require (others.Length > 0) (nameof targets) (fun () ->
            $"every column of {table.Source} is a target; inputs are needed too.")

        let pick (columns: int seq) = table.Rows |> Array.map (fun row -> [| for column in columns -> row[column] |])
        create (pick others) (pick places)

    /// Ids of embeddings must lie in their tables.
    let private checkLookups (name: string) (network: Network) (data: TrainingData) =
        let batch = Node.input network.Input (Array.append [| 1 |] network.InputShape)
        let parameters = Dictionary<string, Node>()

        for parameter in network.Parameters do
            parameters[parameter.Name] <- Node.input parameter.Name parameter.Shape

        let isFree (node: Node) =
            match node.Primitive with
            | Input _ -> not (obj.ReferenceEquals(node, batch))
            | _ -> false

        let dependsOnParameters (node: Node) = Graph.nodes [ node ] |> Array.exists isFree

        let lookups =
            Graph.nodes [ network.Graph(parameters, batch, None) ]
            |> Array.choose Lookup.tryFind
            |> Array.distinct
            |> Array.filter (fun lookup -> not (dependsOnParameters lookup.Indices))

        if lookups.Length > 0 then
            let plan = Plan.Compile([ batch ], [ for lookup in lookups -> lookup.Indices ])

            for row in 0 .. data.Count - 1 do
                Array.iter2
                    (fun lookup (ids: float[]) ->
                        Lookup.tryOutside lookup ids
                        |> Option.iter (fun place ->
                            Checks.invalid
                                $"{name}.Inputs[{row}]"
                                $"{name}.Inputs[{row}] holds {ids[place]}, which is looked up in a table of {lookup.Size}; {Lookup.mend lookup}."))
                    lookups
                    (plan.Run [| data.Inputs[row] |])

    /// Error: ArgumentException for data that do not fit the network or its loss; it names the row, counted from 0.
    let internal check (name: string) (network: Network) (loss: Loss) (data: TrainingData) =
        let elements = Shape.size network.InputShape
        let outputs = Shape.size network.OutputShape
        let targets = loss.TargetSize outputs
        Checks.require (data.Count > 0) name (fun () -> $"{name} has no examples.")

        Checks.require (data.Targets.Length = data.Count) name (fun () ->
            $"{name} has {data.Count} examples and {data.Targets.Length} targets; one for each is needed.")

        for row in 0 .. data.Count - 1 do
            Checks.length $"{name}.Inputs[{row}]" elements data.Inputs[row]
            Checks.finite $"{name}.Inputs[{row}]" data.Inputs[row]
            Checks.length $"{name}.Targets[{row}]" targets data.Targets[row]
            Checks.finite $"{name}.Targets[{row}]" data.Targets[row]

            loss.WhyNotTarget outputs data.Targets[row]
            |> Option.iter (fun why -> Checks.invalid $"{name}.Targets[{row}]" $"{name}.Targets[{row}]: {why}.")

        checkLookups name network data

        data.Weights
        |> Option.iter (fun weights ->
            Checks.length $"{name}.Weights" data.Count weights
            Checks.finite $"{name}.Weights" weights

            match weights |> Array.tryFindIndex (fun weight -> weight < 0.0) with
            | Some row ->
                Checks.invalid $"{name}.Weights" $"{name}.Weights[{row}] is {weights[row]}; weights are not negative."
            | None -> ()

            Checks.require (Array.exists (fun weight -> weight > 0.0) weights) $"{name}.Weights" (fun () ->
                $"{name}.Weights are all 0; one at least must count."))

    /// The weight of a row.
    let internal weight (data: TrainingData) row =
        match data.Weights with
        | Some weights -> weights[row]
        | None -> 1.0
