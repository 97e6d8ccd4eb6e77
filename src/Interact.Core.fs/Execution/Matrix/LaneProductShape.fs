namespace Interact.Core.Execution

open Interact.Core

/// One factor of a side of a lane product. Its element for batch b, line i, depth k and lane l stands at
/// Batch[b] + Lines[i] + Depth[k] + (l if it varies along lanes), counted in elements from the factor's address.
type internal LaneFactor = {
    Batch: int[]
    Lines: int[]
    Depth: int[]
    /// Whether it has an element for each lane, side by side; otherwise all lanes share one.
    Varies: bool
}

/// Many small matrix products at once, one in each lane: for each batch and lane R[i, j] = Σ_k A[i, k] · B[k, j], where A and B are
/// products of factors. Lanes are contiguous in memory, so that vectors hold one element of several products.
type internal LaneProductShape = {
    Batches: int
    Rows: int
    Columns: int
    Depth: int
    /// A multiple of the vector's.
    Lanes: int
    Left: LaneFactor[]
    Right: LaneFactor[]
    /// Where results stand, in elements from the result's address, like those of a factor.
    Result: LaneFactor
    /// Whether results are symmetric: only those on and above the diagonal are computed, and then mirrored.
    Symmetric: bool
} with

    /// Whether the products of all lanes are added up.
    member this.SumsLanes = not this.Result.Varies

[<RequireQualifiedAccess>]
module internal LaneProductShape =

    /// Kernels check no bounds: what they rely on is checked here, once.
    let check (vector: int) (shape: LaneProductShape) =
        let size name value = Checks.within name 0 System.Int32.MaxValue value
        size (nameof shape.Batches) shape.Batches
        size (nameof shape.Rows) shape.Rows
        size (nameof shape.Columns) shape.Columns
        size (nameof shape.Depth) shape.Depth

        Checks.require (shape.Lanes > 0 && shape.Lanes % vector = 0) (nameof shape.Lanes) (fun () ->
            $"{shape.Lanes} lanes do not fill vectors of {vector}.")

        let side name lines (factors: LaneFactor[]) =
            Checks.require (factors.Length > 0) name (fun () -> $"{name} has no factors; a matrix needs one.")

            for factor in factors do
                Checks.length $"{name}.{nameof factor.Batch}" shape.Batches factor.Batch
                Checks.length $"{name}.{nameof factor.Lines}" lines factor.Lines
                Checks.length $"{name}.{nameof factor.Depth}" shape.Depth factor.Depth

        side (nameof shape.Left) shape.Rows shape.Left
        side (nameof shape.Right) shape.Columns shape.Right
        Checks.length $"{nameof shape.Result}.Batch" shape.Batches shape.Result.Batch
        Checks.length $"{nameof shape.Result}.Lines" shape.Rows shape.Result.Lines
        Checks.length $"{nameof shape.Result}.Depth" shape.Columns shape.Result.Depth

        Checks.require (not shape.Symmetric || shape.Rows = shape.Columns) (nameof shape.Symmetric) (fun () ->
            $"A matrix of {shape.Rows} x {shape.Columns} elements is not symmetric.")
