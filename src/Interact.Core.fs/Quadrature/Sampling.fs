namespace Interact.Core.Quadrature

/// What a computation needs to know of an integrand: its values at points, or only their weighted sum.
type Samples =
    /// Point by point all components.
    | Values of points: float[]
    /// Σ weight · value of all components, which may take less work than the values themselves; and last about the largest
    /// Σ |weight · value| of a component, to which rounding errors are proportional.
    | WeightedSum of rule: QuadratureRule

/// A computation that needs an integrand at points it finds out as it goes. Many of them run in step, so that what all of them need
/// next can be evaluated together; each sees its own values only.
[<NoEquality; NoComparison>]
type Sampling<'T> =
    | Done of 'T
    /// What is needed, and what to do with it.
    | Need of Samples list * resume: (float[] list -> Sampling<'T>)

[<RequireQualifiedAccess>]
module Sampling =

    let private one (samples: Samples) : Sampling<float[]> = Need([ samples ], (fun values -> Done(List.head values)))

    /// The integrand's values at the points.
    let at (points: float[]) : Sampling<float[]> = one (Values points)

    /// The integrand's integral by a rule, and the size of what was added.
    let by (rule: QuadratureRule) : Sampling<float[] * float> =
        Need(
            [ WeightedSum rule ],
            (fun values ->
                Done(Array.splitAt (values.Head.Length - 1) values.Head |> fun (sums, size) -> sums, size[0]))
        )

    /// Goes on with the result of a computation.
    let rec bind (next: 'A -> Sampling<'B>) (computation: Sampling<'A>) : Sampling<'B> =
        match computation with
        | Done result -> next result
        | Need(samples, resume) -> Need(samples, (fun values -> bind next (resume values)))

    /// Two computations side by side: what both need is asked for at once.
    let rec both (first: Sampling<'A>) (second: Sampling<'B>) : Sampling<'A * 'B> =
        match first, second with
        | Done a, Done b -> Done(a, b)
        | Need(samples, resume), Done _ -> Need(samples, (fun values -> both (resume values) second))
        | Done _, Need(samples, resume) -> Need(samples, (fun values -> both first (resume values)))
        | Need(samples, resume), Need(others, resumeOther) ->
            Need(
                samples @ others,
                fun values ->
                    let own, further = values |> List.splitAt samples.Length
                    both (resume own) (resumeOther further)
            )

    /// Runs all computations to their ends. evaluate: for the numbers of computations and what each needs, the values or sums.
    let runAll (evaluate: (int * Samples)[] -> float[][]) (computations: Sampling<'T>[]) : 'T[] =
        let states = Array.copy computations

        let waiting () = [|
            for i in 0 .. states.Length - 1 do
                match states[i] with
                | Need(samples, resume) -> i, samples, resume
                | Done _ -> ()
        |]

        let mutable pending = waiting ()

        while pending.Length > 0 do
            let values =
                evaluate [|
                    for i, samples, _ in pending do
                        for own in samples -> i, own
                |]

            let mutable start = 0

            for i, samples, resume in pending do
                states[i] <- values[start .. start + samples.Length - 1] |> List.ofArray |> resume
                start <- start + samples.Length

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
