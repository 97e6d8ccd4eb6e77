namespace Interact.Core.Execution

open System.Runtime.ExceptionServices
open System.Threading

/// Work that can be done in parts, by several threads at once.
[<AbstractClass>]
type internal DividedWork() =
    abstract Run: part: int -> unit

/// Several threads that do the parts of one piece of work together, again and again, without allocating.
///
/// The caller does parts itself, and helpers from the thread pool take what is left: where none comes, the work is done all the same.
[<Sealed>]
type internal Team(size: int) =

    let mutable work: DividedWork voption = ValueNone
    let mutable failure: ExceptionDispatchInfo voption = ValueNone

    /// The number of parts and, in the lower half, how many are taken: in one number, so that a helper who comes late takes a part of
    /// the work at hand or none.
    let mutable state = 0L

    let mutable finished = 0
    let mutable queued = 0

    let doPart part =
        match work with
        | ValueSome work ->
            try
                work.Run part
            with error ->
                failure <- ValueSome(ExceptionDispatchInfo.Capture error)
        | ValueNone -> ()

    let takeParts () =
        let mutable isMore = true

        while isMore do
            let taken = Interlocked.Increment &state
            let part = int (taken &&& 0xFFFFFFFFL) - 1

            if part < int (taken >>> 32) then
                doPart part
                Interlocked.Increment &finished |> ignore
            else
                isMore <- false

    let helper = {
        new IThreadPoolWorkItem with
            member _.Execute() =
                Interlocked.Decrement &queued |> ignore
                takeParts ()
    }

    /// Does all parts, and returns when they are done. Not to be called by two threads at once.
    member _.Run(newWork: DividedWork, count: int) =
        if size = 1 || count = 1 then
            for part in 0 .. count - 1 do
                newWork.Run part
        else
            work <- ValueSome newWork
            failure <- ValueNone
            finished <- 0
            Volatile.Write(&state, int64 count <<< 32)

            while Volatile.Read &queued < min size count - 1 do
                Interlocked.Increment &queued |> ignore
                ThreadPool.UnsafeQueueUserWorkItem(helper, false) |> ignore

            takeParts ()
            let mutable spin = SpinWait()

            while Volatile.Read &finished < count do
                spin.SpinOnce()

            match failure with
            | ValueSome error -> error.Throw()
            | ValueNone -> ()
