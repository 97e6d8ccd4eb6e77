namespace Interact.Core

open System

/// Pseudo-random numbers that are the same on every machine and with every version of .NET.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64).
[<Sealed>]
type internal RandomStream(start: uint64) =

    static let golden = 0x9E3779B97F4A7C15UL

    static let mix (value: uint64) =
        let first = (value ^^^ (value >>> 30)) * 0xBF58476D1CE4E5B9UL
        let second = (first ^^^ (first >>> 27)) * 0x94D049BB133111EBUL
        second ^^^ (second >>> 31)

    let mutable state = start

    /// One of many streams of a seed.
    static member Of(seed: int, number: int) : RandomStream =
        RandomStream(mix (mix (uint64 (uint32 seed) + golden) + uint64 (uint32 number) * golden))

    member private _.Next() : uint64 =
        state <- state + golden
        mix state

    /// Uniform on [0, 1), a multiple of 2^-53.
    member this.Uniform() : float = float (this.Next() >>> 11) * (1.0 / 9007199254740992.0)

    /// Two independent standard normal numbers, by the transform of Box and Muller (1958).
    member this.Normals() : struct (float * float) =
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = sqrt (-2.0 * log (1.0 - this.Uniform()))
        let struct (sine, cosine) = Math.SinCos(2.0 * Math.PI * this.Uniform())
        struct (radius * cosine, radius * sine)

    /// Fills an array with numbers uniform on [0, 1).
    member this.FillUniforms(values: float[]) =
        for i in 0 .. values.Length - 1 do
            values[i] <- this.Uniform()

    /// Fills an array with independent standard normal numbers.
    member this.FillNormals(values: float[]) =
        for i in 0..2 .. values.Length - 1 do
            let struct (first, second) = this.Normals()
            values[i] <- first
            if i + 1 < values.Length then values[i + 1] <- second

    /// Puts items in a random order, every order as likely. Source: Durstenfeld 1964.
    member this.Shuffle(items: int[]) =
        for last in items.Length - 1 .. -1 .. 1 do
            let other = int (this.Uniform() * float (last + 1))
            let item = items[last]
            items[last] <- items[other]
            items[other] <- item
