namespace Interact.Core

open System

/// What an explanation must satisfy whatever the function. f is the explained output, x the input, x' the baseline, φ the
/// attributions and Γ the interactions. Sources: Sundararajan, Taly, Yan 2017; Janizek, Sturmfels, Lee 2021.
[<RequireQualifiedAccess>]
type Axiom =
    /// ΣΓ = f(x) - f(x'), and Σφ = f(x) - f(x').
    | Completeness
    /// Σ_j Γ_ij = φ_i.
    | InteractionCompleteness
    /// Γ = Γᵀ.
    | Symmetry
    /// A feature that interacts with no other has Γ_ii = f(x_i alone) - f(x').
    | SelfCompleteness
    /// A feature that f ignores gets zeros.
    | Dummy
    /// Explanations of a·f + b·g are a times those of f plus b times those of g.
    | Linearity
    /// Features that f treats alike get alike values where their inputs and baselines agree.
    | SymmetryPreservation
    /// Two ways of computing one function are explained alike.
    | ImplementationInvariance

/// How far an explanation is from satisfying an axiom.
type AxiomResidual = {
    Axiom: Axiom
    /// False where there was nothing to check; the note says why.
    Applies: bool
    /// The largest difference found, absolute.
    Residual: float
    /// What the residual is judged against: the larger of |f(x) - f(x')| and the largest |attribution| of a feature, added up over
    /// the explanations that were compared.
    Scale: float
    /// The largest residual that passes: tolerance times scale, or what rounding alone may leave, whichever is larger.
    Allowed: float
    /// What was checked, in words.
    Note: string
} with

    /// Whether the residual is at most what is allowed, or there was nothing to check. A residual that is NaN does not hold.
    member this.Holds = not this.Applies || this.Residual <= this.Allowed

/// A method that explains rows along a path, with its options, such as IntegratedHessians.explainRows.
type PathMethod = PathOptions -> Model -> PathTask[] -> Explanation[]

/// A model explained at a row: what axioms are checked on.
[<NoEquality; NoComparison>]
type AxiomSubject = {
    Method: PathMethod
    /// The options, with the explained output settled.
    Options: PathOptions
    Model: Model
    Task: PathTask
    Explanation: Explanation
    /// The larger of |f(x) - f(x')| and the largest |attribution| of a single feature; for groups, whose attributions may cancel,
    /// the latter is estimated from eight gradients.
    Scale: float
}

/// Parts of the axioms' work that only concern numbers.
module internal AxiomNumbers =

    /// Attributions, and after them interactions row by row.
    let values (explanation: Explanation) : float[] =
        match explanation.Interactions with
        | None -> explanation.Attributions
        | Some matrix -> Array.append explanation.Attributions (matrix |> Seq.cast<float> |> Array.ofSeq)

    /// The larger of |f(x) - f(x')| and the largest |attribution| of the explanation.
    let scale (explanation: Explanation) =
        explanation.Attributions
        |> Array.fold
            (fun largest value -> max largest (abs value))
            (abs (explanation.Value - explanation.BaselineValue))

    /// Rounding errors are proportional to this: what went into the sums, without regard to sign.
    let private magnitude (explanation: Explanation) =
        abs explanation.Value + abs explanation.BaselineValue + Array.sumBy abs (values explanation)

    /// Fifty units in the last place.
    let private rounding = 1e-14

    /// The largest |a_i - b_i|; NaN where one is.
    let difference (a: float[]) (b: float[]) =
        Array.fold2 (fun (largest: float) x y -> Math.Max(largest, abs (x - y))) 0.0 a b

    /// The largest |a_i|; NaN where one is.
    let largest (values: float seq) =
        values |> Seq.fold (fun (largest: float) value -> Math.Max(largest, abs value)) 0.0

    /// A residual judged against explanations, each with the factor by which it entered.
    let judge (subject: AxiomSubject) axiom note (compared: (float * Explanation) list) residual : AxiomResidual =
        let total (measure: Explanation -> float) =
            compared |> List.sumBy (fun (factor, explanation) -> abs factor * measure explanation)

        let scale = max subject.Scale (total scale)

        {
            Axiom = axiom
            Applies = true
            Residual = residual
            Scale = scale
            Allowed = max (subject.Options.Tolerance * scale) (rounding * total magnitude)
            Note = note
        }

    /// There was nothing to check.
    let nothing axiom note : AxiomResidual = {
        Axiom = axiom
        Applies = false
        Residual = 0.0
        Scale = 0.0
        Allowed = 0.0
        Note = note
    }
