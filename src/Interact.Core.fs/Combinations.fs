/// Counting sets.
module internal Interact.Core.Combinations

/// C(n, k), the number of sets of k of n things; 0 where k is above n. Exact up to 2^53.
let count (n: int) (k: int) : float =
    let mutable found = 1.0

    for i in 0 .. k - 1 do
        found <- found * float (n - i) / float (i + 1)

    found
