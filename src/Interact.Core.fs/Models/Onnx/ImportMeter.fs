namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open System.Diagnostics
open Interact.Core

/// Raised where a file as a whole asks for too much: nothing more of it is imported. Only the importer catches it.
type internal ImportLimitException(message: string) =
    inherit Exception(message)

/// What an import has used of its limits. fileBytes: the length of the model's files.
[<Sealed>]
type internal ImportMeter(limits: ImportLimits, fileBytes: int64) =

    let started = Stopwatch.StartNew()
    let allowedFor bytes = max (float limits.Memory) (limits.Amplification * bytes)
    let allowedConstants = allowedFor (float fileBytes)
    // Values of one example may grow with the example.
    let mutable allowed = allowedConstants
    let mutable nodes = 0
    let mutable depth = 0
    let mutable held = 0.0
    let varying = HashSet<Node>(HashIdentity.Reference)

    let stop message : 'T = raise (ImportLimitException message)

    let hold bytes =
        held <- held + bytes

        if held > allowedConstants then
            stop
                $"what is computed from constants takes more than {ImportLimits.describeBytes allowedConstants} up to here; export a smaller model, or raise ImportLimits.Memory"

    member _.Limits = limits

    /// Counts nodes, turns of a loop or gates of a recurrent layer's step that are about to be imported.
    member _.Enter(count: int) =
        nodes <- nodes + count

        if nodes > limits.Nodes then
            stop
                $"the model has more than {limits.Nodes} nodes, those of functions and loops counted each time; export a smaller model, or raise ImportLimits.Nodes"

        if started.Elapsed > limits.Time then
            stop
                $"the import takes longer than {limits.Time.TotalSeconds} s up to here; export a smaller model, or raise ImportLimits.Time"

    /// Imports what stands inside something else: a branch, the body of a loop, a function.
    member _.Inside(import: unit -> 'T) : 'T =
        depth <- depth + 1

        if depth > limits.Depth then
            stop
                $"graphs and functions are nested more than {limits.Depth} deep here; export the model without functions that call themselves"

        try
            import ()
        finally
            depth <- depth - 1

    /// Why so many elements are more than a value may have, None where they are not.
    member _.WhyTooMany(elements: float, describe: unit -> string) : string option =
        if elements > float limits.Elements then
            Some
                $"it has {describe ()} elements, more than {limits.Elements}; export a smaller model, or raise ImportLimits.Elements"
        elif 8.0 * elements > allowed then
            Some
                $"it has {describe ()} elements, which take {ImportLimits.describeBytes (8.0 * elements)}, more than {ImportLimits.describeBytes allowed}; export a smaller model, or raise ImportLimits.Memory"
        else
            None

    /// Why a value of this shape is more than may be asked for, None where it is not.
    member meter.WhyTooLarge(shape: Shape) : string option =
        if shape.Length > limits.Rank then
            Some $"it has {shape.Length} axes, more than {limits.Rank}; export the model with fewer"
        else
            // Where one size is 0 the others may not be anything either: products of some of them are taken.
            let elements = shape |> Array.fold (fun product size -> product * float (max 1 size)) 1.0

            meter.WhyTooMany(
                elements,
                fun () -> if shape.Length > 8 then $"{shape.Length} axes" else Shape.describe shape
            )

    /// Notes that a value varies with the model's input.
    member _.Vary(node: Node) = varying.Add node |> ignore

    /// Notes that a value is an input of the model.
    member _.AddInput(input: Node) =
        varying.Add input |> ignore
        allowed <- max allowed (allowedFor (float fileBytes + 8.0 * float input.Size))

    /// Counts what nodes hold, operands before users: indices, and the values of those that depend on no input.
    member _.AddNodes(nodes: Node seq) =
        for node in nodes do
            match node.Primitive with
            | Input _ -> varying.Add node |> ignore
            | Constant(Dense values) -> hold (8.0 * float values.Length)
            | Constant _ -> ()
            | Structural(Gather(_, indices))
            | Structural(Scatter(_, indices, _)) -> hold (4.0 * float indices.Length)
            | Structural _
            | Elementwise _
            | Contract _
            | Maximum _
            | Concat _ -> ()

            if node.Operands |> Array.exists varying.Contains then varying.Add node |> ignore
            elif node.Operands.Length > 0 then hold (8.0 * float node.Size)

    /// Why one evaluation of the output takes more memory than may be asked for, None where it does not. Values that only rearrange
    /// others count nothing.
    member _.WhyTooWide(inputs: Node list, output: Node) : string option =
        let nodes = Graph.dependents inputs [ output ]
        let lastUse = Dictionary<Node, int>(HashIdentity.Reference)

        nodes
        |> Array.iteri (fun i node ->
            lastUse[node] <- i

            for operand in node.Operands do
                if lastUse.ContainsKey operand then lastUse[operand] <- i)

        let bytes (node: Node) =
            match node.Primitive with
            | Input _
            | Constant _
            | Structural(Reshape _ | Transpose _ | Broadcast _ | Gather _) -> 0.0
            | Structural(Sum _ | Scatter _)
            | Elementwise _
            | Contract _
            | Maximum _
            | Concat _ -> 8.0 * float node.Size

        let mutable live = 0.0
        let mutable most = 0.0

        nodes
        |> Array.iteri (fun i node ->
            live <- live + bytes node
            most <- max most live

            for operand in Array.distinct node.Operands do
                match lastUse.TryGetValue operand with
                | true, last when last = i -> live <- live - bytes operand
                | _ -> ())

        // A few values at a time are what any network needs.
        if most > 4.0 * allowed then
            Some
                $"one evaluation takes {ImportLimits.describeBytes most}, more than {ImportLimits.describeBytes (4.0 * allowed)}; export a smaller model, or raise ImportLimits.Memory"
        else
            None
