namespace Interact.Core

open System
open System.Numerics.Tensors

/// A weighted sum of explanations of one row that start from several baselines, and of their certificates.
type internal PathAverage = {
    /// Attributions, and interactions after them.
    Numbers: float[]
    /// The squared standard error of each number; none where nothing is drawn.
    Variances: float[]
    Target: int
    Value: float
    BaselineValue: float
    /// Σ weight · |f(x')|.
    BaselineSize: float
    Error: float
    RowResidual: float
    /// Whether every path's residuals and error are within the tolerance.
    AreWithin: bool
    Evaluations: int
    Probes: int
    Kinks: int option
    Method: string
}

[<RequireQualifiedAccess>]
module internal PathAverage =

    /// Adds factor times some numbers from a place on.
    let private addAt place (factor: float) (numbers: float[]) (sum: float[]) =
        let target = Span(sum, place, numbers.Length)
        TensorPrimitives.MultiplyAdd(ReadOnlySpan numbers, factor, Span<float>.op_Implicit target, target)

    let private add factor numbers sum = addAt 0 factor numbers sum

    /// Adds the squared standard error that one stratum's draws contribute to the mean of all draws.
    let private addVariance (total: int) (stratum: float[][]) (variances: float[]) =
        let size = float stratum.Length
        let factor = size / (size - 1.0) / (float total * float total)

        for i in 0 .. variances.Length - 1 do
            let mutable sum = 0.0

            for numbers in stratum do
                sum <- sum + numbers[i]

            let mean = sum / size
            let mutable squares = 0.0

            for numbers in stratum do
                let difference = numbers[i] - mean
                squares <- squares + difference * difference

            variances[i] <- variances[i] + factor * squares

    let private kinks (first: int option) (second: int option) =
        match first, second with
        | None, None -> None
        | _ -> Some(Option.defaultValue 0 first + Option.defaultValue 0 second)

    /// A path divided at its kinks says more of the method than one that has none.
    let private methodOf first second = if first = "exact" then first else second

    /// The part of the average that consecutive paths make up; of draws whole strata.
    ///
    /// tolerance: what paths are measured by. paths: each with its interactions.
    let ofPaths
        (tolerance: float)
        (selection: BackgroundSelection)
        (first: int)
        (paths: (Explanation * float[])[])
        : PathAverage =
        let features = (fst paths[0]).Attributions.Length
        let sum = Array.zeroCreate<float>(features + (snd paths[0]).Length)
        let variances = if selection.IsSample then Array.zeroCreate<float> sum.Length else [||]
        let weight = Array.init paths.Length (fun i -> selection.Weight(first + i))

        paths
        |> Array.iteri (fun i (own, cells) ->
            addAt 0 weight[i] own.Attributions sum
            addAt features weight[i] cells sum)

        if selection.IsSample then
            let numbers = paths |> Array.map (fun (own, cells) -> Array.append own.Attributions cells)
            let mutable start = 0

            while start < numbers.Length do
                let size = if start + 3 = numbers.Length then 3 else 2
                addVariance selection.Count (Array.sub numbers start size) variances
                start <- start + size

        let explanations = paths |> Array.map fst
        let certificates = explanations |> Array.map _.Certificate

        let weighted (part: Explanation -> float) =
            Array.map2 (fun w own -> w * part own) weight explanations |> Array.sum

        let isWithin (own: Certificate) =
            let worst =
                max own.ErrorEstimate (max own.CompletenessResidual (Option.defaultValue 0.0 own.RowResidual))

            own.Satisfied || worst <= tolerance * own.Scale

        {
            Numbers = sum
            Variances = variances
            Target = explanations[0].Target
            Value = explanations[0].Value
            BaselineValue = weighted _.BaselineValue
            BaselineSize = weighted (fun own -> abs own.BaselineValue)
            Error = weighted _.Certificate.ErrorEstimate
            RowResidual = weighted (fun own -> Option.defaultValue 0.0 own.Certificate.RowResidual)
            AreWithin = certificates |> Array.forall isWithin
            Evaluations = certificates |> Array.sumBy _.Evaluations
            Probes = certificates |> Array.sumBy _.Probes
            Kinks = certificates |> Array.map _.Kinks |> Array.reduce kinks
            Method = certificates |> Array.map _.Method |> Array.reduce methodOf
        }

    /// Both together; the numbers of the first are used up.
    let join (first: PathAverage) (second: PathAverage) : PathAverage =
        add 1.0 second.Numbers first.Numbers
        add 1.0 second.Variances first.Variances

        {
            first with
                BaselineValue = first.BaselineValue + second.BaselineValue
                BaselineSize = first.BaselineSize + second.BaselineSize
                Error = first.Error + second.Error
                RowResidual = first.RowResidual + second.RowResidual
                AreWithin = first.AreWithin && second.AreWithin
                Evaluations = first.Evaluations + second.Evaluations
                Probes = first.Probes + second.Probes
                Kinks = kinks first.Kinks second.Kinks
                Method = methodOf first.Method second.Method
        }
