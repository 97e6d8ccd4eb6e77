namespace Interact.Core.Execution

open Interact.Core

/// One factor of a matrix that is given as a product of factors and never formed. The factor's element for batch b, line i and depth k
/// stands at Batch[b] + Lines[i] + Depth[k], counted in elements from the factor's address. A line is a row of the left matrix or a
/// column of the right one; the depth is the axis that is summed.
type internal MatrixFactor = { Batch: int[]; Lines: int[]; Depth: int[] }

/// Matrix products of one shape: for each batch R[i, j] = Σ_k A[i, k] · B[k, j], where A and B are products of factors.
type internal MatrixProductShape = {
    Batches: int
    Rows: int
    Columns: int
    Depth: int
    /// The factors of A; their lines are its rows.
    Left: MatrixFactor[]
    /// The factors of B; their lines are its columns.
    Right: MatrixFactor[]
    /// Whether A is a constant that is packed beforehand.
    LeftIsPacked: bool
    /// Whether B is a constant that is packed beforehand.
    RightIsPacked: bool
    /// Where the result of each batch stands, in elements from the result's address.
    ResultBatch: int[]
    /// From one row of a result to the next, in elements; its columns are contiguous.
    ResultStride: int
    /// Whether every result is known to be symmetric: only the upper triangle is computed, and then mirrored.
    Symmetric: bool
    /// Whether the result is added to: every sum then starts from the old value instead of zero.
    Accumulate: bool
}

[<RequireQualifiedAccess>]
module internal MatrixProductShape =

    /// Kernels check no bounds: what they rely on is checked here, once.
    let check (shape: MatrixProductShape) =
        let size name value = Checks.within name 0 System.Int32.MaxValue value
        size (nameof shape.Batches) shape.Batches
        size (nameof shape.Rows) shape.Rows
        size (nameof shape.Columns) shape.Columns
        size (nameof shape.Depth) shape.Depth

        let side name lines (factors: MatrixFactor[]) =
            Checks.require (factors.Length > 0) name (fun () -> $"{name} has no factors; a matrix needs one.")

            for factor in factors do
                Checks.length $"{name}.{nameof factor.Batch}" shape.Batches factor.Batch
                Checks.length $"{name}.{nameof factor.Lines}" lines factor.Lines
                Checks.length $"{name}.{nameof factor.Depth}" shape.Depth factor.Depth

        side (nameof shape.Left) shape.Rows shape.Left
        side (nameof shape.Right) shape.Columns shape.Right
        Checks.length (nameof shape.ResultBatch) shape.Batches shape.ResultBatch

        Checks.require (shape.Rows <= 1 || shape.ResultStride >= shape.Columns) (nameof shape.ResultStride) (fun () ->
            $"ResultStride is {shape.ResultStride}; a row has {shape.Columns} elements.")

        Checks.require (not shape.Symmetric || shape.Rows = shape.Columns) (nameof shape.Symmetric) (fun () ->
            $"A matrix of {shape.Rows} x {shape.Columns} elements is not symmetric.")

    let private isConstant (offsets: int[]) = offsets |> Array.forall (fun offset -> offset = offsets[0])

    /// Whether a matrix is the same in all batches.
    let isShared (factors: MatrixFactor[]) = factors |> Array.forall (fun factor -> isConstant factor.Batch)

    /// Batches that share the right matrix, and whose results follow each other, are more rows of one product.
    let foldBatches (shape: MatrixProductShape) =
        let follows b = shape.ResultBatch[b] = shape.ResultBatch[0] + b * shape.Rows * shape.ResultStride

        let folds =
            shape.Batches > 1
            && not shape.Symmetric
            && isShared shape.Right
            && Seq.forall follows (seq { 1 .. shape.Batches - 1 })

        if folds then
            let left (factor: MatrixFactor) = {
                factor with
                    Batch = [| 0 |]
                    Lines = [| for batch in factor.Batch -> factor.Lines |> Array.map ((+) batch) |] |> Array.concat
            }

            {
                shape with
                    Batches = 1
                    Rows = shape.Batches * shape.Rows
                    Left = shape.Left |> Array.map left
                    Right = shape.Right |> Array.map (fun factor -> { factor with Batch = factor.Batch[..0] })
                    ResultBatch = shape.ResultBatch[..0]
            }
        else
            shape
