/// Rankings of pairs of features, and of larger sets, by every method, as the experiments use them. The strength of a pair at a row is |Γ_ij + Γ_ji|, or
/// the magnitude of the second derivative; that of a ranking is the mean over rows.
namespace Interact.Experiments

open System
open Interact.Core

/// Which rows a ranking looks at: the first ones of a table are explained, the last ones are a background.
type RowChoice = {
    /// Rows at which second derivatives are taken.
    Derivatives: int
    /// Rows that are explained against one baseline.
    Explained: int
    /// Rows that are explained against a background, and rows of the background.
    Averaged: int
    Background: int
    /// The largest relative error of path methods.
    Tolerance: float
}

/// A method that ranks pairs, or sets of all sizes.
[<NoEquality; NoComparison>]
type PairRanking = {
    Name: string
    /// What is looked at, for the documentation.
    Choice: string
    Rank: Model -> float[][] -> RankedSet[]
}

[<RequireQualifiedAccess>]
module PairRanking =

    let private threads = Environment.ProcessorCount

    let private paths tolerance = {
        PathOptions.defaults with
            Target = Index 0
            Tolerance = tolerance
            Threads = threads
    }

    /// The first rows, against zeros.
    let private tasks count (rows: float[][]) = PathTasks.create Zeros rows 0 (min count rows.Length - 1)

    let private explained name count (explain: Model -> PathTask[] -> Explanation seq) = {
        Name = name
        Choice = $"{count} rows, baseline zeros"
        Rank = fun model rows -> tasks count rows |> explain model |> Detection.ofExplanations Aggregation.Mean
    }

    let expectedHessians (choice: RowChoice) = {
        Name = "Expected Hessians"
        Choice = $"{choice.Averaged} rows, the last {choice.Background} rows as background"
        Rank =
            fun model rows ->
                let background = rows |> Array.skip (rows.Length - choice.Background) |> Background.ofRows

                seq {
                    for row in 0 .. choice.Averaged - 1 ->
                        model, { Row = row; Input = rows[row]; Background = background }
                }
                |> ExpectedHessians.explainRows threads choice.Averaged (fun _ _ -> ()) (paths choice.Tolerance)
                |> Detection.ofExplanations Aggregation.Mean
    }

    let secondDerivatives (choice: RowChoice) = {
        Name = "second derivatives"
        Choice = $"{choice.Derivatives} rows, features in units of their standard deviations"
        Rank =
            fun model rows ->
                Detection.byMixedPartials
                    { MixedPartials.defaults with Target = Index 0; Threads = threads }
                    { MixedPartials.searchDefaults with Order = 2 }
                    model
                    rows
                    [| 0 .. choice.Derivatives - 1 |]
    }

    /// Sets of 2 to so many features by their mixed differences between rows, each beside another that is drawn.
    let mixedDifferences (order: int) (choice: RowChoice) = {
        Name = "mixed differences"
        Choice = $"{choice.Derivatives} rows, each beside another that is drawn; mean"
        Rank =
            fun model rows ->
                Detection.byMixedDifferences
                    (paths choice.Tolerance)
                    { Order = order; Parents = Detection.parents rows[0].Length; Aggregation = Aggregation.Mean }
                    0
                    model
                    rows
                    [| 0 .. choice.Derivatives - 1 |]
    }

    let integratedHessians (choice: RowChoice) =
        explained "Integrated Hessians" choice.Explained (fun model ->
            IntegratedHessians.explainRows (paths choice.Tolerance) model >> Seq.ofArray)

    let private coalitions = { CoalitionOptions.defaults with Path = paths 1e-6 }

    let shapleyInteractions (choice: RowChoice) =
        explained "Shapley interactions" choice.Explained (fun model ->
            ShapleyInteractions.explainRows coalitions model >> Seq.ofArray)

    let shapleyTaylor (choice: RowChoice) =
        explained "Shapley-Taylor" choice.Explained (fun model ->
            ShapleyTaylor.explainRows coalitions model >> Seq.ofArray)

    let hessianTimesInput (choice: RowChoice) =
        explained "Hessian × input" choice.Explained (fun model ->
            InputHessian.timesInputRows (paths 1e-6) model >> Seq.ofArray)

    let contextualDecomposition (choice: RowChoice) =
        explained "contextual decomposition" choice.Explained (fun model ->
            ContextualDecomposition.explainRows (paths 1e-6) model >> Seq.ofArray)

    let weights = {
        Name = "weights alone"
        Choice = "neural interaction detection, no rows"
        Rank = fun model _ -> NeuralInteractionDetection.pairs 0 model
    }

    /// The same for a model whose ReLU are SoftPlus(β).
    let smoothed (beta: float) (ranking: PairRanking) = {
        Name = $"{ranking.Name}, β = {beta}"
        Choice = $"{ranking.Choice}, ReLU smoothed"
        Rank = fun model rows -> ranking.Rank (Model.smooth beta model) rows
    }
