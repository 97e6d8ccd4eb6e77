namespace Interact.Core.Onnx

/// How many operands the standard operators take at most, over all versions.
[<RequireQualifiedAccess>]
module internal OperandCounts =

    let private table =
        [
            0, "Constant RandomNormal RandomUniform"
            1,
            "Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitwiseNot Cast Ceil Celu "
            + "ConstantOfShape Cos Cosh DepthToSpace Det Elu Erf EyeLike Exp Flatten Floor Gelu GlobalAveragePool "
            + "GlobalLpPool GlobalMaxPool HardSigmoid HardSwish Hardmax Identity If IsInf IsNaN LRN LeakyRelu Log "
            + "LogSoftmax LpNormalization LpPool MaxPool MeanVarianceNormalization Mish Neg NonZero Not "
            + "RandomNormalLike RandomUniformLike Reciprocal Relu Round Selu Shape Shrink Sigmoid Sign Sin Sinh Size "
            + "Softmax Softplus Softsign SpaceToDepth Sqrt Swish Tan Tanh ThresholdedRelu Transpose Unique"
            2,
            "Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CenterCropPad Compress CumProd CumSum Div Equal "
            + "Expand Gather GatherElements GatherND Greater GreaterOrEqual GridSample Less LessOrEqual MatMul "
            + "MaxRoiPool Mod Mul Or PRelu Pow RMSNormalization ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp "
            + "ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Reshape ReverseSequence Split "
            + "Squeeze Sub TopK Trilu Unsqueeze Upsample Xor"
            3,
            "Clip Col2Im Conv ConvTranspose DFT DequantizeLinear Dropout Gemm GroupNormalization "
            + "InstanceNormalization LayerNormalization MaxUnpool OneHot QuantizeLinear Range RoiAlign Scatter "
            + "ScatterElements ScatterND TensorScatter Tile Where"
            4, "Pad Resize RotaryEmbedding STFT"
            5, "BatchNormalization DeformConv Slice"
            6, "GRU RNN"
            7, "Attention"
            8, "LSTM"
        ]
        |> Seq.collect (fun (count, names) -> names.Split ' ' |> Seq.map (fun name -> name, count))
        |> dict

    /// The most operands of a standard operator; None where there is no limit or the operator is unknown.
    let most (name: string) : int option =
        match table.TryGetValue name with
        | true, count -> Some count
        | false, _ -> None
