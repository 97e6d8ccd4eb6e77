namespace Interact.Core.Learning

open System.Collections.Generic
open Interact.Core
open Interact.Core.Execution

/// Gradients of convolutions by what they slide over. Differentiation adds what windows give to the elements they share; the same numbers
/// are a convolution of the cotangents with the weights reversed, which needs no addition in memory.
[<RequireQualifiedAccess>]
module internal WindowAdjoints =

    /// Place o of the windows and element k of each are added to element First + o·Stride + k·Dilation, or dropped outside 0..Size - 1.
    type private Addition = { First: int; Places: int; Stride: int; Kernel: int; Dilation: int; Size: int }

    let private ofWindows (indices: int[]) (size: int) : Addition option =
        match indices with
        | Windows.Window window when window.Stride > 0 && window.Dilation > 0 ->
            Some {
                First = window.First
                Places = window.Places
                Stride = window.Stride
                Kernel = window.Size
                Dilation = window.Dilation
                Size = size
            }
        | _ -> None

    /// The same where only elements from one on are kept, as behind padding.
    let private cropped (indices: int[]) (size: int) (addition: Addition) : Addition option =
        match indices |> Array.tryFindIndex (fun index -> index >= 0) with
        | Some place ->
            let before = place - indices[place]
            let kept j = if j >= before && j - before < size then j - before else -1

            if indices |> Array.mapi (fun j index -> index = kept j) |> Array.forall id then
                Some { addition with First = addition.First - before; Size = size }
            else
                None
        | None -> None

    /// What a chain of scatters adds along each of its axes, and the node it begins with.
    let private tryChain (top: Node) : (Node * Map<int, Addition>) option =
        let rec collect (node: Node) found =
            match node.Primitive with
            | Structural(Scatter(axis, indices, size)) -> collect node.Operands[0] ((axis, indices, size) :: found)
            | _ -> node, found

        let first, chain = collect top []

        (Some Map.empty, chain)
        ||> List.fold (fun additions (axis, indices, size) ->
            additions
            |> Option.bind (fun additions ->
                match Map.tryFind axis additions with
                | None -> ofWindows indices size
                | Some addition -> cropped indices size addition
                |> Option.map (fun addition -> Map.add axis addition additions)))
        |> Option.filter (Map.isEmpty >> not)
        |> Option.map (fun additions -> first, additions)

    /// The axes of the inner shape that a reshape joins in each axis of the outer one.
    let private tryJoined (inner: Shape) (outer: Shape) : int[][] option =
        let mutable next = 0
        let mutable fits = true

        let joined =
            outer
            |> Array.map (fun size ->
                let start = next
                let mutable product = 1

                while product < size && next < inner.Length do
                    product <- product * inner[next]
                    next <- next + 1

                if product <> size then fits <- false

                [| start .. next - 1 |] |> Array.filter (fun axis -> inner[axis] > 1))

        if fits && Array.forall ((=) 1) inner[next..] then Some joined else None

    /// More work than this, compared with the product that is added up, is none to save.
    let private largestGrowth = 4.0

    let private tryRewrite (operandsOf: Node -> Node[]) (top: Node) : Node option =
        let product, additions =
            match tryChain top with
            | Some(node, additions) ->
                match node.Primitive with
                | Structural(Reshape _) -> node.Operands[0], additions
                | _ -> node, additions
            | None -> top, Map.empty

        match product.Primitive with
        | Contract contraction when not additions.IsEmpty ->
            let beforeScatter =
                top.Shape
                |> Array.mapi (fun axis size ->
                    match Map.tryFind axis additions with
                    | Some addition -> addition.Places * addition.Kernel
                    | None -> size)

            let labels = contraction.Output
            let operands = operandsOf product
            let has (side: int[]) label = Array.contains label side

            // Labels of places and of elements within windows, for each addition.
            let parted =
                tryJoined product.Shape beforeScatter
                |> Option.bind (fun joined ->
                    let found = [
                        for KeyValue(axis, addition) in additions ->
                            match joined[axis] with
                            | [| place; element |] when
                                product.Shape[place] = addition.Places && product.Shape[element] = addition.Kernel
                                ->
                                Some(labels[place], labels[element], addition)
                            | _ -> None
                    ]

                    if List.forall Option.isSome found then Some(List.choose id found) else None)

            let growth =
                (1.0, additions)
                ||> Map.fold (fun growth _ addition -> growth * float addition.Size / float addition.Places)

            let slidesOver (places: int[]) (elements: int[]) parted =
                parted
                |> List.forall (fun (place, element, _) ->
                    has places place && has elements element && not (has places element || has elements place))

            let build (places: int[]) (elements: int[]) (cotangents: Node) (weights: Node) parted =
                let axisOf (side: int[]) label = Array.findIndex ((=) label) side

                let padded =
                    (cotangents, parted)
                    ||> List.fold (fun node (place, _, a) ->
                        // Element i takes place (i - First - k·Dilation)/Stride of element k, where there is one.
                        let lowest, highest = -a.First - (a.Kernel - 1) * a.Dilation, a.Size - 1 - a.First

                        let indices = [|
                            for q in lowest..highest ->
                                if q >= 0 && q % a.Stride = 0 && q / a.Stride < a.Places then q / a.Stride else -1
                        |]

                        node |> Node.gather (axisOf places place) indices)

                let windows =
                    (padded, parted)
                    ||> List.fold (fun node (place, _, a) ->
                        let indices = [|
                            for i in 0 .. a.Size - 1 do
                                for k in 0 .. a.Kernel - 1 -> i + k * a.Dilation
                        |]

                        node |> Node.gather (axisOf places place) indices)

                let reversed =
                    (weights, parted)
                    ||> List.fold (fun node (_, element, a) ->
                        node |> Node.gather (axisOf elements element) [| a.Kernel - 1 .. -1 .. 0 |])

                let find label = parted |> List.tryFind (fun (place, _, _) -> place = label)

                let shape, left =
                    places
                    |> Array.mapi (fun axis label ->
                        match find label with
                        | Some(_, element, a) -> [| a.Size; a.Kernel |], [| label; element |]
                        | None -> [| cotangents.Shape[axis] |], [| label |])
                    |> Array.unzip

                let summed = parted |> List.map (fun (_, element, _) -> element)

                Product.contract
                    {
                        Left = Array.concat left
                        Right = elements
                        Output = labels |> Array.filter (fun label -> not (List.contains label summed))
                    }
                    (windows |> Node.reshape (Array.concat shape))
                    reversed
                |> Node.reshape top.Shape

            match parted with
            | Some parted when growth <= largestGrowth && slidesOver contraction.Left contraction.Right parted ->
                Some(build contraction.Left contraction.Right operands[0] operands[1] parted)
            | Some parted when growth <= largestGrowth && slidesOver contraction.Right contraction.Left parted ->
                Some(build contraction.Right contraction.Left operands[1] operands[0] parted)
            | _ -> None
        | _ -> None

    /// Scatters that add nothing up pick elements.
    let private tryPick (axis: int) (indices: int[]) (size: int) (operand: Node) : Node option =
        let kept = indices |> Array.filter (fun index -> index >= 0)

        if (Array.distinct kept).Length = kept.Length then
            let places = Array.create size -1
            indices |> Array.iteri (fun i index -> if index >= 0 then places[index] <- i)
            Some(operand |> Node.gather axis places)
        else
            None

    /// The outputs with gradients of convolutions as convolutions.
    let apply (outputs: Node list) : Node list =
        let operands = Dictionary<Node, Node[]>(HashIdentity.Reference)

        outputs
        |> Graph.rewrite (fun node rewritten ->
            match node.Primitive with
            | Contract _ ->
                operands[node] <- rewritten
                None
            | Structural(Scatter(axis, indices, size)) ->
                tryRewrite (fun product -> operands[product]) node
                |> Option.orElseWith (fun () -> tryPick axis indices size rewritten[0])
            | _ -> None)
