namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open FSharp.NativeInterop

/// Completes symmetric results of which the upper triangle is known.
[<Sealed>]
type internal Mirror<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType>(rows: int, rowStride: int, panelWidth: int) =

    let size = nativeint sizeof<'T>
    let stride = nativeint rowStride * size

    // The result read by rows is a factor whose depths, the columns, are contiguous.
    let tables =
        let lines = Array.init rows (fun row -> row * rowStride)
        FactorTables({ Batch = [||]; Lines = lines; Depth = [| 0 .. rows - 1 |] }, 'I.Lanes, panelWidth)

    /// Copies what the rows of a panel have right of the diagonal to below it.
    member _.Panel(result: nativeint, panel: int) =
        let first = panel * panelWidth
        let after = min (first + panelWidth) rows
        let element i j = NativePtr.ofNativeInt<'T>(result + nativeint i * stride + nativeint j * size)

        for i in first .. after - 1 do
            for j in i + 1 .. after - 1 do
                NativePtr.write (element j i) (NativePtr.read (element i j))

        if after < rows then
            for strip in first / 'I.Lanes .. after / 'I.Lanes - 1 do
                let target = result + nativeint after * stride + nativeint (strip * 'I.Lanes) * size

                StripPacking<'I, 'V, 'T, Write>
                    .Pack(result, tables, strip, 'I.Lanes, after, rows - after, target, stride, 0n)
