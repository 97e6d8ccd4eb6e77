namespace Interact.Core

open System
open System.Numerics.Tensors

/// Sums over parts of arrays.
module internal Vector =

    /// Σ x_i y_i from an index on.
    let dotFrom start (x: float[]) (y: float[]) =
        let count = x.Length - start
        TensorPrimitives.Dot<float>(ReadOnlySpan(x, start, count), ReadOnlySpan(y, start, count))

    /// Σ x_i y_i.
    let dot x y = dotFrom 0 x y

    /// Σ x_i² from an index on.
    let squaresFrom start (x: float[]) = TensorPrimitives.SumOfSquares<float>(ReadOnlySpan(x, start, x.Length - start))

    /// Σ x_i².
    let squares x = squaresFrom 0 x

    /// y <- y + factor · x from an index on, so many elements.
    let addPart start count (factor: float) (x: float[]) (y: float[]) =
        TensorPrimitives.MultiplyAdd<float>(
            ReadOnlySpan(x, start, count),
            factor,
            ReadOnlySpan(y, start, count),
            Span(y, start, count)
        )

    /// y <- y + factor · x.
    let add factor (x: float[]) y = addPart 0 x.Length factor x y

/// An upper triangular matrix R, with columns of right-hand sides behind it: what Householder reflections make of a matrix whose rows are
/// folded into it. RᵀR is the sum of all rows' outer products, without its being formed: so the condition of what follows is that of
/// the matrix and not its square.
[<Sealed>]
type internal Triangle(size: int, sides: int, diagonal: float) =

    /// Columns among which a reflection is divided at a time.
    static let columnsInPart = 32

    /// Rows that are folded at a time: as many columns of them as there are stay in the cache.
    static let rowsAtATime = 512

    let rows =
        Array.init size (fun k ->
            let row = Array.zeroCreate<float>(size + sides)
            row[k] <- diagonal
            row)

    /// Number of rows and columns of R.
    member _.Size = size

    /// The rows of R, with the right-hand sides behind them.
    member _.Rows = rows

    /// Folds rows in, given as columns, which are used up: R² + AᵀA for a matrix A of as many columns as R and the sides have.
    member _.Fold(workers: Workers, columns: float[][]) =
        for k in 0 .. size - 1 do
            let own = columns[k]
            let row = rows[k]
            let squares = Vector.squares own

            if squares > 0.0 then
                let pivot = row[k]
                let norm = sqrt (pivot * pivot + squares)
                let turned = if pivot > 0.0 then -norm else norm
                let head = pivot - turned
                let scale = 1.0 / (norm * (norm + abs pivot))
                row[k] <- turned

                let reflect column =
                    let step = -scale * (row[column] * head + Vector.dot own columns[column])
                    row[column] <- row[column] + step * head
                    Vector.add step own columns[column]

                let left = columns.Length - k - 1
                let parts = (left + columnsInPart - 1) / columnsInPart

                let reflectPart part =
                    for column in k + 1 + part * columnsInPart .. k + min left ((part + 1) * columnsInPart) do
                        reflect column

                // Little work is not worth dividing.
                let workers = if left * own.Length < 50_000 then { workers with Threads = 1 } else workers
                Workers.forEach workers parts reflectPart

    /// Folds rows in: each has an element for every column of R and the sides.
    member this.FoldRows(workers: Workers, count: int, element: int -> int -> float) =
        for first in 0..rowsAtATime .. count - 1 do
            let height = min rowsAtATime (count - first)
            this.Fold(workers, Array.init (size + sides) (fun c -> Array.init height (fun r -> element (first + r) c)))

    /// Solves Rᵀy = b in place.
    member _.SolveTransposed(b: float[]) =
        for k in 0 .. size - 1 do
            b[k] <- b[k] / rows[k].[k]

            Vector.addPart (k + 1) (size - k - 1) -b[k] rows[k] b

    /// Solves Rx = b in place.
    member _.Solve(b: float[]) =
        for k in size - 1 .. -1 .. 0 do
            let rest = size - k - 1

            let known =
                TensorPrimitives.Dot<float>(ReadOnlySpan(rows[k], k + 1, rest), ReadOnlySpan(b, k + 1, rest))

            b[k] <- (b[k] - known) / rows[k].[k]

    /// Solves RᵀY = B in place for a matrix B given by its rows.
    member _.SolveTransposedRows(b: float[][]) =
        for k in 0 .. size - 1 do
            for above in 0 .. k - 1 do
                Vector.add -rows[above].[k] b[above] b[k]

            TensorPrimitives.Divide<float>(ReadOnlySpan b[k], rows[k].[k], Span b[k])
