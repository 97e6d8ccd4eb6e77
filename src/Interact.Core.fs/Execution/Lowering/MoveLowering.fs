namespace Interact.Core.Execution

open Interact.Core

/// Views, moves and reductions.
[<RequireQualifiedAccess>]
module internal MoveLowering =

    /// Whether indices along an axis follow one another at equal distances.
    let private (|Regular|_|) (indices: int[]) =
        if indices.Length = 0 || indices[0] < 0 then
            None
        else
            match Arithmetic.step indices with
            | ValueSome step when indices[0] + (indices.Length - 1) * step >= 0 -> Some(indices[0], step)
            | ValueSome _
            | ValueNone -> None

    /// One axis or several reduced.
    let reduce (draft: Draft) (reduction: Reduction) (axes: int[]) (node: Node) =
        let source = draft.Views[node.Operands[0]]

        let kept =
            [| 0 .. source.Shape.Length - 1 |] |> Array.filter (fun axis -> not (Array.contains axis axes))

        let ofSource () = [| 0 .. kept.Length - 1 |] |> Array.sortBy (fun i -> -source.Strides[kept[i]])
        let order = if (draft.Lanes node).IsSome then draft.OrderOf node else ofSource ()
        let result = View.denseInOrder (draft.NewBuffer node.Size) node.Shape order
        let strides = Array.zeroCreate source.Shape.Length
        kept |> Array.iteri (fun i axis -> strides[axis] <- result.Strides[i])
        draft.Views[node] <- result
        let target = { result with Shape = source.Shape; Strides = strides }
        draft.Steps.Add(ReduceStep(draft.Engine, reduction, axes, source, target))

    /// Operands one after the other.
    let concat (draft: Draft) (axis: int) (node: Node) =
        let target = draft.NewView node
        let mutable start = 0

        for operand in node.Operands do
            let source = draft.Views[operand]
            draft.Copy(target |> View.slice axis start 1 source.Shape[axis], source)
            start <- start + source.Shape[axis]

    /// A value of windows laid out in memory.
    let private layOut (draft: Draft) (parted: Windows.Parted) (node: Node) =
        let order = Windows.order parted (draft.OrderOf node)
        let target = View.denseInOrder (draft.NewBuffer node.Size) parted.View.Shape order
        draft.Copy(View.transpose order target, View.transpose order parted.View)
        draft.Views[node] <- target |> View.tryReshape node.Shape |> Option.get

    let private reshape (draft: Draft) (windows: Windows.Table) (shape: Shape) (node: Node) =
        let operand = node.Operands[0]

        let copied () =
            match draft.LaidOut operand |> View.tryReshape shape with
            | Some view -> view
            | None -> draft.Dense draft.Views[operand] |> View.tryReshape shape |> Option.get

        draft.Views[node] <-
            match windows.Find operand with
            | ValueSome parted ->
                parted.View
                |> View.tryReshape shape
                |> Option.defaultWith (fun () ->
                    if not (draft.Views.ContainsKey operand) then layOut draft parted operand
                    draft.Views[operand] |> View.tryReshape shape |> Option.defaultWith copied)
            | ValueNone -> draft.Views[operand] |> View.tryReshape shape |> Option.defaultWith copied

    let private gather (draft: Draft) (windows: Windows.Table) onlyParted (axis: int) (indices: int[]) (node: Node) =
        let operand = node.Operands[0]

        let parted =
            match windows.Find operand with
            | ValueSome parted -> parted
            | ValueNone -> Windows.whole draft.Views[operand]

        match indices with
        | Regular(first, step) when draft.Views.ContainsKey operand ->
            draft.Views[node] <- draft.Views[operand] |> View.slice axis first step node.Shape[axis]
        | Windows.Window window when (Windows.tryPart axis window parted).IsSome ->
            let parted = (Windows.tryPart axis window parted).Value
            if onlyParted node then windows.Add(node, parted) else layOut draft parted node
        | _ ->
            if not (draft.Views.ContainsKey operand) then layOut draft parted operand
            let view = draft.Views[operand]

            // In the order in memory of what is read, so that what lies together is copied together.
            let order =
                if (draft.Lanes node).IsSome || Array.contains 0 view.Strides then
                    draft.OrderOf node
                else
                    [| 0 .. node.Rank - 1 |] |> Array.sortBy (fun axis -> -(abs view.Strides[axis]))

            let place = Array.findIndex ((=) axis) order
            let source = View.transpose order view
            let target = View.denseInOrder (draft.NewBuffer node.Size) node.Shape order
            draft.Views[node] <- target
            draft.Steps.Add(GatherStep(draft.Engine, place, indices, source, View.transpose order target))

    let private scatter (draft: Draft) (axis: int) (indices: int[]) (node: Node) =
        let order = draft.OrderOf node
        let place = Array.findIndex ((=) axis) order
        let source = draft.Dense(View.transpose order draft.Views[node.Operands[0]])
        let target = draft.NewView node
        draft.Steps.Add(ScatterStep(draft.Engine, place, indices, source, View.transpose order target))

    /// A structural node.
    ///
    /// onlyParted: whether all users of a node read it through reshapes or further windows.
    let structural (draft: Draft) (windows: Windows.Table) (onlyParted: Node -> bool) (map: Structural) (node: Node) =
        let operand () = draft.Views[node.Operands[0]]

        match map with
        | Reshape shape -> reshape draft windows shape node
        | Transpose permutation -> draft.Views[node] <- operand () |> View.transpose permutation
        | Broadcast shape -> draft.Views[node] <- operand () |> View.broadcast shape
        | Sum axes -> reduce draft Total axes node
        | Gather(axis, indices) -> gather draft windows onlyParted axis indices node
        | Scatter(axis, indices, _) -> scatter draft axis indices node
