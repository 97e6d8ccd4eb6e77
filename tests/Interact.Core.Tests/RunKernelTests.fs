/// Reductions and moves against plain loops, on every instruction set.
[<Xunit.Trait("Category", "Kernels")>]
module Interact.Core.Tests.RunKernelTests

open System
open Interact.Core.Execution
open Interact.Core.Tests.KernelRuns
open Xunit

let private sizes = [ 0; 1; 2; 3; 7; 8; 9; 16; 31; 64; 100; 1001 ]

let private numbers (seed: int) count =
    let random = Random seed
    Array.init count (fun _ -> (random.NextDouble() - 0.5) * Math.Pow(10.0, float (random.Next 6)))

let private forAll (check: IRunKernels -> IRunKernels -> unit) =
    for set in instructionSets do
        check (RunKernels.create<float> set) (RunKernels.create<single> set)

let private same (expected: 'T[]) (actual: 'T[]) = Assert.Equal<'T[]>(expected, actual)

/// r after the work on it and x.
let private reduce (misalignment: int) (x: 'T[]) (r: 'T[]) (work: nativeint -> nativeint -> unit) =
    withRun misalignment r (fun r -> withRun (64 - misalignment) x (fun x -> work x r) |> ignore)

[<Fact>]
let ``runs accumulate`` () =
    forAll (fun doubles singles ->
        for size in sizes do
            let x, r = numbers 1 size, numbers 2 size
            let actual = reduce 8 x r (fun x r -> doubles.Accumulate(x, r, size))
            same (Array.map2 (+) r x) actual
            let x, r = Array.map single x, Array.map single r
            same (Array.map2 (+) r x) (reduce 4 x r (fun x r -> singles.Accumulate(x, r, size))))

[<Fact>]
let ``the larger numbers of two runs remain, and whatever is no number`` () =
    forAll (fun doubles singles ->
        for size in sizes do
            let x = numbers 1 size |> Array.mapi (fun i v -> if i % 11 = 5 then nan else v)
            let r = numbers 2 size |> Array.mapi (fun i v -> if i % 13 = 7 then nan else v)
            let expected = Array.map2 (fun (a: float) b -> Math.Max(a, b)) r x
            same expected (reduce 8 x r (fun x r -> doubles.Maximum(x, r, size)))
            let expected = Array.map single expected
            let x, r = Array.map single x, Array.map single r
            same expected (reduce 4 x r (fun x r -> singles.Maximum(x, r, size))))

let private shapes = [
    for rows in [ 0; 1; 2; 7; 8; 9; 17; 40 ] do
        for columns in [ 0; 1; 3; 8; 33 ] do
            for extra in [ 0; 5 ] do
                rows, columns, columns + extra
]

[<Fact>]
let ``rows are folded from first to last`` () =
    forAll (fun doubles singles ->
        for rows, columns, stride in shapes do
            let x = numbers 4 (rows * stride)
            let row i = x[i * stride .. i * stride + columns - 1]
            let r = Array.zeroCreate<float> rows
            let sums = Array.init rows (fun i -> Array.fold (+) 0.0 (row i))
            same sums (reduce 8 x r (fun x r -> doubles.RowSums(x, stride, columns, r, rows)))

            let maxima =
                Array.init rows (fun i -> Array.fold (fun (a: float) b -> Math.Max(a, b)) -infinity (row i))

            same maxima (reduce 8 x r (fun x r -> doubles.RowMaxima(x, stride, columns, r, rows)))
            let x = Array.map single x
            let row i = x[i * stride .. i * stride + columns - 1]
            let r = Array.zeroCreate<single> rows
            let sums = Array.init rows (fun i -> Array.fold (+) 0.0f (row i))
            same sums (reduce 4 x r (fun x r -> singles.RowSums(x, stride, columns, r, rows)))

            let maxima =
                Array.init rows (fun i -> Array.fold (fun (a: single) b -> Math.Max(a, b)) -infinityf (row i))

            same maxima (reduce 4 x r (fun x r -> singles.RowMaxima(x, stride, columns, r, rows))))

[<Fact>]
let ``the largest of a row is no number where one of it is none`` () =
    forAll (fun doubles _ ->
        let x = [| 1.0; nan; 3.0; 4.0; 5.0; 6.0 |]
        same [| nan; 6.0 |] (reduce 0 x [| 0.0; 0.0 |] (fun x r -> doubles.RowMaxima(x, 3, 3, r, 2))))

[<Fact>]
let ``runs are filled, copied and transposed`` () =
    forAll (fun doubles singles ->
        for size in sizes do
            same (Array.create size 2.5) (withRun 8 (Array.zeroCreate size) (fun r -> doubles.Fill(2.5, r, size)))
            same (Array.create size 2.5f) (withRun 4 (Array.zeroCreate size) (fun r -> singles.Fill(2.5, r, size)))

            for stride in [ 0; 1; 3; -2 ] do
                let first = max 0 (-stride * (size - 1))
                let x = numbers 5 (first + max 1 (stride * size + 1))
                let expected = Array.init size (fun i -> x[first + i * stride])
                let from (x: nativeint) = x + nativeint (8 * first)
                let r = Array.zeroCreate<float> size
                same expected (reduce 8 x r (fun x r -> doubles.Copy(from x, stride, r, size)))

        for rows, columns, extra in [ 0, 3, 0; 1, 1, 0; 5, 3, 2; 16, 16, 0; 17, 33, 1; 40, 100, 3 ] do
            let xStride, rStride = rows + extra, columns + extra
            let x = numbers 6 (columns * xStride)
            let r = Array.create (rows * rStride) -1.0

            let expected =
                Array.init (rows * rStride) (fun at ->
                    let j, i = at / rStride, at % rStride
                    if i < columns then x[i * xStride + j] else -1.0)

            let transpose x r = doubles.Transpose(x, xStride, r, rStride, rows, columns)
            same expected (reduce 8 x r transpose)
            let x, r, expected = Array.map single x, Array.map single r, Array.map single expected
            same expected (reduce 4 x r (fun x r -> singles.Transpose(x, xStride, r, rStride, rows, columns))))

[<Fact>]
let ``columns are folded from the first row to the last`` () =
    forAll (fun doubles singles ->
        for rows, columns, stride in shapes do
            let x = numbers 8 (rows * stride)

            let folded start fold =
                Array.init columns (fun c -> Seq.fold fold start (seq { for i in 0 .. rows - 1 -> x[i * stride + c] }))

            let once = {
                Rows = OffsetTable(Array.init rows (fun i -> i * stride))
                Repeats = 1
                Step = 0
                ResultStep = 0
            }

            // The first row begins the sum, so that -0 stays -0: equal all the same.
            let sums = folded 0.0 (+)
            let maxima = folded -infinity (fun a b -> Math.Max(a, b))
            let r = Array.zeroCreate<float> columns
            same sums (reduce 8 x r (fun x r -> doubles.ColumnSums(x, once, r, columns)))
            same maxima (reduce 8 x r (fun x r -> doubles.ColumnMaxima(x, once, r, columns)))
            let narrow, r = Array.map single x, Array.zeroCreate<single> columns

            let sums =
                Array.init columns (fun c ->
                    Seq.fold (+) 0.0f (seq { for i in 0 .. rows - 1 -> narrow[i * stride + c] }))

            same sums (reduce 4 narrow r (fun x r -> singles.ColumnSums(x, once, r, columns)))

            same (Array.map single maxima) (reduce 4 narrow r (fun x r -> singles.ColumnMaxima(x, once, r, columns))))

[<Fact>]
let ``columns are folded again and again, over rows anywhere`` () =
    forAll (fun doubles _ ->
        for columns in [ 0; 1; 7; 8; 9; 40 ] do
            for rows in [ [||]; [| 3 |]; [| 60; 2; 31; 2 |] ] do
                let x = numbers 10 400
                let folded = { Rows = OffsetTable rows; Repeats = 5; Step = 47; ResultStep = columns + 2 }

                let expected empty fold =
                    Array.init (5 * (columns + 2)) (fun at ->
                        let i, c = at / (columns + 2), at % (columns + 2)

                        if c >= columns then 0.0
                        elif rows.Length = 0 then empty
                        else rows |> Array.map (fun row -> x[i * 47 + row + c]) |> Array.reduce fold)

                let r = Array.zeroCreate<float>(5 * (columns + 2))
                same (expected 0.0 (+)) (reduce 8 x r (fun x r -> doubles.ColumnSums(x, folded, r, columns)))
                let r = Array.zeroCreate<float>(5 * (columns + 2))
                let largest (a: float) b = Math.Max(a, b)

                same
                    (expected -infinity largest)
                    (reduce 8 x r (fun x r -> doubles.ColumnMaxima(x, folded, r, columns))))

[<Fact>]
let ``rows are copied one after the other`` () =
    forAll (fun doubles singles ->
        for rows, columns, rowStride in shapes do
            for stride in [ 0; 1; 3 ] do
                let x = numbers 9 (max 1 (rows * rowStride + 3 * columns))

                let expected =
                    Array.init (rows * columns) (fun at -> x[at / columns * rowStride + at % columns * stride])

                let r = Array.zeroCreate<float>(rows * columns)
                same expected (reduce 8 x r (fun x r -> doubles.CopyRows(x, rowStride, stride, r, columns, rows)))
                let narrow, r = Array.map single x, Array.zeroCreate<single>(rows * columns)
                let copy x r = singles.CopyRows(x, rowStride, stride, r, columns, rows)
                same (Array.map single expected) (reduce 4 narrow r copy))
