namespace Interact.Core.Execution

/// Matrix products of one shape.
///
///     for b: for i: for j: for k: R[b][i, j] += A[b][i, k] · B[b][k, j]
///
/// Every sum is one chain of multiply-adds in ascending k, which starts from zero or from the old value; an element of a matrix of
/// several factors is their product from left to right, rounded after each. A result is therefore the same bits for every shape, block,
/// batch and number of parts that its element may be computed in.
type internal IMatrixProduct<'T when 'T: unmanaged> =
    /// Elements of scratch memory for so many parts together. It is aligned to 64 bytes.
    abstract WorkspaceSize: parts: int -> int

    /// Computes one of the parts into which the results are divided; different parts may run at once. Addresses are those of the
    /// factors, or that of the packed matrix alone; the workspace is that of all parts.
    abstract Run:
        left: nativeint[] * right: nativeint[] * result: nativeint * workspace: nativeint * part: int * parts: int ->
            unit

    /// How the left matrix is packed.
    abstract LeftLayout: PackedLayout

    /// How the right matrix is packed.
    abstract RightLayout: PackedLayout

    /// Packs a constant left matrix, given the addresses of its factors.
    abstract PackLeft: addresses: nativeint[] -> PackedMatrix<'T>

    /// Packs a constant right matrix, given the addresses of its factors.
    abstract PackRight: addresses: nativeint[] -> PackedMatrix<'T>
