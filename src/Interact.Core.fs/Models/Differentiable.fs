namespace Interact.Core

/// Points x' + t·δ on a straight path from a baseline x', and the combination of outputs that is explained along it.
type PathPoints = {
    /// The start of the path, n elements.
    Baseline: float[]
    /// The end of the path minus its start, n elements.
    Displacement: float[]
    /// The weight of every output; 1 for the explained one and 0 for the others.
    Output: float[]
    /// The parameters t of the points.
    Nodes: float[]
}

/// The directions D in which second derivatives are wanted.
type Directions =
    /// One direction for each input element: DᵀHD is the Hessian.
    | EachFeature
    /// The given directions, n elements each.
    | Along of float[][]

/// A request for second derivatives along a path: Σ_p weight_p · DᵀH(x' + t_p δ)D.
type CurvatureRequest = {
    Points: PathPoints
    /// One weight for each point; none is zero.
    Weights: float[]
    Directions: Directions
}

/// First derivatives at each point, and the weighted sum of second derivatives.
type CurvatureResult = {
    /// The gradient at each point, point by point n elements.
    Gradients: float[]
    /// k x k elements.
    Curvature: float[]
}

/// What makes a value or derivative turn out NaN or infinite.
type NotFiniteCause = {
    /// What is not finite, and where in the model.
    Reason: string
    /// What would mend it; None where another row or another path would.
    Mend: string option
}

/// A function of n numbers with derivatives: all that methods know of a model. Where the derivatives come from (a graph, another
/// differentiation library, a simulator with adjoints) is its own affair. All members can be called from any thread.
type IDifferentiable =
    /// Number of input elements n.
    abstract InputSize: int
    /// Number of outputs.
    abstract OutputSize: int
    /// The outputs at each point.
    abstract Values: points: float[][] -> float[][]
    /// Gradients of the explained output at every point of each path: for each request point by point n elements.
    abstract Gradients: requests: PathPoints[] -> float[][]
    /// First and second derivatives along each path.
    abstract Curvatures: requests: CurvatureRequest[] -> CurvatureResult[]
    /// What makes a value or derivative at the point turn out NaN or infinite; None where it cannot tell.
    abstract WhyNotFinite: point: float[] * output: float[] -> NotFiniteCause option

/// A function that can apply second derivatives to directions, at the cost of the directions alone.
type IHessianProducts =
    /// Gradients at the points of each path, and Σ_p weight_p · H(x' + t_p δ)D in the place of the bilinear forms: k x n elements.
    abstract Products: requests: CurvatureRequest[] -> CurvatureResult[]

/// Points on paths.
[<RequireQualifiedAccess>]
module PathPoints =

    /// The point x' + t·δ.
    let at (points: PathPoints) (t: float) : float[] =
        Array.map2 (fun start step -> start + t * step) points.Baseline points.Displacement
