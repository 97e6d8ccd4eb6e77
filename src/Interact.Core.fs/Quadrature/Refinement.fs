namespace Interact.Core.Quadrature

open System
open Interact.Core

/// A part of the path [0, 1] and the order of the Gauss rule on it.
[<Struct>]
type Panel = { Start: float; End: float; Order: int }

/// A rule on parts of the path.
[<RequireQualifiedAccess>]
module Panel =

    /// Nodes on the path, and weights that include the weight function. Where -ln t is singular, at the start of the path, the rule
    /// is the Gauss rule for it; elsewhere it is smooth and multiplied into the weights of a Gauss-Legendre rule.
    let rule (weight: WeightFunction) (panel: Panel) : QuadratureRule =
        let width = panel.End - panel.Start

        match weight with
        | MinusLog _ when panel.Start = 0.0 ->
            let unit = GaussRule.create (MinusLog width) panel.Order

            {
                Nodes = unit.Nodes |> Array.map (fun t -> t * width)
                Weights = unit.Weights |> Array.map (fun w -> w * width)
            }
        | _ ->
            let unit = GaussRule.create One panel.Order
            let nodes = unit.Nodes |> Array.map (fun t -> panel.Start + t * width)

            let density t =
                match weight with
                | One -> 1.0
                | MinusLog _ -> -Math.Log t

            { Nodes = nodes; Weights = Array.map2 (fun t w -> w * width * density t) nodes unit.Weights }

/// The integrand on one panel: its values at the nodes of the finest rule that was tried there.
type SampledPanel = {
    Panel: Panel
    Nodes: float[]
    /// Node by node all components.
    Values: float[]
}

/// An integral along one row's path, and how it was reached.
type RefinedIntegral = {
    /// One value per component, by the finest rule that was tried.
    Value: float[]
    /// The cheapest rules found accurate enough, to be added up: one for each panel along the path.
    Rules: QuadratureRule[]
    /// What is known of the integrand, panel by panel along the path.
    Sampled: SampledPanel[]
    /// Largest difference, over components, between those rules and finer ones.
    Error: float
    /// Whether the error came below the tolerance before the limit on samples.
    Converged: bool
    /// Points at which the integrand was evaluated in all.
    Samples: int
    /// The orders that were tried on all of the path and the error of each, as the next one showed it; rising orders.
    Errors: (int * float) list
}

/// Sums over the nodes of rules, and what they tell of errors.
module internal Estimate =

    /// Σ weight · value for every component, and the largest Σ |weight · value|, to which rounding errors are proportional.
    let integral (rule: QuadratureRule) (values: float[]) =
        let components = values.Length / rule.Nodes.Length
        let sums = Array.zeroCreate<float> components
        let sizes = Array.zeroCreate<float> components

        for p in 0 .. rule.Nodes.Length - 1 do
            for c in 0 .. components - 1 do
                let term = rule.Weights[p] * values[p * components + c]
                sums[c] <- sums[c] + term
                sizes[c] <- sizes[c] + abs term

        sums, Array.fold max 0.0 sizes

    /// The largest difference over components.
    let difference (a: float[]) (b: float[]) =
        Array.fold2 (fun (largest: float) x y -> max largest (abs (x - y))) 0.0 a b

    /// What rounding alone makes of a sum of terms of that total size.
    let rounding size = 1e-15 * size

    /// The error expected at a later order, if errors go on falling as they did between two orders.
    let extrapolate (order: int, error: float) (laterOrder: int, laterError: float) (wantedOrder: int) =
        if error = 0.0 then
            laterError
        else
            let rate = Math.Min(1.0, Math.Pow(laterError / error, 1.0 / float (laterOrder - order)))
            laterError * Math.Pow(rate, float (wantedOrder - laterOrder))

    /// The order at which an error is expected, not rounded, if errors fall as they did between the last two orders; infinite where they
    /// did not fall, 0 where none is known.
    ///
    /// size: that of the integral, which is the error without any node.
    let orderFor (wanted: float) (size: float) (errors: (int * float) list) =
        match List.rev ((0, size) :: errors) with
        | (order, latest) :: (lower, before) :: _ ->
            let latest = max latest (rounding size)
            let fall = Math.Log(before / latest) / float (order - lower)

            if fall > 0.0 then float order + Math.Log(latest / wanted) / fall else infinity
        | _ -> 0.0

/// Adaptive integration along a path. A panel is tried with rising orders until two neighbouring orders agree; where the
/// convergence is too slow to get there, as with functions that are smooth but sharp, it is split in half.
[<RequireQualifiedAccess>]
module Refinement =

    // Even and odd in turn: two even rules agree on a jump near the middle of a panel, both wrong, as it parts their nodes in half.
    let private wholeOrders = [ 8; 13; 18; 25; 32 ]
    let private partOrders = [ 8; 13; 18 ]

    /// Between kinks functions are often simple, and there are many such pieces.
    let private pieceOrders = [ 3; 4; 6; 9; 13; 18 ]

    /// Panels shorter than this are not split any more: next to it rounding of the nodes would show.
    let private shortest = 1e-12

    /// The integrals on the parts of a panel, from left to right.
    type private Parts = {
        Integrals: float[] list
        Sampled: (QuadratureRule * SampledPanel) list
        Error: float
        Converged: bool
    }

    let private join (left: Parts, right: Parts) = {
        Integrals = left.Integrals @ right.Integrals
        Sampled = left.Sampled @ right.Sampled
        Error = left.Error + right.Error
        Converged = left.Converged && right.Converged
    }

    /// The integral of every component against the weight function along [0, 1], between places where the integrand may jump.
    ///
    /// breaks: these places, from 0 to 1, both included.
    /// limit: number of samples after which it is given up, unconverged.
    /// tolerance: for a first estimate of the integral, the absolute error it may have.
    let integrateBetween
        (breaks: float[])
        (weight: WeightFunction)
        (limit: int)
        (tolerance: float[] -> float)
        : Sampling<RefinedIntegral> =
        // Every panel of the row counts against one limit; the order in which they do is that of the computation itself.
        let samples = ref 0
        let errors = ref []

        let sample (rule: QuadratureRule) =
            samples.Value <- samples.Value + rule.Nodes.Length
            Sampling.at rule.Nodes

        let changeFrom first last lower before integral =
            let change = Estimate.difference integral before
            if last - first = 1.0 then errors.Value <- (lower, change) :: errors.Value
            change

        /// The rest of the orders on a panel, after the integrals by some, the latest first.
        let rec climb
            first
            last
            (allowed: float)
            (tried: (int * float[]) list)
            (differences: (int * float) list)
            orders
            =
            sampling {
                match orders with
                | [] -> return! split first last allowed
                | order :: higher ->
                    let rule = Panel.rule weight { Start = first; End = last; Order = order }
                    let! values = sample rule
                    let integral, size = Estimate.integral rule values

                    match tried with
                    | [] -> return! climb first last allowed [ order, integral ] [] higher
                    | (lower, before) :: _ ->
                        let change = changeFrom first last lower before integral
                        let differences = (order, change) :: differences

                        let accept order isConverged =
                            let panel = { Start = first; End = last; Order = order }
                            let sampled = { Panel = panel; Nodes = rule.Nodes; Values = values }

                            {
                                Integrals = [ integral ]
                                Sampled = [ Panel.rule weight panel, sampled ]
                                Error = change
                                Converged = isConverged
                            }

                        let hopeless =
                            match differences, List.tryLast higher with
                            | latest :: previous :: _, Some highest ->
                                Estimate.extrapolate previous latest highest > allowed
                            | _ -> false

                        if change <= max allowed (Estimate.rounding size) then
                            return accept lower true
                        elif samples.Value >= limit || not (Double.IsFinite change) then
                            return accept order false
                        elif higher.IsEmpty || hopeless then
                            if last - first > shortest then
                                return! split first last allowed
                            else
                                return accept order false
                        else
                            return! climb first last allowed ((order, integral) :: tried) differences higher
            }

        and split first last allowed =
            let middle = first + (last - first) / 2.0
            // Narrow panels get a larger share than their width, or many of them would ask for more than there is.
            let share = if last - first > 0.04 then allowed / 2.0 else allowed

            Sampling.both (climb first middle share [] [] partOrders) (climb middle last share [] [] partOrders)
            |> Sampling.bind (fun halves -> Done(join halves))

        let pieces = breaks |> Array.pairwise |> Array.filter (fun (first, last) -> last > first)
        let orders = if pieces.Length = 1 then wholeOrders else pieceOrders

        /// Half of the tolerance is divided by width, half evenly.
        let share (first: float, last: float) allowed = allowed * (last - first + 1.0 / float pieces.Length) / 2.0

        /// Computations on neighbouring pieces side by side, in halves, so that none is nested deeply.
        let rec inStep (computations: Sampling<Parts>[]) =
            if computations.Length = 1 then
                computations[0]
            else
                let left, right = computations |> Array.splitAt (computations.Length / 2)
                Sampling.both (inStep left) (inStep right) |> Sampling.bind (join >> Done)

        sampling {
            let firsts =
                pieces
                |> Array.map (fun (first, last) -> Panel.rule weight { Start = first; End = last; Order = orders.Head })

            let joined = { Nodes = firsts |> Array.collect _.Nodes; Weights = firsts |> Array.collect _.Weights }

            let! values = sample joined
            let components = values.Length / joined.Nodes.Length
            let allowed = Estimate.integral joined values |> fst |> tolerance

            let! parts =
                pieces
                |> Array.mapi (fun i (first, last) ->
                    let own = orders.Head * components
                    let estimate, _ = Array.sub values (i * own) own |> Estimate.integral firsts[i]
                    climb first last (share (first, last) allowed) [ orders.Head, estimate ] [] orders.Tail)
                |> inStep

            let rules, sampled = List.unzip parts.Sampled

            return {
                Value = parts.Integrals |> List.reduce (Array.map2 (+))
                Rules = Array.ofList rules
                Sampled = Array.ofList sampled
                Error = parts.Error
                Converged = parts.Converged
                Samples = samples.Value
                Errors = List.rev errors.Value
            }
        }

    /// The integral of every component against the weight function along [0, 1].
    ///
    /// limit: number of samples after which it is given up, unconverged.
    /// tolerance: for a first estimate of the integral, the absolute error it may have.
    let integrate (weight: WeightFunction) (limit: int) (tolerance: float[] -> float) : Sampling<RefinedIntegral> =
        integrateBetween [| 0.0; 1.0 |] weight limit tolerance
