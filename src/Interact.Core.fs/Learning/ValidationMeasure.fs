namespace Interact.Core.Learning

open Interact.Core

/// How well outputs tell the targets of the validation data: what the best epoch is best by, where it is not the loss.
[<NoEquality; NoComparison>]
type ValidationMeasure = {
    Name: string
    /// From the output and the target of each example; larger is better, and NaN is never the best.
    Of: float[][] -> float[][] -> float
}

/// Measures of the validation data.
[<RequireQualifiedAccess>]
module ValidationMeasure =

    /// A measure of one's own. A checkpoint knows it by its name only.
    ///
    /// measure: from the outputs [n; output size] and the targets [n; target size] to a number, the larger the better.
    /// Error: ArgumentException for an empty name.
    let custom (name: string) (measure: float[][] -> float[][] -> float) : ValidationMeasure =
        Checks.require (not (System.String.IsNullOrWhiteSpace name)) (nameof name) (fun () ->
            "the measure has no name.")

        { Name = name; Of = measure }

    /// The area under the ROC curve of the first output; an example is positive where the first number of its target is above 1/2. NaN where
    /// all are, or none is.
    let rocAuc: ValidationMeasure =
        custom "ROC-AUC" (fun outputs targets ->
            Metric.rocAuc (outputs |> Array.map Array.head) (targets |> Array.map (fun target -> target[0] > 0.5)))
