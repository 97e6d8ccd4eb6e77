namespace Interact.Core

open System

/// How positions of a feature map act together in a prediction.
type PositionInteractions = {
    /// Number of the row, from 0.
    Row: int
    /// Index of the explained element of the flattened output.
    Target: int
    /// f(x).
    Value: float
    /// Sets of positions, as indices into the positions asked for, the strongest first.
    Sets: RankedSet[]
}

/// Taylor-CAM of pairs: S_ij = (Σ_k x_ik Σ_l H_ik,jl)², symmetrised as S + Sᵀ, for positions i and j of a feature map with channels k
/// and l, x the map and H the second derivatives of an output by it.
///
/// With d_i the map at position i and 0 elsewhere, and e_j ones at position j, S_ij = (d_iᵀHe_j)²: one direction for each position
/// gives Hd_i, whose sums over positions are all that is needed. H itself is never made.
///
/// Source: Lerman et al., "Explaining Local, Global, And Higher-Order Interactions In Deep Learning", ICCV 2021.
[<RequireQualifiedAccess>]
module TaylorCam =

    /// d_i: the map at one position.
    let private at (members: int[]) (map: float[]) =
        let direction = Array.zeroCreate<float> map.Length

        for element in members do
            direction[element] <- map[element]

        direction

    let private ones (members: int[]) length =
        let direction = Array.zeroCreate<float> length

        for element in members do
            direction[element] <- 1.0

        direction

    let private curvature (map: float[]) output (directions: float[][]) : CurvatureRequest = {
        Points = { Baseline = map; Displacement = Array.zeroCreate map.Length; Output = output; Nodes = [| 0.0 |] }
        Weights = [| 1.0 |]
        Directions = Along directions
    }

    /// d_iᵀHe_j for all i and j at each map: one k x k matrix each, row by row.
    let private bilinear (derivatives: IDifferentiable) (positions: int[][]) (maps: (float[] * float[])[]) : float[][] =
        let count = positions.Length

        match derivatives with
        | :? IHessianProducts as products ->
            maps
            |> Array.map (fun (map, output) -> positions |> Array.map (fun own -> at own map) |> curvature map output)
            |> products.Products
            |> Array.map2
                (fun (map, _) result ->
                    let n = Array.length map

                    Array.init (count * count) (fun place ->
                        let row = place / count * n
                        positions[place % count] |> Array.sumBy (fun l -> result.Curvature[row + l])))
                maps
        | _ ->
            // Derivatives from outside are known as bilinear forms alone.
            maps
            |> Array.map (fun (map, output) ->
                Array.append
                    (positions |> Array.map (fun own -> at own map))
                    (positions |> Array.map (fun own -> ones own map.Length))
                |> curvature map output)
            |> derivatives.Curvatures
            |> Array.map (fun result ->
                Array.init (count * count) (fun place ->
                    let i, j = place / count, place % count
                    result.Curvature[i * 2 * count + count + j]))

    /// The pairs' strengths from d_iᵀHe_j.
    let private pairs count (form: float[]) =
        Ranking.strongestFirst [
            for i in 0 .. count - 1 do
                for j in i + 1 .. count - 1 do
                    let forth, back = form[i * count + j], form[j * count + i]
                    { Members = [| i; j |]; Strength = forth * forth + back * back }
        ]

    /// The pairs of positions of several feature maps, worked on together; the result of a map does not depend on the others. Each
    /// position is a group of the model's elements (Groups.patches 1 1 or Groups.tokens makes them from a shape).
    ///
    /// Errors: ArgumentException for maps and options that do not fit, NotFiniteException where values or derivatives are not finite.
    let pairsOf (options: PathOptions) (model: Model) (positions: Groups) (maps: PathTask[]) : PositionInteractions[] =
        let rows =
            maps
            |> Array.map (fun task -> { task with Baseline = task.Input })
            |> PathRows.prepare { options with Groups = Some positions } model

        let forms =
            rows
            |> Array.map (fun row -> row.Task.Input, row.Output)
            |> bilinear (Model.evaluatedBy options.Evaluation model) positions.Members

        Array.map2
            (fun (row: PathRow) (form: float[]) ->
                PathRows.checkFinite model row [| 0.0 |] form

                {
                    Row = row.Task.Row
                    Target = row.Target
                    Value = row.Value
                    Sets = pairs positions.Members.Length form
                })
            rows
            forms
