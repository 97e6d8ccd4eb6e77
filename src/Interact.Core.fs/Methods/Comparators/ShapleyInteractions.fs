namespace Interact.Core

open System

/// Shapley values and the Shapley interaction index of all pairs, v(S) being the output where features outside S are the baseline's.
///
/// φ_i = Σ_{S ⊆ N∖i} |S|! (d-|S|-1)!/d! (v(S∪i) - v(S)),
/// I_ij = Σ_{S ⊆ N∖ij} |S|! (d-|S|-2)!/(d-1)! (v(S∪ij) - v(S∪i) - v(S∪j) + v(S)).
///
/// The matrix has I_ij / 2 in each of a pair's two cells and φ_i - Σ_{j≠i} I_ij / 2 on the diagonal, so that its rows add up to
/// Shapley values and all of it to f(x) - f(x'). The index promises this for Shapley values alone; the diagonal is what is left.
///
/// Sources: Grabisch, Roubens, "An axiomatic approach to the concept of interaction among players in cooperative games", International
/// Journal of Game Theory 28, 1999. The diagonal: Lundberg, Erion, Lee, "Consistent individualized feature attribution for tree
/// ensembles", 2018.
[<RequireQualifiedAccess>]
module ShapleyInteractions =

    /// All coalitions up to 20 features (or groups), 100 draws of every pair beyond.
    let defaults = CoalitionOptions.defaults

    /// 1 / (count · C(count - 1, size)): a size among so many and a set of that size, both uniform.
    let internal uniform count size = 1.0 / (float count * Combinations.count (count - 1) size)

    let private exact players (values: float[]) =
        let attributions = values |> CoalitionIndex.ofPlayers players (uniform players)
        let pairs = values |> CoalitionIndex.ofPairs players (uniform (players - 1))
        attributions, CoalitionMethod.cellsOf players pairs (fun i halves -> attributions[i] - halves)

    /// The order in which a zigzag passes through the vertices of a polygon: first, first + 1, first - 1, first + 2 and so on. Half as many of
    /// them as there are vertices, an even number, pass through every edge and diagonal once (Walecki, 1883).
    let private zigzag vertices first =
        Array.init vertices (fun k -> (first + (if k % 2 = 1 then (k + 1) / 2 else vertices - k / 2)) % vertices)

    /// A draw: so many orders of the players that every pair is next to each other in just one of them, and the same orders backwards. The
    /// players before a pair are then a coalition of uniform size, uniform among those of its size, as the index has it; backwards it
    /// is the one of all others, so that terms of up to three features are not left to chance. An odd number of players is made even
    /// by one that adds nothing, at a vertex that is left out.
    let private draw players (random: Random) : CoalitionDraw =
        let vertices = players + players % 2
        let labels = CoalitionMethod.permutation random vertices

        let forwards =
            Array.init (vertices / 2) (fun first -> zigzag vertices first |> Array.map (fun v -> labels[v]))

        let paths = Array.append forwards (forwards |> Array.map Array.rev)
        let orders = paths |> Array.map (Array.filter (fun player -> player < players))

        /// The number of players before the one that adds nothing, which divides a pair where players follow; 0 where there is none.
        let gaps = paths |> Array.map (fun path -> Array.IndexOf(path, players) |> max 0)

        // For each order and number of players k: the first k, and the first k with the next but one.
        let perOrder = 2 * players + 1

        let write =
            MaskWriter(fun coalition masks offset ->
                let order = orders[coalition / perOrder]
                let place = coalition % perOrder
                let first = place / 2

                for k in 0 .. first - 1 do
                    masks[offset + order[k]] <- 1.0

                if place % 2 = 1 && first + 1 < players then masks[offset + order[first + 1]] <- 1.0)

        let collect (values: float[]) start =
            let attributions = Array.zeroCreate<float> players
            let pairs = Array2D.zeroCreate<float> players players

            for path in 0 .. orders.Length - 1 do
                let order = orders[path]
                let value place = values[start + path * perOrder + place]

                for k in 0 .. players - 1 do
                    let step = value (2 * (k + 1)) - value (2 * k)
                    attributions[order[k]] <- attributions[order[k]] + step / float orders.Length

                    if k + 1 < players && gaps[path] <> k + 1 then
                        let i, j = order[k], order[k + 1]
                        let index = value (2 * (k + 2)) - value (2 * (k + 1)) - value (2 * k + 1) + value (2 * k)
                        pairs[i, j] <- pairs[i, j] + 0.5 * index
                        pairs[j, i] <- pairs[i, j]

            attributions, CoalitionMethod.cellsOf players pairs (fun i halves -> attributions[i] - halves)

        { Count = orders.Length * perOrder; Write = write; Collect = collect }

    /// Explains several rows; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite for a coalition.
    let explainRows (options: CoalitionOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        CoalitionMethod.explainRows exact draw options model tasks

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: CoalitionOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
