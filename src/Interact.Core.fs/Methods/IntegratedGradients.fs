namespace Interact.Core

open Interact.Core.Quadrature

/// Integrated Gradients: φ_i = δ_i ∫₀¹ ∂_i f(x' + tδ) dt, δ = x - x'. Attributions add up to f(x) - f(x').
/// Where the model has kinks, gradients jump along the path, and the integral is taken between the jumps; gradients of a piecewise linear
/// model are constant there.
///
/// Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017.
[<RequireQualifiedAccess>]
module IntegratedGradients =

    /// Target predicted, tolerance 1e-6, single features.
    let defaults = PathOptions.defaults

    /// How much more accurate than the tolerance the integrals are made.
    let private margin = 0.5

    let private explanation options (row: PathRow) (kinks: Kinks option) (integral: RefinedIntegral) : Explanation =
        let attributions = integral.Value |> PathRows.byGroup options
        let residual = PathRows.completenessResidual row attributions
        let scale = PathRows.scale row attributions

        // The values at both ends are in double precision: in single, the residual tells the rounding of the attributions.
        let error =
            match options.Precision with
            | Precision.Double -> integral.Error
            | Precision.Single -> max integral.Error residual

        let isDivided = kinks |> Option.forall _.IsComplete

        let limit = attributions |> Array.sumBy abs |> PathRows.limit options row scale

        {
            Row = row.Task.Row
            Target = row.Target
            Value = row.Value
            BaselineValue = row.BaselineValue
            Attributions = attributions
            Interactions = None
            Certificate = {
                Satisfied = isDivided && integral.Converged && residual <= limit && error <= limit
                Scale = scale
                CompletenessResidual = residual
                RowResidual = None
                ErrorEstimate = error
                Evaluations = integral.Samples
                Probes = kinks |> Option.map Kinks.cost |> Option.defaultValue 0
                Kinks = kinks |> Option.map _.Count
                StandardError = None
                Method = if kinks.IsSome then "exact" else "gauss-legendre"
            }
        }

    /// Explains several rows, worked on together; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite on a path.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        let rows = PathRows.prepare options model tasks
        let kinks = Kinks.find options model rows

        Kinks.integrateGradients options options.Evaluation model (margin * options.Tolerance) rows kinks
        |> Array.map3 (explanation options) rows kinks

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
