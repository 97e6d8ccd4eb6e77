namespace Interact.Core.Execution

open Interact.Core

/// A constant matrix packed for products of one layout.
[<NoEquality; NoComparison>]
type internal PackedConstant = {
    Address: nativeint
    /// Holds the memory.
    Owner: obj
}

/// A matrix product of whichever precision: see IMatrixProduct.
type internal IProductKernel =
    abstract WorkspaceSize: parts: int -> int

    abstract Run:
        left: nativeint[] * right: nativeint[] * result: nativeint * workspace: nativeint * part: int * parts: int ->
            unit

    abstract LeftLayout: PackedLayout
    abstract RightLayout: PackedLayout
    abstract PackLeft: addresses: nativeint[] -> PackedConstant
    abstract PackRight: addresses: nativeint[] -> PackedConstant

/// The kernels of one precision and instruction set.
[<NoEquality; NoComparison>]
type internal Engine = {
    Precision: Precision
    InstructionSet: InstructionSet
    Elementwise: IElementwiseKernels
    Runs: IRunKernels
    CreateProduct: MatrixProductShape -> IProductKernel
    /// Numbers in a vector.
    VectorLanes: int
    CreateLaneProduct: LaneProductShape -> ILaneProduct
}

[<RequireQualifiedAccess>]
module internal Engine =

    let private kernelOf (product: IMatrixProduct<'T>) : IProductKernel =
        let packed (matrix: PackedMatrix<'T>) = { Address = matrix.Address; Owner = matrix }

        {
            new IProductKernel with
                member _.WorkspaceSize parts = product.WorkspaceSize parts

                member _.Run(left, right, result, workspace, part, parts) =
                    product.Run(left, right, result, workspace, part, parts)

                member _.LeftLayout = product.LeftLayout
                member _.RightLayout = product.RightLayout
                member _.PackLeft addresses = product.PackLeft addresses |> packed
                member _.PackRight addresses = product.PackRight addresses |> packed
        }

    /// The kernels of a precision for an instruction set.
    let create (instructionSet: InstructionSet) (precision: Precision) : Engine =
        match precision with
        | Precision.Double -> {
            Precision = precision
            InstructionSet = instructionSet
            Elementwise = ElementwiseKernels.create<float> instructionSet
            Runs = RunKernels.create<float> instructionSet
            CreateProduct = fun shape -> PackedProduct.create<float> instructionSet shape |> kernelOf
            VectorLanes = LaneProduct.vector instructionSet precision
            CreateLaneProduct = LaneProduct.create instructionSet precision
          }
        | Precision.Single -> {
            Precision = precision
            InstructionSet = instructionSet
            Elementwise = ElementwiseKernels.create<single> instructionSet
            Runs = RunKernels.create<single> instructionSet
            CreateProduct = fun shape -> PackedProduct.create<single> instructionSet shape |> kernelOf
            VectorLanes = LaneProduct.vector instructionSet precision
            CreateLaneProduct = LaneProduct.create instructionSet precision
          }

    let private double = lazy (create InstructionSet.best Precision.Double)
    let private single = lazy (create InstructionSet.best Precision.Single)

    /// The kernels of a precision for this machine.
    let best (precision: Precision) : Engine =
        match precision with
        | Precision.Double -> double.Value
        | Precision.Single -> single.Value
