namespace Interact.Core

/// A function whose derivatives are supplied from outside, one point at a time.
type Oracle = {
    InputSize: int
    OutputSize: int
    /// The outputs at a point of n elements.
    Value: float[] -> float[]
    /// The gradient of Σ output_o · f_o at a point: arguments point and output weights, result n elements.
    Gradient: float[] -> float[] -> float[]
    /// DᵀHD of Σ output_o · f_o at a point: arguments point, output weights and k directions of n elements, result k x k.
    Curvature: float[] -> float[] -> float[][] -> float[,]
}

/// Models behind a derivative oracle.
[<RequireQualifiedAccess>]
module Oracle =

    let private checkedLength what wanted (values: float[]) =
        Checks.require (values.Length = wanted) "oracle" (fun () ->
            $"the oracle's {what} has {values.Length} elements; {wanted} are needed.")

        values

    let private value (oracle: Oracle) point = oracle.Value point |> checkedLength "value" oracle.OutputSize

    /// Gradients at the points of a path, point by point.
    let private gradients (oracle: Oracle) (points: PathPoints) =
        points.Nodes
        |> Array.collect (fun t ->
            oracle.Gradient (PathPoints.at points t) points.Output |> checkedLength "gradient" oracle.InputSize)

    let private unitVectors n = Array.init n (fun i -> Array.init n (fun j -> if i = j then 1.0 else 0.0))

    let private curvature (oracle: Oracle) (request: CurvatureRequest) : CurvatureResult =
        let points = request.Points

        let directions =
            match request.Directions with
            | EachFeature -> unitVectors oracle.InputSize
            | Along directions -> directions

        let k = directions.Length
        let sum = Array.zeroCreate<float>(k * k)

        Array.iter2
            (fun t weight ->
                let matrix = oracle.Curvature (PathPoints.at points t) points.Output directions

                Checks.require (matrix.GetLength 0 = k && matrix.GetLength 1 = k) (nameof oracle) (fun () ->
                    $"the oracle's second derivatives have shape {matrix.GetLength 0} x {matrix.GetLength 1}; {k} x {k} is needed.")

                for i in 0 .. k * k - 1 do
                    sum[i] <- sum[i] + weight * matrix[i / k, i % k])
            points.Nodes
            request.Weights

        { Gradients = gradients oracle points; Curvature = sum }

    /// The oracle as a function that methods can explain.
    let toDifferentiable (oracle: Oracle) : IDifferentiable = {
        new IDifferentiable with
            member _.InputSize = oracle.InputSize
            member _.OutputSize = oracle.OutputSize
            member _.Values points = points |> Array.map (value oracle)

            member _.Gradients requests = requests |> Array.map (gradients oracle)
            member _.Curvatures requests = requests |> Array.map (curvature oracle)
            member _.WhyNotFinite(_, _) = None
    }
