namespace Interact.Benchmarks

/// Pseudo-random numbers that are the same on every machine and every runtime: SplitMix64 (Steele, Lea, Flood, 2014).
type Generator(seed: uint64) =
    let mutable state = seed

    /// The next number, uniform on (-1, 1).
    member _.Next() =
        state <- state + 0x9E3779B97F4A7C15UL
        let mutable z = state
        z <- (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        z <- (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        let bits = (z ^^^ (z >>> 31)) >>> 11
        (float bits + 0.5) / float (1UL <<< 52) - 1.0

    /// Numbers uniform on (-size, size).
    member this.Array(count, size: float) = Array.init count (fun _ -> size * this.Next())
