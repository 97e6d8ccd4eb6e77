namespace Interact.Core.Learning

open Interact.Core

/// Dense layers whose weights have a normal distribution each, in training.
[<RequireQualifiedAccess>]
module internal VariationalRule =

    /// The name of the spread that belongs to weights of a name; None where weights of a variational layer are not called so.
    let spreadOf (weight: string) : string option =
        if weight.EndsWith(".weight", System.StringComparison.Ordinal) then
            Some(weight[.. weight.Length - ".weight".Length - 1] + ".spread")
        else
            None

    /// What takes the place of x·mean + bias, a Gemm of these three operands: the weights are drawn anew for every example, by what
    /// reaches the result, and the divergence of their distribution from N(0, 1), divided by the number of examples, is added to the loss.
    ///
    /// name: of the layer. spread: the parameter of which the weights' deviation is ln(1+exp(spread)).
    let create (name: string) (spread: string) : TrainingRule = {
        Settings = []
        Apply =
            fun context operands ->
                let x, mean, bias = Tensor operands[0], Tensor operands[1], Tensor operands[2]
                let units = operands[1].Shape[1]
                let deviation = Tensor.softplus 1.0 (Tensor context.Parameters[spread])
                let variance = deviation * deviation
                let divergence = 0.5 * Tensor.sum (variance + mean * mean - 1.0 - log variance)
                context.AddLoss($"{name} divergence", (divergence / float context.TotalExamples).Node)
                let drawn = StepValue.Drawn _.FillNormals
                let noise = Tensor(context.Draw($"{name}.noise", [| context.Examples; units |], drawn))
                // Where nothing reaches the layer the square root has no derivative.
                let ofResult = sqrt (Tensor.matmul (x * x) variance + 1e-12)
                (Tensor.matmul x mean + bias + ofResult * noise).Node
    }
