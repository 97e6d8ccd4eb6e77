namespace Interact.Core.Learning

open System
open Interact.Core

/// A measure of how well outputs tell targets.
[<RequireQualifiedAccess>]
type Metric =
    /// The mean negative logarithm of the probability of the row's class, in nats.
    | LogLoss
    /// The share of rows whose likeliest class is their own.
    | Accuracy
    /// The mean over classes of the share of their rows that are told right.
    | BalancedAccuracy
    /// The probability that a row of a class ranks above one of another; of more than two classes the mean of each against the rest.
    | RocAuc
    | RootMeanSquaredError
    | MeanAbsoluteError
    /// One minus the squared errors over the squared deviations from the mean of the targets.
    | RSquared

/// <summary>Measures of how well outputs tell targets.</summary>
/// <remarks>
/// Where a measure is not defined it is NaN: the ROC-AUC of rows of one class, R² of targets that are all the same.
/// Definitions are those of scikit-learn 1.2 (<c>sklearn.metrics</c>).
/// </remarks>
[<RequireQualifiedAccess>]
module Metric =

    let private checkRows (name: string) (outputs: 'T[]) (targets: 'U[]) =
        Checks.require (targets.Length > 0) name (fun () -> $"{name} is empty; give a row.")
        Checks.length name outputs.Length targets

    let private checkClasses (logits: float[][]) (classes: int[]) =
        checkRows (nameof classes) logits classes

        for row in logits do
            Checks.length (nameof logits) logits[0].Length row

        for own in classes do
            Checks.within (nameof classes) 0 (logits[0].Length - 1) own

    /// The logarithm of the sum of exponentials, without overflow.
    let private logSumExp (values: float[]) =
        let largest = Array.max values
        largest + log (values |> Array.sumBy (fun value -> exp (value - largest)))

    /// <summary>The probabilities of classes: exp z_k / Σ_j exp z_j.</summary>
    /// <param name="logits">A logit for each class.</param>
    let probabilities (logits: float[]) : float[] =
        let total = logSumExp logits
        logits |> Array.map (fun logit -> exp (logit - total))

    /// <summary>The mean negative logarithm of the probability of the row's class, in nats; never rounded to infinity.</summary>
    /// <param name="logits">For each row a logit for each class.</param>
    /// <param name="classes">For each row the index of its class.</param>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths or indices do not fit.</exception>
    let logLoss (logits: float[][]) (classes: int[]) : float =
        checkClasses logits classes
        Array.map2 (fun row own -> logSumExp row - row[own]) logits classes |> Array.average

    let private isRight (logits: float[]) own = Array.IndexOf(logits, Array.max logits) = own

    let private share rows = rows |> Array.averageBy (fun right -> if right then 1.0 else 0.0)

    /// <summary>The share of rows whose first largest logit is that of their class.</summary>
    /// <param name="logits">For each row a logit for each class.</param>
    /// <param name="classes">For each row the index of its class.</param>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths or indices do not fit.</exception>
    let accuracy (logits: float[][]) (classes: int[]) : float =
        checkClasses logits classes
        Array.map2 isRight logits classes |> share

    /// <summary>The mean, over the classes that have rows, of the share of their rows that are told right.</summary>
    /// <param name="logits">For each row a logit for each class.</param>
    /// <param name="classes">For each row the index of its class.</param>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths or indices do not fit.</exception>
    let balancedAccuracy (logits: float[][]) (classes: int[]) : float =
        checkClasses logits classes

        Array.zip logits classes
        |> Array.groupBy snd
        |> Array.averageBy (fun (own, rows) -> rows |> Array.map (fun (logits, _) -> isRight logits own) |> share)

    /// <summary>
    /// The probability that a positive row ranks above a negative one, ties counted half: the area under the ROC curve.
    /// </summary>
    /// <param name="ranking">For each row a number that is larger the likelier it is positive.</param>
    /// <param name="isPositive">For each row whether it is.</param>
    /// <returns>NaN where all rows are positive, or none is.</returns>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths differ.</exception>
    let rocAuc (ranking: float[]) (isPositive: bool[]) : float =
        checkRows (nameof isPositive) ranking isPositive
        let positives = isPositive |> Array.filter id |> Array.length
        let negatives = isPositive.Length - positives

        if positives = 0 || negatives = 0 then
            nan
        else
            // Mann and Whitney's U: the ranks of the positives, those of equal rows shared, less the least they can be.
            let mutable below = 0
            let mutable ranks = 0.0

            for _, tied in Array.zip ranking isPositive |> Array.groupBy fst |> Array.sortBy fst do
                let own = tied |> Array.filter snd |> Array.length
                ranks <- ranks + float own * (float below + float (tied.Length + 1) / 2.0)
                below <- below + tied.Length

            let least = float positives * float (positives + 1) / 2.0
            (ranks - least) / (float positives * float negatives)

    /// <summary>The mean over classes of the ROC-AUC of each against the rest, ranked by its probability; of two classes that of the second.</summary>
    /// <param name="logits">For each row a logit for each class.</param>
    /// <param name="classes">For each row the index of its class.</param>
    /// <returns>NaN where a class has no row, or all of them.</returns>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths or indices do not fit.</exception>
    let rocAucOfClasses (logits: float[][]) (classes: int[]) : float =
        checkClasses logits classes
        let isOf own = classes |> Array.map ((=) own)

        if logits[0].Length = 2 then
            // By the difference of logits, not by probabilities, which are equal where they round to 0 or 1.
            rocAuc (logits |> Array.map (fun row -> row[1] - row[0])) (isOf 1)
        else
            let probabilities = logits |> Array.map probabilities

            [| 0 .. logits[0].Length - 1 |]
            |> Array.averageBy (fun own -> rocAuc (probabilities |> Array.map (Array.item own)) (isOf own))

    let private errors (outputs: float[]) (targets: float[]) =
        checkRows (nameof targets) outputs targets
        Array.map2 (-) outputs targets

    /// <summary>The square root of the mean squared error, in the units of the target.</summary>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths differ.</exception>
    let rootMeanSquaredError (outputs: float[]) (targets: float[]) : float =
        sqrt (errors outputs targets |> Array.averageBy (fun error -> error * error))

    /// <summary>The mean absolute error, in the units of the target.</summary>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths differ.</exception>
    let meanAbsoluteError (outputs: float[]) (targets: float[]) : float = errors outputs targets |> Array.averageBy abs

    /// <summary>R² = 1 - Σ (y - t)² / Σ (t - mean t)²: 1 where all is told, 0 for the mean of the targets, below 0 for worse.</summary>
    /// <returns>NaN where all targets are the same.</returns>
    /// <exception cref="T:System.ArgumentException">There is no row, or the lengths differ.</exception>
    let rSquared (outputs: float[]) (targets: float[]) : float =
        let squares = errors outputs targets |> Array.sumBy (fun error -> error * error)
        let mean = Array.average targets
        let spread = targets |> Array.sumBy (fun target -> (target - mean) * (target - mean))
        if spread = 0.0 then nan else 1.0 - squares / spread
