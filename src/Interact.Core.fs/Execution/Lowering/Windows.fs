namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// Gathers that pick windows, as convolutions and pooling do: place o of window k is element first + o·stride + k·dilation. Nothing is
/// picked in memory: two axes, one of places and one within windows, walk over the same elements, and reshapes that part them see that.
[<RequireQualifiedAccess>]
module internal Windows =

    /// Places and elements of a window.
    type Window = { First: int; Places: int; Stride: int; Size: int; Dilation: int }

    /// The windows that indices along an axis walk over.
    let (|Window|_|) (indices: int[]) : Window option =
        let count = indices.Length

        if count < 4 then
            None
        else
            let first, dilation = indices[0], indices[1] - indices[0]

            match seq { 2 .. count - 1 } |> Seq.tryFind (fun i -> indices[i] - indices[i - 1] <> dilation) with
            | Some size when count % size = 0 ->
                let stride = indices[size] - first
                let isOf i = indices[i] >= 0 && indices[i] = first + i / size * stride + i % size * dilation

                if Seq.forall isOf (seq { 0 .. count - 1 }) then
                    Some { First = first; Places = count / size; Stride = stride; Size = size; Dilation = dilation }
                else
                    None
            | Some _
            | None -> None

    /// A node's value with axes of windows parted: the view, and how many of its axes each axis of the node has become.
    [<NoEquality; NoComparison>]
    type Parted = { View: View; Axes: int[] }

    /// Values that stand nowhere but as parted views.
    type Table() =
        let table = Dictionary<Node, Parted>(HashIdentity.Reference)

        member _.Find(node: Node) : Parted voption =
            match table.TryGetValue node with
            | true, parted -> ValueSome parted
            | false, _ -> ValueNone

        member _.Add(node: Node, parted: Parted) = table[node] <- parted

    let whole (view: View) : Parted = { View = view; Axes = Array.create view.Shape.Length 1 }

    /// The windows along an axis that is not parted yet.
    let tryPart (axis: int) (window: Window) (parted: Parted) : Parted option =
        if parted.Axes[axis] <> 1 then
            None
        else
            let place = Array.sum parted.Axes[.. axis - 1]
            let view = parted.View
            let stride = view.Strides[place]

            let replace (values: int[]) outer inner =
                Array.concat [ values[.. place - 1]; [| outer; inner |]; values[place + 1 ..] ]

            Some {
                View = {
                    view with
                        Offset = view.Offset + window.First * stride
                        Shape = replace view.Shape window.Places window.Size
                        Strides = replace view.Strides (window.Stride * stride) (window.Dilation * stride)
                }
                Axes = parted.Axes |> Array.mapi (fun i count -> if i = axis then 2 else count)
            }

    /// Axes of the parted view in the order of the node's.
    let order (parted: Parted) (nodeOrder: int[]) : int[] = [|
        for axis in nodeOrder do
            let first = Array.sum parted.Axes[.. axis - 1]
            yield! [ first .. first + parted.Axes[axis] - 1 ]
    |]
