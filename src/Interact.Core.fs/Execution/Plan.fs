namespace Interact.Core.Execution

open System
open System.Collections.Generic
open System.Diagnostics
open Interact.Core

/// What one worker needs to run a plan: addresses, and steps of its own.
[<Sealed>]
type internal Workspace(bound: BoundStep[], addresses: nativeint[], team: Team) =
    inherit DividedWork()

    member val Current = -1 with get, set
    member val Parts = 1 with get, set
    member val Scratch = 0n with get, set
    member _.Addresses = addresses
    member _.Bound = bound
    member _.Team = team
    override this.Run part = bound[this.Current].Run(addresses, this.Scratch, part, this.Parts)

/// Time spent in one step of a plan.
type StepTime = { Step: string; Seconds: float; MultiplyAdds: float }

/// A graph made ready to run: steps in order, with what depends on no input computed once, and a place for every value in one arena.
/// Runs on any number of threads at once; a run allocates nothing but its results.
[<Sealed>]
type Plan
    private
    (
        precision: Precision,
        threads: int,
        lowered: Lowered,
        names: string[],
        parts: int[],
        places: int64[],
        arenaSize: int64,
        sizeOnOneThread: int64
    ) =

    let bytes = int64 (Precision.size precision)
    let steps = lowered.Steps
    let buffers = lowered.Sizes.Length
    let workspaces = Stack<Workspace>()
    let outputSizes = lowered.Outputs |> Array.map (fun view -> Shape.size view.Shape)

    let createWorkspace () =
        let addresses = Array.zeroCreate<nativeint> buffers

        lowered.Constants
        |> Array.iteri (fun buffer constant ->
            match constant with
            | Some constant -> addresses[buffer] <- constant.Address
            | None -> ())

        Workspace(steps |> Array.map _.Bind(), addresses, Team threads)

    let rentWorkspace () =
        lock workspaces (fun () ->
            match workspaces.TryPop() with
            | true, known -> ValueSome known
            | false, _ -> ValueNone)
        |> ValueOption.defaultWith createWorkspace

    let at (arena: NumberBuffer) (place: int64) = arena.Address + nativeint (place * bytes)

    /// Gives every buffer its address.
    let place (workspace: Workspace) (arena: NumberBuffer) =
        for buffer in 0 .. buffers - 1 do
            if lowered.Constants[buffer].IsNone then workspace.Addresses[buffer] <- at arena places[buffer]

    /// Gives every buffer its address, and the inputs their values.
    let enter (workspace: Workspace) (arena: NumberBuffer) (values: float[][]) =
        place workspace arena

        for i in 0 .. values.Length - 1 do
            NumberMemory.write precision values[i] workspace.Addresses[lowered.Inputs[i]]

    /// Buffers that one output fills, and nothing else: they may stand anywhere.
    let ownBuffers =
        lazy
            (let others = HashSet<int>(lowered.Inputs)

             lowered.Outputs
             |> Array.map (fun view ->
                 lowered.Constants[view.Buffer].IsNone
                 && view.Offset = 0
                 && lowered.Sizes[view.Buffer] = Shape.size view.Shape
                 && others.Add view.Buffer))

    /// Gives the inputs after the first ones the addresses of what is kept, and the outputs after the first ones those of what comes of it.
    let enterKept (workspace: Workspace) (kept: NumberBuffer[]) (renewed: NumberBuffer[]) =
        let firstInput = lowered.Inputs.Length - kept.Length
        let firstOutput = lowered.Outputs.Length - renewed.Length

        for i in 0 .. kept.Length - 1 do
            workspace.Addresses[lowered.Inputs[firstInput + i]] <- kept[i].Address

        for i in 0 .. renewed.Length - 1 do
            if ownBuffers.Value[firstOutput + i] then
                workspace.Addresses[lowered.Outputs[firstOutput + i].Buffer] <- renewed[i].Address

    let addressOf (workspace: Workspace) output =
        let view = lowered.Outputs[output]
        workspace.Addresses[view.Buffer] + nativeint (int64 view.Offset * bytes)

    let leaveKept (workspace: Workspace) (renewed: NumberBuffer[]) =
        let firstOutput = lowered.Outputs.Length - renewed.Length

        for i in 0 .. renewed.Length - 1 do
            if not ownBuffers.Value[firstOutput + i] then
                let address = addressOf workspace (firstOutput + i)
                NumberMemory.copy precision address renewed[i].Address renewed[i].Length

    let runStep (workspace: Workspace) (arena: NumberBuffer) i =
        workspace.Current <- i
        workspace.Parts <- parts[i]
        workspace.Scratch <- at arena places[buffers + i]
        workspace.Bound[i].Prepare workspace.Addresses
        workspace.Team.Run(workspace, parts[i])

    let runSteps workspace arena =
        for i in 0 .. steps.Length - 1 do
            runStep workspace arena i

    let leave (workspace: Workspace) (results: float[][]) =
        for i in 0 .. results.Length - 1 do
            NumberMemory.read precision (addressOf workspace i) results[i]

    /// Moves pieces that lie one after the other from an address.
    let inPieces (move: nativeint -> float[] -> unit) (address: nativeint) (pieces: float[][]) =
        let mutable address = address

        for piece in pieces do
            move address piece
            address <- address + nativeint (int64 piece.Length * bytes)

    let giveBack workspace arena =
        Arenas.giveBack arena
        lock workspaces (fun () -> workspaces.Push workspace)

    let check (values: float[][]) =
        Checks.length (nameof values) names.Length values

        for i in 0 .. names.Length - 1 do
            Checks.length names[i] lowered.Sizes[lowered.Inputs[i]] values[i]

    static let multiplyAdds (step: Step) =
        match step with
        | :? ContractStep as product -> product.MultiplyAdds
        | :? LaneStep as product -> product.MultiplyAdds
        | _ -> 0.0

    /// Work of a part below which dividing does not pay, in nanoseconds.
    static let smallestPart = 20_000.0

    /// The plan that computes the outputs from the inputs.
    ///
    /// threads: how many work on one run. Error: ArgumentException where an output needs another input.
    static member Compile(inputs: Node list, outputs: Node list, precision: Precision, threads: int) : Plan =
        Plan.Compile(Engine.best precision, inputs, outputs, threads)

    /// The plan that computes the outputs from the inputs in double precision on one thread.
    /// Error: ArgumentException where an output needs another input.
    static member Compile(inputs: Node list, outputs: Node list) : Plan =
        Plan.Compile(inputs, outputs, Precision.Double, 1)

    static member internal Compile(engine: Engine, inputs: Node list, outputs: Node list, threads: int) : Plan =
        Plan.Compile(engine, [], inputs, outputs, threads)

    /// lanes: the inputs that have them, all as many, and the axis of each along which they lie.
    static member internal Compile
        (engine: Engine, lanes: (Node * int) list, inputs: Node list, outputs: Node list, threads: int)
        : Plan =
        Checks.within (nameof threads) 1 1024 threads

        let laneAxis =
            match lanes with
            | (node, axis) :: _ -> Lanes.find lanes node.Shape[axis] outputs
            | [] -> fun _ -> None

        let lowered = Lowering.lower engine Plan.Evaluate laneAxis inputs outputs
        let steps = lowered.Steps

        let parts =
            steps
            |> Array.map (fun step ->
                if step.IsDivisible then step.Work / smallestPart |> min (float threads) |> int |> max 1 else 1)

        let places, total = Layout.ofSteps engine.Precision lowered parts
        let names = [| for input in inputs -> Primitive.name input.Primitive |]

        let onOneThread =
            if Array.forall ((=) 1) parts then
                total
            else
                steps |> Array.map (fun _ -> 1) |> Layout.ofSteps engine.Precision lowered |> snd

        Plan(engine.Precision, threads, lowered, names, parts, places, total, onOneThread)

    /// The value of a node that depends on no input.
    static member private Evaluate(node: Node) : float[] =
        let leaves =
            Graph.nodes [ node ]
            |> Array.choose (fun node ->
                match node.Primitive with
                | Constant literal -> Some(node, literal)
                | _ -> None)
            |> List.ofArray

        let inputs = leaves |> List.map (fun (leaf, _) -> Node.input "constant" leaf.Shape)
        let substituted = Graph.substitute (List.zip (List.map fst leaves) inputs) [ node ]
        let values = [| for leaf, literal in leaves -> Primitive.literal leaf.Shape literal |]
        Plan.Compile(inputs, substituted).Run(values).[0]

    /// Bytes that one run needs beside the constants.
    member _.MemoryPerRun = arenaSize * bytes

    /// Numbers of elements of the inputs.
    member internal _.InputSizes = lowered.Inputs |> Array.map (fun buffer -> lowered.Sizes[buffer])

    /// Bytes that it would need on one thread: what depends on the graph alone.
    member _.MemoryOnOneThread = sizeOnOneThread * bytes

    /// Multiply-adds of one run's matrix products, those that symmetry saves not counted.
    member _.MultiplyAdds = steps |> Array.sumBy multiplyAdds

    /// Computes the outputs into given arrays. Nothing is allocated, once as many runs have been under way at one time before.
    /// Error: ArgumentException where a value or result has not the size of its input or output.
    member _.Run(values: float[][], results: float[][]) : unit =
        check values
        Checks.length (nameof results) outputSizes.Length results

        for i in 0 .. results.Length - 1 do
            Checks.length (nameof results) outputSizes[i] results[i]

        let workspace = rentWorkspace ()
        let arena = Arenas.rent precision arenaSize

        try
            enter workspace arena values

            runSteps workspace arena
            leave workspace results
        finally
            giveBack workspace arena

    /// The same with every value, and every result, in pieces that make it up one after the other; results may be wanted of the first
    /// pieces only. Nothing is copied together that would have to be divided again.
    ///
    /// Error: ArgumentException where a value's pieces have not the size of its input, or a result's are larger than its output.
    member internal _.RunInPieces(values: float[][][], results: float[][][]) : unit =
        let size (pieces: float[][]) = pieces |> Array.sumBy _.Length
        Checks.length (nameof values) names.Length values
        Checks.length (nameof results) outputSizes.Length results

        for i in 0 .. names.Length - 1 do
            let given, wanted = size values[i], lowered.Sizes[lowered.Inputs[i]]
            Checks.require (given = wanted) names[i] (fun () -> $"it has {given} elements; {wanted} are needed.")

        for i in 0 .. results.Length - 1 do
            let wanted, given = size results[i], outputSizes[i]

            Checks.require (wanted <= given) (nameof results) (fun () ->
                $"{wanted} elements of output {i} are wanted, which has {given}.")

        let workspace = rentWorkspace ()
        let arena = Arenas.rent precision arenaSize

        try
            place workspace arena

            for i in 0 .. values.Length - 1 do
                let write address piece = NumberMemory.write precision piece address
                inPieces write workspace.Addresses[lowered.Inputs[i]] values[i]

            runSteps workspace arena

            for i in 0 .. results.Length - 1 do
                inPieces (NumberMemory.read precision) (addressOf workspace i) results[i]
        finally
            giveBack workspace arena

    /// Sizes of the outputs, in their order.
    member internal _.OutputSizes = outputSizes

    /// The values of the outputs for values of the inputs, in the order in which they were given to Compile.
    /// Error: ArgumentException where a value has not the size of its input.
    member this.Run(values: float[][]) : float[][] =
        let results = outputSizes |> Array.map Array.zeroCreate
        this.Run(values, results)
        results

    /// Computes outputs from values, and from what is kept in memory between runs.
    ///
    /// values and results: of the first inputs and outputs. kept: the values of the inputs after these. renewed: where the outputs after
    /// these go; none of them is among the kept. Both are of the plan's precision.
    member internal _.Run(values: float[][], kept: NumberBuffer[], results: float[][], renewed: NumberBuffer[]) : unit =
        Checks.length (nameof values) (lowered.Inputs.Length - kept.Length) values
        Checks.length (nameof results) (lowered.Outputs.Length - renewed.Length) results

        for i in 0 .. values.Length - 1 do
            Checks.length names[i] lowered.Sizes[lowered.Inputs[i]] values[i]

        let workspace = rentWorkspace ()
        let arena = Arenas.rent precision arenaSize

        try
            enter workspace arena values
            enterKept workspace kept renewed

            runSteps workspace arena
            leave workspace results
            leaveKept workspace renewed
            GC.KeepAlive kept
            GC.KeepAlive renewed
        finally
            giveBack workspace arena

    /// How long each step of a run takes.
    member _.Profile(values: float[][]) : StepTime[] =
        check values
        let workspace = rentWorkspace ()
        let arena = Arenas.rent precision arenaSize

        try
            enter workspace arena values

            [|
                for i in 0 .. steps.Length - 1 do
                    let start = Stopwatch.GetTimestamp()
                    runStep workspace arena i

                    {
                        Step = steps[i].Describe
                        Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds
                        MultiplyAdds = multiplyAdds steps[i]
                    }
            |]
        finally
            giveBack workspace arena

/// Running graphs.
[<RequireQualifiedAccess>]
module Run =

    /// The values of nodes that depend on no input.
    let constant (node: Node) : float[] = Plan.Compile([], [ node ]).Run([||]).[0]

    /// The values of the outputs for one set of values of the inputs.
    let once (inputs: (Node * float[]) list) (outputs: Node list) : float[][] =
        let plan = Plan.Compile(List.map fst inputs, outputs)
        inputs |> Seq.map snd |> Array.ofSeq |> plan.Run
