namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core

/// A share of the product of two quantities that have coefficients: a factor times coefficients of the left one, of one order, times those of
/// the right one, of another, coefficient by coefficient of the product's order.
[<NoEquality; NoComparison>]
type internal CoefficientTerm = {
    Factor: float
    /// Order of the left one's coefficients; at least 1.
    Left: int
    /// For every coefficient of the product's order the place of the left one's.
    LeftPlaces: int[]
    /// Order of the right one's coefficients; 0 stands for the value itself.
    Right: int
    /// For every coefficient of the product's order the place of the right one's; empty for order 0.
    RightPlaces: int[]
}

/// Which derivatives are carried beside a value, as coefficients of orders from 1 on, and how they multiply.
type internal ICoefficients =
    /// The largest order.
    abstract Order: int
    /// Number of coefficients of an order.
    abstract Count: order: int -> int
    /// The terms of a derivative of ab in which a certain one of its differentiations falls to a: half of the product rule. All of the chain
    /// rule, as the differentiation of φ(z) is that of z, times φ'(z), differentiated further.
    abstract Terms: order: int -> CoefficientTerm list

/// Derivatives by one variable, again and again: a coefficient of each order.
[<Sealed>]
type internal RepeatedDerivatives(order: int) =

    interface ICoefficients with
        member _.Order = order
        member _.Count _ = 1

        member _.Terms order = [
            for left in 1..order ->
                {
                    Factor = Combinations.count (order - 1) (left - 1)
                    Left = left
                    LeftPlaces = [| 0 |]
                    Right = order - left
                    RightPlaces = [| 0 |]
                }
        ]

/// Sets of features with all their subsets but the empty one, by their orders: what mixed partial derivatives are carried for.
///
/// sets: each of ascending features. An order that has a single set has it twice, so that graphs for one set and for several are alike,
/// and so are their results to the last bit.
[<Sealed>]
type internal SetFamily(sets: int[] seq) =

    let places = Dictionary<int[], int>(HashIdentity.Structural)
    let byOrder = ResizeArray<ResizeArray<int[]>>()

    let rec add (set: int[]) =
        if set.Length > 0 && not (places.ContainsKey set) then
            while byOrder.Count < set.Length do
                byOrder.Add(ResizeArray())

            let own = byOrder[set.Length - 1]
            places[set] <- own.Count
            own.Add set

            for i in 0 .. set.Length - 1 do
                add (Array.removeAt i set)

    do
        for set in sets do
            add set

        for own in byOrder do
            if own.Count = 1 then own.Add own[0]

    let ofOrder = byOrder |> Seq.map _.ToArray() |> Array.ofSeq

    /// Members of a set at places that a mask tells, bit by bit.
    let pick (mask: int) (set: int[]) =
        set |> Array.indexed |> Array.choose (fun (i, x) -> if mask >>> i &&& 1 = 1 then Some x else None)

    let terms (order: int) = [
        // The last member is always the left one's; of the others every choice is.
        let last = 1 <<< (order - 1)
        let sets = ofOrder[order - 1]

        for mask in 0 .. last - 1 do
            let left = mask ||| last
            let right = 2 * last - 1 - left
            let size = System.Numerics.BitOperations.PopCount(uint left)

            {
                Factor = 1.0
                Left = size
                LeftPlaces = sets |> Array.map (fun set -> places[pick left set])
                Right = order - size
                RightPlaces = if right = 0 then [||] else sets |> Array.map (fun set -> places[pick right set])
            }
    ]

    let termsByOrder = Array.init ofOrder.Length (fun i -> lazy (terms (i + 1)))

    /// The sets of an order from 1 on.
    member _.OfOrder(order: int) : int[][] = ofOrder[order - 1]
    /// Number of all sets.
    member _.Count = ofOrder |> Array.sumBy _.Length
    /// The place of a set among those of its order.
    member _.Place(set: int[]) : int = places[set]

    interface ICoefficients with
        member _.Order = ofOrder.Length
        member _.Count order = ofOrder[order - 1].Length

        /// Of (ab)_S = Σ a_T b_(S∖T) over the subsets T of S those terms in which T has the last member of S. With those of (ba)_S they are
        /// the whole product; of the chain rule φ(z)_S = Σ z_T φ'(z)_(S∖T) they are all there is.
        member _.Terms order = termsByOrder[order - 1].Value
