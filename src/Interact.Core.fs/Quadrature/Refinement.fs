namespace Interact.Core.Quadrature

open System
open System.Collections.Generic
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

/// Nodes at which a row's integrand is wanted.
type SampleRequest = { Row: int; Nodes: float[] }

/// An integral along one row's path, and how it was reached.
type RefinedIntegral = {
    /// One value per component, by the finest rule that was tried.
    Value: float[]
    /// The cheapest rule found accurate enough, panel by panel along the path.
    Panels: Panel[]
    /// Largest difference, over components, between that rule and the next finer one, summed over panels.
    Error: float
    /// Whether the error came below the tolerance before the limit on samples.
    Converged: bool
    /// Nodes at which the integrand was evaluated in all.
    Samples: int
}

/// Adaptive integration of many rows at once: each round asks for all nodes that any row still needs, so that they can be
/// evaluated together; what a row gets depends on that row alone.
///
/// A panel is tried with rising orders until two neighbouring orders agree; where the convergence is too slow to get there, as with
/// functions that are smooth but sharp, it is split in half.
[<RequireQualifiedAccess>]
module Refinement =

    let private wholeOrders = [| 8; 12; 16; 24; 32; 48 |]
    let private partOrders = [| 8; 12; 18 |]

    /// Panels shorter than this are not split any more: next to it rounding of the nodes would show.
    let private shortest = 1e-12

    /// A panel in work: the integrals by the orders tried so far.
    type private Trial = { Row: int; Start: float; End: float; Integrals: float[] list; Differences: float list }

    let private orders (trial: Trial) = if trial.End - trial.Start = 1.0 then wholeOrders else partOrders

    let private difference (a: float[]) (b: float[]) =
        Array.fold2 (fun (largest: float) x y -> max largest (abs (x - y))) 0.0 a b

    /// Σ weight · value for every component, and the largest Σ |weight · value|, to which rounding errors are proportional.
    let private integrate (rule: QuadratureRule) (values: float[]) =
        let components = values.Length / rule.Nodes.Length
        let sums = Array.zeroCreate<float> components
        let sizes = Array.zeroCreate<float> components

        for p in 0 .. rule.Nodes.Length - 1 do
            for c in 0 .. components - 1 do
                let term = rule.Weights[p] * values[p * components + c]
                sums[c] <- sums[c] + term
                sizes[c] <- sizes[c] + Math.Abs term

        sums, Array.fold max 0.0 sizes

    /// Whether the differences fall too slowly to reach the tolerance by the last order.
    let private isHopeless (orders: int[]) (differences: float list) tolerance =
        match differences with
        | latest :: before :: _ ->
            let tried = differences.Length
            let gap = float (orders[tried] - orders[tried - 1])
            let rate = Math.Min(1.0, Math.Pow(latest / before, 1.0 / gap))
            latest * Math.Pow(rate, float (Array.last orders - orders[tried])) > tolerance
        | _ -> false

    /// Integrals against the weight function along [0, 1], for each row to its own absolute tolerance.
    ///
    /// rows: how many. tolerance: for a row and a first estimate of its integral, the absolute error it may have.
    /// sample: for requests of a row and its nodes, the integrand's values, node by node all components.
    /// limit: number of samples of one row after which it is given up, unconverged.
    let integrateRows
        (weight: WeightFunction)
        (limit: int)
        (rows: int)
        (tolerance: int -> float[] -> float)
        (sample: SampleRequest[] -> float[][])
        : RefinedIntegral[] =
        let tolerances = Array.zeroCreate<float> rows
        let accepted = Array.init rows (fun _ -> ResizeArray<Panel * float[]>())
        let errors = Array.zeroCreate<float> rows
        let converged = Array.create rows true
        let samples = Array.zeroCreate<int> rows

        let accept (trial: Trial) order error fine isConverged =
            let panel = { Panel.Start = trial.Start; End = trial.End; Order = order }

            accepted[trial.Row].Add(panel, fine)
            errors[trial.Row] <- errors[trial.Row] + error
            converged[trial.Row] <- converged[trial.Row] && isConverged

        let start row first last = { Row = row; Start = first; End = last; Integrals = []; Differences = [] }

        let mutable pending = [ for row in 0 .. rows - 1 -> start row 0.0 1.0 ]

        while not pending.IsEmpty do
            let trials = Array.ofList pending

            let rules =
                trials
                |> Array.map (fun trial ->
                    Panel.rule weight {
                        Start = trial.Start
                        End = trial.End
                        Order = (orders trial)[trial.Integrals.Length]
                    })

            let values =
                Array.map2
                    (fun (trial: Trial) (rule: QuadratureRule) -> { SampleRequest.Row = trial.Row; Nodes = rule.Nodes })
                    trials
                    rules
                |> sample

            let next = List<Trial>()

            for i in 0 .. trials.Length - 1 do
                let trial = trials[i]
                let orders = orders trial
                let integral, size = integrate rules[i] values[i]
                samples[trial.Row] <- samples[trial.Row] + rules[i].Nodes.Length

                match trial.Integrals with
                | [] ->
                    if trial.End - trial.Start = 1.0 then tolerances[trial.Row] <- tolerance trial.Row integral

                    next.Add { trial with Integrals = [ integral ] }
                | before :: _ ->
                    let change = difference integral before
                    let tried = trial.Integrals.Length
                    let width = trial.End - trial.Start
                    let rounding = 1e-15 * size
                    let allowed = Math.Max(tolerances[trial.Row] * Math.Max(width, 0.02), rounding)

                    let trial = {
                        trial with
                            Integrals = integral :: trial.Integrals
                            Differences = change :: trial.Differences
                    }

                    if change <= allowed then
                        accept trial orders[tried - 1] change integral true
                    elif samples[trial.Row] >= limit || not (Double.IsFinite change) then
                        accept trial orders[tried] change integral false
                    elif tried + 1 < orders.Length && not (isHopeless orders trial.Differences allowed) then
                        next.Add trial
                    elif width > shortest then
                        let middle = trial.Start + width / 2.0
                        next.Add(start trial.Row trial.Start middle)
                        next.Add(start trial.Row middle trial.End)
                    else
                        accept trial orders[tried] change integral false

            pending <- List.ofSeq next

        Array.init rows (fun row ->
            let parts = accepted[row] |> Seq.sortBy (fun (panel, _) -> panel.Start) |> Array.ofSeq

            {
                Value = parts |> Array.map snd |> Array.reduce (Array.map2 (+))
                Panels = parts |> Array.map fst
                Error = errors[row]
                Converged = converged[row]
                Samples = samples[row]
            })
