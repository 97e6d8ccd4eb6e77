namespace Interact.Core.Learning

open System
open System.Diagnostics
open System.IO
open System.Threading
open Interact.Core
open Interact.Core.Execution

/// Training networks: mini-batches in a new order every epoch, the best parameters kept. The same seed gives the same bits for any
/// number of threads, also after a pause.
[<RequireQualifiedAccess>]
module Training =

    /// Adam with a learning rate of 0.001, batches of 32, 100 epochs at most, in single precision on one thread.
    let defaults (loss: Loss) : TrainingOptions = {
        Loss = loss
        Optimizer = Optimizer.adam
        LearningRate = 1e-3
        Schedule = Schedule.Constant
        Batch = 32
        Epochs = 100
        Patience = None
        Measure = None
        Penalties = []
        Background = None
        GradientNorm = None
        Seed = 0
        Precision = Precision.Single
        Threads = 1
        Checkpoint = None
        Progress = ignore
        CancellationToken = CancellationToken.None
    }

    let private check (options: TrainingOptions) (network: Network) (training: TrainingData) validation =
        Checks.positive "LearningRate" options.LearningRate
        Checks.within "Batch" 1 Array.MaxLength options.Batch
        Checks.within "Epochs" 1 Int32.MaxValue options.Epochs
        Schedule.check options.Epochs options.Schedule
        options.Patience |> Option.iter (Checks.within "Patience" 1 Int32.MaxValue)
        options.GradientNorm |> Option.iter (Checks.positive "GradientNorm")
        Checks.within "Threads" 1 1024 options.Threads
        TrainingData.check (nameof training) network options.Loss training
        validation |> Option.iter (TrainingData.check (nameof validation) network options.Loss)

        Checks.require (options.Patience.IsNone || Option.isSome validation) "Patience" (fun () ->
            "patience waits for a better loss of the validation data; give validation data or leave it out.")

        Checks.require (options.Measure.IsNone || Option.isSome validation) "Measure" (fun () ->
            "a measure is one of the validation data; give validation data or leave it out.")

        options.Background
        |> Option.iter (fun rows ->
            Checks.require (rows.Length > 0) "Background" (fun () -> "the background has no rows.")

            rows
            |> Array.iteri (fun row values ->
                Checks.length $"Background[{row}]" (Shape.size network.InputShape) values
                Checks.finite $"Background[{row}]" values))

    /// The order of the examples in an epoch, counted from 1.
    let private order seed epoch count =
        let order = [| 0 .. count - 1 |]
        RandomStream.Of(seed, 2 * epoch).Shuffle order
        order

    /// Copies rows one after the other.
    let private gather (rows: float[][]) (order: int -> int) (target: float[]) =
        let width = rows[0].Length

        for i in 0 .. target.Length / width - 1 do
            rows[order i].CopyTo(target, i * width)

    /// Weighted mean loss of data.
    ///
    /// keep: is given the number and the output of each example.
    let private evaluate
        (keep: int -> ReadOnlyMemory<float> -> unit)
        (evaluator: Evaluator)
        (parameters: NumberBuffer[])
        (data: TrainingData)
        : float =
        let batch = evaluator.Batch
        let inputs = Array.zeroCreate (batch * data.Inputs[0].Length)
        let targets = Array.zeroCreate (batch * data.Targets[0].Length)
        let mutable sum = 0.0
        let mutable weights = 0.0

        for start in 0..batch .. data.Count - 1 do
            // The last batch is filled up with rows that do not count.
            let row i = min (start + i) (data.Count - 1)
            gather data.Inputs row inputs
            gather data.Targets row targets
            let losses, outputs = evaluator.Run(inputs, targets, parameters)
            let size = outputs.Length / batch

            for i in 0 .. min batch (data.Count - start) - 1 do
                let weight = TrainingData.weight data (start + i)
                sum <- sum + weight * losses[i]
                weights <- weights + weight
                keep (start + i) (ReadOnlyMemory(outputs, i * size, size))

        sum / weights

    /// Trains a network on examples, and keeps the parameters with which the loss of the validation data is least, or the measure
    /// largest: the last ones where there are no validation data.
    ///
    /// Errors: ArgumentException for options that are out of range, for data that do not fit the network or the loss, and for a
    /// checkpoint that belongs to another training or cannot be written, and for a measure that is never defined; OperationCanceledException, after which the checkpoint has the
    /// state after the last whole epoch.
    let run
        (options: TrainingOptions)
        (network: Network)
        (training: TrainingData)
        (validation: TrainingData option)
        : TrainingResult =
        check options network training validation

        let fingerprint =
            lazy (TrainingFingerprint.compute options network (training :: Option.toList validation))

        let count = training.Count
        let batch = min options.Batch count
        let stepsPerEpoch = (count + batch - 1) / batch

        Checks.require (int64 options.Epochs * int64 stepsPerEpoch <= int64 Int32.MaxValue) "Epochs" (fun () ->
            $"{options.Epochs} epochs of {stepsPerEpoch} steps are more than {Int32.MaxValue} steps; take fewer epochs.")

        let steps = options.Epochs * stepsPerEpoch
        let sizes = [| for parameter in network.Parameters -> parameter.Values.Length |]

        let momentSizes = [|
            for parameter in network.Parameters do
                if parameter.IsTrained then for _ in 1 .. options.Optimizer.Moments -> parameter.Values.Length
        |]

        let resumed =
            options.Checkpoint
            |> Option.filter File.Exists
            |> Option.map (fun path ->
                match Checkpoint.read path fingerprint.Value sizes momentSizes with
                | Ok checkpoint -> checkpoint
                | Error problem -> Checks.invalid "Checkpoint" problem)

        let start =
            resumed
            |> Option.defaultWith (fun () ->
                let values = [| for parameter in network.Parameters -> parameter.Values |]

                {
                    NextStep = 1
                    Parameters = values
                    Moments = [||]
                    BestEpoch = 0
                    BestLoss = infinity
                    Best = values
                    History = []
                })

        let step =
            TrainingStep.Compile(
                network.With start.Parameters,
                {
                    Loss = options.Loss
                    Penalties = options.Penalties
                    Optimizer = options.Optimizer
                    GradientNorm = options.GradientNorm
                    Batch = batch
                    TotalExamples = count
                    Precision = options.Precision
                    Threads = options.Threads
                },
                resumed |> Option.map _.Moments
            )

        let evaluator =
            validation
            |> Option.map (fun data ->
                data, Evaluator.Compile(network, options.Loss, min 256 data.Count, options.Precision, options.Threads))

        let background = options.Background |> Option.defaultValue training.Inputs
        let drawBackground (stream: RandomStream) = background[int (stream.Uniform() * float background.Length)]
        let inputs = Array.zeroCreate (batch * training.Inputs[0].Length)
        let targets = Array.zeroCreate (batch * training.Targets[0].Length)
        let weights = Array.zeroCreate batch

        let keeper =
            options.Checkpoint
            |> Option.map (fun path -> CheckpointKeeper(path, fingerprint, TimeProvider.System))

        let clock = Stopwatch.StartNew()
        let mutable state = start
        let mutable ending = None
        let mutable reported = TimeSpan.Zero
        let firstStep = start.NextStep

        let runStep epoch (order: int[]) index =
            let first = index * batch
            // The last batch is filled up with examples from the beginning that do not count.
            let row i = order[(first + i) % count]
            gather training.Inputs row inputs
            gather training.Targets row targets

            for i in 0 .. batch - 1 do
                weights[i] <- if first + i < count then TrainingData.weight training (row i) else 0.0

            let sum = Array.sum weights

            for i in 0 .. batch - 1 do
                weights[i] <- if sum > 0.0 then weights[i] / sum else 0.0

            let number = (epoch - 1) * stepsPerEpoch + index + 1
            let rate = options.LearningRate * Schedule.factor options.Epochs stepsPerEpoch number options.Schedule

            rate,
            step.Run(
                inputs,
                targets,
                weights,
                rate,
                number,
                RandomStream.Of(options.Seed, 2 * number + 1),
                drawBackground
            )

        /// Ten times a second at most, and at the end of every epoch.
        let report epoch number loss =
            if clock.Elapsed - reported > TimeSpan.FromMilliseconds 100.0 || number % stepsPerEpoch = 0 then
                reported <- clock.Elapsed

                options.Progress {
                    Epoch = epoch
                    Step = number
                    Steps = steps
                    Loss = loss
                    ValidationLoss =
                        match List.tryHead state.History with
                        | Some record -> record.ValidationLoss
                        | None -> nan
                    TimeLeft = clock.Elapsed * (float (steps - number) / float (number - firstStep + 1))
                }

        let runEpoch epoch =
            let order = order options.Seed epoch count
            let sums = Array.zeroCreate<float> step.Terms.Length
            let mutable rate = 0.0
            let mutable index = 0

            while ending.IsNone && index < stepsPerEpoch do
                options.CancellationToken.ThrowIfCancellationRequested()
                let usedRate, terms = runStep epoch order index
                rate <- usedRate
                terms |> Array.iteri (fun i term -> sums[i] <- sums[i] + term)
                index <- index + 1

                if not (Double.IsFinite terms[0]) then ending <- Some(TrainingEnd.Diverged epoch)

                report epoch ((epoch - 1) * stepsPerEpoch + index) (sums[1] / float index)

            let means = sums |> Array.map (fun sum -> sum / float index)

            let validationLoss, validationMeasure =
                match evaluator with
                | Some(data, evaluator) when ending.IsNone ->
                    match options.Measure with
                    | None -> evaluate (fun _ _ -> ()) evaluator step.Parameters data, nan
                    | Some measure ->
                        let outputs = Array.zeroCreate data.Count
                        let keep i (output: ReadOnlyMemory<float>) = outputs[i] <- output.ToArray()
                        let loss = evaluate keep evaluator step.Parameters data
                        let isFinite = outputs |> Array.forall (Array.forall Double.IsFinite)
                        loss, (if isFinite then measure.Of outputs data.Targets else nan)
                | _ -> nan, nan

            // What is to be small.
            let judged = if options.Measure.IsSome then -validationMeasure else validationLoss

            let record = {
                Epoch = epoch
                LearningRate = rate
                TrainingLoss = means[1]
                Penalties = means[2..]
                ValidationLoss = validationLoss
                ValidationMeasure = validationMeasure
            }

            let parameters = step.ParameterValues

            let isBest =
                ending.IsNone
                && match evaluator with
                   | Some _ -> judged < state.BestLoss
                   // The last step's update may have left the range of numbers, which only the next step's loss would tell.
                   | None -> parameters |> Array.forall (Array.forall Double.IsFinite)

            state <- {
                NextStep = epoch * stepsPerEpoch + 1
                Parameters = parameters
                Moments = if options.Checkpoint.IsSome then step.Moments else [||]
                BestEpoch = if isBest then epoch else state.BestEpoch
                BestLoss = if isBest && evaluator.IsSome then judged else state.BestLoss
                Best = if isBest then parameters else state.Best
                History = record :: state.History
            }

            if ending.IsNone then keeper |> Option.iter _.Keep(state)

        let isOutOfPatience () =
            match options.Patience, state.History with
            | Some patience, last :: _ -> last.Epoch - state.BestEpoch >= patience
            | _ -> false

        let mutable epoch = 1 + (start.NextStep - 1) / stepsPerEpoch
        if isOutOfPatience () then ending <- Some TrainingEnd.StoppedEarly

        try
            while ending.IsNone && epoch <= options.Epochs do
                runEpoch epoch
                epoch <- epoch + 1
                if ending.IsNone && isOutOfPatience () then ending <- Some TrainingEnd.StoppedEarly
        finally
            keeper |> Option.iter _.Finish()

        match ending, options.Measure with
        | Some(TrainingEnd.Diverged _), _
        | _, None -> ()
        | _, Some measure ->
            Checks.require (state.BestEpoch > 0) "Measure" (fun () ->
                $"{measure.Name} was not a number above minus infinity after any epoch, so none is the best; ROC-AUC, for one, needs validation examples of both classes.")

        {
            Network = network.With state.Best
            BestEpoch = state.BestEpoch
            History = List.rev state.History
            PenaltyNames = step.Terms[2..] |> List.ofArray
            End = ending |> Option.defaultValue TrainingEnd.Finished
        }

    /// The mean loss of a network on data, weighted where the data are, without what training adds.
    /// Error: ArgumentException for data that do not fit.
    let loss (loss: Loss) (network: Network) (data: TrainingData) : float =
        TrainingData.check (nameof data) network loss data
        let evaluator = Evaluator.Compile(network, loss, min 256 data.Count, Precision.Double, 1)

        let parameters = [|
            for parameter in network.Parameters -> NumberMemory.buffer Precision.Double parameter.Values
        |]

        evaluate (fun _ _ -> ()) evaluator parameters data
