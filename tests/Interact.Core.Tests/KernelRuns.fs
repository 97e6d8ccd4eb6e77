/// Kernels on arrays, for their tests: the numbers stand in memory at any address, between guards that no kernel may touch.
module internal Interact.Core.Tests.KernelRuns

#nowarn "9" // Addresses: what kernels take.

open System
open System.Runtime.InteropServices
open FSharp.NativeInterop
open Interact.Core.Execution
open Xunit

/// Those that every machine can run, in software where it lacks the instructions.
let instructionSets = [ Avx512; Avx2; AdvSimd; Portable ]

let private guard = 128
let private guardByte = 0xA5uy

/// A run in memory of its own, so many bytes from where a vector would be aligned.
let withRun<'T when 'T: unmanaged> (misalignment: int) (values: 'T[]) (work: nativeint -> unit) : 'T[] =
    let bytes = Buffer.ByteLength values
    let length = bytes + 2 * guard + 64
    let memory = NativeMemory.AlignedAlloc(unativeint length, 64un)
    let start = NativePtr.toNativeInt (NativePtr.ofVoidPtr<byte> memory)
    let first = guard + misalignment
    let image = Array.create length guardByte
    Buffer.BlockCopy(values, 0, image, first, bytes)

    try
        Marshal.Copy(image, 0, start, length)
        work (start + nativeint first)
        Marshal.Copy(start, image, 0, length)
    finally
        NativeMemory.AlignedFree memory

    let outside = Array.append image[.. first - 1] image[first + bytes ..]
    Assert.True(outside |> Array.forall ((=) guardByte), "A kernel wrote outside its run.")
    let result = Array.zeroCreate<'T> values.Length
    Buffer.BlockCopy(image, first, result, 0, bytes)
    result

/// The result of a kernel that reads x and writes as many numbers r.
let unary<'T when 'T: unmanaged> (kernel: UnaryKernel) misalignment (x: 'T[]) : 'T[] =
    withRun misalignment (Array.zeroCreate x.Length) (fun r ->
        withRun misalignment x (fun x' -> kernel.Invoke(x', r, x.Length)) |> ignore)

/// The same, with r in the place of x.
let unaryInPlace<'T when 'T: unmanaged> (kernel: UnaryKernel) misalignment (x: 'T[]) : 'T[] =
    withRun misalignment x (fun r -> kernel.Invoke(r, r, x.Length))

/// The result of a kernel that reads x and y; either may be one number for a kernel that takes one there.
let binary<'T when 'T: unmanaged> (kernel: BinaryKernel) misalignment (x: 'T[]) (y: 'T[]) : 'T[] =
    let count = max x.Length y.Length

    withRun misalignment (Array.zeroCreate count) (fun r ->
        withRun misalignment x (fun x ->
            withRun (misalignment / 2) y (fun y -> kernel.Invoke(x, y, r, count)) |> ignore)
        |> ignore)

/// The result of a kernel that reads x, y and z.
let ternary<'T when 'T: unmanaged> (kernel: TernaryKernel) misalignment (x: 'T[]) (y: 'T[]) (z: 'T[]) : 'T[] =
    withRun misalignment (Array.zeroCreate x.Length) (fun r ->
        withRun misalignment x (fun x' ->
            withRun (misalignment / 2) y (fun y ->
                withRun misalignment z (fun z -> kernel.Invoke(x', y, z, r, x.Length)) |> ignore)
            |> ignore)
        |> ignore)

/// |actual - (expected + low)| in units of the last place of the expected number; 0 where both are the same NaN or infinity,
/// infinite where only one is, or where zeros differ in sign.
let ulps (expected: float) (low: float) (actual: float) =
    if expected.Equals actual && low = 0.0 then
        if expected = 0.0 && Double.IsNegative expected <> Double.IsNegative actual then infinity else 0.0
    elif not (Double.IsFinite expected && Double.IsFinite actual) then
        if expected.Equals actual then 0.0 else infinity
    else
        let magnitude = abs expected
        abs (actual - expected - low) / (Double.BitIncrement magnitude - magnitude)

/// The same in single precision, of a number known in double precision.
let ulpsOfSingle (exact: float) (actual: single) =
    let expected = single exact

    if expected.Equals actual then
        if expected = 0.0f && Single.IsNegative expected <> Single.IsNegative actual then infinity else 0.0
    elif not (Single.IsFinite expected && Single.IsFinite actual) then
        infinity
    else
        let magnitude = abs expected
        abs (float actual - exact) / float (Single.BitIncrement magnitude - magnitude)
