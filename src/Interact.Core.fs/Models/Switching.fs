namespace Interact.Core

/// What is known of all switches at one point of a path: one element for each element of every switch's argument.
type internal SwitchSample = {
    /// The arguments, which are zero where an element switches.
    Arguments: float[]
    /// Their derivatives along the path.
    Slopes: float[]
    /// Which piece each element is on.
    States: float[]
}

/// A path on which functions with kinks switch from one smooth piece to another.
type internal ISwitchingPath =
    /// For each element of a switch's argument the number of the decision that it takes part in; ascending in order of evaluation.
    abstract Decisions: int[]
    /// Whether the function is affine wherever nothing switches.
    abstract IsPiecewiseLinear: bool
    /// The switches at points of the path.
    abstract Sample: nodes: float[] -> SwitchSample[]
    /// The arguments at points of the path if all elements kept the given states.
    abstract Hold: states: float[] * nodes: float[] -> SwitchSample[]
    /// Gradients of the explained output at points of the path, for each with the states that the elements are kept in there.
    abstract Gradients: points: (float * float[])[] -> float[][]

/// A function that tells where it switches.
type internal ISwitching =
    /// The path of the points; their parameters make no difference.
    abstract Along: evaluation: Evaluation * points: PathPoints -> ISwitchingPath
