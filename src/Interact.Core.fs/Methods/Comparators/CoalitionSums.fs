namespace Interact.Core

open System
open System.Numerics
open System.Numerics.Tensors

/// Sums over all coalitions of d players, given by a number for each of the 2^d: coalition T stands at Σ_{i in T} 2^i.
type internal CoalitionSums = {
    /// Σ_T a(T).
    Total: float
    /// Σ_{T ∋ i} a(T).
    Singles: float[]
    /// Σ_{T ∋ i, j} a(T) for i < j.
    Pairs: float[,]
}

/// Indices of players and of pairs that weigh coalitions by their size, from all 2^d values.
///
/// An index is a sum over coalitions without the players it is about; each value stands in it with a weight that depends on the coalition's
/// size and on how many of the players are in it. So all indices follow from a few sums over all coalitions, over those with one player
/// and over those with two, of values that are weighted by size. Halving folds these sums out of the array in 4 · 2^d additions, instead
/// of the d² 2^d of the definition, and every sum is taken in pairs, which keeps rounding small.
[<RequireQualifiedAccess>]
module internal CoalitionIndex =

    let private sumInto (values: float[]) half =
        let lower = values.AsSpan(0, half)
        TensorPrimitives.Add<float>(lower, values.AsSpan(half, half), lower)

    /// All sums. The values are overwritten.
    let private fold players (values: float[]) : CoalitionSums =
        let singles = Array.zeroCreate<float> players
        let pairs = Array2D.zeroCreate<float> players players
        let upper = Array.zeroCreate<float>(values.Length / 2)

        for player in players - 1 .. -1 .. 0 do
            let half = 1 <<< player
            // Coalitions with the player, of those with and without the ones above: folded down to each player below.
            Array.Copy(values, half, upper, 0, half)

            for other in player - 1 .. -1 .. 0 do
                let quarter = 1 <<< other
                pairs[other, player] <- TensorPrimitives.Sum<float>(upper.AsSpan(quarter, quarter))
                sumInto upper quarter

            singles[player] <- upper[0]
            sumInto values half

        { Total = values[0]; Singles = singles; Pairs = pairs }

    /// Sums of the values, each times a weight for the coalition's size.
    let private weighted players (values: float[]) (weight: int -> float) : CoalitionSums =
        let weights = Array.init (players + 1) weight
        // Differences from the empty coalition are summed, which are smaller than the values.
        let own =
            values
            |> Array.mapi (fun index value -> weights[BitOperations.PopCount(uint index)] * (value - values[0]))

        fold players own

    /// φ_i = Σ_{S ⊆ N∖i} u(|S|) (v(S∪i) - v(S)): u is given for sizes 0 to d - 1, values for all coalitions.
    let ofPlayers players (u: int -> float) (values: float[]) : float[] =
        let weight size = if size >= 0 && size < players then u size else 0.0
        let without = weighted players values weight
        let both = weighted players values (fun size -> weight (size - 1) + weight size)
        both.Singles |> Array.map (fun single -> single - without.Total)

    /// I_ij = Σ_{S ⊆ N∖ij} w(|S|) (v(S∪ij) - v(S∪i) - v(S∪j) + v(S)), symmetric, with zeros on the diagonal: w is given for sizes 0 to
    /// d - 2, values for all coalitions.
    let ofPairs players (w: int -> float) (values: float[]) : float[,] =
        let weight size = if size >= 0 && size <= players - 2 then w size else 0.0
        let sums = weighted players values

        // Among coalitions with both, one and none of the two, the last two follow from sums over those with i, with j and with both.
        let none = sums weight
        let one = sums (fun size -> weight (size - 1) + weight size)
        let two = sums (fun size -> weight (size - 2) + 2.0 * weight (size - 1) + weight size)

        Array2D.init players players (fun i j ->
            if i = j then 0.0 else two.Pairs[min i j, max i j] - one.Singles[i] - one.Singles[j] + none.Total)
