namespace Interact.Core.Quadrature

/// A computation that needs an integrand at points it finds out as it goes. Many of them run in step, so that what all of them need
/// next can be evaluated together; each sees its own values only.
[<NoEquality; NoComparison>]
type Sampling<'T> =
    | Done of 'T
    /// The points that are needed, and what to do with the values: point by point all components.
    | Need of points: float[] * resume: (float[] -> Sampling<'T>)

[<RequireQualifiedAccess>]
module Sampling =

    /// The integrand's values at the points.
    let at (points: float[]) : Sampling<float[]> = Need(points, Done)

    /// Goes on with the result of a computation.
    let rec bind (next: 'A -> Sampling<'B>) (computation: Sampling<'A>) : Sampling<'B> =
        match computation with
        | Done result -> next result
        | Need(points, resume) -> Need(points, (fun values -> bind next (resume values)))

    /// Two computations side by side: what both need is asked for at once.
    let rec both (first: Sampling<'A>) (second: Sampling<'B>) : Sampling<'A * 'B> =
        match first, second with
        | Done a, Done b -> Done(a, b)
        | Need(points, resume), Done _ -> Need(points, (fun values -> both (resume values) second))
        | Done _, Need(points, resume) -> Need(points, (fun values -> both first (resume values)))
        | Need(points, resume), Need(others, resumeOther) ->
            Need(
                Array.append points others,
                fun values ->
                    let split = values.Length / (points.Length + others.Length) * points.Length
                    both (resume values[.. split - 1]) (resumeOther values[split..])
            )

    /// Runs all computations to their ends. evaluate: for the numbers of computations and the points each needs, their values.
    let runAll (evaluate: (int * float[])[] -> float[][]) (computations: Sampling<'T>[]) : 'T[] =
        let states = Array.copy computations

        let waiting () = [|
            for i in 0 .. states.Length - 1 do
                match states[i] with
                | Need(points, resume) -> i, points, resume
                | Done _ -> ()
        |]

        let mutable pending = waiting ()

        while pending.Length > 0 do
            let values = pending |> Array.map (fun (i, points, _) -> i, points) |> evaluate
            Array.iter2 (fun (i, _, resume) own -> states[i] <- resume own) pending values
            pending <- waiting ()

        states
        |> Array.choose (fun state ->
            match state with
            | Done result -> Some result
            | Need _ -> None)

/// Writes computations that sample: sampling { let! values = Sampling.at points in return … }.
type SamplingBuilder() =
    member _.Bind(computation, next) = Sampling.bind next computation
    member _.Return(value) = Done value
    member _.ReturnFrom(computation: Sampling<'T>) = computation

[<AutoOpen>]
module SamplingExpression =
    let sampling = SamplingBuilder()
