namespace Interact.Core

/// Expected Gradients: the mean over a background's baselines x' of Integrated Gradients, φ_i = E[(x_i - x'_i) ∫₀¹ ∂_i f(x' + t(x - x')) dt].
/// Attributions add up to f(x) - E f(x').
///
/// Source: Erion, Janizek, Sturmfels, Lundberg, Lee, "Improving performance of deep learning models with axiomatic attribution priors and
/// expected gradients", Nature Machine Intelligence 2021. They draw one point of one path at a time; here every path is integrated
/// to its tolerance, so that nothing but the choice of baselines can be random.
[<RequireQualifiedAccess>]
module ExpectedGradients =

    /// Target predicted, tolerance 1e-6, single features.
    let defaults = PathOptions.defaults

    let private method: AveragedMethod<Explanation> = {
        Explain =
            fun options model tasks ->
                IntegratedGradients.explainRows options model tasks |> Array.map (fun own -> own, [||])
        Size = int64
        Sums = fun attributions _ _ -> attributions, None
        Result = fun explanation _ -> explanation
    }

    /// The explanations of rows in their order, computed ahead of the reader; a result does not depend on other rows.
    ///
    /// threads: how many work in all. rows: how many will come. report: told, on the reader's thread, how many of a row's paths are done,
    /// and how many there are. Errors: ArgumentException for options, rows or baselines that do not fit the model, NotFiniteException
    /// where the model is not finite on a path, once the row's turn comes.
    let explainRows threads rows report (options: PathOptions) (tasks: (Model * ExpectedTask) seq) : Explanation seq =
        Expected.stream method threads rows report options tasks

    /// Explains one row of n elements against a background. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (background: Background) (input: float[]) : Explanation =
        Expected.explain method options model background input
