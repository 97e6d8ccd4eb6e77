namespace Interact.Core

open System
open System.Collections.Generic
open Interact.Core.Transform

/// How mixed partial derivatives are taken.
[<NoEquality; NoComparison>]
type MixedPartialsOptions = {
    Target: Target
    /// Whether a model with kinks is accepted: its derivatives are those of the smooth piece that each row is on, and what happens at the
    /// kinks is left out. Otherwise it is refused.
    AllowKinks: bool
    /// Threads that work together. Results do not depend on it.
    Threads: int
    /// What is taken to work in, results not counted. Results do not depend on it.
    Memory: MemoryBudget
    CancellationToken: System.Threading.CancellationToken
}

/// The mixed partial derivatives of one row.
type MixedPartialsRow = {
    /// Number of the row, from 0.
    Row: int
    /// Index of the differentiated element of the flattened output.
    Target: int
    /// ∂^|S| f / Π_{i∈S} ∂x_i for each set S, in the order of the sets: output units per product of the features' units.
    Values: float[]
}

/// Sets of one order that were looked at, and their derivatives.
type SetsOfOrder = {
    Order: int
    /// Flattened feature indices of each set, ascending; the sets in lexicographic order.
    Sets: int[][]
    /// For each set the aggregate of |∂^|S| f| over the rows.
    Strengths: float[]
    /// The derivatives at each row.
    Rows: MixedPartialsRow[]
} with

    /// The sets of largest strength, largest first, in lexicographic order where they are equal; at most as many as asked for.
    member this.Strongest(count: int) : (int[] * float) list =
        Seq.zip this.Sets this.Strengths |> List.ofSeq |> List.sortByDescending snd |> List.truncate count

/// How sets are searched.
[<NoEquality; NoComparison>]
type SetSearch = {
    /// The largest order.
    Order: int
    /// For an order above 2 how many sets of the order below are expanded, each by every feature: the strongest ones.
    Parents: int -> int
    Aggregation: Aggregation
}

/// Sets of features whose mixed partial derivatives a model is asked for, and what is compiled for them: made once and used for any
/// number of rows.
[<Sealed>]
type MixedPartialsOf internal (sets: int[][], plans: MixedPlans) =
    /// Flattened feature indices of each set, ascending.
    member _.Sets = sets
    /// Number of parts that are worked on one after the other, as memory asks for.
    member _.Blocks = plans.Blocks
    member internal _.Plans = plans

/// Mixed partial derivatives of any order, ∂^|S| f / Π_{i∈S} ∂x_i for sets S of features: zero for every row where the features of S do not
/// act together, all of them, in f. Also called cross derivatives.
///
/// Source: Lerman, Venuto, Kautz, Xu, "Explaining local, global, and higher-order interactions in deep learning", ICCV 2021. Derivatives are
/// exact to rounding.
[<RequireQualifiedAccess>]
module MixedPartials =

    /// Memory of one run beyond which sets are divided.
    let private divided = 256L <<< 20

    /// Features in a set at most: what is computed grows as 4 to their number.
    let private largestSet = 12

    /// Target predicted, models with kinks refused, one thread, half of the free memory.
    let defaults: MixedPartialsOptions = {
        Target = Predicted
        AllowKinks = false
        Threads = 1
        Memory = MemoryBudget.Default
        CancellationToken = System.Threading.CancellationToken.None
    }

    /// Up to order 3, of 10^(o-1) parents for order o, by the mean over rows.
    let searchDefaults: SetSearch = {
        Order = 3
        Parents = fun order -> pown 10 (min 9 (order - 1))
        Aggregation = Aggregation.Mean
    }

    /// All sets of so many of the features 0 .. length - 1, in lexicographic order.
    /// Errors: ArgumentException unless 1 ≤ order ≤ length, and for more than 2³¹ sets.
    let setsOfOrder (order: int) (length: int) : int[][] =
        Checks.within (nameof length) 1 Int32.MaxValue length
        Checks.within (nameof order) 1 length order

        let count = Combinations.count length order

        Checks.require (count <= float Array.MaxLength) (nameof order) (fun () ->
            $"order {order} has {count:G3} sets of {length} features, more than fit an array; search, or name the sets.")

        let sets = ResizeArray<int[]>()
        let set = Array.init order id
        let mutable isMore = true

        while isMore do
            sets.Add(Array.copy set)
            // The last member that can grow does, and those after it follow it.
            match Array.tryFindIndexBack id (set |> Array.mapi (fun k i -> i < length - order + k)) with
            | Some place ->
                let next = set[place] + 1

                for k in place .. order - 1 do
                    set[k] <- next + k - place
            | None -> isMore <- false

        sets.ToArray()

    let private describe (set: int[]) = set |> Array.map string |> String.concat ", " |> sprintf "{%s}"

    let private checkSets (length: int) (sets: int[][]) =
        sets
        |> Array.map (fun set ->
            Checks.require (set.Length > 0) (nameof sets) (fun () -> "one of the sets is empty; give it a feature.")

            Checks.require (set.Length <= largestSet) (nameof sets) (fun () ->
                $"the set {describe set} has {set.Length} features; sets of at most {largestSet} are worked on.")

            for feature in set do
                Checks.require (feature >= 0 && feature < length) (nameof sets) (fun () ->
                    $"the set {describe set} names feature {feature}; features are numbered 0..{length - 1}.")

            let sorted = Array.sort set

            Checks.require ((Array.distinct sorted).Length = set.Length) (nameof sets) (fun () ->
                $"the set {describe set} names a feature twice; a set has each once.")

            sorted)

    let private graphOf (model: Model) =
        match model.Graph with
        | Some graph -> graph
        | None ->
            Checks.invalid
                (nameof model)
                "mixed partial derivatives need a model given as a graph; this one's derivatives come from outside."

    let private checkKinks (graph: GraphFunction) =
        if Switches.mayExist graph.Input graph.Output then
            match Switches.find graph.Input graph.Output |> Array.tryHead with
            | Some switch ->
                let name = graph.Describe switch.Node |> Option.defaultValue $"'{Primitive.name switch.Node.Primitive}'"

                Checks.invalid
                    "model"
                    ($"{name} has a kink, where derivatives of second and higher order are impulses, and between kinks they miss them; "
                     + "smooth the model first (ReLU becomes SoftPlus), or allow kinks to get the derivatives of the piece that a row is on.")
            | None -> ()

    /// Prepares a model for sets of flattened feature indices, of any orders, in any order, also the same one twice.
    /// Errors: ArgumentException for an empty set, an index out of range or twice in a set; for a model that is not a graph; for one that has
    /// kinks, unless they are allowed.
    let prepare (options: MixedPartialsOptions) (model: Model) (sets: int[][]) : MixedPartialsOf =
        Checks.within (nameof options.Threads) 1 1024 options.Threads
        let graph = graphOf model
        let sorted = checkSets model.InputSize sets

        if not options.AllowKinks && sorted |> Array.exists (fun set -> set.Length > 1) then
            checkKinks graph

        let held = graph.HeldValues |> List.map fst
        let largest = min divided (options.Memory.Bytes / int64 options.Threads) |> max 1L
        MixedPartialsOf(sorted, MixedPlans(held, graph.Input, graph.Output, sorted, largest))

    let private oneHot length target = Array.init length (fun i -> if i = target then 1.0 else 0.0)

    /// Stops with the reason why the model is not finite at a row.
    let private refuse (model: Model) row (input: float[]) target otherwise =
        let reason, mend =
            match model.Function.WhyNotFinite(input, oneHot model.OutputSize target) with
            | Some cause -> cause.Reason, cause.Mend
            | None -> otherwise, None

        raise (NotFiniteException(row, reason, mend |> Option.defaultValue "leave the row out"))

    let private targetOf (options: MixedPartialsOptions) (model: Model) (row: int, input: float[]) =
        match options.Target with
        | Index index ->
            Checks.within (nameof options.Target) 0 (model.OutputSize - 1) index
            index
        | Predicted when model.OutputSize = 1 -> 0
        | Predicted ->
            let values = model.Function.Values([| input |])[0]
            let target = Array.IndexOf(values, Array.max values) |> max 0

            if not (Double.IsFinite values[target]) then
                refuse model row input target $"output {target} is not finite"

            target

    /// The derivatives at several rows, worked on together by the threads of the options.
    ///
    /// model: the one the sets were prepared for, or that with inputs held at other values. rows: each row's number and its values,
    /// as many as the model's input has. Errors: ArgumentException for a row of another length or with elements that are not finite, and for a
    /// target out of range; NotFiniteException where a derivative is not finite; OperationCanceledException.
    let explainRows
        (options: MixedPartialsOptions)
        (prepared: MixedPartialsOf)
        (model: Model)
        (rows: (int * float[])[])
        : MixedPartialsRow[] =
        let graph = graphOf model

        for row, input in rows do
            Checks.length $"row {row}" model.InputSize input
            Checks.finite $"row {row}" input

        let evaluation = { Evaluation.defaults with Threads = options.Threads; Memory = options.Memory }
        let held = graph.HeldValues |> List.map (fun (_, values) -> values ())
        let targets = rows |> Array.map (targetOf options model)
        let combinations = targets |> Array.map (oneHot model.OutputSize)
        let check = options.CancellationToken.ThrowIfCancellationRequested
        let values = prepared.Plans.Run(evaluation, held, Array.map snd rows, combinations, check)

        Array.init rows.Length (fun i ->
            let row, input = rows[i]

            match values[i] |> Array.tryFindIndex (Double.IsFinite >> not) with
            | Some set ->
                refuse
                    model
                    row
                    input
                    targets[i]
                    $"the derivative by the set {describe prepared.Sets[set]} is not finite"
            | None -> { Row = row; Target = targets[i]; Values = values[i] })

    /// The derivatives at rows, divided among threads.
    let private atRows
        (options: MixedPartialsOptions)
        (model: Model)
        (sets: int[][])
        (rows: float[][])
        : MixedPartialsRow[] =
        let prepared = prepare options model sets

        for i in 0 .. rows.Length - 1 do
            Checks.length $"row {i}" model.RowSize rows[i]

        let length = float sets.Length |> sqrt |> ceil |> int
        let division = RowStream.divide options.Threads options.Memory length rows.Length
        let each = { options with Threads = division.ThreadsEach }

        let work (chunk: (int * float[])[]) =
            if model.Upstream.IsNone then
                explainRows each prepared model chunk
            else
                chunk
                |> Array.collect (fun (number, row) ->
                    let entered, input = Model.enter row model
                    explainRows each prepared entered [| number, input |])

        rows |> Seq.indexed |> RowStream.map division work |> Array.ofSeq

    /// The derivatives by chosen sets of flattened feature indices at rows of data.
    /// Errors: as for prepare and explainRows.
    let ofSets (options: MixedPartialsOptions) (model: Model) (sets: int[][]) (rows: float[][]) : MixedPartialsRow[] =
        atRows options model sets rows

    /// For each set the aggregate of its derivatives' magnitudes over the rows. Error: ArgumentException where there is no row.
    let strengths (aggregation: Aggregation) (rows: MixedPartialsRow[]) : float[] =
        rows |> Seq.map _.Values |> StrengthAggregate.OfMagnitudes aggregation

    let private level measure order sets =
        let strengths, rows = measure sets
        { Order = order; Sets = sets; Strengths = strengths; Rows = rows }

    /// What a level is made of: the strengths of sets at rows, and the derivatives.
    let private measured options model rows aggregation sets =
        let derivatives = atRows options model sets rows
        strengths aggregation derivatives, derivatives

    /// The derivatives by all sets of so many features at rows of data, with the mean of their magnitudes: order 1 the gradient, order 2
    /// what stands above the Hessian's diagonal. Errors: as for setsOfOrder, prepare and explainRows.
    let allOfOrder (options: MixedPartialsOptions) (model: Model) (order: int) (rows: float[][]) : SetsOfOrder =
        setsOfOrder order model.InputSize |> level (measured options model rows Aggregation.Mean) order

    /// Sets of one order that a search looks at, at most.
    let private mostSearched = 5_000_000.0

    /// Refuses a search that would not end: before anything is computed, by the largest number of sets each order can have.
    let private checkSearch (search: SetSearch) length =
        let sets below order =
            let parents = min below (float (search.Parents order))
            let found = min (Combinations.count length order) (parents * float (length - order + 1))

            Checks.require (found <= mostSearched) (nameof search.Order) (fun () ->
                $"up to {found:G3} sets of {order} of the {length} features are to be looked at, more than {mostSearched:G3}; take a lower order, or expand fewer parents.")

            found

        let pairs = Combinations.count length 2

        Checks.require (pairs <= mostSearched) "model" (fun () ->
            $"{length} features have {pairs:G3} pairs, more than the {mostSearched:G3} that are looked at; name the sets.")

        [ 3 .. search.Order ] |> List.fold sets pairs |> ignore

    /// The search for sets of the given number of features, by a function that gives for sets their strengths and, where they are kept,
    /// the derivatives at all rows; see search.
    let internal searchMeasured
        (search: SetSearch)
        (length: int)
        (measure: int[][] -> float[] * MixedPartialsRow[])
        : SetsOfOrder list =
        Checks.require (length >= 2) "model" (fun () ->
            "the model has a single feature; sets to search need two at least.")

        Checks.within (nameof search.Order) 2 length search.Order
        checkSearch search length

        let children (parents: int[] seq) =
            let found = HashSet<int[]>(HashIdentity.Structural)

            for parent in parents do
                for feature in 0 .. length - 1 do
                    if not (Array.contains feature parent) then
                        found.Add(Array.append parent [| feature |] |> Array.sort) |> ignore

            found |> Seq.sortBy List.ofArray |> Array.ofSeq

        let next (below: SetsOfOrder) order =
            let parents = search.Parents order

            Checks.require (parents >= 1) (nameof search.Parents) (fun () ->
                $"{parents} parents are to be expanded to order {order}; one is needed at least.")

            below.Strongest parents |> Seq.map fst |> children |> level measure order

        let pairs = setsOfOrder 2 length |> level measure 2
        [ 3 .. search.Order ] |> List.scan next pairs

    /// The search for sets of the given number of features, by a function that gives the derivatives at all rows for sets; see search.
    let searchBy (search: SetSearch) (length: int) (derivatives: int[][] -> MixedPartialsRow[]) : SetsOfOrder list =
        searchMeasured search length (fun sets ->
            let rows = derivatives sets
            strengths search.Aggregation rows, rows)

    /// All pairs, and of each order above those sets that one of the strongest sets of the order below becomes with one feature more, at
    /// rows of data. A set whose subsets are all weak is not found.
    /// Errors: as for ofSets, and ArgumentException for an order below 2 or above the number of features, for no row, unless parents
    /// are positive, and for more than 5,000,000 sets of one order.
    let search (options: MixedPartialsOptions) (search: SetSearch) (model: Model) (rows: float[][]) : SetsOfOrder list =
        searchMeasured search model.InputSize (measured options model rows search.Aggregation)
