namespace Interact.Core.Execution

#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open FSharp.NativeInterop

/// Offsets in memory that does not move.
[<Sealed>]
type internal OffsetTable(offsets: int[]) =
    let pinned = GC.AllocateUninitializedArray<int>(offsets.Length, pinned = true)
    do offsets.CopyTo(pinned, 0)

    let address = NativePtr.ofVoidPtr<int>(Unsafe.AsPointer(&MemoryMarshal.GetArrayDataReference pinned))

    member _.Address = address
    member _.Array = pinned
