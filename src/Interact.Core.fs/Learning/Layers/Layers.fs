namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Onnx

/// The layers of networks. Every layer acts on each example alone, except batch normalisation in training.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Layer =

    /// An operator without parameters, applied to each example.
    /// kind: what its name begins with. attributes: those of the operator in ONNX's operator set 17.
    let operator (kind: string) (operator: string) (attributes: (string * AttributeValue) list) : Layer =
        Layer(fun draft x -> draft.Apply(operator, draft.NewName kind, [ x ], attributes))

    let private addAll (draft: NetworkDraft) (layers: Layer list) x =
        (x, layers) ||> List.fold (fun value layer -> layer.AddTo(draft, value))

    /// Several layers as one.
    let sequence (layers: Layer list) : Layer = Layer(fun draft x -> draft.Several(fun () -> addAll draft layers x))

    /// The layer under a name of one's own, which its parameters' names begin with; layers inside it are called "name.dense1" and
    /// the like. Without one a layer is called after its kind and number: "dense2".
    /// Error: ArgumentException for an empty name, and where a network has two layers of the name.
    let named (name: string) (layer: Layer) : Layer =
        Checks.require (not (System.String.IsNullOrWhiteSpace name)) (nameof name) (fun () ->
            "the name of a layer is empty; give it one.")

        Layer(fun draft x -> draft.Named(name, fun () -> layer.AddTo(draft, x)))

    /// What the layers make of a value, added to the value itself. Both must have one shape. Source: He et al. 2016.
    let residual (layers: Layer list) : Layer =
        Layer(fun draft x ->
            let name = draft.NewName "residual"
            let change = addAll draft layers x
            let before, after = draft.ShapeOf x, draft.ShapeOf change

            Checks.require (before = after) "layers" (fun () ->
                $"{name}: its layers make {Shape.describe after} of a value of shape {Shape.describe before}; both must have one shape, so end them with a layer that gives as many elements.")

            draft.Apply("Add", name, [ x; change ], []))

    /// All elements of an example as a vector, row-major.
    let flatten: Layer = operator "flatten" "Flatten" [ "axis", AttributeValue.Int 1L ]

    /// Examples under another shape of as many elements.
    let reshape (shape: int list) : Layer =
        Layer(fun draft x ->
            let name = draft.NewName "reshape"
            let before = draft.ShapeOf x

            Checks.require
                (shape |> List.forall (fun size -> size >= 1) && List.fold (*) 1 shape = Shape.size before)
                "layers"
                (fun () ->
                    $"{name}: shape {Shape.describe (Array.ofList shape)} does not hold the {Shape.size before} elements of shape {Shape.describe before}; give sizes that multiply to as many.")

            let target = draft.Integers($"{name}.shape", [| 0L; yield! shape |> List.map int64 |])
            draft.Apply("Reshape", name, [ x; target ], []))

    /// Axes of an example reordered, numbered from 0: axis i of the result is axis order[i].
    let transpose (order: int list) : Layer =
        Layer(fun draft x ->
            let name = draft.NewName "transpose"
            let rank = (draft.ShapeOf x).Length

            Checks.require (List.sort order = [ 0 .. rank - 1 ]) (nameof order) (fun () ->
                $"{name}: the order %A{order} does not name each of the {rank} axes once, numbered from 0; name each once.")

            draft.Apply("Transpose", name, [ x ], [ "perm", LayerParts.ints (0 :: List.map ((+) 1) order) ]))

    let private denseOf (bias: bool) (initializer: Initializer) (units: int) : Layer =
        Checks.within (nameof units) 1 System.Array.MaxLength units

        Layer(fun draft x ->
            let shape = draft.ShapeOf x
            let name = draft.NewName "dense"

            Checks.require (shape.Length >= 1) "layers" (fun () ->
                $"{name} needs an axis to act on; what comes before it gives one number without axes. Reshape it to 1 before.")

            let fanIn = Array.last shape
            let weight = draft.Parameter($"{name}.weight", [| fanIn; units |], fanIn, units, initializer)

            let withBias value =
                if bias then
                    let zeros = draft.Parameter($"{name}.bias", [| units |], fanIn, units, Initializer.Zeros)
                    draft.Apply("Add", name, [ value; zeros ], [])
                else
                    value

            if shape.Length = 1 && bias then
                let zeros = draft.Parameter($"{name}.bias", [| units |], fanIn, units, Initializer.Zeros)
                draft.Apply("Gemm", name, [ x; weight; zeros ], [])
            else
                draft.Apply("MatMul", (if bias then $"{name}.product" else name), [ x; weight ], []) |> withBias)

    /// x·W + b over the last axis, with so many elements in the result: weight [inputs; units] by the initializer, bias [units] of zeros.
    let denseWith (initializer: Initializer) (units: int) : Layer = denseOf true initializer units

    /// x·W + b over the last axis, with so many elements in the result; W by Glorot's uniform distribution, b = 0.
    let dense (units: int) : Layer = denseOf true Initializer.GlorotUniform units

    /// x·W over the last axis, with so many elements in the result; W by Glorot's uniform distribution.
    let linear (units: int) : Layer = denseOf false Initializer.GlorotUniform units

    /// A dense layer whose weights have a normal distribution each, by its mean and deviation: in training they are drawn anew for every
    /// example, and the divergence of their distribution from N(0, 1), divided by the number of examples, is added to the loss; in use
    /// they have their means. The parameters are weight (the means), bias (a number each), and spread, of which the deviation is
    /// ln(1+exp(spread)).
    ///
    /// Sources: Blundell et al., "Weight uncertainty in neural networks", 2015; drawn by what reaches the result, Kingma, Salimans, Welling,
    /// "Variational dropout and the local reparameterization trick", 2015.
    let variational (units: int) : Layer =
        Checks.within (nameof units) 1 System.Array.MaxLength units

        Layer(fun draft x ->
            let name = draft.NewName "variational"
            let shape = draft.ShapeOf x
            shape |> LayerParts.requireRank name 1 "features" "Put Layer.flatten before it"
            let inputs = shape[0]

            let weight =
                draft.Parameter($"{name}.weight", [| inputs; units |], inputs, units, Initializer.GlorotUniform)

            let bias = draft.Parameter($"{name}.bias", [| units |], inputs, units, Initializer.Zeros)
            // A deviation of 0.05 at first.
            let first = Initializer.Constant(log (exp 0.05 - 1.0))
            let spread = draft.TrainingParameter($"{name}.spread", [| inputs; units |], first)
            let result = draft.Apply("Gemm", name, [ x; weight; bias ], [])

            draft.InTraining(name, VariationalRule.create name spread)
            result)

    /// max(x, 0).
    let relu: Layer = operator "relu" "Relu" []
    /// The hyperbolic tangent.
    let tanh: Layer = operator "tanh" "Tanh" []
    /// 1/(1+exp(-x)).
    let sigmoid: Layer = operator "sigmoid" "Sigmoid" []
    /// ln(1+exp(x)).
    let softplus: Layer = operator "softplus" "Softplus" []

    /// x where positive, slope·x elsewhere.
    let leakyRelu (slope: float) : Layer =
        operator "leaky_relu" "LeakyRelu" [ "alpha", AttributeValue.Float(float32 slope) ]

    /// x where positive, exp(x) - 1 elsewhere. Source: Clevert et al. 2016.
    let elu: Layer = operator "elu" "Elu" []
    /// The scaled elu that keeps mean and variance. Source: Klambauer et al. 2017.
    let selu: Layer = operator "selu" "Selu" []
    /// exp(x)/Σ exp(x) over the last axis.
    let softmax: Layer = operator "softmax" "Softmax" [ "axis", AttributeValue.Int -1L ]

    /// x·sigmoid(x), also called swish.
    let silu: Layer =
        Layer(fun draft x ->
            let name = draft.NewName "silu"
            let gate = draft.Apply("Sigmoid", $"{name}.gate", [ x ], [])
            draft.Apply("Mul", name, [ x; gate ], []))

    /// x·Φ(x) with the normal distribution function Φ. Source: Hendrycks, Gimpel 2016.
    let gelu: Layer =
        Layer(fun draft x ->
            let name = draft.NewName "gelu"
            let number part value = draft.Fixed($"{name}.{part}", [||], [| value |])
            let scaled = draft.Apply("Mul", $"{name}.scaled", [ x; number "scale" (1.0 / sqrt 2.0) ], [])
            let erf = draft.Apply("Erf", $"{name}.erf", [ scaled ], [])
            let gate = draft.Apply("Add", $"{name}.gate", [ erf; number "one" 1.0 ], [])
            let half = draft.Apply("Mul", $"{name}.half", [ x; number "a_half" 0.5 ], [])
            draft.Apply("Mul", name, [ half; gate ], []))

    /// Elements set to zero with the given probability in training, the others divided by 1 - probability; nothing in use.
    /// Source: Srivastava et al. 2014.
    let dropout (probability: float) : Layer =
        Checks.require (probability >= 0.0 && probability < 1.0) (nameof probability) (fun () ->
            $"the probability is {probability}; it must lie in [0, 1).")

        Layer(fun draft x ->
            let name = draft.NewName "dropout"
            let result = draft.Apply("Identity", name, [ x ], [])

            let kept (stream: RandomStream) (mask: float[]) =
                for i in 0 .. mask.Length - 1 do
                    mask[i] <- if stream.Uniform() < probability then 0.0 else 1.0 / (1.0 - probability)

            draft.InTraining(
                name,
                {
                    Settings = [ probability ]
                    Apply =
                        fun context operands ->
                            let mask = context.Draw($"{name}.mask", operands[0].Shape, StepValue.Drawn kept)
                            Node.multiply operands[0] mask
                }
            )

            result)

    /// Numbers taken from each element and divided by others, the same for every example: what brings a table's columns to mean 0 and
    /// deviation 1, inside the network.
    let standardize (means: float[]) (deviations: float[]) : Layer = Normalization.standardize means deviations

    /// Mean 0 and variance 1 over the last axis of each example, then scale and bias for each of its elements. Source: Ba et al. 2016.
    let layerNormalization: Layer = Normalization.layerNormalization

    /// Mean 0 and variance 1 of each channel (the first axis of an example): over the batch in training, by the running averages of
    /// these in use; then scale and bias. The averages keep 9 tenths at every step. Source: Ioffe, Szegedy 2015.
    let batchNormalization: Layer = Normalization.batchNormalization

    /// A convolution of so many filters with windows of the given sizes, a stride of 1, padded so that sizes stay, with a bias, by
    /// Glorot's uniform distribution: what convolutionWith may change.
    let convolutionDefaults (filters: int) (kernel: int list) : ConvolutionOptions = Convolution.defaults filters kernel

    /// A convolution over the spatial axes of examples of shape channels x spatial axes: weight [filters; channels; kernel], bias
    /// [filters].
    let convolutionWith (options: ConvolutionOptions) : Layer = Convolution.create options

    /// A convolution by the defaults, see convolutionDefaults.
    let convolution (filters: int) (kernel: int list) : Layer = convolutionWith (convolutionDefaults filters kernel)

    /// The largest element of each window of the spatial axes; windows lie side by side.
    let maxPooling (window: int list) : Layer = Convolution.pooling "max_pooling" "MaxPool" window
    /// The mean of each window of the spatial axes; windows lie side by side.
    let averagePooling (window: int list) : Layer = Convolution.pooling "average_pooling" "AveragePool" window

    /// The mean of each channel: a vector.
    let globalAveragePooling: Layer = Convolution.globalAveragePooling

    /// A row of a table for each whole number: examples of shape s become s x width. Numbers are 0 .. count - 1.
    let embedding (count: int) (width: int) : Layer =
        Checks.within (nameof count) 1 System.Array.MaxLength count
        Checks.within (nameof width) 1 System.Array.MaxLength width

        Layer(fun draft x ->
            let name = draft.NewName "embedding"
            let table = draft.Parameter($"{name}.table", [| count; width |], 1, 1, Initializer.Normal 1.0)

            let indices =
                draft.Apply(
                    "Cast",
                    $"{name}.indices",
                    [ x ],
                    [ "to", AttributeValue.Int(int64 (DataType.number DataType.Int64)) ]
                )

            draft.Apply("Gather", name, [ table; indices ], [ "axis", AttributeValue.Int 0L ]))

    /// Self-attention of several heads over examples of shape tokens x width: softmax(QKᵀ/√(width/heads))V for each head, joined by a
    /// last linear map. Source: Vaswani et al. 2017.
    let attention (heads: int) : Layer = Attention.create heads
