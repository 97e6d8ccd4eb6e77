namespace Interact.Core.Quadrature

open System
open Interact.Core

/// A rule found good enough for an expensive integrand, by probing it with cheap ones.
type FoundRule = {
    /// To be added up; one rule for the whole path, or one for each panel of it.
    Rules: QuadratureRule[]
    /// The probes' integrals by these rules.
    Integral: float[]
    /// Estimated error of the probes by these rules.
    Error: float
    /// Whether the error came below the tolerance.
    Converged: bool
    /// Points at which the probes were evaluated in all.
    Samples: int
}

/// Finds the cheapest rule for an integrand that is expensive, from cheap integrands that are smooth or sharp where it is.
///
/// Of some probes the integral is known beforehand, so the error of any rule on them is known as soon as it is applied; that of the
/// others is estimated from how both change from one order to the next. First come Gauss rules on the
/// whole path; where they converge slowly, Gauss rules in a variable adapted to the sharp places; last, panels.
[<RequireQualifiedAccess>]
module RuleSearch =

    let private wholeOrders = [ 6; 8; 10; 12; 14; 16; 18; 20; 22; 24; 28; 32 ]

    /// Orders worth trying before anything else where the integrand is cheap: finding an adapted variable takes longer than what it
    /// saves.
    let private highOrders = [ 36; 40; 48; 56; 64 ]

    /// Nanoseconds that it takes to find an adapted variable for each node that it saves.
    let private costOfAdapting = 30_000.0

    /// Nanoseconds below which somewhat higher orders are cheaper than an adapted variable, however slowly errors fall.
    let private veryCheap = costOfAdapting / 2.0

    /// The part of the integrand's expense that a probe may take, so that probing for an adapted variable pays.
    let private cheapProbe = 0.2

    /// Attempts after which orders are not raised any more where their errors do not fall fast enough.
    let private fewAttempts = 4

    let private adaptedOrders = [ 12; 16; 20; 24; 28; 32; 36; 40; 48; 56; 64 ]

    /// Accuracy, relative to the largest integral, to which sharp places are looked for.
    let private coarse = 1e-5

    /// A rule that was tried, and the integral by it; from the second on, how much the probes of unknown integral changed from the one
    /// before, and the estimated error.
    type private Attempt = { Order: int; Integral: float[]; Change: float option; Error: float option }

    /// The attempt after another. On the known probes the error is measured. On the others it is taken in proportion, but not below
    /// what their own changes tell: a part of the integrand that the known probes do not see may converge much more slowly.
    let private after (known: float[]) (before: Attempt) order (integral: float[]) : Attempt =
        let count = Array.length known
        let knownError = Estimate.difference known integral[.. count - 1]
        let knownChange = Estimate.difference before.Integral[.. count - 1] integral[.. count - 1]
        let change = Estimate.difference before.Integral[count..] integral[count..]
        let inProportion = if knownChange > 0.0 then knownError * change / knownChange else change

        let byOwnFall =
            match before.Change with
            | Some earlier when earlier > 0.0 -> change * min 1.0 (change / earlier)
            | Some _
            | None -> change

        {
            Order = order
            Integral = integral
            Change = Some change
            Error = Some(max knownError (min change (max inProportion byOwnFall)))
        }

    /// The order where one is expected to do, before it those that the fall of errors is seen from. Only
    /// one order where any may do.
    let private plan (orders: int list) (expected: float) =
        let expected = min expected (float (List.last orders))

        [ 0.4; 0.75; 1.0 ]
        |> List.map (fun part -> orders |> List.tryFind (fun order -> float order >= part * expected))
        |> List.choose id
        |> List.distinct

    /// Tries rules of rising orders, those planned first. From then on the next order is the lowest at which, as errors have fallen so
    /// far, the tolerance should be reached; None where it would not be at any, seen after so many attempts.
    let private climb
        patience
        (orders: int list)
        (planned: int list)
        (ruleOf: int -> QuadratureRule)
        tolerance
        known
        (count: int ref)
        =
        let rec next (attempts: Attempt list) order =
            sampling {
                let rule: QuadratureRule = ruleOf order
                count.Value <- count.Value + rule.Nodes.Length
                let! integral, size = Sampling.by rule

                let latest =
                    match attempts with
                    | before :: _ -> after known before order integral
                    | [] -> { Order = order; Integral = integral; Change = None; Error = None }

                let attempts = latest :: attempts

                let higher = orders |> List.filter (fun other -> other > order)

                match latest.Error with
                | Some error when error <= max tolerance (Estimate.rounding size) ->
                    return
                        Some { Rules = [| rule |]; Integral = integral; Error = error; Converged = true; Samples = 0 }
                | _ ->
                    match attempts, higher with
                    | _, [] -> return None
                    | _ when planned |> List.exists (fun other -> other > order) ->
                        return! planned |> List.find (fun other -> other > order) |> next attempts
                    | { Error = Some latest } :: { Error = Some before; Order = lower } :: _, _ ->
                        let reaches other = Estimate.extrapolate (lower, before) (order, latest) other <= tolerance

                        // Errors fall unevenly: the order is raised by half at most, and some falls are watched before giving up.
                        let further =
                            higher
                            |> List.tryFind (fun other -> 2 * other >= 3 * order)
                            |> Option.defaultValue (List.last higher)

                        match higher |> List.tryFind reaches with
                        | Some better -> return! next attempts (min better further)
                        | None when attempts.Length < patience -> return! next attempts further
                        | None -> return None
                    | _, following :: _ -> return! next attempts following
            }

        next [] (planned |> List.tryHead |> Option.defaultValue orders.Head)

    /// The rule for probes of which the first integrals are known.
    ///
    /// tolerance: absolute error that each probe's integral may have. limit: number of samples after which panels are no more split.
    /// expense: what one evaluation of the expensive integrand takes, in nanoseconds or thereabouts. probe: the part of it that the
    /// probes take. expected: the order at which a rule on the whole path may be good enough, if there is a guess; it decides what is tried
    /// first where the integrand is cheap, not what is found good enough.
    let find
        (weight: WeightFunction)
        (limit: int)
        (tolerance: float)
        (expense: float)
        (probe: float)
        (expected: float option)
        (known: float[])
        : Sampling<FoundRule> =
        let count = ref 0

        let orders, patience =
            if expense < veryCheap then wholeOrders @ highOrders[..2], Int32.MaxValue
            elif expense < costOfAdapting then wholeOrders @ highOrders, fewAttempts
            elif probe > cheapProbe then wholeOrders @ highOrders, Int32.MaxValue
            else wholeOrders, fewAttempts

        sampling {
            let whole order = Panel.rule weight { Start = 0.0; End = 1.0; Order = order }

            // Where the integrand is dearer, orders that were left out would cost more than they saved.
            let planned =
                match expected with
                | Some order when expense < veryCheap -> plan orders order
                | Some _
                | None -> []

            match! climb patience orders planned whole tolerance known count with
            | Some found -> return { found with Samples = count.Value }
            | None ->
                let roughly (estimate: float[]) =
                    max tolerance (coarse * Array.fold (fun largest value -> max largest (abs value)) 0.0 estimate)

                let! sketch = Refinement.integrate weight limit roughly

                let off = Estimate.difference known sketch.Value[.. known.Length - 1]

                if sketch.Converged && off > 1000.0 * roughly sketch.Value then
                    // The integral is known and the integrand's is another one: derivatives jump along the path.
                    return!
                        Done {
                            Rules = sketch.Rules
                            Integral = sketch.Value
                            Error = off
                            Converged = false
                            Samples = count.Value + sketch.Samples
                        }
                else
                    let adapted = sketch.Sampled |> AdaptedRule.findMap |> AdaptedRule.rules weight
                    let! found = climb fewAttempts adaptedOrders [] adapted tolerance known count

                    match found with
                    | Some found -> return { found with Samples = count.Value + sketch.Samples }
                    | None ->
                        let! panels = Refinement.integrate weight limit (fun _ -> tolerance)

                        return {
                            Rules = panels.Rules
                            Integral = panels.Value
                            Error = max panels.Error (Estimate.difference known panels.Value[.. known.Length - 1])
                            Converged = panels.Converged
                            Samples = count.Value + sketch.Samples + panels.Samples
                        }
        }

    /// The rules for probes of which the first integrals are known, on the pieces between places where the integrand may jump.
    ///
    /// breaks: these places, from 0 to 1, both included. limit, tolerance: as for find.
    let between
        (breaks: float[])
        (weight: WeightFunction)
        (limit: int)
        (tolerance: float)
        (known: float[])
        : Sampling<FoundRule> =
        sampling {
            let! pieces = Refinement.integrateBetween breaks weight limit (fun _ -> tolerance)

            return {
                Rules = pieces.Rules
                Integral = pieces.Value
                Error = max pieces.Error (Estimate.difference known pieces.Value[.. known.Length - 1])
                Converged = pieces.Converged
                Samples = pieces.Samples
            }
        }
