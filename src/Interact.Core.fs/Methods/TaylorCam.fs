namespace Interact.Core

open System
open System.Collections.Generic

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

/// Positions of a feature map and the order of their interactions, and what is compiled for them: made once and used for any number of
/// maps.
[<Sealed>]
type TaylorCamSets
    internal (positions: Groups, sets: int[][], higher: (Model * string * MixedPartialsOf * int[][]) option) =
    /// The positions: groups of the model's elements.
    member _.Positions = positions
    /// Sets of positions, as indices into them, ascending.
    member _.Sets = sets
    /// Above pairs: the model as a function of steps along the map and along ones at each position, the name under which it holds the map,
    /// the mixed derivatives needed, and for each set those that belong to it.
    member internal _.Higher = higher

/// Taylor-CAM: for positions i and j of a feature map x with channels k and l, and H the second derivatives of an output by x,
/// S_ij = (Σ_k x_ik Σ_l H_ik,jl)², symmetrised as S + Sᵀ. For more positions, mixed derivatives of higher order along the map at one
/// position and along ones at the others, squared, and added over which position that one is.
///
/// With d_i the map at position i and 0 elsewhere, and e_j ones at position j, S_ij = (d_iᵀHe_j)²: one direction for each position
/// gives Hd_i, whose sums over positions are all that is needed. H itself is never made. Above pairs, the same are mixed partial
/// derivatives of the output as a function of steps a and b: the map moved to x + Σ a_i d_i + Σ b_j e_j.
///
/// Source: Lerman, Venuto, Kautz, Xu, "Explaining local, global, and higher-order interactions in deep learning", ICCV 2021.
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
    let private pairs count (form: float[]) (set: int[]) =
        let forth, back = form[set[0] * count + set[1]], form[set[1] * count + set[0]]
        forth * forth + back * back

    /// The most sets of positions that are looked at.
    let private mostSets = 1_000_000

    /// The model as a function of 2 x positions steps, which holds the map: x + Σ a_i d_i + Σ b_j e_j.
    let private ofSteps (graph: GraphFunction) (positions: int[][]) =
        let map = graph.Input
        let count = positions.Length
        let owner = Array.zeroCreate<int> map.Size

        for position in 0 .. count - 1 do
            for element in positions[position] do
                owner[element] <- position

        let steps = Node.input "steps" [| 2 * count |]
        let along = steps |> Node.gather 0 owner
        let ones = steps |> Node.gather 0 (owner |> Array.map ((+) count))
        let flat = map |> Node.reshape [| map.Size |]
        let moved = Node.add (Node.multiply flat (Node.add (Node.scalar 1.0) along)) ones
        let output = [ graph.Output ] |> Graph.substitute [ map, Node.reshape map.Shape moved ] |> List.head
        let held: HeldInput = { Node = map; IsInteger = false; Values = None }
        Model.ofGraph (GraphFunction(steps, output, graph.Describe, held :: graph.Held)), held.Name

    /// The model of steps, prepared for the mixed derivatives of all sets.
    let private higher (options: PathOptions) (model: Model) (positions: int[][]) (sets: int[][]) =
        match model.Graph with
        | None ->
            Checks.invalid
                (nameof model)
                "sets of three and more positions need a model given as a graph; ask for pairs."
        | Some graph ->
            let ofSteps, name = ofSteps graph positions
            let count = positions.Length
            let wanted = ResizeArray<int[]>()

            let own =
                sets
                |> Array.map (fun set ->
                    set
                    |> Array.map (fun first ->
                        wanted.Add(set |> Array.map (fun i -> if i = first then i else count + i) |> Array.sort)
                        wanted.Count - 1))

            let mixed = {
                MixedPartials.defaults with
                    AllowKinks = true
                    Threads = options.Threads
                    Memory = options.Memory
            }

            ofSteps, name, MixedPartials.prepare mixed ofSteps (wanted.ToArray()), own

    /// Prepares a model for all sets of so many positions. Each position is a group of the model's elements, and every element is in one
    /// (Groups.patches 1 1 or Groups.tokens makes them from a shape).
    ///
    /// Errors: ArgumentException unless the order is 2 or more and at most the number of positions, for more than a million sets, and above
    /// order 2 for a model that is not a graph.
    let prepare (options: PathOptions) (model: Model) (order: int) (positions: Groups) : TaylorCamSets =
        let count = positions.Members.Length

        Checks.require (order >= 2 && order <= count) (nameof order) (fun () ->
            $"there are {count} positions, of which {order} are to act together; it must be 2 or more of them.")

        let sets = Combinations.count count order

        Checks.require (sets <= float mostSets) (nameof order) (fun () ->
            $"{count} positions have {sets:G3} sets of {order}, more than {mostSets}; take fewer, larger positions, such as patches.")

        let sets = MixedPartials.setsOfOrder order positions.Members.Length
        let higher = if order = 2 then None else Some(higher options model positions.Members sets)
        TaylorCamSets(positions, sets, higher)

    /// One strength for each set at each row.
    let private strengths
        (options: PathOptions)
        (prepared: TaylorCamSets)
        (model: Model)
        (rows: PathRow[])
        : float[][] =
        match prepared.Higher with
        | None ->
            rows
            |> Array.map (fun row -> row.Task.Input, row.Output)
            |> bilinear (Model.evaluatedBy options.Evaluation model) prepared.Positions.Members
            |> Array.map (fun form -> prepared.Sets |> Array.map (pairs prepared.Positions.Members.Length form))
        | Some(ofSteps, map, derivatives, own) ->
            rows
            |> Array.map (fun row ->
                let mixed = {
                    MixedPartials.defaults with
                        Target = Target.Index row.Target
                        AllowKinks = true
                        Threads = options.Threads
                        Memory = options.Memory
                        CancellationToken = options.CancellationToken
                }

                let held =
                    model.Held
                    |> List.fold
                        (fun held input ->
                            match input.Values with
                            | Some values -> Model.hold input.Name values held
                            | None -> held)
                        (Model.hold map row.Task.Input ofSteps)

                let start = row.Task.Row, Array.zeroCreate<float> held.InputSize
                let found = MixedPartials.explainRows mixed derivatives held [| start |] |> Array.head
                own |> Array.map (Array.sumBy (fun place -> found.Values[place] ** 2.0)))

    /// The strengths at several feature maps, worked on together; the result of a map does not depend on the others.
    ///
    /// model: the one that was prepared, or that with inputs held at other values. Errors: ArgumentException for maps and options that do
    /// not fit, NotFiniteException where values or derivatives are not finite.
    let explainRows
        (options: PathOptions)
        (prepared: TaylorCamSets)
        (model: Model)
        (maps: PathTask[])
        : PositionInteractions[] =
        let rows =
            maps
            |> Array.map (fun task -> { task with Baseline = task.Input })
            |> PathRows.prepare { options with Groups = Some prepared.Positions } model

        let found = strengths options prepared model rows

        Array.map2
            (fun (row: PathRow) (strengths: float[]) ->
                if strengths.Length > 0 then PathRows.checkFinite model row [| 0.0 |] strengths

                {
                    Row = row.Task.Row
                    Target = row.Target
                    Value = row.Value
                    Sets =
                        Array.map2 (fun set strength -> { Members = set; Strength = strength }) prepared.Sets strengths
                        |> Ranking.strongestFirst
                })
            rows
            found
