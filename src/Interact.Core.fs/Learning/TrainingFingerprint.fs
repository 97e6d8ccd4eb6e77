namespace Interact.Core.Learning

open System
open System.Runtime.InteropServices
open System.Security.Cryptography
open Interact.Core

/// Tells one training from another, so that a checkpoint is not gone on from with other settings.
[<RequireQualifiedAccess>]
module internal TrainingFingerprint =

    /// Numbers that differ where data, network or options do.
    let compute (options: TrainingOptions) (network: Network) (data: TrainingData list) : float[] =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
        let numbers (values: float[]) = hash.AppendData(MemoryMarshal.AsBytes(ReadOnlySpan values))
        let text (text: string) = hash.AppendData(ReadOnlySpan(Text.Encoding.UTF8.GetBytes text))
        hash.AppendData(ReadOnlySpan(Network.toOnnxIn Precision.Double network))

        for parameter in network.Parameters do
            numbers [| (if parameter.IsTrained then 1.0 else 0.0); yield! parameter.Values |]

        for node in network.Nodes do
            match network.Rules.TryGetValue node.Name with
            | true, rule -> numbers (Array.ofList rule.Settings)
            | false, _ -> ()

        text
            $"{options.Loss.Name} {options.Loss.Settings} {options.Optimizer.Name} {options.Schedule} {options.Precision} {options.GradientNorm}"

        numbers (Array.ofList options.Optimizer.Settings)
        numbers [| float options.Batch; float options.Epochs; float options.Seed; options.LearningRate |]

        options.Measure |> Option.iter (fun measure -> text $"best by {measure.Name}")

        for penalty in options.Penalties do
            text $"{penalty.Name} {penalty.Settings}"
            numbers [| penalty.Weight |]

        for data in data do
            data.Inputs |> Array.iter numbers
            data.Targets |> Array.iter numbers
            data.Weights |> Option.iter numbers

        options.Background |> Option.iter (Array.iter numbers)
        hash.GetHashAndReset() |> Array.map float
