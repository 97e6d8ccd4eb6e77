namespace Interact.Core

open System
open System.Threading

/// Memory that several threads may take together to work in. Who would exceed it waits until others are done; who is alone never waits.
[<Sealed>]
type MemoryBudget(bytes: int64) =

    let gate = obj ()
    let mutable taken = 0L

    do
        Checks.require (bytes > 0L) (nameof bytes) (fun () ->
            $"a budget of {bytes} bytes leaves no memory to work in; it must be positive.")

    /// The whole of it.
    member _.Bytes = bytes

    /// Takes so many bytes, once they are free.
    member _.Enter(wanted: int64) =
        lock gate (fun () ->
            while taken > 0L && taken + wanted > bytes do
                Monitor.Wait gate |> ignore

            taken <- taken + wanted)

    /// Gives back so many bytes.
    member _.Leave(wanted: int64) =
        lock gate (fun () ->
            taken <- taken - wanted
            Monitor.PulseAll gate)

    /// Half of the memory that is free.
    static member Default =
        let info = GC.GetGCMemoryInfo()
        let free = info.TotalAvailableMemoryBytes - info.MemoryLoadBytes
        // Before the first collection the load is not known; then half of all there is.
        MemoryBudget(max (1L <<< 28) (free / 2L))
