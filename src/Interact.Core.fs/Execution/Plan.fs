namespace Interact.Core.Execution

open System.Collections.Concurrent
open System.Collections.Generic
open Interact.Core

/// One step of a schedule: the slot it writes, the slots it reads, and the loops.
[<NoEquality; NoComparison>]
type internal Scheduled = { Target: int; Sources: int[]; Step: Steps.Step }

/// A graph made ready to run: an order of steps, with what depends on no input computed once. Runs on any number of threads at once.
[<Sealed>]
type Plan
    private (inputs: (string * int * int)[], outputs: int[], constants: float[][], sizes: int[], schedule: Scheduled[])
    =

    let workspaces = ConcurrentBag<float[][]>()

    let createWorkspace () =
        let arrays = Array.copy constants

        for step in schedule do
            arrays[step.Target] <- Array.zeroCreate sizes[step.Target]

        arrays

    /// The plan that computes the outputs from the inputs. Error: ArgumentException where an output needs another input.
    static member Compile(inputs: Node list, outputs: Node list) : Plan =
        let nodes = Graph.nodes (inputs @ outputs)
        let slots = Dictionary<Node, int>(HashIdentity.Reference)
        nodes |> Array.iteri (fun slot node -> slots[node] <- slot)
        let isInput = HashSet<Node>(inputs, HashIdentity.Reference)
        let varies = HashSet<Node>(Graph.dependents inputs (inputs @ outputs), HashIdentity.Reference)
        let constants = Array.create<float[]> nodes.Length [||]
        let schedule = ResizeArray<Scheduled>()

        for node in nodes do
            let target = slots[node]
            let sources = node.Operands |> Array.map (fun operand -> slots[operand])

            match node.Primitive with
            | _ when isInput.Contains node -> ()
            | Input name -> Checks.invalid (nameof inputs) $"the graph needs '{name}', which is not among the inputs."
            | _ when varies.Contains node ->
                schedule.Add { Target = target; Sources = sources; Step = Steps.create node }
            | _ ->
                constants[target] <- Array.zeroCreate node.Size
                Steps.create node (sources |> Array.map (fun source -> constants[source])) constants[target]

        Plan(
            [| for input in inputs -> Primitive.name input.Primitive, slots[input], input.Size |],
            [| for output in outputs -> slots[output] |],
            constants,
            nodes |> Array.map _.Size,
            schedule.ToArray()
        )

    /// The values of the outputs for values of the inputs, in the order in which they were given to Compile.
    /// Error: ArgumentException where a value has not the size of its input.
    member _.Run(values: float[][]) : float[][] =
        Checks.length (nameof values) inputs.Length values

        let arrays =
            match workspaces.TryTake() with
            | true, known -> known
            | false, _ -> createWorkspace ()

        Array.iter2
            (fun (name, slot, size) (value: float[]) ->
                Checks.length name size value
                arrays[slot] <- value)
            inputs
            values

        for step in schedule do
            step.Step (step.Sources |> Array.map (fun source -> arrays[source])) arrays[step.Target]

        let results = outputs |> Array.map (fun slot -> Array.copy arrays[slot])
        workspaces.Add arrays
        results

/// Running graphs.
[<RequireQualifiedAccess>]
module Run =

    /// The values of nodes that depend on no input.
    let constant (node: Node) : float[] = Plan.Compile([], [ node ]).Run([||]).[0]

    /// The values of the outputs for one set of values of the inputs.
    let once (inputs: (Node * float[]) list) (outputs: Node list) : float[][] =
        let plan = Plan.Compile(List.map fst inputs, outputs)
        inputs |> Seq.map snd |> Array.ofSeq |> plan.Run
