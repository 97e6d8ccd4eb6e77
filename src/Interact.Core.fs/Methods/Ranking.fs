namespace Interact.Core

open System

/// Features (or groups, or positions of a feature map) that act together, and how strongly.
type RankedSet = {
    /// Their indices, ascending.
    Members: int[]
    /// How strongly they interact, by the measure of whoever ranks; not negative.
    Strength: float
}

/// Orders of sets of features by the strength of their interaction.
[<RequireQualifiedAccess>]
module Ranking =

    /// The sets with the strongest first; equally strong ones by size and then by their members.
    /// Errors: ArgumentException for a strength that is negative or no number.
    let strongestFirst (sets: RankedSet seq) : RankedSet[] =
        let all = Array.ofSeq sets

        for set in all do
            Checks.require (set.Strength >= 0.0) (nameof sets) (fun () ->
                let members = set.Members |> Seq.map string |> String.concat ", "
                $"the strength of features {members} is {set.Strength}; it must not be negative.")

        let inOrder (first: RankedSet) (second: RankedSet) =
            match compare second.Strength first.Strength with
            | 0 -> compare first.Members second.Members // Arrays are compared by length first.
            | order -> order

        all |> Array.sortWith inOrder

    let private isWithin (members: int[]) (others: Set<int>) = members |> Array.forall others.Contains

    /// A ranking without the sets that are redundant: contained in a set that stands before them.
    let withoutSubsets (ranked: RankedSet[]) : RankedSet[] =
        // By their first member, for all sets that hold it.
        let holding = Collections.Generic.Dictionary<int, ResizeArray<Set<int>>>()

        let isRedundant (set: RankedSet) =
            match set.Members |> Array.tryHead with
            | None -> false
            | Some first ->
                match holding.TryGetValue first with
                | true, larger -> larger.Exists(fun others -> isWithin set.Members others)
                | false, _ -> false

        [|
            for set in ranked do
                if not (isRedundant set) then
                    let members = Set.ofArray set.Members

                    for i in set.Members do
                        match holding.TryGetValue i with
                        | true, others -> others.Add members
                        | false, _ -> holding.Add(i, ResizeArray [ members ])

                    set
        |]
