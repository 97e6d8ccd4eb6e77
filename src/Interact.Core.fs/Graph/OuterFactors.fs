namespace Interact.Core

/// Values that are larger than everything they are multiplied from: sums of them can be taken as contractions of the factors, and the
/// values themselves are never formed.
[<RequireQualifiedAccess>]
module internal OuterFactors =

    /// Visits after which a value counts as no product.
    let private mostVisits = 16

    /// For each axis of the second shape the axis of the first that it is part of, where it divides axes and joins none; -1 for axes
    /// of size 1 between them.
    let private parts (whole: Shape) (divided: Shape) : int[] option =
        let owners = Array.create divided.Length -1
        let mutable place = 0
        let mutable isDivision = true

        for axis in 0 .. whole.Length - 1 do
            let mutable rest = whole[axis]

            while isDivision && rest > 1 do
                if place < divided.Length && divided[place] > 0 && rest % divided[place] = 0 then
                    rest <- rest / divided[place]
                    owners[place] <- axis
                    place <- place + 1
                else
                    isDivision <- false

        if isDivision && divided[place..] |> Array.forall ((=) 1) then Some owners else None

    /// The factor under another shape of the whole: axes that it has are divided, those along which it is repeated stay of size 1.
    let private divide (owners: int[]) (shape: Shape) (factor: Node) =
        let size place = if owners[place] >= 0 && factor.Shape[owners[place]] > 1 then shape[place] else 1

        factor |> Node.reshape (Array.init shape.Length size)

    /// The factors of a node of the given size, of its rank; a factor that is as large as the node is divided further.
    let rec private factors (visits: int ref) (size: int) (node: Node) : Node list option =
        visits.Value <- visits.Value + 1

        if visits.Value > mostVisits then
            None
        elif node.Size < size then
            Some [ node ]
        else
            match node.Primitive with
            | Elementwise Multiply ->
                match factors visits size node.Operands[0], lazy (factors visits size node.Operands[1]) with
                | Some left, Lazy(Some right) -> Some(left @ right)
                | _ -> None
            | Structural(Reshape shape) ->
                match parts node.Operands[0].Shape shape with
                | Some owners -> within visits node |> Option.map (List.map (divide owners shape))
                | None -> None
            | Structural(Transpose permutation) ->
                within visits node |> Option.map (List.map (Node.transpose permutation))
            | Structural(Gather(axis, indices)) ->
                // Zeros that a gather puts in are zeros of the factors that have the axis, of which there is one.
                let pick (factor: Node) = if factor.Shape[axis] = 1 then factor else Node.gather axis indices factor
                within visits node |> Option.map (List.map pick)
            | _ -> None

    and private within visits (node: Node) = factors visits node.Operands[0].Size node.Operands[0]

    /// Two factors, each smaller than the node, whose product it is.
    let tryFind (node: Node) : (Node * Node) option =
        match factors (ref 0) node.Size node with
        | Some found when found |> List.forall (fun factor -> factor.Size < node.Size) ->
            let place, largest = found |> List.indexed |> List.maxBy (fun (_, factor) -> factor.Size)

            // What repeats along nothing that the largest lacks is multiplied into it.
            let fits (factor: Node) = Shape.tryBroadcast largest.Shape factor.Shape = Some largest.Shape
            let inside, outside = found |> List.removeAt place |> List.partition fits

            match outside with
            | [] -> None
            | first :: rest ->
                let other = List.fold Node.multiply first rest

                if other.Size < node.Size then Some(List.fold Node.multiply largest inside, other) else None
        | _ -> None
