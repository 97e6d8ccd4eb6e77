namespace Interact.Core

open System

/// The Shapley-Taylor interaction index of order 2, v(S) being the output where features outside S are the baseline's.
///
/// I_i = v(i) - v(∅),
/// I_ij = 2/d Σ_{S ⊆ N∖ij} (v(S∪ij) - v(S∪i) - v(S∪j) + v(S)) / C(d-1, |S|).
///
/// The matrix has I_ij / 2 in each of a pair's two cells and I_i on the diagonal. All of it adds up to f(x) - f(x'), and each row to the
/// feature's Shapley value.
///
/// Source: Dhamdhere, Agarwal, Sundararajan, "The Shapley Taylor interaction index", ICML 2020.
[<RequireQualifiedAccess>]
module ShapleyTaylor =

    /// All coalitions up to 20 features (or groups), 100 draws of every pair beyond.
    let defaults = CoalitionOptions.defaults

    let private exact players (values: float[]) =
        let attributions = values |> CoalitionIndex.ofPlayers players (ShapleyInteractions.uniform players)

        let pairs =
            values
            |> CoalitionIndex.ofPairs players (fun size -> 2.0 * ShapleyInteractions.uniform players size)

        attributions, CoalitionMethod.cellsOf players pairs (fun i _ -> values[1 <<< i] - values[0])

    /// A draw: one order of the players, and the same backwards. A pair's number is what the two add together to those who come before
    /// both. These numbers and what each player adds alone add up to the whole in every order.
    let private draw players (random: Random) : CoalitionDraw =
        let forwards = CoalitionMethod.permutation random players
        let orders = [| forwards; Array.rev forwards |]

        /// The place of the first k players together with the one at another place from k on.
        let place k other = k * players - k * (k - 1) / 2 + (other - k)

        let sets = [|
            for k in 0 .. players - 1 do
                for other in k .. players - 1 -> struct (k, other)
        |]

        // The last one is empty.
        let perOrder = sets.Length + 1

        let write =
            MaskWriter(fun coalition masks offset ->
                let order = orders[coalition / perOrder]

                if coalition % perOrder < sets.Length then
                    let struct (first, other) = sets[coalition % perOrder]

                    for k in 0 .. first - 1 do
                        masks[offset + order[k]] <- 1.0

                    masks[offset + order[other]] <- 1.0)

        let collect (values: float[]) start =
            let single = Array.zeroCreate<float> players
            let pairs = Array2D.zeroCreate<float> players players

            for number in 0 .. orders.Length - 1 do
                let order = orders[number]
                let first = start + number * perOrder
                let alone = values[first + sets.Length]
                let value k other = values[first + place k other]
                let before k = if k = 0 then alone else value (k - 1) (k - 1)

                for k in 0 .. players - 1 do
                    single[order[k]] <- value 0 k - alone

                    for other in k + 1 .. players - 1 do
                        let i, j = order[k], order[other]
                        let index = value (k + 1) other - value k k - value k other + before k
                        pairs[i, j] <- pairs[i, j] + 0.5 * index
                        pairs[j, i] <- pairs[i, j]

            let cells = CoalitionMethod.cellsOf players pairs (fun i _ -> single[i])
            cells |> Array.chunkBySize players |> Array.map Array.sum, cells

        { Count = orders.Length * perOrder; Write = write; Collect = collect }

    /// Explains several rows; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite for a coalition.
    let explainRows (options: CoalitionOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        CoalitionMethod.explainRows exact draw options model tasks

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: CoalitionOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
