/// Matrix products, blocked in registers.
///
/// Every element is summed over k in ascending order with fused multiply-adds, whatever the block it falls into: results do not
/// depend on the shape, nor on the number of lanes of the machine's vectors.
module internal Interact.Core.Execution.MatrixProduct

open System
open System.Numerics
open System.Runtime.CompilerServices

let inline private load (start: byref<float>) (offset: int) = Vector.LoadUnsafe(&Unsafe.Add(&start, offset))

let inline private store (value: Vector<float>) (start: byref<float>) (offset: int) =
    Vector.StoreUnsafe(value, &Unsafe.Add(&start, offset))

let inline private repeat (start: byref<float>) (offset: int) = Vector<float>(Unsafe.Add(&start, offset): float)

let inline private fma (x: Vector<float>) (y: Vector<float>) (sum: Vector<float>) = Vector.FusedMultiplyAdd(x, y, sum)

/// One element: r = Σ_k a[k] · b[k · stride].
let inline private element (a: byref<float>) (b: byref<float>) depth stride =
    let mutable sum = 0.0

    for k in 0 .. depth - 1 do
        sum <- Math.FusedMultiplyAdd(Unsafe.Add(&a, k), Unsafe.Add(&b, k * stride), sum)

    sum

/// Four rows of the result.
let private fourRows columns depth (a: byref<float>) (b: byref<float>) (r: byref<float>) =
    let lanes = Vector<float>.Count
    let mutable n = 0

    while n <= columns - 3 * lanes do
        let mutable r00, r01, r02 = Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero
        let mutable r10, r11, r12 = Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero
        let mutable r20, r21, r22 = Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero
        let mutable r30, r31, r32 = Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero
        let mutable at = n

        for k in 0 .. depth - 1 do
            let b0 = load &b at
            let b1 = load &b (at + lanes)
            let b2 = load &b (at + 2 * lanes)
            let a0 = repeat &a k
            r00 <- fma a0 b0 r00
            r01 <- fma a0 b1 r01
            r02 <- fma a0 b2 r02
            let a1 = repeat &a (depth + k)
            r10 <- fma a1 b0 r10
            r11 <- fma a1 b1 r11
            r12 <- fma a1 b2 r12
            let a2 = repeat &a (2 * depth + k)
            r20 <- fma a2 b0 r20
            r21 <- fma a2 b1 r21
            r22 <- fma a2 b2 r22
            let a3 = repeat &a (3 * depth + k)
            r30 <- fma a3 b0 r30
            r31 <- fma a3 b1 r31
            r32 <- fma a3 b2 r32
            at <- at + columns

        store r00 &r n
        store r01 &r (n + lanes)
        store r02 &r (n + 2 * lanes)
        store r10 &r (columns + n)
        store r11 &r (columns + n + lanes)
        store r12 &r (columns + n + 2 * lanes)
        store r20 &r (2 * columns + n)
        store r21 &r (2 * columns + n + lanes)
        store r22 &r (2 * columns + n + 2 * lanes)
        store r30 &r (3 * columns + n)
        store r31 &r (3 * columns + n + lanes)
        store r32 &r (3 * columns + n + 2 * lanes)
        n <- n + 3 * lanes

    while n <= columns - lanes do
        let mutable r0, r1 = Vector<float>.Zero, Vector<float>.Zero
        let mutable r2, r3 = Vector<float>.Zero, Vector<float>.Zero
        let mutable at = n

        for k in 0 .. depth - 1 do
            let b0 = load &b at
            r0 <- fma (repeat &a k) b0 r0
            r1 <- fma (repeat &a (depth + k)) b0 r1
            r2 <- fma (repeat &a (2 * depth + k)) b0 r2
            r3 <- fma (repeat &a (3 * depth + k)) b0 r3
            at <- at + columns

        store r0 &r n
        store r1 &r (columns + n)
        store r2 &r (2 * columns + n)
        store r3 &r (3 * columns + n)
        n <- n + lanes

    while n < columns do
        for row in 0..3 do
            Unsafe.Add(&r, row * columns + n) <-
                element &(Unsafe.Add(&a, row * depth)) &(Unsafe.Add(&b, n)) depth columns

        n <- n + 1

/// One row of the result.
let private oneRow columns depth (a: byref<float>) (b: byref<float>) (r: byref<float>) =
    let lanes = Vector<float>.Count
    let mutable n = 0

    while n <= columns - lanes do
        let mutable sum = Vector<float>.Zero

        for k in 0 .. depth - 1 do
            sum <- fma (repeat &a k) (load &b (k * columns + n)) sum

        store sum &r n
        n <- n + lanes

    while n < columns do
        Unsafe.Add(&r, n) <- element &a &(Unsafe.Add(&b, n)) depth columns
        n <- n + 1

let private requireElements name start count (array: float[]) =
    Interact.Core.Checks.require (start >= 0 && start + count <= array.Length) name (fun () ->
        $"{name} has {array.Length} elements; {count} are needed from {start} on.")

/// r[m, n] = Σ_k a[m, k] · b[k, n] for row-major matrices at the given offsets: rows x depth times depth x columns.
let compute (rows: int) (columns: int) (depth: int) (a: float[]) aStart (b: float[]) bStart (r: float[]) rStart =
    if depth = 0 then
        Array.Clear(r, rStart, rows * columns)
    elif rows > 0 && columns > 0 then
        // The kernels are not bounds-checked: these are their bounds.
        requireElements (nameof a) aStart (rows * depth) a
        requireElements (nameof b) bStart (depth * columns) b
        requireElements (nameof r) rStart (rows * columns) r
        let mutable m = 0

        while m <= rows - 4 do
            fourRows columns depth &a[aStart + m * depth] &b[bStart] &r[rStart + m * columns]
            m <- m + 4

        while m < rows do
            oneRow columns depth &a[aStart + m * depth] &b[bStart] &r[rStart + m * columns]
            m <- m + 1
