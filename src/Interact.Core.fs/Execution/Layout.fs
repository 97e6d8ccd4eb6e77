namespace Interact.Core.Execution

open System
open System.Collections.Generic
open Interact.Core

/// Stretches of an arena that nothing takes at a moment. The arena grows where none is large enough.
[<Sealed>]
type private FreeSpace() =
    /// By size, then start.
    let bySize = SortedSet<struct (int64 * int64)>()
    let endOf = Dictionary<int64, int64>()
    let startOf = Dictionary<int64, int64>()
    let mutable total = 0L

    let add start last =
        bySize.Add(struct (last - start, start)) |> ignore
        endOf[start] <- last
        startOf[last] <- start

    let remove start last =
        bySize.Remove(struct (last - start, start)) |> ignore
        endOf.Remove start |> ignore
        startOf.Remove last |> ignore

    /// The size of the arena.
    member _.Total = total

    /// Takes a stretch of that size from the smallest free one that is large enough; its start.
    member _.Take(size: int64) : int64 =
        match bySize.GetViewBetween(struct (size, 0L), struct (Int64.MaxValue, 0L)) |> Seq.tryHead with
        | Some(struct (found, start)) ->
            remove start (start + found)
            if found > size then add (start + size) (start + found)
            start
        | None ->
            let start =
                match startOf.TryGetValue total with
                | true, start ->
                    remove start total
                    start
                | false, _ -> total

            total <- start + size
            start

    /// Frees a stretch and joins it with those beside it.
    member _.GiveBack(start: int64, size: int64) =
        let mutable first = start
        let mutable last = start + size

        match startOf.TryGetValue first with
        | true, before ->
            remove before first
            first <- before
        | false, _ -> ()

        match endOf.TryGetValue last with
        | true, after ->
            remove last after
            last <- after
        | false, _ -> ()

        add first last

/// Where each buffer of a plan is in the arena, so that those that are needed at one time do not overlap.
module internal Layout =

    /// Bytes to which buffers are aligned.
    let private alignment = 64

    /// A buffer that is needed from the first to the last step, both included, and its size in elements.
    [<Struct>]
    type private Buffer = { Number: int; Size: int64; First: int; Last: int }

    /// A stretch of the arena that is taken from the first to the last step, both included.
    [<Struct>]
    type private Taken = { Start: int64; End: int64; First: int; Last: int }

    /// The largest first, each at the first gap among those that are needed at the same time: next to nothing is wasted, and time
    /// grows with the square of the number of buffers.
    let private bySize (buffers: Buffer[]) (places: int64[]) : int64 =
        let taken = List<Taken>()
        let mutable total = 0L

        for buffer in buffers |> Array.sortBy (fun buffer -> -buffer.Size) do
            let mutable start = 0L

            // In order of their starts: the first gap that is large enough.
            for other in taken do
                if
                    other.First <= buffer.Last
                    && buffer.First <= other.Last
                    && other.Start < start + buffer.Size
                    && start < other.End
                then
                    start <- other.End

            let mine = { Start = start; End = start + buffer.Size; First = buffer.First; Last = buffer.Last }

            let index = taken.FindIndex(fun other -> other.Start > start)
            if index < 0 then taken.Add mine else taken.Insert(index, mine)
            places[buffer.Number] <- start
            total <- max total mine.End

        total

    /// In the order of the steps, each in the smallest gap that is large enough. A little is wasted between buffers of unequal sizes.
    let private byTime (buffers: Buffer[]) (places: int64[]) : int64 =
        let space = FreeSpace()
        let inUse = PriorityQueue<Buffer, int>()

        for buffer in buffers |> Array.sortBy (fun buffer -> struct (buffer.First, -buffer.Size)) do
            while inUse.Count > 0 && inUse.Peek().Last < buffer.First do
                let past = inUse.Dequeue()
                space.GiveBack(places[past.Number], past.Size)

            places[buffer.Number] <- space.Take buffer.Size
            inUse.Enqueue(buffer, buffer.Last)

        space.Total

    /// Most buffers whose number may be squared.
    let private few = 2_000

    /// The place of each buffer, in elements, and the size of the arena.
    ///
    /// lifetimes: first and last step in which each buffer is needed; last below first where never.
    let assign (precision: Precision) (sizes: int[]) (lifetimes: struct (int * int)[]) : int64[] * int64 =
        let unit = int64 (alignment / Precision.size precision)
        let places = Array.create sizes.Length 0L

        let buffers = [|
            for number in 0 .. sizes.Length - 1 do
                let struct (first, last) = lifetimes[number]

                if sizes[number] > 0 && first <= last then
                    {
                        Number = number
                        Size = (int64 sizes[number] + unit - 1L) / unit * unit
                        First = first
                        Last = last
                    }
        |]

        let assignAll = if buffers.Length <= few then bySize else byTime
        places, assignAll buffers places

    /// The places of all buffers and, after them, of the scratch memory of all steps.
    let ofSteps (precision: Precision) (lowered: Lowered) (parts: int[]) : int64[] * int64 =
        let firsts = Array.create lowered.Sizes.Length Int32.MaxValue
        let lasts = Array.create lowered.Sizes.Length -1

        let touch step buffer =
            firsts[buffer] <- min firsts[buffer] step
            lasts[buffer] <- max lasts[buffer] step

        // Inputs are there before the first step, outputs after the last.
        lowered.Inputs |> Array.iter (touch -1)
        lowered.Outputs |> Array.iter (fun view -> touch lowered.Steps.Length view.Buffer)

        lowered.Steps
        |> Array.iteri (fun i step ->
            Array.iter (touch i) step.Reads
            Array.iter (touch i) step.Writes)

        // Constants are elsewhere.
        let lifetimes =
            Array.map3
                (fun first last (constant: NumberBuffer option) ->
                    if constant.IsSome then struct (1, 0) else struct (first, last))
                firsts
                lasts
                lowered.Constants

        let scratch = Array.map2 (fun (step: Step) parts -> step.ScratchSize parts) lowered.Steps parts

        assign
            precision
            (Array.append lowered.Sizes scratch)
            (Array.append lifetimes (Array.init scratch.Length (fun i -> struct (i, i))))
