namespace Interact.Core

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Interact.Core.Execution
open Interact.Core.Transform

/// Plans for the mixed partial derivatives of a function by sets of elements, made when first needed and kept.
///
/// Where the sets would take too much memory at once, they are divided into blocks, each with plans of its own. A set's derivative has the
/// same bits in every block.
///
/// held: inputs that are held fixed. They are the last arguments of every plan. largest: bytes that a run may take.
[<Sealed>]
type internal MixedPlans(held: Node list, input: Node, output: Node, sets: int[][], largest: int64) =

    /// Memory within which several rows go through one run: a part of the second-level cache.
    static let cache = 1.0 * float (1 <<< 20)

    /// Rows that go through one run at most.
    static let mostRows = 64

    /// Sets that are carried in one block at most, so that graphs are made and compiled in little time.
    static let mostCarried = 4096

    let times = Array.zeroCreate<int> input.Size

    do
        for set in sets do
            for i in set do
                times[i] <- times[i] + 1

    /// A set is a parent and one element more: the one that is in fewest sets, so that parents are few.
    let split (set: int[]) =
        let place = [| 0 .. set.Length - 1 |] |> Array.minBy (fun k -> struct (times[set[k]], -set[k]))
        Array.removeAt place set, set[place]

    let parts = sets |> Array.map split

    /// The places of the sets that each parent is a part of.
    let children =
        let found = Dictionary<int[], ResizeArray<int>>(HashIdentity.Structural)

        parts
        |> Array.iteri (fun i (parent, _) ->
            match found.TryGetValue parent with
            | true, known -> known.Add i
            | false, _ -> found[parent] <- ResizeArray [ i ])

        found

    /// Parents in an order in which those that follow each other have many subsets in common.
    let parents =
        children.Keys |> Seq.sortBy (fun parent -> parent.Length, List.ofArray parent) |> Array.ofSeq

    let block (parents: int[][]) : MixedBlock =
        let highest = parents |> Seq.map Array.length |> Seq.max

        {
            Parents = Array.init (highest + 1) (fun order -> parents |> Array.filter (fun p -> p.Length = order))
            Elements =
                parents
                |> Seq.collect (fun parent -> children[parent])
                |> Seq.map (fun i -> snd parts[i])
                |> Seq.distinct
                |> Seq.sort
                |> Array.ofSeq
        }

    let carried (parents: int[] seq) = SetFamily(parents).Count

    /// Elements of the function's values that carry derivatives.
    let elements = Graph.dependents [ input ] [ output ] |> Array.sumBy (fun node -> float node.Size)

    /// Rows that go through one run where there are as many: a power of two, or always one. It depends on the function and the sets alone, as
    /// graphs for one row and for several may differ in their last bits.
    let rowsAtOnce =
        lazy
            (let perRow = elements * float (carried parents) * 64.0
             let fitting = cache / perRow |> min (float mostRows) |> int
             if fitting < 2 then 1 else 1 <<< Numerics.BitOperations.Log2(uint fitting))

    let compile block items threads =
        let graph =
            MixedGraph.derivatives (if rowsAtOnce.Value = 1 then None else Some items) block input output

        Plan.Compile(Engine.best Precision.Double, [], graph.Inputs @ held, graph.Outputs, threads)

    /// The items of the plan that tells how much memory a block takes.
    let fewest = lazy (if rowsAtOnce.Value = 1 then 1 else 2)

    /// The blocks, each with its plan for the fewest items on one thread. check: called for every one, to stop.
    let rec divide check (parents: int[][]) : (MixedBlock * Lazy<Plan>) list =
        let half () =
            let first, second = Array.splitAt (parents.Length / 2) parents
            divide check first @ divide check second

        check ()

        if parents.Length = 0 then
            []
        elif parents.Length > 1 && carried parents > mostCarried then
            half ()
        else
            let whole = block parents
            let plan = lazy (compile whole fewest.Value 1)
            if parents.Length > 1 && plan.Value.MemoryOnOneThread > largest then half () else [ whole, plan ]

    let gate = obj ()
    let mutable divided: (MixedBlock * Lazy<Plan>)[] option = None

    /// All blocks. Where one who waits for them stops, the next begins again.
    let blocks check =
        lock gate (fun () ->
            match divided with
            | Some found -> found
            | None ->
                let found = divide check parents |> Array.ofList
                divided <- Some found
                found)

    let plans = ConcurrentDictionary<struct (int * int * int), Lazy<Plan>>()

    /// Where the results of a block stand: for each output the places of sets and, for each, the place in the output.
    let places =
        lazy
            (blocks ignore
             |> Array.map (fun (block, _) ->
                 let column = Dictionary<int, int>()
                 block.Elements |> Array.iteri (fun i element -> column[element] <- i)

                 [|
                     for ofOrder in block.Parents do
                         if ofOrder.Length > 0 then
                             [|
                                 for row in 0 .. ofOrder.Length - 1 do
                                     for set in children[ofOrder[row]] ->
                                         struct (set, row * block.Elements.Length + column[snd parts[set]])
                             |]
                 |]))

    let plan index items threads =
        let make (struct (index, items, threads): struct (int * int * int)) =
            let block, first = (blocks ignore)[index]
            let isFirst = items = fewest.Value && threads = 1 && first.IsValueCreated
            if isFirst then first else lazy (compile block items threads)

        let key = struct (index, items, threads)
        let found = plans.GetOrAdd(key, make)

        try
            found.Value
        with _ ->
            // What failed for want of memory may succeed later.
            plans.TryRemove key |> ignore<bool * Lazy<Plan>>
            reraise ()

    let runWithin (evaluation: Evaluation) (plan: Plan) (arguments: float[][]) =
        evaluation.Memory.Enter plan.MemoryPerRun

        try
            plan.Run arguments
        finally
            evaluation.Memory.Leave plan.MemoryPerRun

    /// Number of blocks.
    member _.Blocks = (blocks ignore).Length

    /// The derivatives by every set at points, for combinations of the outputs.
    ///
    /// held: values of the inputs that are held fixed. check: called for every block and between runs, to stop.
    member _.Run
        (evaluation: Evaluation, held: float[] list, points: float[][], combinations: float[][], check: unit -> unit)
        : float[][] =
        let results = points |> Array.map (fun _ -> Array.zeroCreate<float> sets.Length)
        let most = rowsAtOnce.Value

        let items =
            if most = 1 then
                1
            else
                points.Length |> max 2 |> min most |> uint |> Numerics.BitOperations.RoundUpToPowerOf2 |> int

        for index in 0 .. (blocks check).Length - 1 do
            check ()
            let plan = plan index items evaluation.Threads

            for first in 0..items .. points.Length - 1 do
                check ()
                // The last run is filled up with copies of the last point.
                let chunk = Array.init items (fun i -> min (first + i) (points.Length - 1))

                let outputs =
                    [|
                        chunk |> Array.collect (fun i -> points[i])
                        chunk |> Array.collect (fun i -> combinations[i])
                        yield! held
                    |]
                    |> runWithin evaluation plan

                Array.iter2
                    (fun (output: float[]) (places: struct (int * int)[]) ->
                        let size = output.Length / items

                        for i in 0 .. min items (points.Length - first) - 1 do
                            for struct (set, place) in places do
                                results[first + i][set] <- output[i * size + place])
                    outputs
                    places.Value[index]

        results
