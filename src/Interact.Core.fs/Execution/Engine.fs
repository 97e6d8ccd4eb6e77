namespace Interact.Core.Execution

open Interact.Core

/// The kernels of one precision and instruction set.
[<NoEquality; NoComparison>]
type internal Engine = {
    Precision: Precision
    Elementwise: IElementwiseKernels
    Runs: IRunKernels
    CreateProduct: MatrixProductShape -> IMatrixProduct
}

[<RequireQualifiedAccess>]
module internal Engine =

    /// The kernels of a precision for an instruction set.
    let create (instructionSet: InstructionSet) (precision: Precision) : Engine =
        match precision with
        | Precision.Double -> {
            Precision = precision
            Elementwise = ElementwiseKernels.create<float> instructionSet
            Runs = RunKernels.create<float> instructionSet
            CreateProduct = PackedProduct.create<float> instructionSet
          }
        | Precision.Single -> {
            Precision = precision
            Elementwise = ElementwiseKernels.create<single> instructionSet
            Runs = RunKernels.create<single> instructionSet
            CreateProduct = PackedProduct.create<single> instructionSet
          }

    let private double = lazy (create InstructionSet.best Precision.Double)
    let private single = lazy (create InstructionSet.best Precision.Single)

    /// The kernels of a precision for this machine.
    let best (precision: Precision) : Engine =
        match precision with
        | Precision.Double -> double.Value
        | Precision.Single -> single.Value
