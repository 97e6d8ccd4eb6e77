namespace Interact.Core.Execution

open System.Collections.Generic

/// The order of a plan's steps: one in which little has to be held at a time, so that it stays in the caches.
///
/// Of the steps that are ready, the one comes next that adds least to what is held: results larger than what they are made from wait
/// until they are needed, and what shrinks values is done at once.
[<RequireQualifiedAccess>]
module internal Schedule =

    /// The steps in their new order.
    ///
    /// steps: in an order in which each comes after what it reads. sizes: elements of each buffer. isKept: whether a buffer is there
    /// before the first step or after the last.
    let order (steps: Step[]) (sizes: int[]) (isKept: int -> bool) : Step[] =
        let writers = Array.zeroCreate<int> sizes.Length
        let readers = Array.zeroCreate<int> sizes.Length
        let users = Array.init sizes.Length (fun _ -> List<int>())
        let authors = Array.init sizes.Length (fun _ -> List<int>())

        steps
        |> Array.iteri (fun i step ->
            for buffer in step.Writes do
                writers[buffer] <- writers[buffer] + 1
                authors[buffer].Add i

            for buffer in step.Reads do
                readers[buffer] <- readers[buffer] + 1
                users[buffer].Add i)

        let isHeld = Array.init sizes.Length isKept

        /// Buffers that a step still waits for.
        let missing =
            steps
            |> Array.map (fun step -> step.Reads |> Seq.filter (fun buffer -> writers[buffer] > 0) |> Seq.length)

        let added i =
            let step = steps[i]
            let mutable change = 0L

            for buffer in step.Writes do
                if not isHeld[buffer] then change <- change + int64 sizes[buffer]

            for buffer in step.Reads do
                if readers[buffer] = 1 && not (isKept buffer) then change <- change - int64 sizes[buffer]

            change

        // What a ready step adds may become less while it waits: it then stands in the queue again, and the first place counts.
        // Of equal ones the latest: what it reads is still in the cache.
        let queue = PriorityQueue<int, struct (int64 * int)>()
        let places = Array.create steps.Length 0
        let isDone = Array.zeroCreate<bool> steps.Length
        let mutable arrived = 0

        let enqueue i = queue.Enqueue(i, struct (added i, -places[i]))

        let makeReady i =
            arrived <- arrived + 1
            places[i] <- arrived
            enqueue i

        let reconsider i = if places[i] > 0 && not isDone[i] then enqueue i

        for i in 0 .. steps.Length - 1 do
            if missing[i] = 0 then makeReady i

        let result = List<Step>(steps.Length)

        while queue.Count > 0 do
            let i = queue.Dequeue()

            if not isDone[i] then
                isDone[i] <- true
                result.Add steps[i]

                for buffer in steps[i].Reads do
                    readers[buffer] <- readers[buffer] - 1
                    if readers[buffer] = 1 then Seq.iter reconsider users[buffer]

                for buffer in steps[i].Writes do
                    if not isHeld[buffer] then
                        isHeld[buffer] <- true
                        Seq.iter reconsider authors[buffer]

                    writers[buffer] <- writers[buffer] - 1

                    if writers[buffer] = 0 then
                        for user in users[buffer] do
                            missing[user] <- missing[user] - 1
                            if missing[user] = 0 then makeReady user

        result.ToArray()
