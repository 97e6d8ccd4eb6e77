namespace Interact.Core

open System

/// Least squares by the pseudo-inverse.
[<RequireQualifiedAccess>]
module internal PseudoInverse =

    /// Reflects the rows from k on so that the column keeps one element of them, in this and the later columns.
    let private reflect (workers: Workers) k (columns: float[][]) (squares: float[]) =
        let own = columns[k]
        let rest = Vector.squaresFrom k own
        let norm = sqrt rest
        let turned = if own[k] > 0.0 then -norm else norm
        let scale = 1.0 / (norm * (norm + abs own[k]))
        own[k] <- own[k] - turned

        Workers.forEach workers (columns.Length - k - 1) (fun place ->
            let column = columns[k + 1 + place]
            Vector.addPart k (own.Length - k) (-scale * Vector.dotFrom k own column) own column
            squares[k + 1 + place] <- Vector.squaresFrom (k + 1) column)

        Array.Clear(own, k, own.Length - k)
        own[k] <- turned

    /// Independent combinations of the rows of [A | B], of which A has no more rows than columns: elimination with the largest column
    /// first, until what is left of A is rounding. Gives as many as the rank, and the order in which A's columns stand.
    let private independent workers (width: int) (columns: float[][]) =
        let height = columns[0].Length
        let order = [| 0 .. width - 1 |]
        let squares = columns |> Array.map Vector.squares
        let unit = float (max height width) * Math.BitIncrement 1.0 - float (max height width)
        let mutable rank = 0
        let mutable largest = 0.0
        let mutable searching = true

        while searching && rank < height do
            let mutable pivot = rank

            for column in rank + 1 .. width - 1 do
                if squares[column] > squares[pivot] then pivot <- column

            let norm = sqrt squares[pivot]
            if rank = 0 then largest <- norm

            if norm <= unit * largest then
                searching <- false
            else
                let exchange (items: 'T[]) =
                    let item = items[rank]
                    items[rank] <- items[pivot]
                    items[pivot] <- item

                exchange columns
                exchange order
                exchange squares
                reflect workers rank columns squares
                rank <- rank + 1

        rank, order

    /// A⁺B for a matrix A of n rows, each with `width` elements, and B of n rows with `sides` elements: `element row column` gives those of
    /// A and, behind them, those of B. Singular values below rounding, max(n, width) · 2⁻⁵² of the largest, count as 0.
    let apply (workers: Workers) (count: int) (width: int) (sides: int) (element: int -> int -> float) : float[][] =
        let columns =
            if count <= width then
                Array.init (width + sides) (fun c -> Array.init count (fun r -> element r c))
            else
                let triangle = Triangle(width, sides, 0.0)
                triangle.FoldRows(workers, count, element)
                Array.init (width + sides) (fun c -> Array.init width (fun r -> triangle.Rows[r].[c]))

        let rank, order = independent workers width columns
        let result = Array.init width (fun _ -> Array.zeroCreate<float> sides)

        if rank > 0 then
            // The shortest solution of Nx = c for the rank's rows N is Nᵀz with NNᵀz = c.
            let gram = Triangle(rank, 0, 0.0)
            gram.FoldRows(workers, width, (fun row column -> columns[row].[column]))

            for side in 0 .. sides - 1 do
                let z = Array.sub columns[width + side] 0 rank
                gram.SolveTransposed z
                gram.Solve z

                for place in 0 .. width - 1 do
                    result[order[place]].[side] <- Vector.dot z (Array.sub columns[place] 0 rank)

        result
