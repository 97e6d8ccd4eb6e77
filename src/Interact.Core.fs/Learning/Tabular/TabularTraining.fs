namespace Interact.Core.Learning

open System
open Interact.Core
open Interact.Core.Data

/// The layers of a network for a table: dense ones, each followed by a normalisation, an activation and dropout.
type TabularNetwork = {
    /// The number of units of each hidden layer; none for a linear model.
    Hidden: int[]
    Activation: Layer
    /// After each hidden layer, before its activation.
    Normalization: Layer option
    /// The share of a hidden layer's elements that are set to zero in training; 0 for none.
    Dropout: float
}

/// What is wanted of a network beside that it tells the target.
[<RequireQualifiedAccess>]
type TabularPriorKind =
    /// That few columns have most of the attributions: see <c>AttributionPrior.sparsity</c>.
    | Sparsity
    /// That columns do not interact: the pairs, by their names, or all where there is none. See <c>InteractionPrior</c>.
    | Interactions of pairs: (string * string)[]

/// A penalty on the attributions or interactions of a network while it learns.
type TabularPrior = {
    Kind: TabularPriorKind
    /// λ: what it is multiplied by before it is added to the loss.
    Weight: float
    /// Baselines that are drawn for a row at a step, from the training part.
    Samples: int
    /// β: every ReLU is taken as a SoftPlus in second derivatives, which would vanish otherwise; None: as it is.
    Smooth: float option
}

/// A network trained on a table.
type TrainedTable = {
    /// Takes encoded rows in their own units; gives the log-odds of the second of two classes, a logit for each of more, or a number
    /// in the units of the target.
    Network: Network
    Training: TrainingResult
    /// For each row of the training, validation and test parts the network's output in double precision.
    TrainingOutputs: float[][]
    ValidationOutputs: float[][]
    TestOutputs: float[][] option
}

/// <summary>Trains networks on tables.</summary>
[<RequireQualifiedAccess>]
module TabularTraining =

    /// The mean and standard deviation of the target's numbers in the training part.
    let private scaleOfTarget (data: TabularData) =
        let targets = data.Training.Targets
        let mean = Array.average targets
        let deviation = sqrt (targets |> Array.averageBy (fun target -> (target - mean) * (target - mean)))
        let isFlat = targets |> Array.forall ((=) targets[0])
        struct (mean, (if isFlat then 1.0 else deviation))

    // Networks of single precision hold nothing else; the two constants of a column need not be exact.
    let private rounded precision (values: float[]) =
        match precision with
        | Precision.Single -> values |> Array.map (float32 >> float)
        | Precision.Double -> values

    // What rounding to single precision may change of a column or target, in units of its deviation.
    let private mostRounded = 0.01

    // Half the distance of neighbouring numbers of single precision, relative to them.
    let private singleRounding = 1.0 / float (1 <<< 24)

    /// <summary>Refuses numbers whose differences are lost, in single precision or in any.</summary>
    let private checkRange precision (data: TabularData) =
        let check name mean deviation (values: float seq) =
            let refuse problem mend =
                Checks.invalid
                    (nameof data)
                    $"{data.Table.Source}: column {DataProblem.quoted name}: {problem}; {mend}."

            // Metrics and second derivatives are in the deviation's square, or in its reciprocal.
            let square = deviation * deviation

            if not (Double.IsFinite mean && Double.IsNormal square && Double.IsNormal(1.0 / square)) then
                refuse "its numbers are too large or too small to be standardised" "give them in another unit"

            let isLost value = Single.IsInfinity(float32 value) || abs value * singleRounding > mostRounded * deviation
            let isOutside scale = not (Single.IsNormal(float32 scale))

            if
                precision = Precision.Single
                && (isOutside deviation || isOutside (1.0 / deviation) || Seq.exists isLost values)
            then
                refuse
                    "single precision cannot hold its numbers to a hundredth of their deviation"
                    "write \"precision\": \"double\", or give them in another unit or from another origin"

        for column in data.Encoder.Columns do
            match column.Encoding with
            | ColumnEncoding.Numeric own ->
                check column.Name own.Mean own.Deviation (data.Training.Inputs |> Seq.map (Array.item column.First))
            | ColumnEncoding.Categorical _
            | ColumnEncoding.LeftOut _
            | ColumnEncoding.Target -> ()

        match data.Target.Kind with
        | TargetKind.Classes _ -> ()
        | TargetKind.Regression ->
            let struct (mean, deviation) = scaleOfTarget data
            check data.Table.Columns[data.Target.Column] mean deviation data.Training.Targets

    /// <summary>A network for a table: standardised columns, hidden layers, and an output in the target's own terms.</summary>
    /// <remarks>
    /// Means and deviations of the training part are the first operators of the network, so that it takes rows in their own units, and
    /// those of a regression's target are the last.
    /// </remarks>
    /// <param name="network">The layers.</param>
    /// <param name="seed">What the first weights depend on.</param>
    /// <param name="precision">In single precision, the means and deviations are rounded to it.</param>
    /// <param name="data">The table.</param>
    /// <exception cref="T:System.ArgumentException">
    /// A size or the dropout is out of range; or the numbers of a column, or the target, cannot be standardised, or not in single
    /// precision, where their differences would be lost.
    /// </exception>
    let create (network: TabularNetwork) (seed: int) (precision: Precision) (data: TabularData) : Network =
        checkRange precision data
        let struct (means, deviations) = TableEncoder.scaling data.Encoder

        Network.create seed [| data.Encoder.Width |] [
            Layer.standardize (rounded precision means) (rounded precision deviations)
            for units in network.Hidden do
                Layer.dense units
                yield! Option.toList network.Normalization
                network.Activation
                if network.Dropout > 0.0 then Layer.dropout network.Dropout
            Layer.dense data.Target.OutputSize
            match data.Target.Kind with
            | TargetKind.Classes _ -> ()
            | TargetKind.Regression ->
                // y·deviation + mean is what standardises to y.
                let struct (mean, deviation) = scaleOfTarget data

                Layer.standardize (rounded precision [| -mean / deviation |]) (rounded precision [| 1.0 / deviation |])
        ]

    /// <summary>
    /// The loss that fits a table's target: cross-entropy of classes in nats; of numbers the squared error in units of the target's
    /// variance in the training part, so that learning rates mean the same for any units.
    /// </summary>
    let loss (data: TabularData) : Loss =
        match data.Target.Kind with
        | TargetKind.Classes [| _; _ |] -> Loss.binaryCrossEntropy
        | TargetKind.Classes _ -> Loss.softmaxCrossEntropy
        | TargetKind.Regression ->
            let struct (_, deviation) = scaleOfTarget data

            Loss.custom "squared error in units of the target's variance" 1 (fun outputs targets ->
                let error = (outputs - targets) / deviation
                Tensor.sumAlong 1 (error * error))

    let private featuresOf (data: TabularData) =
        let groups = TableEncoder.groups data.Encoder |> dict

        fun name ->
            match groups.TryGetValue name with
            | true, features -> Ok features
            | false, _ ->
                let nearest =
                    Interact.Core.Onnx.Closest.names 3 name groups.Keys
                    |> List.map DataProblem.quoted
                    |> String.concat ", "

                DataProblem.ofFile
                    data.Table.Source
                    $"no column {DataProblem.quoted name}, as \"prior\" says, enters the network"
                    $"the nearest names are {nearest}"

    let private pairsOfFeatures data (pairs: (string * string)[]) =
        let features = featuresOf data

        (Ok [], pairs)
        ||> Array.fold (fun found (first, second) ->
            match found, features first, features second with
            | Ok found, Ok first, Ok second ->
                Ok(
                    found
                    @ [
                        for i in first do
                            for j in second -> i, j
                    ]
                )
            | Error problem, _, _
            | _, Error problem, _
            | _, _, Error problem -> Error problem)

    /// <summary>The penalty that a prior is, on the output of a row's own class where there are several.</summary>
    /// <remarks>
    /// Interactions of a regression are taken in units of the target's deviation, as its loss is, so that weights mean the same for any units.
    /// </remarks>
    /// <returns>The penalty; or one line that names the file and the mend, where a column of a pair does not enter the network.</returns>
    /// <exception cref="T:System.ArgumentException">The weight is negative, or there is no sample.</exception>
    let penalty (prior: TabularPrior) (data: TabularData) : Result<Penalty, string> =
        let target = if data.Target.OutputSize = 1 then PriorTarget.Output 0 else PriorTarget.TrueClass

        match prior.Kind with
        | TabularPriorKind.Sparsity ->
            Ok(
                AttributionPrior.sparsity prior.Weight {
                    AttributionPrior.defaults with
                        Target = target
                        Samples = prior.Samples
                        Groups = Some(TableEncoder.groups data.Encoder |> Array.map snd)
                }
            )
        | TabularPriorKind.Interactions pairs ->
            let options = {
                InteractionPrior.defaults with
                    Target = target
                    Samples = prior.Samples
                    Smooth = prior.Smooth
            }

            let weight =
                match data.Target.Kind with
                | TargetKind.Classes _ -> prior.Weight
                | TargetKind.Regression ->
                    let struct (_, deviation) = scaleOfTarget data
                    prior.Weight / (deviation * deviation)

            if pairs.Length = 0 then
                Ok(InteractionPrior.estimated weight options)
            else
                let names = pairs |> Array.map (fun (first, second) -> $"{first} x {second}") |> String.concat ", "

                pairsOfFeatures data pairs
                |> Result.map (fun features -> {
                    InteractionPrior.pairs weight features options with
                        Name = $"interactions of {names}"
                })

    let private examples (part: TabularPart) = TrainingData.ofNumbers part.Inputs part.Targets

    /// <summary>Trains a network on the training part, and keeps the weights of the epoch with the least loss of the validation part.</summary>
    /// <param name="options">How it is trained; the loss should be that of <c>loss</c>.</param>
    /// <param name="network">The network, as <c>create</c> makes it.</param>
    /// <param name="data">The table.</param>
    /// <exception cref="T:System.ArgumentException">An option is out of range, or the checkpoint is that of another training.</exception>
    /// <exception cref="T:System.OperationCanceledException">Training was stopped; the checkpoint is kept.</exception>
    let run (options: TrainingOptions) (network: Network) (data: TabularData) : TrainedTable =
        let result = Training.run options network (examples data.Training) (Some(examples data.Validation))
        let model = Network.toModel result.Network
        let outputs (part: TabularPart) = part.Inputs |> Array.map (Model.evaluate model)

        {
            Network = result.Network
            Training = result
            TrainingOutputs = outputs data.Training
            ValidationOutputs = outputs data.Validation
            TestOutputs = data.Test |> Option.map outputs
        }

    /// <summary>
    /// The output that tells least wrong without looking at a row: the log-odds or logarithms of the shares of classes in the training part, or its
    /// mean. What a network gains is measured against it.
    /// </summary>
    let constantOutput (data: TabularData) : float[] =
        let targets = data.Training.Targets

        match data.Target.Kind with
        | TargetKind.Regression -> [| Array.average targets |]
        | TargetKind.Classes classes ->
            let shares =
                classes
                |> Array.mapi (fun own _ ->
                    let rows = targets |> Array.filter (fun target -> target = float own) |> Array.length
                    float rows / float targets.Length)

            match shares with
            | [| first; second |] -> [| log (second / first) |]
            | shares -> shares |> Array.map log
