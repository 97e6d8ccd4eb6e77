namespace Interact.Core.Execution

#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Numerics.Tensors
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading
open FSharp.NativeInterop
open Interact.Core

/// Numbers outside the managed heap, aligned for every instruction set; freed when nobody holds the buffer any more.
[<Sealed>]
type internal NumberBuffer(precision: Precision, length: int64) =

    static let alignment = 64un
    let bytes = unativeint (max 1L length) * unativeint (Precision.size precision)

    let address =
        NativeMemory.AlignedAlloc(bytes, alignment) |> NativePtr.ofVoidPtr<byte> |> NativePtr.toNativeInt

    do GC.AddMemoryPressure(int64 bytes)

    /// Number of elements.
    member _.Length = length
    member _.Precision = precision
    /// Address of the first element. Valid as long as the buffer is held: see GC.KeepAlive.
    member _.Address = address

    override _.Finalize() =
        NativeMemory.AlignedFree(address.ToPointer())
        GC.RemoveMemoryPressure(int64 bytes)

/// Moving numbers between double-precision arrays and memory of either precision.
[<RequireQualifiedAccess>]
module internal NumberMemory =

    let private memory<'T when 'T: unmanaged> (address: nativeint) (count: int) = Span<'T>(address.ToPointer(), count)

    /// Writes an array's elements to an address.
    let write (precision: Precision) (values: float[]) (address: nativeint) =
        match precision with
        | Precision.Double -> values.AsSpan().CopyTo(memory<float> address values.Length)
        | Precision.Single ->
            TensorPrimitives.ConvertSaturating<float, single>(ReadOnlySpan values, memory<single> address values.Length)

    /// Fills an array from an address.
    let read (precision: Precision) (address: nativeint) (values: float[]) =
        match precision with
        | Precision.Double -> (memory<float> address values.Length).CopyTo(values.AsSpan())
        | Precision.Single ->
            let source = memory<single> address values.Length
            TensorPrimitives.ConvertSaturating<single, float>(Span<single>.op_Implicit source, values.AsSpan())

    /// Copies so many numbers from one address to another.
    let copy (precision: Precision) (source: nativeint) (target: nativeint) (count: int64) =
        let bytes = count * int64 (Precision.size precision)
        Buffer.MemoryCopy(source.ToPointer(), target.ToPointer(), bytes, bytes)

    /// A buffer of an array's elements.
    let buffer (precision: Precision) (values: float[]) : NumberBuffer =
        let buffer = NumberBuffer(precision, int64 values.Length)
        write precision values buffer.Address
        buffer

/// The values of constant nodes, one buffer for all plans that use a node.
[<RequireQualifiedAccess>]
module internal Constants =

    let private doubles = ConditionalWeakTable<Node, NumberBuffer>()
    let private singles = ConditionalWeakTable<Node, NumberBuffer>()

    /// The elements of a constant; a single one where all are equal.
    let find (precision: Precision) (node: Node) (literal: Literal) : NumberBuffer =
        let table =
            match precision with
            | Precision.Double -> doubles
            | Precision.Single -> singles

        let make _ =
            match literal with
            | Fill value -> NumberMemory.buffer precision [| value |]
            | Dense _
            | Stored _
            | Identity -> NumberMemory.buffer precision (Primitive.literal node.Shape literal)

        table.GetValue(node, make)

/// Memory that runs of plans work in: handed out, taken back, and used again.
[<RequireQualifiedAccess>]
module internal Arenas =

    /// Arenas that are kept while nobody uses them.
    let private kept = 4

    let private free = System.Collections.Generic.List<NumberBuffer>(kept + 1)

    /// The most fitting of the free arenas, -1 where none is large enough.
    let private fitting (precision: Precision) (length: int64) =
        let mutable found = -1

        for i in 0 .. free.Count - 1 do
            if
                free[i].Precision = precision
                && free[i].Length >= length
                && (found < 0 || free[i].Length < free[found].Length)
            then
                found <- i

        found

    /// Memory of at least so many elements.
    let rent (precision: Precision) (length: int64) : NumberBuffer =
        Monitor.Enter free

        try
            let index = fitting precision length

            if index < 0 then
                NumberBuffer(precision, length)
            else
                let buffer = free[index]
                free.RemoveAt index
                buffer
        finally
            Monitor.Exit free

    /// Takes back memory that was handed out. The largest are kept.
    let giveBack (buffer: NumberBuffer) =
        Monitor.Enter free

        try
            free.Add buffer

            if free.Count > kept then
                let mutable smallest = 0

                for i in 1 .. free.Count - 1 do
                    if free[i].Length < free[smallest].Length then smallest <- i

                free.RemoveAt smallest
        finally
            Monitor.Exit free
