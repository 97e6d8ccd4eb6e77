/// How well a ranking finds interactions that are known.
module Interact.Experiments.Measures

/// The area under the receiver operating characteristic: the probability that a positive has a larger strength than a negative, equal
/// strengths counting half. Error: ArgumentException unless there are positives and negatives.
let areaUnderCurve (cases: (float * bool) seq) : float =
    let cases = Array.ofSeq cases
    let positives = cases |> Array.filter snd |> Array.length
    let negatives = cases.Length - positives

    if positives = 0 || negatives = 0 then
        invalidArg (nameof cases) "an area under the curve needs a positive and a negative at least."

    // Of each strength, all weaker negatives count for its positives, and half of the equal ones.
    let wins, _ =
        ((0.0, 0), cases |> Array.groupBy fst |> Array.sortBy fst)
        ||> Array.fold (fun (wins, weaker) (_, equal) ->
            let own = equal |> Array.filter snd |> Array.length
            let others = equal.Length - own
            wins + float own * (float weaker + 0.5 * float others), weaker + others)

    wins / (float positives * float negatives)

/// Whether all of a set's members are in one of the true sets.
let isInside (truth: Set<int> list) (members: int[]) : bool =
    truth |> List.exists (fun set -> members |> Array.forall set.Contains)

/// The share of true sets among the first R of a ranking of sets of all sizes, strongest first, R the number of true sets. Strict subsets of
/// true sets are skipped, unless they are true themselves; a ranking that ends early has found no more.
let rPrecision (truth: Set<int> list) (ranking: int[] seq) : float =
    let found =
        ranking
        |> Seq.map Set.ofArray
        |> Seq.filter (fun set -> List.contains set truth || not (truth |> List.exists (Set.isProperSubset set)))
        |> Seq.truncate truth.Length
        |> Seq.filter (fun set -> List.contains set truth)
        |> Seq.length

    float found / float truth.Length
