namespace Interact.Core

open System.Runtime.CompilerServices

/// Elements of an axis picked by indices that are known only with a model's inputs, such as embeddings of tokens.
type internal Lookup = {
    Indices: Node
    /// Number of elements on the axis.
    Size: int
}

/// Which nodes look up elements of an axis. They are held weakly, as nodes are wherever they are kept by name.
[<RequireQualifiedAccess>]
module internal Lookup =

    let private known = ConditionalWeakTable<Node, Lookup>()

    /// Notes that a node, which is NaN for indices outside the axis, looks up elements by indices.
    let note (node: Node) (indices: Node) (size: int) = known.AddOrUpdate(node, { Indices = indices; Size = size })

    /// What a node looks up; None for other nodes.
    let tryFind (node: Node) : Lookup option =
        match known.TryGetValue node with
        | true, lookup -> Some lookup
        | false, _ -> None

    /// The place of the first index that lies outside the axis. Negative ones count from its end.
    let tryOutside (lookup: Lookup) (indices: float[]) : int option =
        let size = float lookup.Size
        indices |> Array.tryFindIndex (fun index -> not (index >= -size && index < size))

    /// What to give instead of an index outside.
    let mend (lookup: Lookup) = if lookup.Size = 1 then "give 0" else $"give whole numbers from 0 to {lookup.Size - 1}"
