namespace Interact.Core

open System

/// Expected Hessians: the mean over a background's baselines x' of Integrated Hessians. Both integrals of a path start from the same
/// baseline, so rows add up to Expected Gradients, and all of the matrix to f(x) - E f(x').
///
/// Sources: Janizek, Sturmfels, Lee, "Explaining explanations: axiomatic feature interactions for deep networks", JMLR 2021; Erion et al.,
/// "Improving performance of deep learning models with axiomatic attribution priors and expected gradients", 2021.
[<RequireQualifiedAccess>]
module ExpectedHessians =

    /// Target predicted, tolerance 1e-6, single features.
    let defaults = PathOptions.defaults

    let private square count (cells: float[]) =
        let matrix = Array2D.zeroCreate<float> count count
        Buffer.BlockCopy(cells, 0, matrix, 0, cells.Length * sizeof<float>)
        matrix

    let private whole: AveragedMethod<Explanation> = {
        Explain = IntegratedHessians.explainCells
        Size = fun features -> int64 features * int64 features
        Sums =
            fun attributions cells _ ->
                let sums = cells |> Array.chunkBySize attributions.Length |> Array.map Array.sum
                sums, Some(Array.map2 (fun sum own -> abs (sum - own)) sums attributions |> Array.max)
        Result =
            fun explanation cells -> {
                explanation with
                    Interactions = Some(square explanation.Attributions.Length cells)
            }
    }

    /// Of a part, each path's row residual is known, and the mean's is at most their mean.
    let private ofPart (part: InteractionPart) : AveragedMethod<PartialExplanation> = {
        Explain =
            fun options model tasks ->
                InteractionPart.explainRows part options model tasks
                |> Array.map (fun own -> own.Explanation, own.Cells)
        Size =
            fun features ->
                match part with
                | RowsOf rows -> int64 rows.Length * int64 features
                | Pairs pairs -> int64 pairs.Length + int64 features
        Sums = fun attributions _ rowResidual -> attributions, Some rowResidual
        Result = fun explanation cells -> { Explanation = explanation; Part = part; Cells = cells }
    }

    /// The explanations of rows in their order, computed ahead of the reader; a result does not depend on other rows.
    ///
    /// threads: how many work in all. rows: how many will come. report: told, on the reader's thread, how many of a row's paths are done,
    /// and how many there are. Errors: ArgumentException for options, rows or baselines that do not fit the model, NotFiniteException
    /// where the model is not finite on a path, once the row's turn comes.
    let explainRows threads rows report (options: PathOptions) (tasks: (Model * ExpectedTask) seq) : Explanation seq =
        Expected.stream whole threads rows report options tasks

    /// Explains one row of n elements against a background. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (background: Background) (input: float[]) : Explanation =
        Expected.explain whole options model background input

    /// Some of the interactions of rows, at their own cost: as explainRows. The certificate's row residual is an upper bound. Errors: as
    /// for explainRows; ArgumentException for a part that does not fit.
    let explainPartOfRows part threads rows report (options: PathOptions) tasks : PartialExplanation seq =
        Expected.stream (ofPart part) threads rows report options tasks

    /// Some of the interactions of one row. Errors: as for explainPartOfRows.
    let explainPart part (options: PathOptions) model background input : PartialExplanation =
        Expected.explain (ofPart part) options model background input
