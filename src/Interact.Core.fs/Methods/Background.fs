namespace Interact.Core

open System

/// How many baselines are drawn from a background, and with which seed.
type Draws = { Samples: int; Seed: int }

/// A distribution of baselines x', over which expected methods average.
[<NoEquality; NoComparison>]
type Background = {
    /// How many baselines there are.
    Count: int
    /// The probability of each; None where all are alike.
    Weights: float[] option
    /// The baseline with a number, from 0, for an input x: n elements. It is called again for every row that is explained, from
    /// several threads, so that the baselines need not all be in memory.
    Point: float[] -> int -> float[]
    /// Whether the baselines are independent draws from a larger distribution, so that their average has a standard error.
    IsSample: bool
    /// Baselines that are drawn; None for the exact average over all of them.
    Draws: Draws option
}

/// Making distributions of baselines.
[<RequireQualifiedAccess>]
module Background =

    let private checkRows (rows: float[][]) =
        Checks.require (rows.Length > 0) (nameof rows) (fun () -> "there are no background rows; give one at least.")

        for i in 0 .. rows.Length - 1 do
            Checks.length $"{nameof rows}[{i}]" rows[0].Length rows[i]
            Checks.finite $"{nameof rows}[{i}]" rows[i]

    /// So many baselines, made one by one when they are needed. point: the baseline with a number, from 0; it may be called from several
    /// threads, and must give the same for the same number. Error: ArgumentException unless there is one at least.
    let ofFunction (count: int) (point: int -> float[]) : Background =
        Checks.within (nameof count) 1 Int32.MaxValue count

        {
            Count = count
            Weights = None
            Point = fun _ -> point
            IsSample = false
            Draws = None
        }

    /// All rows, equally often. Errors: ArgumentException where there are none, for rows of different lengths, and for elements that are
    /// not finite.
    let ofRows (rows: float[][]) : Background =
        checkRows rows
        ofFunction rows.Length (fun row -> rows[row])

    /// Rows with weights, which are divided by their sum. Errors: as for ofRows; ArgumentException unless there is a weight for each row,
    /// and all are positive and finite.
    let weighted (weights: float[]) (rows: float[][]) : Background =
        checkRows rows
        Checks.length (nameof weights) rows.Length weights
        weights |> Array.iteri (fun i weight -> Checks.positive $"{nameof weights}[{i}]" weight)
        // By the largest first: the sum of large weights may be more than a double holds.
        let largest = Array.max weights
        let relative = weights |> Array.map (fun weight -> weight / largest)
        let total = Array.sum relative
        { ofRows rows with Weights = Some(relative |> Array.map (fun weight -> weight / total)) }

    /// The centres of at most so many clusters of the rows (k-means), each weighted by its share of the rows: a background that costs less
    /// than all rows. Fewer centres come where rows coincide. Errors: as for ofRows; ArgumentException unless one cluster at least, and
    /// no more than rows, are asked for.
    let kMeans (clusters: int) (seed: int) (rows: float[][]) : Background =
        checkRows rows
        Checks.within (nameof clusters) 1 rows.Length clusters
        let found = Clusters.find clusters seed rows
        found |> Array.map fst |> weighted (found |> Array.map (snd >> float))

    /// Inputs with Gaussian noise added: so many baselines x + σ∘z around each row x, z standard normal and the same for all rows.
    ///
    /// deviations: the standard deviation σ of each feature, or one for all. Errors: ArgumentException for fewer than two samples, which
    /// would have no standard error, and unless deviations are finite, none is negative and one is positive.
    let noise (deviations: float[]) (samples: int) (seed: int) : Background =
        Checks.within (nameof samples) 2 Int32.MaxValue samples
        Checks.finite (nameof deviations) deviations

        Checks.require
            (Array.forall (fun own -> own >= 0.0) deviations && Array.exists (fun own -> own > 0.0) deviations)
            (nameof deviations)
            (fun () -> "a standard deviation is negative, or all are 0; give positive ones.")

        let point (input: float[]) (number: int) =
            if deviations.Length <> 1 then Checks.length (nameof deviations) input.Length deviations
            let noise = Array.zeroCreate<float> input.Length
            RandomStream.Of(seed, number).FillNormals noise
            let deviation i = if deviations.Length = 1 then deviations[0] else deviations[i]
            Array.mapi2 (fun i value drawn -> value + deviation i * drawn) input noise

        { Count = samples; Weights = None; Point = point; IsSample = true; Draws = None }

    /// Baselines drawn from a background in place of the average over all of it: as likely as their weights say, in strata of baselines
    /// with similar outputs, two in each. Where there are no more baselines than draws, all are averaged. Errors: ArgumentException for
    /// fewer than two samples, and for a background that is drawn already.
    let draw (samples: int) (seed: int) (background: Background) : Background =
        Checks.within (nameof samples) 2 Int32.MaxValue samples

        Checks.require (not background.IsSample && background.Draws.IsNone) (nameof background) (fun () ->
            "the background is drawn already; ask for another number of samples there.")

        { background with Draws = Some { Samples = samples; Seed = seed } }

    /// The same distribution with every baseline changed, such as to the value of a tensor inside a model. Noise is around what is
    /// explained already, and stays as it is.
    let map (change: float[] -> float[]) (background: Background) : Background =
        if background.IsSample then
            background
        else
            { background with Point = fun input number -> background.Point input number |> change }
