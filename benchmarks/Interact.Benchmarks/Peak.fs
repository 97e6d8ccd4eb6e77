/// The machine's peak: fused multiply-adds in registers, nothing else.
module Interact.Benchmarks.Peak

open System.Diagnostics
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Threading

// Twelve sums that do not wait for each other hide the latency of the multiply-add on every processor there is.

[<MethodImpl(MethodImplOptions.NoInlining ||| MethodImplOptions.AggressiveOptimization)>]
let private doubles512 (x: Vector512<float>) (y: Vector512<float>) (rounds: int) =
    let mutable a, b, c, d, e, f = x, x, x, x, x, x
    let mutable g, h, i, j, k, l = x, x, x, x, x, x

    for _ in 1..rounds do
        a <- Vector512.FusedMultiplyAdd(a, y, x)
        b <- Vector512.FusedMultiplyAdd(b, y, x)
        c <- Vector512.FusedMultiplyAdd(c, y, x)
        d <- Vector512.FusedMultiplyAdd(d, y, x)
        e <- Vector512.FusedMultiplyAdd(e, y, x)
        f <- Vector512.FusedMultiplyAdd(f, y, x)
        g <- Vector512.FusedMultiplyAdd(g, y, x)
        h <- Vector512.FusedMultiplyAdd(h, y, x)
        i <- Vector512.FusedMultiplyAdd(i, y, x)
        j <- Vector512.FusedMultiplyAdd(j, y, x)
        k <- Vector512.FusedMultiplyAdd(k, y, x)
        l <- Vector512.FusedMultiplyAdd(l, y, x)

    Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l)

[<MethodImpl(MethodImplOptions.NoInlining ||| MethodImplOptions.AggressiveOptimization)>]
let private singles512 (x: Vector512<single>) (y: Vector512<single>) (rounds: int) =
    let mutable a, b, c, d, e, f = x, x, x, x, x, x
    let mutable g, h, i, j, k, l = x, x, x, x, x, x

    for _ in 1..rounds do
        a <- Vector512.FusedMultiplyAdd(a, y, x)
        b <- Vector512.FusedMultiplyAdd(b, y, x)
        c <- Vector512.FusedMultiplyAdd(c, y, x)
        d <- Vector512.FusedMultiplyAdd(d, y, x)
        e <- Vector512.FusedMultiplyAdd(e, y, x)
        f <- Vector512.FusedMultiplyAdd(f, y, x)
        g <- Vector512.FusedMultiplyAdd(g, y, x)
        h <- Vector512.FusedMultiplyAdd(h, y, x)
        i <- Vector512.FusedMultiplyAdd(i, y, x)
        j <- Vector512.FusedMultiplyAdd(j, y, x)
        k <- Vector512.FusedMultiplyAdd(k, y, x)
        l <- Vector512.FusedMultiplyAdd(l, y, x)

    Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l)

[<MethodImpl(MethodImplOptions.NoInlining ||| MethodImplOptions.AggressiveOptimization)>]
let private doubles256 (x: Vector256<float>) (y: Vector256<float>) (rounds: int) =
    let mutable a, b, c, d, e, f = x, x, x, x, x, x
    let mutable g, h, i, j, k, l = x, x, x, x, x, x

    for _ in 1..rounds do
        a <- Vector256.FusedMultiplyAdd(a, y, x)
        b <- Vector256.FusedMultiplyAdd(b, y, x)
        c <- Vector256.FusedMultiplyAdd(c, y, x)
        d <- Vector256.FusedMultiplyAdd(d, y, x)
        e <- Vector256.FusedMultiplyAdd(e, y, x)
        f <- Vector256.FusedMultiplyAdd(f, y, x)
        g <- Vector256.FusedMultiplyAdd(g, y, x)
        h <- Vector256.FusedMultiplyAdd(h, y, x)
        i <- Vector256.FusedMultiplyAdd(i, y, x)
        j <- Vector256.FusedMultiplyAdd(j, y, x)
        k <- Vector256.FusedMultiplyAdd(k, y, x)
        l <- Vector256.FusedMultiplyAdd(l, y, x)

    Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l)

[<MethodImpl(MethodImplOptions.NoInlining ||| MethodImplOptions.AggressiveOptimization)>]
let private singles256 (x: Vector256<single>) (y: Vector256<single>) (rounds: int) =
    let mutable a, b, c, d, e, f = x, x, x, x, x, x
    let mutable g, h, i, j, k, l = x, x, x, x, x, x

    for _ in 1..rounds do
        a <- Vector256.FusedMultiplyAdd(a, y, x)
        b <- Vector256.FusedMultiplyAdd(b, y, x)
        c <- Vector256.FusedMultiplyAdd(c, y, x)
        d <- Vector256.FusedMultiplyAdd(d, y, x)
        e <- Vector256.FusedMultiplyAdd(e, y, x)
        f <- Vector256.FusedMultiplyAdd(f, y, x)
        g <- Vector256.FusedMultiplyAdd(g, y, x)
        h <- Vector256.FusedMultiplyAdd(h, y, x)
        i <- Vector256.FusedMultiplyAdd(i, y, x)
        j <- Vector256.FusedMultiplyAdd(j, y, x)
        k <- Vector256.FusedMultiplyAdd(k, y, x)
        l <- Vector256.FusedMultiplyAdd(l, y, x)

    Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l)

let private sums = 12

/// Whether the peak is that of double or of single precision.
type Precision =
    | Double
    | Single

/// Lanes of a vector, and the loop over so many rounds.
let private loop precision : int * (int -> float) =
    match precision, Vector512.IsHardwareAccelerated with
    | Double, true -> Vector512<float>.Count, doubles512 (Vector512.Create 0.5) (Vector512.Create 0.25)
    | Single, true -> Vector512<single>.Count, singles512 (Vector512.Create 0.5f) (Vector512.Create 0.25f) >> float
    | Double, false -> Vector256<float>.Count, doubles256 (Vector256.Create 0.5) (Vector256.Create 0.25)
    | Single, false -> Vector256<single>.Count, singles256 (Vector256.Create 0.5f) (Vector256.Create 0.25f) >> float

/// Runs something on every one of some threads at once; gives the seconds until the last one is done.
let onThreads (threads: int) (work: int -> unit) : float =
    use start = new Barrier(threads + 1)

    let running = [
        for i in 0 .. threads - 1 ->
            Thread(
                (fun () ->
                    start.SignalAndWait()
                    work i),
                1 <<< 24
            )
    ]

    for thread in running do
        thread.Start()

    start.SignalAndWait()
    let watch = Stopwatch.StartNew()

    for thread in running do
        thread.Join()

    watch.Elapsed.TotalSeconds

/// Operations a second, a multiply-add counted as two: the best of some trials.
let measure (precision: Precision) (threads: int) : float =
    let lanes, loop = loop precision
    let rounds = 10_000_000
    loop 1000 |> ignore
    let seconds = Seq.init 7 (fun _ -> onThreads threads (fun _ -> loop rounds |> ignore)) |> Seq.min
    2.0 * float threads * float sums * float lanes * float rounds / seconds
