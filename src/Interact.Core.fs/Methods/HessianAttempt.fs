namespace Interact.Core

open Interact.Core.Quadrature

/// A row with all that is known before its interactions are.
type internal HessianAttempt = {
    Row: PathRow
    Kinks: Kinks option
    Gradients: RefinedIntegral
    /// The size that the tolerance is relative to.
    Scale: float
    /// The part of the tolerance that its rule is looked for with; 1 at first.
    Tightness: float
    /// Points at which second derivatives were evaluated, and others probed, in vain.
    Evaluations: int
    Probes: int
}

/// What all ways to a row's interactions have in common: what is known beforehand, the certificate, and when to try again.
[<RequireQualifiedAccess>]
module internal HessianAttempts =

    /// How much more accurate than the tolerance the gradients are made that interactions are measured by.
    let private gradientMargin = 0.05

    /// How often a row is tried again whose rule was found good enough by the probes and is not by the residuals.
    let further = 2

    /// The first attempts of rows.
    let first (options: PathOptions) (model: Model) (rows: PathRow[]) (kinks: Kinks option[]) : HessianAttempt[] =
        Kinks.integrateGradients
            options
            options.CheckingEvaluation
            model
            (gradientMargin * options.Tolerance)
            rows
            kinks
        |> Array.map3
            (fun row kinks gradients -> {
                Row = row
                Kinks = kinks
                Gradients = gradients
                Scale = PathRows.scale row (PathRows.byGroup options gradients.Value)
                Tightness = 1.0
                Evaluations = 0
                Probes = kinks |> Option.map Kinks.cost |> Option.defaultValue 0
            })
            rows
            kinks

    /// The certificate of an attempt whose residuals and error may be as large as the limit.
    let certificate (attempt: HessianAttempt) (rule: FoundRule) residual rowResidual error limit : Certificate =
        let evaluations, probed =
            match attempt.Kinks with
            | Some { Linear = Some _ } -> attempt.Gradients.Samples, 0
            | Some _
            | None -> rule.Rules |> Array.sumBy _.Nodes.Length, attempt.Gradients.Samples

        {
            Satisfied =
                (attempt.Kinks |> Option.forall _.IsComplete)
                && attempt.Gradients.Converged
                && rule.Converged
                && residual <= limit
                && rowResidual <= limit
                && error <= limit
            Scale = attempt.Scale
            CompletenessResidual = residual
            RowResidual = Some rowResidual
            ErrorEstimate = error
            Evaluations = attempt.Evaluations + evaluations
            Probes = attempt.Probes + probed + rule.Samples
            Kinks = attempt.Kinks |> Option.map _.Count
            StandardError = None
            Method = if attempt.Kinks.IsSome then "exact" else "gauss-log"
        }

    /// The attempt to make after one whose worst residual came out above the limit, with a tolerance as much smaller; None where that
    /// is of no use.
    let next
        (attempt: HessianAttempt)
        (rule: FoundRule)
        (certificate: Certificate)
        worst
        limit
        : HessianAttempt option =
        if certificate.Satisfied || not rule.Converged || not attempt.Gradients.Converged || worst <= limit then
            None
        else
            Some {
                attempt with
                    Tightness = attempt.Tightness * 0.1 * limit / worst
                    Evaluations = certificate.Evaluations
                    Probes = certificate.Probes - attempt.Gradients.Samples
            }
