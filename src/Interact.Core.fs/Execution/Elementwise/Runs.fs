namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// A function of vectors, applied to each lane by itself.
type internal IUnary<'V> =
    static abstract Apply: 'V -> 'V

/// A function of two vectors, applied to each lane by itself.
type internal IBinary<'V> =
    static abstract Apply: 'V * 'V -> 'V

/// A function of three vectors, applied to each lane by itself.
type internal ITernary<'V> =
    static abstract Apply: 'V * 'V * 'V -> 'V

/// How vectors are read from memory and written there.
type internal IAccess<'V> =
    /// Numbers in a vector.
    static abstract Lanes: int
    /// Bytes of a number in memory.
    static abstract Size: int
    static abstract Load: address: nativeint -> 'V
    /// One number in every lane.
    static abstract Repeat: address: nativeint -> 'V
    static abstract Store: value: 'V * address: nativeint -> unit

/// The numbers in memory are those of the vectors.
[<Struct>]
type internal Direct<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IAccess<'V> with
        static member Lanes = 'I.Lanes
        static member Size = sizeof<'T>

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = 'I.Load address

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat address = 'I.Repeat(NativePtr.read (NativePtr.ofNativeInt<'T> address))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = 'I.Store(value, address)

/// Single precision in memory, double precision in the vectors.
[<Struct>]
type internal ThroughSingles<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IAccess<'V> with
        static member Lanes = 'I.Lanes
        static member Size = sizeof<single>

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = 'I.LoadSingles address

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat address = 'I.Repeat(float (NativePtr.read (NativePtr.ofNativeInt<single> address)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = 'I.StoreSingles(value, address)

/// The end of a run, shorter than a vector: copied to where a whole vector may be read.
[<AbstractClass; Sealed>]
type internal Part<'A, 'V when 'A :> IAccess<'V>> =

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Address(vector: byref<'V>) : nativeint =
        NativePtr.toNativeInt (NativePtr.ofVoidPtr<byte>(Unsafe.AsPointer &vector))

    static member private Copy(from: nativeint, into: nativeint, count: int) =
        Unsafe.CopyBlockUnaligned(
            NativePtr.toVoidPtr (NativePtr.ofNativeInt<byte> into),
            NativePtr.toVoidPtr (NativePtr.ofNativeInt<byte> from),
            uint32 (count * 'A.Size)
        )

    /// The first numbers of a vector, zeros behind them.
    static member Load(address: nativeint, count: int) : 'V =
        let mutable part = Unchecked.defaultof<'V>
        Part<'A, 'V>.Copy(address, Part<'A, 'V>.Address &part, count)
        'A.Load(Part<'A, 'V>.Address &part)

    /// Writes the first numbers of a vector.
    static member Store(value: 'V, address: nativeint, count: int) : unit =
        let mutable part = value
        'A.Store(value, Part<'A, 'V>.Address &part)
        Part<'A, 'V>.Copy(Part<'A, 'V>.Address &part, address, count)

/// r[i] = f(x[i]). The end of the run goes through the same function of vectors, so that no value depends on where it stands.
[<AbstractClass; Sealed>]
type internal UnaryRun<'F, 'A, 'V when 'F :> IUnary<'V> and 'A :> IAccess<'V>> =

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private Rest(x: nativeint, r: nativeint, count: int) =
        Part<'A, 'V>.Store('F.Apply(Part<'A, 'V>.Load(x, count)), r, count)

    static member Run (x: nativeint) (r: nativeint) (count: int) : unit =
        let step = nativeint ('A.Lanes * 'A.Size)
        let rest = count % 'A.Lanes
        let length = nativeint (count - rest) * nativeint 'A.Size
        let mutable at = 0n

        while at < length do
            'A.Store('F.Apply('A.Load(x + at)), r + at)
            at <- at + step

        if rest <> 0 then UnaryRun<'F, 'A, 'V>.Rest(x + at, r + at, rest)

/// r[i] = f(x[i], y[i]), where either operand may be one number for the whole run.
[<AbstractClass; Sealed>]
type internal BinaryRun<'F, 'A, 'V when 'F :> IBinary<'V> and 'A :> IAccess<'V>> =

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private Rest(x: 'V, y: 'V, r: nativeint, count: int) = Part<'A, 'V>.Store('F.Apply(x, y), r, count)

    static member Run (x: nativeint) (y: nativeint) (r: nativeint) (count: int) : unit =
        let step = nativeint ('A.Lanes * 'A.Size)
        let rest = count % 'A.Lanes
        let length = nativeint (count - rest) * nativeint 'A.Size
        let mutable at = 0n

        while at < length do
            'A.Store('F.Apply('A.Load(x + at), 'A.Load(y + at)), r + at)
            at <- at + step

        if rest <> 0 then
            let lastX = Part<'A, 'V>.Load(x + at, rest)
            let lastY = Part<'A, 'V>.Load(y + at, rest)
            BinaryRun<'F, 'A, 'V>.Rest(lastX, lastY, r + at, rest)

    /// r[i] = f(x[i], y[0]).
    static member ByNumber (x: nativeint) (y: nativeint) (r: nativeint) (count: int) : unit =
        let step = nativeint ('A.Lanes * 'A.Size)
        let rest = count % 'A.Lanes
        let length = nativeint (count - rest) * nativeint 'A.Size
        let mutable at = 0n

        if count > 0 then
            let number = 'A.Repeat y

            while at < length do
                'A.Store('F.Apply('A.Load(x + at), number), r + at)
                at <- at + step

            if rest <> 0 then BinaryRun<'F, 'A, 'V>.Rest(Part<'A, 'V>.Load(x + at, rest), number, r + at, rest)

    /// r[i] = f(x[0], y[i]).
    static member OfNumber (x: nativeint) (y: nativeint) (r: nativeint) (count: int) : unit =
        let step = nativeint ('A.Lanes * 'A.Size)
        let rest = count % 'A.Lanes
        let length = nativeint (count - rest) * nativeint 'A.Size
        let mutable at = 0n

        if count > 0 then
            let number = 'A.Repeat x

            while at < length do
                'A.Store('F.Apply(number, 'A.Load(y + at)), r + at)
                at <- at + step

            if rest <> 0 then BinaryRun<'F, 'A, 'V>.Rest(number, Part<'A, 'V>.Load(y + at, rest), r + at, rest)

/// r[i] = f(x[i], y[i], z[i]).
[<AbstractClass; Sealed>]
type internal TernaryRun<'F, 'A, 'V when 'F :> ITernary<'V> and 'A :> IAccess<'V>> =

    static member Run (x: nativeint) (y: nativeint) (z: nativeint) (r: nativeint) (count: int) : unit =
        let step = nativeint ('A.Lanes * 'A.Size)
        let rest = count % 'A.Lanes
        let length = nativeint (count - rest) * nativeint 'A.Size
        let mutable at = 0n

        while at < length do
            'A.Store('F.Apply('A.Load(x + at), 'A.Load(y + at), 'A.Load(z + at)), r + at)
            at <- at + step

        if rest <> 0 then
            let lastX = Part<'A, 'V>.Load(x + at, rest)
            let lastY = Part<'A, 'V>.Load(y + at, rest)
            let lastZ = Part<'A, 'V>.Load(z + at, rest)
            Part<'A, 'V>.Store('F.Apply(lastX, lastY, lastZ), r + at, rest)
