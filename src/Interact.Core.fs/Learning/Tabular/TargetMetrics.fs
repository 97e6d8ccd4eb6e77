namespace Interact.Core.Learning

/// The measures that fit what a table's target is.
[<RequireQualifiedAccess>]
module TargetMetrics =

    /// <summary>The logits of all classes: of two classes the network gives the second one's alone, and the first one's is 0.</summary>
    let classLogits (outputs: float[][]) =
        outputs |> Array.map (fun row -> if row.Length = 1 then [| 0.0; row[0] |] else row)

    /// <summary>The measures that fit a target.</summary>
    /// <param name="kind">What the target is.</param>
    /// <param name="outputs">For each row the network's output: one logit for two classes, one for each of more, or a number.</param>
    /// <param name="targets">For each row the index of its class, or its number.</param>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths or indices do not fit.</exception>
    let evaluate (kind: TargetKind) (outputs: float[][]) (targets: float[]) : (Metric * float)[] =
        match kind with
        | TargetKind.Regression ->
            let outputs = outputs |> Array.map Array.exactlyOne

            [|
                Metric.RootMeanSquaredError, Metric.rootMeanSquaredError outputs targets
                Metric.MeanAbsoluteError, Metric.meanAbsoluteError outputs targets
                Metric.RSquared, Metric.rSquared outputs targets
            |]
        | TargetKind.Classes _ ->
            let logits = classLogits outputs
            let classes = targets |> Array.map int

            [|
                Metric.LogLoss, Metric.logLoss logits classes
                Metric.Accuracy, Metric.accuracy logits classes
                Metric.BalancedAccuracy, Metric.balancedAccuracy logits classes
                Metric.RocAuc, Metric.rocAucOfClasses logits classes
            |]
