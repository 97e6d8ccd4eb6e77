namespace Interact.Core.Execution

open Interact.Core

/// A nest of loops over several arrays at once: every array is walked with its own strides. Axes that can be walked as one are merged;
/// the innermost axis is left to the kernel.
type internal Loop = {
    /// Sizes of the outer axes, outermost first.
    Outer: int[]
    /// For each array its strides along the outer axes.
    OuterStrides: int[][]
    /// Size of the innermost axis.
    Inner: int
    /// For each array its stride along the innermost axis.
    InnerStrides: int[]
}

[<RequireQualifiedAccess>]
module internal Loop =

    /// The loop over all elements of a shape, for arrays with the given strides along its axes.
    let create (shape: Shape) (strides: int[][]) : Loop =
        let axes = ResizeArray<int * int[]>()

        for axis in 0 .. shape.Length - 1 do
            if shape[axis] <> 1 then
                let here = strides |> Array.map (fun s -> s[axis])

                let fuses =
                    axes.Count > 0
                    && Array.forall2 (fun outer inner -> outer = inner * shape[axis]) (snd axes[axes.Count - 1]) here

                if fuses then
                    axes[axes.Count - 1] <- fst axes[axes.Count - 1] * shape[axis], here
                else
                    axes.Add(shape[axis], here)

        if axes.Count = 0 then axes.Add(1, strides |> Array.map (fun _ -> 1))

        let outer = axes.GetRange(0, axes.Count - 1).ToArray()
        let inner, innerStrides = axes[axes.Count - 1]

        {
            Outer = outer |> Array.map fst
            OuterStrides = strides |> Array.mapi (fun i _ -> outer |> Array.map (fun (_, s) -> s[i]))
            Inner = inner
            InnerStrides = innerStrides
        }
