namespace Interact.Core

open System
open System.Collections.Generic

/// Neural interaction detection: interactions of features in the whole of a network, from the weights of its dense layers alone.
///
/// A unit h of the first layer mixes the features that have large weights there, and matters as much as z_h, the product of the later layers'
/// absolute weights. The strength of a set I is Σ_h z_h min_{i in I} |W_hi|. Biases, activations and data play no part, and the
/// output's own activation neither.
///
/// Source: Tsang, Cheng, Liu, "Detecting statistical interactions from neural network weights", ICLR 2018.
[<RequireQualifiedAccess>]
module NeuralInteractionDetection =

    /// Absolute weights of the first layer, units x inputs, and how much each unit matters to the output.
    let private influence (target: int) (model: Model) : float[,] * float[] =
        Checks.within (nameof target) 0 (model.OutputSize - 1) target
        let weights = DenseChain.find model |> List.map (DenseChain.weights >> Array2D.map abs)

        Checks.require (weights.Length >= 2) (nameof model) (fun () ->
            "the network has no hidden layer, so its weights tell nothing of interactions.")

        let onto (later: float[]) (layer: float[,]) =
            Array.init (layer.GetLength 1) (fun input ->
                Seq.sum (seq { for unit in 0 .. later.Length - 1 -> later[unit] * layer[unit, input] }))

        let output = List.last weights
        let first = Array.init (output.GetLength 0) (fun i -> if i = target then 1.0 else 0.0)
        weights.Head, weights.Tail |> List.rev |> List.fold onto first

    /// All n (n - 1) / 2 pairs of features, strongest first.
    ///
    /// target: index into the flattened output. Errors: ArgumentException for a target out of range, a model that is not a chain of
    /// dense layers with a hidden one, and layers of more than 2^26 weights.
    let pairs (target: int) (model: Model) : RankedSet[] =
        let weights, influence = influence target model
        let n = weights.GetLength 1

        Ranking.strongestFirst [|
            for i in 0 .. n - 1 do
                for j in i + 1 .. n - 1 ->
                    {
                        Members = [| i; j |]
                        Strength =
                            Seq.sum (
                                seq {
                                    for h in 0 .. influence.Length - 1 -> influence[h] * min weights[h, i] weights[h, j]
                                }
                            )
                    }
        |]

    /// Sets of features of any size from 2 on, strongest first.
    ///
    /// Every unit of the first layer proposes the features with its two largest weights, its three largest, and so on, each set with z_h
    /// times the smallest of these weights; what several units propose is added up. A set that is part of a stronger one is left out.
    ///
    /// largest: features in a set at most. most: sets at most. Errors: ArgumentException unless largest is at least 2 and most at least 1;
    /// otherwise as for pairs.
    let sets (largest: int) (most: int) (target: int) (model: Model) : RankedSet[] =
        Checks.within (nameof largest) 2 Int32.MaxValue largest
        Checks.within (nameof most) 1 Int32.MaxValue most
        let weights, influence = influence target model
        let n = weights.GetLength 1
        let strengths = Dictionary<string, RankedSet>()

        for h in 0 .. influence.Length - 1 do
            let order = [| 0 .. n - 1 |] |> Array.sortBy (fun i -> -weights[h, i], i)

            for size in 2 .. min largest n do
                let strength = influence[h] * weights[h, order[size - 1]]

                if strength > 0.0 then
                    let features = order[.. size - 1] |> Array.sort
                    let key = String.Join(',', features)

                    strengths[key] <-
                        match strengths.TryGetValue key with
                        | true, known -> { known with Strength = known.Strength + strength }
                        | false, _ -> { Members = features; Strength = strength }

        strengths.Values |> Ranking.strongestFirst |> Ranking.withoutSubsets |> Array.truncate most
