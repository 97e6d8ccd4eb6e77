namespace Interact.Core.Learning

open System
open System.Collections.Generic
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Transform

/// Arrays in memory of a precision, from one step to the next. What a step makes of them goes to a second copy, which then takes the
/// place of the first.
[<Sealed>]
type internal KeptArrays(precision: Precision, initial: float[][]) =

    let current = initial |> Array.map (NumberMemory.buffer precision)
    let next = initial |> Array.map (fun values -> NumberBuffer(precision, int64 values.Length))

    member _.Current = current
    member _.Next = next

    /// Lets the second copy of some arrays take the place of the first.
    member _.Renew(renewed: int[]) =
        for i in renewed do
            let old = current[i]
            current[i] <- next[i]
            next[i] <- old

    /// The elements as doubles.
    member _.Read(i: int) : float[] =
        let values = Array.zeroCreate (int current[i].Length)
        NumberMemory.read precision current[i].Address values
        GC.KeepAlive current[i]
        values

/// What a training step is compiled from.
[<NoEquality; NoComparison>]
type internal StepSettings = {
    Loss: Loss
    Penalties: Penalty list
    Optimizer: Optimizer
    /// Largest Euclidean norm of the gradient by all parameters, if there is one.
    GradientNorm: float option
    /// Number of examples in a step.
    Batch: int
    /// Number of all examples that are learned from.
    TotalExamples: int
    Precision: Precision
    Threads: int
}

/// The parts of a step's graph.
[<RequireQualifiedAccess>]
module private StepGraph =

    /// The mean loss of a batch, by the weights of its examples.
    let loss (loss: Loss) (outputs: Tensor) (targets: Tensor) (weights: Tensor) : Tensor =
        let losses = loss.OfExamples outputs targets

        Checks.require (losses.Shape = weights.Shape) "Loss" (fun () ->
            $"the loss {loss.Name} gives shape {Shape.describe losses.Shape} for {weights.Shape[0]} examples; one number for each is needed.")

        Tensor.dot losses weights

    /// The value of a penalty, not yet multiplied by its weight.
    let penalty (context: PenaltyContext) (penalty: Penalty) : Tensor =
        let value = penalty.Build context

        Checks.require (value.Node.Size = 1) "Penalties" (fun () ->
            $"the penalty {penalty.Name} has shape {Shape.describe value.Shape}; a scalar is needed.")

        Tensor.reshape [||] value

    /// Gradients by parameters, zeros by those that the total does not depend on.
    let gradients (total: Tensor) (parameters: Node list) : Tensor list =
        let cotangent = Vjp.cotangents parameters total.Node (Node.scalar 1.0)

        parameters
        |> List.map (fun node -> cotangent node |> Option.defaultWith (fun () -> Node.fill node.Shape 0.0) |> Tensor)

    /// Gradients scaled down together where their Euclidean norm exceeds the largest.
    let clipped (largest: float) (gradients: Tensor list) : Tensor list =
        let square = gradients |> List.map (fun gradient -> Tensor.sum (gradient * gradient)) |> List.reduce (+)
        let scale = Tensor.min (Tensor.scalar 1.0) (largest / sqrt (square + 1e-30))
        gradients |> List.map (fun gradient -> scale * gradient)

    /// A parameter and its moments after the optimizer's update.
    let updated (optimizer: Optimizer) (factors: Tensor list) (node: Node) (gradient: Tensor) (moments: Node list) =
        let parameter, moments = optimizer.Update factors (Tensor node) gradient (moments |> List.map Tensor)
        let whole (tensor: Tensor) = tensor.Node |> Node.broadcast node.Shape
        whole parameter, moments |> List.map whole

/// One step of training as a compiled graph: loss, penalties, gradients by all parameters, and the optimizer's update.
[<Sealed>]
type internal TrainingStep
    private
    (
        network: Network,
        settings: StepSettings,
        plan: Plan,
        drawn: struct (Node * StepValue)[],
        terms: string[],
        kept: KeptArrays,
        renewed: int[]
    ) =

    let elements = Shape.size network.InputShape
    let drawnValues = drawn |> Array.map (fun struct (node, _) -> Array.zeroCreate<float> node.Size)
    let results = terms |> Array.map (fun _ -> [| 0.0 |])
    let renewedBuffers = renewed |> Array.map (fun i -> kept.Next[i])

    /// Compiles a step that begins at the network's parameters.
    ///
    /// moments: of each trained parameter in turn, or none at the start of training.
    static member Compile(network: Network, settings: StepSettings, moments: float[][] option) : TrainingStep =
        let named =
            network.Parameters
            |> Seq.map (fun parameter -> parameter, Node.input parameter.Name parameter.Shape)
            |> Array.ofSeq

        let parameters = Dictionary<string, Node>()

        for parameter, node in named do
            parameters[parameter.Name] <- node

        let examples = settings.Batch
        let inputs = Node.input "inputs" (Array.append [| examples |] network.InputShape)
        let outputSize = Shape.size network.OutputShape
        let targets = Node.input "targets" [| examples; settings.Loss.TargetSize outputSize |]
        let weights = Node.input "weights" [| examples |]
        let context = TrainingContext(parameters, examples, settings.TotalExamples)

        let outputs = network.Graph(parameters, inputs, Some context) |> Node.reshape [| examples; outputSize |]
        let loss = StepGraph.loss settings.Loss (Tensor outputs) (Tensor targets) (Tensor weights)

        let penalties =
            let penaltyContext = PenaltyContext(network, parameters, inputs, targets, weights, context)
            settings.Penalties |> List.map (fun penalty -> penalty, StepGraph.penalty penaltyContext penalty)

        let ofLayers = [ for struct (name, node) in context.Losses -> name, Tensor node ]

        let total =
            (loss, penalties) ||> List.fold (fun total (penalty, value) -> total + penalty.Weight * value)

        let total = (total, ofLayers) ||> List.fold (fun total (_, value) -> total + value)

        let trained = named |> Array.indexed |> Array.filter (fun (_, (parameter, _)) -> parameter.IsTrained)
        let trainedNodes = [ for _, (_, node) in trained -> node ]

        let gradients =
            let exact = StepGraph.gradients total trainedNodes

            match settings.GradientNorm with
            | Some largest -> StepGraph.clipped largest exact
            | None -> exact

        let optimizer = settings.Optimizer
        let factorCount = (optimizer.Factors 1.0 1).Length
        let factorNodes = List.init factorCount (fun i -> Node.input $"factor {i}" [||])
        let factors = factorNodes |> List.map Tensor

        let momentNodes = [
            for _, (parameter, node) in trained ->
                List.init optimizer.Moments (fun i -> Node.input $"{parameter.Name} moment {i}" node.Shape)
        ]

        let updated = List.map3 (StepGraph.updated optimizer factors) trainedNodes gradients momentNodes

        // Kept arrays: all parameters, then the moments of each trained one in turn.
        let parameterValues = [| for parameter in network.Parameters -> parameter.Values |]

        let momentValues =
            match moments with
            | Some values -> values
            | None -> [|
                for _, (parameter, _) in trained do
                    for _ in 1 .. optimizer.Moments -> Array.zeroCreate parameter.Values.Length
              |]

        let kept = KeptArrays(settings.Precision, Array.append parameterValues momentValues)
        let placeOf = named |> Array.mapi (fun i (parameter, _) -> parameter.Name, i) |> dict

        let renewed = [
            for (place, _), (node, _) in Seq.zip trained updated do
                place, node
            for KeyValue(name, node) in context.Renewed do
                placeOf[name], node
            for i, node in updated |> List.collect snd |> List.indexed do
                named.Length + i, node
        ]

        let terms = [
            total.Node
            loss.Node
            yield! penalties |> List.map (fun (_, value) -> value.Node)
            yield! ofLayers |> List.map (fun (_, value) -> value.Node)
        ]

        let names = [|
            "total"
            settings.Loss.Name
            for penalty, _ in penalties do
                penalty.Name
            for name, _ in ofLayers do
                name
        |]

        let drawn = Seq.toArray context.Inputs

        let inputNodes = [
            inputs
            targets
            weights
            yield! factorNodes
            for struct (node, _) in drawn do
                node
            for _, node in named do
                node
            yield! List.concat momentNodes
        ]

        let outputs = WindowAdjoints.apply (terms @ List.map snd renewed)
        let plan = Plan.Compile(inputNodes, outputs, settings.Precision, settings.Threads)
        TrainingStep(network, settings, plan, drawn, names, kept, renewed |> List.map fst |> Array.ofList)

    /// What the numbers that Run gives are: the total, the loss, each penalty, and what layers add.
    member _.Terms = terms

    member _.Plan = plan

    /// One step. Its terms before the change.
    ///
    /// inputs, targets: row-major, for the whole batch. weights: of the examples, with sum 1. rate: the learning rate. number: of the
    /// step, from 1. stream: random numbers of this step. background: draws a row.
    member _.Run
        (
            inputs: float[],
            targets: float[],
            weights: float[],
            rate: float,
            number: int,
            stream: RandomStream,
            background: RandomStream -> float[]
        ) : float[] =
        drawn
        |> Array.iteri (fun i struct (_, value) ->
            let target = drawnValues[i]

            match value with
            | StepValue.BackgroundRows ->
                for row in 0 .. target.Length / elements - 1 do
                    (background stream).CopyTo(target, row * elements)
            | StepValue.Drawn fill -> fill stream target)

        let factors = settings.Optimizer.Factors rate number |> List.map Array.singleton
        let values = [| inputs; targets; weights; yield! factors; yield! drawnValues |]

        for i in 0 .. renewed.Length - 1 do
            renewedBuffers[i] <- kept.Next[renewed[i]]

        plan.Run(values, kept.Current, results, renewedBuffers)
        kept.Renew renewed
        results |> Array.map Array.head

    /// The memory of the parameters, for evaluations between steps.
    member _.Parameters = kept.Current[.. network.Parameters.Count - 1]

    /// The values of all parameters as they are now, in their order.
    member _.ParameterValues: float[][] = Array.init network.Parameters.Count kept.Read

    /// The moments of each trained parameter in turn.
    member _.Moments: float[][] =
        Array.init (kept.Current.Length - network.Parameters.Count) (fun i -> kept.Read(network.Parameters.Count + i))

/// Losses and outputs of a network at its parameters as they are, without a step.
[<Sealed>]
type internal Evaluator private (plan: Plan, batch: int, outputSize: int) =

    static member Compile(network: Network, loss: Loss, batch: int, precision: Precision, threads: int) : Evaluator =
        let parameters = Dictionary<string, Node>()

        let nodes = [
            for parameter in network.Parameters do
                let node = Node.input parameter.Name parameter.Shape
                parameters[parameter.Name] <- node
                node
        ]

        let outputSize = Shape.size network.OutputShape
        let inputs = Node.input "inputs" (Array.append [| batch |] network.InputShape)
        let targets = Node.input "targets" [| batch; loss.TargetSize outputSize |]
        let outputs = network.Graph(parameters, inputs, None) |> Node.reshape [| batch; outputSize |]
        let losses = (loss.OfExamples (Tensor outputs) (Tensor targets)).Node

        Evaluator(Plan.Compile(inputs :: targets :: nodes, [ losses; outputs ], precision, threads), batch, outputSize)

    member _.Batch = batch

    /// Losses of a batch, one for each example, and its outputs one after the other.
    member _.Run(inputs: float[], targets: float[], parameters: NumberBuffer[]) : float[] * float[] =
        let losses = Array.zeroCreate batch
        let outputs = Array.zeroCreate (batch * outputSize)
        plan.Run([| inputs; targets |], parameters, [| losses; outputs |], [||])
        losses, outputs
