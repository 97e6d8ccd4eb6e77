namespace Interact.Core

open System
open System.Threading

/// How far a distribution moves where a variable's effect size is known to be 0.
[<RequireQualifiedAccess>]
type RateDivergence =
    /// ½ μ_j² α_j, the move of the means: what RATE is defined by.
    | Quadratic
    /// The Kullback-Leibler divergence, the change of the covariance counted in.
    | Exact

/// How RATE is computed.
[<NoEquality; NoComparison>]
type RateOptions = {
    Divergence: RateDivergence
    /// Groups of variables instead of single ones.
    Groups: Groups option
    /// Variables, or groups where there are some, that have been found already: the others are compared given that these have no effect.
    Given: int[]
    /// What is added to the diagonal of the effect sizes' covariance, so that it has an inverse.
    Ridge: float
    Threads: int
    CancellationToken: CancellationToken
}

/// Relative centrality of variables, or groups of them.
type RateResult = {
    /// Which they are, ascending: all but those given.
    Sets: int[]
    /// Their divergences.
    Divergences: float[]
    /// Their divergences' shares: RATE, which sums to 1.
    Rates: float[]
    /// What each would be if all were alike: one over their number.
    UniformRate: float
    /// Δ = Σ RATE ln(p RATE), the divergence of RATE from the uniform distribution: 0 where all are alike, ln p where one has all.
    DivergenceFromUniform: float
    /// 100/(1 + Δ), in percent: how far variables act alike.
    EffectiveSampleSize: float
}

/// RATE, relative centrality of variables: how much the distribution of all other effect sizes changes when one variable's is known to
/// be 0, KLD_j, as a share of the sum over all variables.
///
/// With effect sizes N(μ, Σ), Σ = V_B + ridge I and Λ = Σ⁻¹ the precision (not the covariance), α_j = Λ_j,-j Λ_-j⁻¹ Λ_-j,j = Λ_jj - 1/Σ_jj and KLD_j = ½ μ_j² α_j;
/// exactly, with c = Σ_jj Λ_jj, KLD_j = ½ (μ_j² α_j + c - 1 - ln c). For a set J, α becomes Λ_JJ - Σ_JJ⁻¹, and c - 1 - ln c becomes tr(Σ_JJΛ_JJ) - |J| - ln det(Σ_JJΛ_JJ).
///
/// Sources: Crawford, Flaxman, Runcie, West, "Variable prioritization in nonlinear black box methods: a genetic association case
/// study", Annals of Applied Statistics 2019; Ish-Horowicz, Udwin, Flaxman, Filippi, Crawford, "Interpreting deep neural networks
/// through variable importance", 2020.
[<RequireQualifiedAccess>]
module Rate =

    /// Dependence on all others below which effect sizes count as independent: R² of the regression on them.
    let private independence = 1e-13

    /// The quadratic divergence of single variables, none given, ridge 1e-9, one thread.
    let defaults = {
        Divergence = RateDivergence.Quadratic
        Groups = None
        Given = [||]
        Ridge = 1e-9
        Threads = 1
        CancellationToken = CancellationToken.None
    }

    let private check (options: RateOptions) (effects: EffectSizes) =
        let p = effects.Mean.Length
        Checks.positive "Ridge" options.Ridge
        Checks.within "Threads" 1 1024 options.Threads
        Checks.length "Factor" p effects.Factor
        Checks.finite "Mean" effects.Mean

        effects.Factor
        |> Array.iteri (fun j row ->
            Checks.require (row.Length = effects.Factor[0].Length && row.Length > 0) "Factor" (fun () ->
                $"row {j} of Factor has {row.Length} elements; all rows need as many, one at least.")

            Checks.finite $"row {j} of Factor" row)

        match options.Groups with
        | Some groups ->
            Checks.require
                (groups.Members |> Seq.concat |> Seq.sort |> Array.ofSeq = [| 0 .. p - 1 |])
                "Groups"
                (fun () -> $"every one of the {p} variables must be in one group, and in no other.")
        | None -> ()

    /// Relative centrality of p variables whose effect sizes have the given normal distribution, or of groups of them.
    ///
    /// Errors: ArgumentException for options that do not fit, for fewer than two variables (or groups) beside those given, and where all
    /// divergences are 0, so that there are no shares: where effect sizes are independent (V_B is diagonal), or have mean 0.
    let explain (options: RateOptions) (effects: EffectSizes) : RateResult =
        check options effects
        let p = effects.Mean.Length

        let workers = { Threads = options.Threads; CancellationToken = options.CancellationToken }

        let sets =
            match options.Groups with
            | Some groups -> groups.Members
            | None -> Array.init p Array.singleton

        let what = if options.Groups.IsSome then "groups" else "variables"

        for set in options.Given do
            Checks.require (set >= 0 && set < sets.Length) "Given" (fun () ->
                $"there is no {set}; the {what} are numbered 0..{sets.Length - 1}.")

        let given = Set.ofArray options.Given
        let kept = [| 0 .. sets.Length - 1 |] |> Array.filter (given.Contains >> not)

        Checks.require (kept.Length >= 2) (if given.IsEmpty then nameof effects else "Given") (fun () ->
            $"there are {kept.Length} {what} to compare; RATE is a share, and needs two at least.")

        let found =
            if given.IsEmpty then
                SetDivergences.find workers options.Ridge sets effects
            else
                let nullified = given |> Seq.collect (fun set -> sets[set]) |> Array.ofSeq

                // Where each variable stands among those that are left.
                let isLeft = Array.create p true
                nullified |> Array.iter (fun j -> isLeft[j] <- false)
                let places = isLeft |> Array.scan (fun place left -> if left then place + 1 else place) 0

                EffectSizes.nullify workers options.Ridge nullified effects
                |> SetDivergences.find
                    workers
                    options.Ridge
                    (kept |> Array.map (fun set -> sets[set] |> Array.map (fun j -> places[j])))

        let divergences =
            found
            |> Array.map (fun set ->
                match options.Divergence with
                | RateDivergence.Quadratic -> 0.5 * set.Quadratic
                | RateDivergence.Exact -> 0.5 * (set.Quadratic + set.Excess))

        let sum = Array.sum divergences

        Checks.require (Double.IsFinite sum) (nameof effects) (fun () ->
            "the divergences are not finite; scale the variables or the function so that effect sizes are of ordinary size.")

        Checks.require (found |> Array.exists (fun set -> set.Dependence > independence)) (nameof effects) (fun () ->
            $"the effect sizes of the {what} are independent (their covariance V_B is diagonal, or nothing beside the ridge of {options.Ridge}), so every divergence is 0 and RATE is 0/0; "
            + "compare each mean with its standard deviation instead.")

        Checks.require (sum > 0.0) (nameof effects) (fun () ->
            "every effect size has mean 0, so every divergence is 0 and RATE is 0/0; ask for the exact divergence, or for another output.")

        let rates = divergences |> Array.map (fun divergence -> divergence / sum)
        let count = float kept.Length

        // Rounding may leave less than 0 where all are alike.
        let fromUniform =
            rates
            |> Array.sumBy (fun rate -> if rate > 0.0 then rate * Math.Log(count * rate) else 0.0)
            |> max 0.0

        {
            Sets = kept
            Divergences = divergences
            Rates = rates
            UniformRate = 1.0 / count
            DivergenceFromUniform = fromUniform
            EffectiveSampleSize = 100.0 / (1.0 + fromUniform)
        }
