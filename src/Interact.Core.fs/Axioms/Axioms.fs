namespace Interact.Core

open System

/// The axioms of attribution and interaction methods, as residuals: how far the explanation of a given model at a given row is from
/// satisfying each. What is not true of the model itself is checked on functions made from it: a sum with another function, the
/// function with one more feature, with two features exchanged, or written in another way. These are made of the model's
/// derivatives only, so any model will do, also one whose derivatives come from outside.
///
/// Sources: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017; Janizek, Sturmfels, Lee, "Explaining
/// explanations: axiomatic feature interactions for deep networks", JMLR 2021.
[<RequireQualifiedAccess>]
module Axioms =

    let private judge = AxiomNumbers.judge
    let private nothing = AxiomNumbers.nothing

    /// A method's explanation of a row, to check axioms on. Errors: whatever the method raises.
    let explainBy (method: PathMethod) (options: PathOptions) (model: Model) (task: PathTask) : AxiomSubject =
        // Companions of the model are functions whose derivatives come from outside: they have double precision only.
        let options = { options with Precision = Precision.Double }
        let explanation = method options model [| task |] |> Array.head

        let subject = {
            Method = method
            Options = { options with Target = Target.Index explanation.Target }
            Model = model
            Task = task
            Explanation = explanation
            Scale = AxiomNumbers.scale explanation
        }

        match options.Groups with
        | None -> subject
        | Some _ -> { subject with Scale = max subject.Scale (AxiomNumbers.largest (Parts.featureSizes subject)) }

    /// The check of an axiom on a function or row made for the purpose; where the model is not finite there, nothing is checked.
    let private exercise axiom (check: unit -> AxiomResidual) : AxiomResidual =
        try
            check ()
        with :? NotFiniteException as problem ->
            nothing axiom $"Not checked: {problem.Message}"

    let private valueAt (subject: AxiomSubject) (row: float[]) =
        (Array.head (subject.Model.Function.Values [| row |]))[subject.Explanation.Target]

    /// |ΣΓ - (f(x) - f(x'))| and |Σφ - (f(x) - f(x'))|, whichever is larger.
    let completeness (subject: AxiomSubject) : AxiomResidual =
        let change = valueAt subject subject.Task.Input - valueAt subject subject.Task.Baseline
        let rest parts = abs (Seq.sum parts - change)
        let attributions = rest subject.Explanation.Attributions

        match subject.Explanation.Interactions with
        | None -> attributions, "attributions"
        | Some matrix -> Math.Max(attributions, rest (Seq.cast<float> matrix)), "attributions and interactions"
        |> fun (residual, what) ->
            judge
                subject
                Axiom.Completeness
                $"The {what} add up to the change of the output, {change:G6}."
                [ 1.0, subject.Explanation ]
                residual

    /// max_i |Σ_j Γ_ij - φ_i|.
    let interactionCompleteness (subject: AxiomSubject) : AxiomResidual =
        match subject.Explanation.Interactions with
        | None -> nothing Axiom.InteractionCompleteness "The method has no interactions."
        | Some matrix ->
            let sums = Array.init (matrix.GetLength 0) (fun i -> Array.sum matrix[i, *])

            AxiomNumbers.difference sums subject.Explanation.Attributions
            |> judge
                subject
                Axiom.InteractionCompleteness
                $"Each of {sums.Length} rows of interactions adds up to its attribution."
                [ 1.0, subject.Explanation ]

    /// max |Γ_ij - Γ_ji|, of the result and of the second derivatives that the model gives along the path: methods take the mean of
    /// the two halves, which would hide a model whose halves differ.
    let symmetry (subject: AxiomSubject) : AxiomResidual =
        let asymmetry (matrix: float[,]) =
            AxiomNumbers.largest (
                seq {
                    for i in 0 .. matrix.GetLength 0 - 1 do
                        for j in 0 .. i - 1 -> matrix[i, j] - matrix[j, i]
                }
            )

        match subject.Explanation.Interactions with
        | None -> nothing Axiom.Symmetry "The method has no interactions."
        | Some matrix ->
            Math.Max(asymmetry matrix, asymmetry (Parts.alongPath subject))
            |> judge
                subject
                Axiom.Symmetry
                "The interactions, and the second derivatives that the model gives, are symmetric."
                [ 1.0, subject.Explanation ]

    /// |Γ_ii - (f(x_i alone) - f(x'))| for every part whose second derivatives with all others are 0 (up to 1e-13 of the largest) at 16
    /// points on and around the path. As few models have such features, the model is also extended by one: h(x, u) = f(x) + g(u)
    /// with a known g, where Γ_uu must be g(u) - g(u'), Γ_uj zero, and all else as before.
    let selfCompleteness (subject: AxiomSubject) : AxiomResidual =
        exercise Axiom.SelfCompleteness (fun () ->
            let members = Parts.members subject
            let baselineValue = valueAt subject subject.Task.Baseline

            let alone =
                Parts.withoutInteraction subject
                |> Array.choose (fun part ->
                    let row = Array.copy subject.Task.Baseline

                    for feature in members[part] do
                        row[feature] <- subject.Task.Input[feature]

                    let change = valueAt subject row - baselineValue
                    if Double.IsFinite change then Some(Exercise.own subject.Explanation part - change) else None)

            let g (u: float) = Math.Tanh u + u * u / 2.0
            let expected = g 1.0 - g -0.5
            let factor = Exercise.factorFor subject expected
            let graph = Exercise.companion subject 1 (fun u -> Tensor.sum (tanh u + u * u / 2.0))
            let extended = Exercise.explainAdded subject [ factor, graph ]

            let residual =
                AxiomNumbers.largest (
                    Seq.concat [
                        Seq.ofArray alone
                        Seq.singleton (Exercise.own extended members.Length - factor * expected)
                        Exercise.besideAdded subject extended
                    ]
                )

            judge
                subject
                Axiom.SelfCompleteness
                $"{alone.Length} of {members.Length} interact with no other; one more, added by tanh u + u²/2, gets its own change."
                [ 1.0, subject.Explanation; 1.0, extended ]
                residual)

    /// The largest |φ_i| and |Γ_ij| of parts that the model ignores: those whose derivatives are exactly 0 at 16 points on and around
    /// the path. As few models have any, the model is also extended by a feature that it does not look at, which must get zeros and
    /// change nothing.
    let dummy (subject: AxiomSubject) : AxiomResidual =
        exercise Axiom.Dummy (fun () ->
            let { Explanation = explanation } = subject
            let count = explanation.Attributions.Length
            let ignored = Parts.ignored subject

            let shares (explanation: Explanation) part = [|
                explanation.Attributions[part]

                match explanation.Interactions with
                | Some matrix -> yield! matrix[part, *]
                | None -> ()
            |]

            let extended = Exercise.explainAdded subject []

            let residual =
                AxiomNumbers.largest (
                    Seq.concat [
                        ignored |> Seq.collect (shares explanation)
                        Seq.ofArray (shares extended count)
                        Exercise.besideAdded subject extended
                    ]
                )

            judge
                subject
                Axiom.Dummy
                $"{ignored.Length} of {count} are ignored; one more feature, added and ignored, gets zeros."
                [ 1.0, explanation; 1.0, extended ]
                residual)

    /// The largest difference between the explanation of 2f + c·g and twice that of f plus c times that of g. Here g is
    /// tanh(w·(x-x')) + ½(v·(x-x'))², which makes all features interact, and c gives both terms the same weight.
    let linearity (subject: AxiomSubject) : AxiomResidual =
        exercise Axiom.Linearity (fun () ->
            let { Task = task; Model = model; Options = options } = subject
            let step = Parts.displacement subject
            let size = step |> Array.sumBy abs

            /// Weights for which w·δ is at most 1, with signs that change with the given period.
            let weights period =
                let unit = if size > 0.0 then 1.0 / size else 1.0
                Tensor.ofArray (Array.init step.Length (fun i -> if i % period = 0 then unit else -unit / 2.0))

            let other =
                Exercise.companion subject step.Length (fun x ->
                    let moved = x - Tensor.ofArray task.Baseline
                    let square = Tensor.dot (weights 3) moved
                    tanh (Tensor.dot (weights 2) moved) + square * square / 2.0)

            let explain f = Exercise.explainOther subject options f task.Baseline task.Input
            let ofOther = explain other
            let factor = Exercise.factorFor subject (AxiomNumbers.scale ofOther)
            let ofSum = explain (Combination.create [ 2.0, model.Function; factor, other ])

            let expected =
                Array.map2
                    (fun a b -> 2.0 * a + factor * b)
                    (AxiomNumbers.values subject.Explanation)
                    (AxiomNumbers.values ofOther)

            AxiomNumbers.difference expected (AxiomNumbers.values ofSum)
            |> judge
                subject
                Axiom.Linearity
                $"Twice the model plus {factor:G3} times another function is explained by the same sum."
                [ 2.0, subject.Explanation; factor, ofOther; 1.0, ofSum ])

    /// Differences between the values of two features that the function h(x) = f(x) + f(x with the two exchanged) treats alike, at the
    /// row with the second one's input and baseline set to the first one's. The two are the features with the largest attributions, as
    /// estimated from eight gradients; groups that hold them are explained without them.
    let symmetryPreservation (subject: AxiomSubject) : AxiomResidual =
        if subject.Model.InputSize < 2 then
            nothing Axiom.SymmetryPreservation "The model has one feature only."
        else
            exercise Axiom.SymmetryPreservation (fun () ->
                let i, j = Exercise.strongestPair subject
                let alike (row: float[]) = row |> Array.mapi (fun k value -> if k = j then row[i] else value)
                let { Function = f } = subject.Model
                let swapped = f |> FeatureMap.compose (FeatureMap.swap f.InputSize i j)
                let h = Combination.create [ 1.0, f; 1.0, swapped ]
                let options, first, second = Parts.withAlone subject i j

                let explanation =
                    Exercise.explainOther subject options h (alike subject.Task.Baseline) (alike subject.Task.Input)

                let residual =
                    AxiomNumbers.largest (
                        seq {
                            explanation.Attributions[first] - explanation.Attributions[second]

                            match explanation.Interactions with
                            | Some matrix ->
                                matrix[first, first] - matrix[second, second]

                                for k in 0 .. matrix.GetLength 0 - 1 do
                                    if k <> first && k <> second then matrix[first, k] - matrix[second, k]
                            | None -> ()
                        }
                    )

                judge
                    subject
                    Axiom.SymmetryPreservation
                    $"Features {i} and {j}, which f(x) + f(x with the two exchanged) treats alike, get alike values."
                    [ 1.0, explanation ]
                    residual)

    /// The largest difference between the explanation of the model and that of the same function computed in another way. A model
    /// given as a graph is written with other nodes (see Equivalent). Where that cannot be done, and for models whose derivatives
    /// come from outside, it is the function in other coordinates (features in reverse order, halved or doubled), whose values
    /// must be the same at the same points.
    let implementationInvariance (subject: AxiomSubject) : AxiomResidual =
        exercise Axiom.ImplementationInvariance (fun () ->
            let other, how =
                match subject.Model.Graph |> Option.bind Equivalent.tryRewrite with
                | Some graph ->
                    Exercise.explainOther subject subject.Options graph subject.Task.Baseline subject.Task.Input,
                    "written with other operations"
                | None -> Exercise.inOtherCoordinates subject, "with its features in reverse order, halved or doubled"

            AxiomNumbers.difference (AxiomNumbers.values subject.Explanation) (AxiomNumbers.values other)
            |> judge subject Axiom.ImplementationInvariance $"The model {how} is explained alike." [
                1.0, subject.Explanation
                1.0, other
            ])

    /// All axioms on an explanation, in the order of their definition.
    let check (subject: AxiomSubject) : AxiomResidual list = [
        completeness subject
        interactionCompleteness subject
        symmetry subject
        selfCompleteness subject
        dummy subject
        linearity subject
        symmetryPreservation subject
        implementationInvariance subject
    ]

    /// All axioms on a row explained by Integrated Hessians, in the order of their definition. Takes about seven times as long as the
    /// explanation. Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite on the path.
    let checkAll (options: PathOptions) (model: Model) (task: PathTask) : AxiomResidual list =
        explainBy IntegratedHessians.explainRows options model task |> check
