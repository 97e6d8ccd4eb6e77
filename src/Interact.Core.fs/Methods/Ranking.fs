namespace Interact.Core

open System
open System.Collections.Generic

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

    /// Members of a set beyond which its pairs are too many to look it up by.
    let private mostPaired = 32

    /// A ranking without the sets that are redundant: contained in a set that stands before them.
    let withoutSubsets (ranked: RankedSet[]) : RankedSet[] =
        // What stands before, by its pairs of members: few sets have a certain pair, even of very many sets.
        let byPair = Dictionary<struct (int * int), ResizeArray<int[]>>()
        let large = ResizeArray<int[]>()
        let single = HashSet<int>()

        let isRedundant (members: int[]) =
            let isWithin (others: int[]) =
                others.Length >= members.Length
                && members |> Array.forall (fun i -> Array.BinarySearch(others, i) >= 0)

            match members with
            | [||] -> false
            | [| only |] -> single.Contains only
            | _ ->
                large.Exists isWithin
                || match byPair.TryGetValue(struct (members[0], members[1])) with
                   | true, others -> others.Exists isWithin
                   | false, _ -> false

        let add (members: int[]) =
            single.UnionWith members

            if members.Length > mostPaired then
                large.Add members
            else
                for i in 0 .. members.Length - 2 do
                    for j in i + 1 .. members.Length - 1 do
                        match byPair.TryGetValue(struct (members[i], members[j])) with
                        | true, others -> others.Add members
                        | false, _ -> byPair.Add(struct (members[i], members[j]), ResizeArray [ members ])

        [|
            for set in ranked do
                let members = Array.sort set.Members

                if not (isRedundant members) then
                    add members
                    set
        |]
