namespace Interact.Core.Learning

open System
open Interact.Core

/// Keeps the last state of a training in a file: the first state at once, so that a file that cannot be written is known early, and
/// then at most one in ten seconds, because writing and flushing one takes longer than an epoch of a small table. State that is not in the
/// file yet is written by Finish.
///
/// fingerprint: numbers that tell what is trained how.
[<Sealed>]
type internal CheckpointKeeper(path: string, fingerprint: Lazy<float[]>, time: TimeProvider) =

    let interval = TimeSpan.FromSeconds 10.0
    let mutable written: int64 voption = ValueNone
    let mutable waiting: Checkpoint option = None

    let isDue () =
        match written with
        | ValueSome moment -> time.GetElapsedTime moment >= interval
        | ValueNone -> true

    let write (state: Checkpoint) =
        waiting <- None

        match Checkpoint.write path fingerprint.Value state with
        | Ok() -> written <- ValueSome(time.GetTimestamp())
        | Error problem -> Checks.invalid "Checkpoint" problem

    /// The state after one more epoch. Error: ArgumentException where the file cannot be written.
    member _.Keep(state: Checkpoint) = if isDue () then write state else waiting <- Some state

    /// Writes the last state, if it is not in the file yet. Error: as of Keep.
    member _.Finish() = Option.iter write waiting
