/// How well a ranking finds interactions that are known.
module Interact.Experiments.Measures

open Interact.Core.Learning

/// The area under the receiver operating characteristic: the probability that a positive has a larger strength than a negative, equal
/// strengths counting half. Error: ArgumentException unless there are positives and negatives.
let areaUnderCurve (cases: (float * bool) seq) : float =
    let cases = Array.ofSeq cases
    let positives = cases |> Array.filter snd |> Array.length
    let negatives = cases.Length - positives

    if positives = 0 || negatives = 0 then
        invalidArg (nameof cases) "an area under the curve needs a positive and a negative at least."

    Metric.rocAuc (Array.map fst cases) (Array.map snd cases)

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
