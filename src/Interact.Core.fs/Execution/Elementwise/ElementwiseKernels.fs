namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.Intrinsics
open FSharp.NativeInterop
open Interact.Core

/// r[i] = f(x[i]).
type internal UnaryKernel = delegate of x: nativeint * r: nativeint * count: int -> unit

/// r[i] = f(x[i], y[i]).
type internal BinaryKernel = delegate of x: nativeint * y: nativeint * r: nativeint * count: int -> unit

/// r[i] = f(x[i], y[i], z[i]).
type internal TernaryKernel = delegate of x: nativeint * y: nativeint * z: nativeint * r: nativeint * count: int -> unit

/// The elementwise functions over contiguous runs of numbers 'T, given by addresses without alignment. The result may stand in the place
/// of an operand, but not overlap it otherwise. A value does not depend on where it stands in a run.
///
/// A kernel is looked up once, when a plan is compiled.
type internal IElementwiseKernels =
    abstract Unary: f: Elementwise -> UnaryKernel
    abstract Binary: f: Elementwise -> BinaryKernel
    /// r[i] = f(x[i], y[0]).
    abstract BinaryByNumber: f: Elementwise -> BinaryKernel
    /// r[i] = f(x[0], y[i]).
    abstract NumberByBinary: f: Elementwise -> BinaryKernel
    abstract Ternary: f: Elementwise -> TernaryKernel

/// The functions that have no vectors: the plain loop over the scalar function, computed in double precision and rounded.
module internal PlainLoop =

    let inline private read<'T when 'T: unmanaged> (address: nativeint) i =
        if Numbers.isDouble<'T> then
            NativePtr.get (NativePtr.ofNativeInt<float> address) i
        else
            float (NativePtr.get (NativePtr.ofNativeInt<single> address) i)

    let unary<'T when 'T: unmanaged> (f: float -> float) : UnaryKernel =
        UnaryKernel(fun x r count ->
            for i in 0 .. count - 1 do
                let value = f (read<'T> x i)

                if Numbers.isDouble<'T> then
                    NativePtr.set (NativePtr.ofNativeInt<float> r) i value
                else
                    NativePtr.set (NativePtr.ofNativeInt<single> r) i (single value))

module internal Arity =

    /// The caller asked for a kernel of another number of operands.
    let refuse (f: Elementwise) (operands: int) : 'K =
        Checks.invalid (nameof f) $"{f} has {Elementwise.arity f} operands, not {operands}."

/// The kernels of a function, by its number of operands.
[<NoEquality; NoComparison>]
type internal ElementwiseKernel =
    | OneOperand of UnaryKernel
    | TwoOperands of runs: BinaryKernel * byNumber: BinaryKernel * ofNumber: BinaryKernel
    | ThreeOperands of TernaryKernel

/// The table of kernels for one instruction set: 'V are vectors of numbers 'T by 'I, and 'W such of double precision by 'D, which 'A
/// reads from numbers 'T. Where a formula exists for both precisions, its kernel is of the former kind, elsewhere of the latter.
[<Sealed>]
type internal ElementwiseTable<'I, 'V, 'T, 'D, 'W, 'A
    when 'T: unmanaged and 'I :> IVectors<'V, 'T> and 'D :> IVectors<'W, float> and 'A :> IAccess<'W>>() =

    member private _.One<'F when 'F :> IUnary<'V>>() = OneOperand(UnaryKernel UnaryRun<'F, Direct<'I, 'V, 'T>, 'V>.Run)

    member private _.Wide<'F when 'F :> IUnary<'W>>() = OneOperand(UnaryKernel UnaryRun<'F, 'A, 'W>.Run)

    member private _.Two<'F when 'F :> IBinary<'V>>() =
        TwoOperands(
            BinaryKernel BinaryRun<'F, Direct<'I, 'V, 'T>, 'V>.Run,
            BinaryKernel BinaryRun<'F, Direct<'I, 'V, 'T>, 'V>.ByNumber,
            BinaryKernel BinaryRun<'F, Direct<'I, 'V, 'T>, 'V>.OfNumber
        )

    member private _.WideTwo<'F when 'F :> IBinary<'W>>() =
        TwoOperands(
            BinaryKernel BinaryRun<'F, 'A, 'W>.Run,
            BinaryKernel BinaryRun<'F, 'A, 'W>.ByNumber,
            BinaryKernel BinaryRun<'F, 'A, 'W>.OfNumber
        )

    member private _.Three<'F when 'F :> ITernary<'V>>() =
        ThreeOperands(TernaryKernel TernaryRun<'F, Direct<'I, 'V, 'T>, 'V>.Run)

    member private table.Plain(f: Elementwise) =
        match (Elementwise.rule f).Value with
        | ScalarFunction.Unary value -> OneOperand(PlainLoop.unary<'T> value)
        | ScalarFunction.Binary _
        | ScalarFunction.Ternary _ -> Arity.refuse f 1

    member private table.Kernel(f: Elementwise) : ElementwiseKernel =
        match f with
        | Negate -> table.One<NegateLanes<'I, 'V, 'T>>()
        | Reciprocal -> table.One<ReciprocalLanes<'I, 'V, 'T>>()
        | Abs -> table.One<AbsLanes<'I, 'V, 'T>>()
        | Sign -> table.One<SignLanes<'I, 'V, 'T>>()
        | Floor -> table.One<FloorLanes<'I, 'V, 'T>>()
        | Ceiling -> table.One<CeilingLanes<'I, 'V, 'T>>()
        | Round -> table.One<RoundLanes<'I, 'V, 'T>>()
        | Exp -> table.One<ExpLanes<'I, 'V, 'T>>()
        | Expm1 -> table.Wide<Expm1Lanes<'D, 'W, float>>()
        | Log -> table.Wide<LogLanes<'D, 'W>>()
        | Log1p -> table.Wide<Log1pLanes<'D, 'W>>()
        | Sqrt -> table.One<SqrtLanes<'I, 'V, 'T>>()
        | Sin -> table.Wide<SinLanes<'D, 'W>>()
        | Cos -> table.Wide<CosLanes<'D, 'W>>()
        | Tan -> table.Wide<TanLanes<'D, 'W>>()
        | Asin -> table.Plain f
        | Acos -> table.Plain f
        | Atan -> table.Plain f
        | Sinh -> table.Wide<SinhLanes<'D, 'W>>()
        | Cosh -> table.Wide<CoshLanes<'D, 'W, float>>()
        | Tanh -> table.One<TanhLanes<'I, 'V, 'T>>()
        | Asinh -> table.Plain f
        | Acosh -> table.Plain f
        | Atanh -> table.Plain f
        | Sigmoid -> table.One<SigmoidLanes<'I, 'V, 'T>>()
        | Softplus -> table.One<SoftplusLanes<'I, 'V, 'T>>()
        | Erf -> table.One<ErfLanes<'I, 'V, 'T>>()
        | Relu -> table.One<ReluLanes<'I, 'V, 'T>>()
        | StopGradient -> table.One<SameLanes<'I, 'V, 'T>>()
        | Add -> table.Two<AddLanes<'I, 'V, 'T>>()
        | Subtract -> table.Two<SubtractLanes<'I, 'V, 'T>>()
        | Multiply -> table.Two<MultiplyLanes<'I, 'V, 'T>>()
        | Divide -> table.Two<DivideLanes<'I, 'V, 'T>>()
        | Power -> table.WideTwo<PowerLanes<'D, 'W>>()
        | Max -> table.Two<MaxLanes<'I, 'V, 'T>>()
        | Min -> table.Two<MinLanes<'I, 'V, 'T>>()
        | Less -> table.Two<LessLanes<'I, 'V, 'T>>()
        | LessOrEqual -> table.Two<LessOrEqualLanes<'I, 'V, 'T>>()
        | Equal -> table.Two<EqualLanes<'I, 'V, 'T>>()
        | Select -> table.Three<SelectLanes<'I, 'V, 'T>>()

    interface IElementwiseKernels with
        member table.Unary f =
            match table.Kernel f with
            | OneOperand kernel -> kernel
            | TwoOperands _
            | ThreeOperands _ -> Arity.refuse f 1

        member table.Binary f =
            match table.Kernel f with
            | TwoOperands(runs, _, _) -> runs
            | OneOperand _
            | ThreeOperands _ -> Arity.refuse f 2

        member table.BinaryByNumber f =
            match table.Kernel f with
            | TwoOperands(_, byNumber, _) -> byNumber
            | OneOperand _
            | ThreeOperands _ -> Arity.refuse f 2

        member table.NumberByBinary f =
            match table.Kernel f with
            | TwoOperands(_, _, ofNumber) -> ofNumber
            | OneOperand _
            | ThreeOperands _ -> Arity.refuse f 2

        member table.Ternary f =
            match table.Kernel f with
            | ThreeOperands kernel -> kernel
            | OneOperand _
            | TwoOperands _ -> Arity.refuse f 3

[<RequireQualifiedAccess>]
module internal ElementwiseKernels =

    let inline private doubles<'D, 'W when 'D :> IVectors<'W, float>> () : IElementwiseKernels =
        ElementwiseTable<'D, 'W, float, 'D, 'W, Direct<'D, 'W, float>>()

    let inline private singles<'I, 'V, 'D, 'W when 'I :> IVectors<'V, single> and 'D :> IVectors<'W, float>> () =
        ElementwiseTable<'I, 'V, single, 'D, 'W, ThroughSingles<'D, 'W>>() :> IElementwiseKernels

    let private ofDoubles =
        function
        | Avx512 -> doubles<Vectors512<float>, Vector512<float>>()
        | Avx2 -> doubles<Vectors256<float>, Vector256<float>>()
        | AdvSimd -> doubles<FusedVectors128<float>, Vector128<float>>()
        | Portable -> doubles<Vectors128<float>, Vector128<float>>()

    let private ofSingles =
        function
        | Avx512 -> singles<Vectors512<single>, Vector512<single>, Vectors512<float>, Vector512<float>>()
        | Avx2 -> singles<Vectors256<single>, Vector256<single>, Vectors256<float>, Vector256<float>>()
        | AdvSimd -> singles<FusedVectors128<single>, Vector128<single>, FusedVectors128<float>, Vector128<float>>()
        | Portable -> singles<Vectors128<single>, Vector128<single>, Vectors128<float>, Vector128<float>>()

    /// The kernels of an instruction set for float or single.
    let create<'T> (set: InstructionSet) : IElementwiseKernels =
        if Numbers.isDouble<'T> then unbox (box (ofDoubles set)) else unbox (box (ofSingles set))
