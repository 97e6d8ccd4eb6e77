namespace Interact.Core

open System
open System.Collections.Generic
open Interact.Core.Quadrature

/// The part of a path's second derivatives that is concentrated in one kink: weight · y yᵀ.
type internal Impulse = {
    Time: float
    /// t(-ln t) divided by the jump of the slope along the path.
    Weight: float
    /// The jump of the gradient times the displacement, summed over groups.
    Jump: float[]
}

/// What is exact on a row's path: its kinks, and where the model is piecewise linear everything else.
type internal Kinks = {
    /// Where pieces meet, from 0 to 1, both included.
    Breaks: float[]
    Impulses: Impulse[]
    /// Number of places where the gradient jumps.
    Count: int
    /// The attributions of features and, for the diagonal's second part, their integrals against -ln t, where the model is piecewise
    /// linear.
    Linear: (float[] * float[]) option
    /// How far values on the path are from what the pieces add up to.
    Error: float
    IsComplete: bool
    /// Points at which switches were looked at, and gradients taken.
    Samples: int
    Gradients: int
}

/// Kinks of rows' paths, as the limit of smoothing: the Hessian of a function with kinks along a path is a sum of impulses. Where the
/// gradient jumps by j at t, the impulse is j jᵀ/(j·δ) at t, because j is along the normal of the plane in which the function has its kink.
[<RequireQualifiedAccess>]
module internal Kinks =

    /// Jumps whose slope along the path is this small beside its terms lie in the path: rounding made them.
    let private negligible = 1e-13

    /// The states from one piece to the next, one decision after the other in order of evaluation. Where several elements switch at once,
    /// each adds an impulse of its own.
    let private stages (decisions: int[]) (before: float[]) (after: float[]) : float[][] =
        let changed =
            [| 0 .. before.Length - 1 |]
            |> Array.filter (fun i -> before[i] <> after[i])
            |> Array.groupBy (fun i -> decisions[i])

        let apply (states: float[]) (_, elements: int[]) =
            let copy = Array.copy states

            for i in elements do
                copy[i] <- after[i]

            copy

        if changed.Length = 0 then
            [| before |]
        else
            [| yield! changed[.. changed.Length - 2] |> Array.scan apply before; after |]

    /// ∫ -ln t dt over a part of the path.
    let private logarithm first last =
        let primitive t = if t = 0.0 then 0.0 else t - t * Math.Log t
        primitive last - primitive first

    /// The gradient at each of the states, which are told apart by reference where it does not depend on the place.
    let private gradients (model: Model) (row: PathRow) (path: ISwitchingPath) (points: (float * float[])[]) =
        let wanted =
            if path.IsPiecewiseLinear then
                let seen = HashSet<float[]>(HashIdentity.Reference)
                points |> Array.filter (fun (_, states) -> seen.Add states)
            else
                points

        let found = path.Gradients wanted
        PathRows.checkFinite model row (Array.map fst wanted) (Array.concat found)

        if path.IsPiecewiseLinear then
            let table = Dictionary<float[], float[]>(HashIdentity.Reference)
            Array.iter2 (fun (_, states) gradient -> table[states] <- gradient) wanted found
            points |> Array.map (fun (_, states) -> table[states]), wanted.Length
        else
            found, wanted.Length

    /// The impulse between two gradients; None where there is no jump.
    let private impulse options (row: PathRow) t (before: float[]) (after: float[]) =
        let step = row.Displacement
        let jump = Array.init step.Length (fun i -> step[i] * (after[i] - before[i]))
        let size = Array.sumBy abs jump
        let scale = Array.fold2 (fun sum d g -> sum + abs (d * g)) 0.0 step before
        let slope = Array.sum jump

        if abs slope <= negligible * size || size <= negligible * scale then
            None
        else
            Some { Time = t; Weight = -t * Math.Log t / slope; Jump = jump |> PathRows.byGroup options }

    let private ofRow (options: PathOptions) (model: Model) (row: PathRow) (path: ISwitchingPath) : Kinks option =
        let pieces = PathPieces.find path options.MaxSamples
        let inner = PathPieces.breaks pieces
        let breaks = [| 0.0; yield! inner; 1.0 |]
        let own = pieces.Pieces |> Array.map (fun piece -> piece.Inside, piece.States)

        let staged =
            pieces.Pieces
            |> Array.pairwise
            |> Array.mapi (fun i (before, after) ->
                stages path.Decisions before.States after.States |> Array.map (fun states -> inner[i], states))

        if own.Length <= 1 && not path.IsPiecewiseLinear && pieces.IsComplete then
            None
        else
            let all = if path.IsPiecewiseLinear then Array.append own (Array.concat staged) else Array.concat staged
            let found, evaluations = gradients model row path all
            let mutable start = if path.IsPiecewiseLinear then own.Length else 0

            let events =
                staged
                |> Array.map (fun stages ->
                    let here = found[start .. start + stages.Length - 1]
                    start <- start + stages.Length

                    Array.pairwise here
                    |> Array.choose (fun (before, after) -> impulse options row (fst stages[0]) before after))

            let linear, error =
                if path.IsPiecewiseLinear then
                    let total = Array.zeroCreate<float> row.Displacement.Length
                    let diagonal = Array.zeroCreate<float> row.Displacement.Length
                    let reached = Array.zeroCreate<float> own.Length

                    for piece in 0 .. own.Length - 1 do
                        let length = breaks[piece + 1] - breaks[piece]
                        let weight = logarithm breaks[piece] breaks[piece + 1]

                        for i in 0 .. total.Length - 1 do
                            let change = row.Displacement[i] * found[piece].[i]
                            total[i] <- total[i] + length * change
                            diagonal[i] <- diagonal[i] + weight * change

                        reached[piece] <- Array.sum total

                    let values =
                        breaks[1..] |> Array.map (PathPoints.at (PathRows.points row [||])) |> model.Function.Values

                    let off =
                        Array.map2
                            (fun (value: float[]) sum -> abs (value[row.Target] - row.BaselineValue - sum))
                            values
                            reached

                    Some(total, diagonal), Array.max off
                else
                    None, 0.0

            Some {
                Breaks = breaks
                Impulses = Array.concat events
                Count = events |> Array.filter (Array.isEmpty >> not) |> Array.length
                Linear = linear
                Error = error
                IsComplete = pieces.IsComplete
                Samples = pieces.Samples
                Gradients = evaluations
            }

    /// The kinks of each row; None where the path has none and the model is not piecewise linear.
    /// Error: ArgumentException where exact kinks are asked for and derivatives come from outside.
    let find (options: PathOptions) (model: Model) (rows: PathRow[]) : Kinks option[] =
        match options.Kinks, model.Function with
        | KinkTreatment.Exact, (:? ISwitching as switching)
        | KinkTreatment.Automatic, (:? ISwitching as switching) ->
            rows
            |> Array.map (fun row ->
                options.CancellationToken.ThrowIfCancellationRequested()
                let path = switching.Along(options.CheckingEvaluation, PathRows.points row [||])
                if path.Decisions.Length = 0 then None else ofRow options model row path)
        | KinkTreatment.Exact, _ ->
            Checks.invalid
                "Kinks"
                "only models given as a graph tell where they have kinks; this one's derivatives come from outside."
        | KinkTreatment.Automatic, _
        | KinkTreatment.Ignored, _ -> rows |> Array.map (fun _ -> None)

    /// Points that it took to divide the path. Gradients of a piecewise linear model are counted with its attributions.
    let cost (kinks: Kinks) = if kinks.Linear.IsSome then kinks.Samples else kinks.Samples + kinks.Gradients

    /// Integrated Gradients of every feature, each row to an absolute tolerance that is the given part of its scale; exact where the
    /// model is piecewise linear.
    ///
    /// evaluation: what gradients are evaluated in where they are integrated.
    let integrateGradients
        (options: PathOptions)
        (evaluation: Evaluation)
        (model: Model)
        (relative: float)
        (rows: PathRow[])
        (kinks: Kinks option[])
        : RefinedIntegral[] =
        let known (own: Kinks option) = own |> Option.bind _.Linear |> Option.isSome
        let breaksOf (own: Kinks option) = own |> Option.map _.Breaks |> Option.defaultValue [| 0.0; 1.0 |]
        let others = Array.zip rows kinks |> Array.filter (snd >> known >> not)

        let integrated =
            others
            |> Array.map fst
            |> PathRows.integrateGradients options evaluation model relative (others |> Array.map (snd >> breaksOf))
            |> Queue

        kinks
        |> Array.map (fun own ->
            match own with
            | Some({ Linear = Some(total, _) } as own) -> {
                Value = total
                Rules = [||]
                Sampled = [||]
                Error = own.Error
                Converged = own.IsComplete
                Samples = own.Gradients
                Errors = []
              }
            | _ -> integrated.Dequeue())

    /// The bilinear form of the impulses for factors of two probes.
    let form (first: float[]) (second: float[]) (kinks: Kinks) : float =
        kinks.Impulses
        |> Array.sumBy (fun impulse ->
            impulse.Weight
            * Array.fold2 (fun sum a y -> sum + a * y) 0.0 first impulse.Jump
            * Array.fold2 (fun sum b y -> sum + b * y) 0.0 second impulse.Jump)

    /// Adds the impulses to interactions, above the diagonal and on it.
    let accumulate (kinks: Kinks) (cells: float[]) =
        for impulse in kinks.Impulses do
            let y = impulse.Jump

            for i in 0 .. y.Length - 1 do
                let factor = impulse.Weight * y[i]

                if factor <> 0.0 then
                    for j in i .. y.Length - 1 do
                        cells[i * y.Length + j] <- cells[i * y.Length + j] + factor * y[j]
