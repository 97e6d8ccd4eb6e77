namespace Interact.Core.Execution

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.Arm
open System.Runtime.Intrinsics.X86

/// The instruction sets that kernels are compiled for.
type internal InstructionSet =
    | Avx512
    | Avx2
    | AdvSimd
    | Portable

[<RequireQualifiedAccess>]
module internal InstructionSet =

    /// The widest that this machine has.
    let best =
        if Vector512.IsHardwareAccelerated then Avx512
        elif Vector256.IsHardwareAccelerated && Fma.IsSupported then Avx2
        elif AdvSimd.Arm64.IsSupported then AdvSimd
        else Portable
