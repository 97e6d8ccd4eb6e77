namespace Interact.Core.Learning

open System
open Interact.Core

/// How a parameter's first values are drawn. The fan-in of a parameter is the number of elements that one output is made of, its
/// fan-out the number of outputs that one element reaches.
[<RequireQualifiedAccess>]
type Initializer =
    | Zeros
    | Ones
    | Constant of value: float
    /// Uniform between -limit and limit.
    | Uniform of limit: float
    /// Normal with mean 0.
    | Normal of deviation: float
    /// Uniform with variance 2/(fan-in + fan-out). Source: Glorot, Bengio 2010.
    | GlorotUniform
    /// Normal with variance 2/(fan-in + fan-out). Source: Glorot, Bengio 2010.
    | GlorotNormal
    /// Uniform with variance 2/fan-in, for ReLU. Source: He et al. 2015.
    | HeUniform
    /// Normal with variance 2/fan-in, for ReLU. Source: He et al. 2015.
    | HeNormal
    /// Uniform with variance 1/fan-in, for SELU. Source: LeCun et al. 1998.
    | LeCunUniform
    /// Normal with variance 1/fan-in, for SELU. Source: LeCun et al. 1998.
    | LeCunNormal
    /// Given values, row-major.
    | Values of float[]

/// Drawing the first values of parameters.
[<RequireQualifiedAccess>]
module internal Initializer =

    let private normals (stream: RandomStream) deviation count =
        let values = Array.zeroCreate<float> count
        stream.FillNormals values
        values |> Array.map (fun value -> deviation * value)

    let private uniforms (stream: RandomStream) limit count =
        Array.init count (fun _ -> limit * (2.0 * stream.Uniform() - 1.0))

    /// The values of a parameter of the given shape.
    let draw (stream: RandomStream) (fanIn: int) (fanOut: int) (shape: Shape) (initializer: Initializer) : float[] =
        let count = Shape.size shape
        // A uniform number between -a and a has variance a²/3.
        let uniform variance = uniforms stream (sqrt (3.0 * variance)) count
        let normal variance = normals stream (sqrt variance) count
        let both = 2.0 / float (fanIn + fanOut)

        match initializer with
        | Initializer.Zeros -> Array.zeroCreate count
        | Initializer.Ones -> Array.create count 1.0
        | Initializer.Constant value -> Array.create count value
        | Initializer.Uniform limit -> uniforms stream limit count
        | Initializer.Normal deviation -> normals stream deviation count
        | Initializer.GlorotUniform -> uniform both
        | Initializer.GlorotNormal -> normal both
        | Initializer.HeUniform -> uniform (2.0 / float fanIn)
        | Initializer.HeNormal -> normal (2.0 / float fanIn)
        | Initializer.LeCunUniform -> uniform (1.0 / float fanIn)
        | Initializer.LeCunNormal -> normal (1.0 / float fanIn)
        | Initializer.Values values ->
            Checks.length (nameof values) count values
            Array.copy values
