/// Every axiom on random functions, inputs and baselines; and for every axiom something wrong that it catches.
module Interact.Core.Tests.AxiomTests

open System
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

let private options = { PathOptions.defaults with Tolerance = 1e-8 }

/// The axioms in the order in which they are checked.
let private axioms = [
    Axiom.Completeness
    Axiom.InteractionCompleteness
    Axiom.Symmetry
    Axiom.SelfCompleteness
    Axiom.Dummy
    Axiom.Linearity
    Axiom.SymmetryPreservation
    Axiom.ImplementationInvariance
]

let private assertAllHold (residuals: AxiomResidual list) =
    Assert.Equal<Axiom list>(axioms, residuals |> List.map _.Axiom)

    for residual in residuals do
        Assert.True(residual.Holds, $"{residual}")

/// The model's derivatives as an oracle that answers a point at a time.
let private toOracle (model: Model) : Oracle =
    let f = model.Function

    let stay point output = {
        Baseline = point
        Displacement = Array.zeroCreate point.Length
        Output = output
        Nodes = [| 0.0 |]
    }

    {
        InputSize = f.InputSize
        OutputSize = f.OutputSize
        Value = fun point -> f.Values [| point |] |> Array.exactlyOne
        Gradient = fun point output -> f.Gradients [| stay point output |] |> Array.exactlyOne
        Curvature =
            fun point output directions ->
                let request = { Points = stay point output; Weights = [| 1.0 |]; Directions = Along directions }
                let result = f.Curvatures [| request |] |> Array.exactlyOne

                Array2D.init directions.Length directions.Length (fun i j ->
                    result.Curvature[i * directions.Length + j])
    }

[<Fact>]
let ``every axiom holds for random functions`` () =
    holdsFor 120 problems (fun problem ->
        Axioms.checkAll options (Problem.model problem) (Problem.task problem) |> assertAllHold)

[<Fact>]
let ``every axiom holds for functions of which only derivatives are known`` () =
    holdsFor 40 problems (fun problem ->
        let model = Problem.model problem |> toOracle |> Model.ofOracle
        Axioms.checkAll options model (Problem.task problem) |> assertAllHold)

[<Fact>]
let ``every axiom holds for groups`` () =
    holdsFor 40 problems (fun problem ->
        let n = problem.Input.Length
        let random = Random n
        let first, second = [| 0 .. n - 1 |] |> Array.partition (fun _ -> random.Next 2 = 0)
        let groups = Groups.create n [ "first", first; "second", second ]
        let options = { options with Groups = Some groups }
        Axioms.checkAll options (Problem.model problem) (Problem.task problem) |> assertAllHold)

[<Fact>]
let ``the axioms of attributions hold for a method without interactions`` () =
    holdsFor 40 problems (fun problem ->
        let residuals =
            Problem.task problem
            |> Axioms.explainBy IntegratedGradients.explainRows options (Problem.model problem)
            |> Axioms.check

        assertAllHold residuals

        for residual in residuals do
            let isOfInteractions = residual.Axiom = Axiom.InteractionCompleteness || residual.Axiom = Axiom.Symmetry
            if isOfInteractions then Assert.False residual.Applies)

let private find axiom (residuals: AxiomResidual list) = residuals |> List.find (fun residual -> residual.Axiom = axiom)

/// A network of which no feature is ignored or alone.
let private problem = {
    Function = Dense { Layers = [ 5, Tanh; 4, Softplus ]; Seed = 17 }
    Baseline = [| 0.0; 0.25; -0.5; 1.0 |]
    Input = [| 1.0; -1.5; 0.75; 2.0 |]
}

/// Axioms that do not hold for the model.
let private brokenFor model =
    Axioms.checkAll options model (Problem.task problem)
    |> List.filter (fun residual -> not residual.Holds)
    |> List.map _.Axiom
    |> Set.ofList

let private right = Problem.model problem |> toOracle

[<Fact>]
let ``an oracle that is right breaks no axiom`` () = Assert.Empty(brokenFor (Model.ofOracle right))

[<Fact>]
let ``an oracle with wrong second derivatives breaks the completeness of interactions`` () =
    let wrong = {
        right with
            Curvature = fun point output directions -> right.Curvature point output directions |> Array2D.map ((*) 1.01)
    }

    let broken = brokenFor (Model.ofOracle wrong)
    Assert.Contains(Axiom.Completeness, broken)
    Assert.Contains(Axiom.InteractionCompleteness, broken)

[<Fact>]
let ``an oracle with second derivatives that are not symmetric breaks symmetry`` () =
    // The error changes the sign with the order of the directions, so that sums and means of the halves are right.
    let wrong = {
        right with
            Curvature =
                fun point output directions ->
                    let bump (i: int) (j: int) =
                        0.01 * (directions[i].[0] * directions[j].[1] - directions[i].[1] * directions[j].[0])

                    right.Curvature point output directions |> Array2D.mapi (fun i j value -> value + bump i j)
    }

    Assert.Equal<Set<Axiom>>(set [ Axiom.Symmetry ], brokenFor (Model.ofOracle wrong))

[<Fact>]
let ``an oracle with a wrong gradient breaks completeness`` () =
    let wrong = {
        right with
            Gradient =
                fun point output -> right.Gradient point output |> Array.mapi (fun i v -> if i = 2 then 1.02 * v else v)
    }

    Assert.Contains(Axiom.Completeness, brokenFor (Model.ofOracle wrong))

[<Fact>]
let ``a network with kinks breaks the completeness of interactions where they are ignored, and only there`` () =
    let weights = Tensor.create [| 6; 4 |] (uniform (Random 5) 24)
    let model = Model.ofFunction 4 (fun x -> Tensor.sum (Tensor.relu (Tensor.matmul weights x + 0.3)))
    let ignoring = { options with Kinks = KinkTreatment.Ignored }
    let residuals = Axioms.checkAll ignoring model (Problem.task problem)
    Assert.False((find Axiom.Completeness residuals).Holds)
    Assert.False((find Axiom.InteractionCompleteness residuals).Holds)
    assertAllHold (Axioms.checkAll ignoring (Model.smooth 10.0 model) (Problem.task problem))
    assertAllHold (Axioms.checkAll options model (Problem.task problem))

/// Integrated Hessians, changed by what is wrong with it.
let private spoiled (change: Explanation -> Explanation) : PathMethod =
    fun options model tasks -> IntegratedHessians.explainRows options model tasks |> Array.map change

let private onInteractions change (explanation: Explanation) = {
    explanation with
        Interactions = explanation.Interactions |> Option.map change
}

/// Wrong methods, with an axiom that each of them breaks.
let private wrongMethods: (string * PathMethod * Axiom) list = [
    "a part lost", spoiled (onInteractions (Array2D.map ((*) 0.999))), Axiom.Completeness
    "main effects left out",
    spoiled (onInteractions (Array2D.mapi (fun i j value -> if i = j then 0.0 else value))),
    Axiom.InteractionCompleteness
    "pairs counted once",
    spoiled (
        onInteractions (
            Array2D.mapi (fun i j v ->
                if i < j then 2.0 * v
                elif i = j then v
                else 0.0)
        )
    ),
    Axiom.Symmetry
    "spread evenly",
    spoiled (fun explanation ->
        let count = explanation.Attributions.Length
        let share = (explanation.Value - explanation.BaselineValue) / float count

        { explanation with Attributions = Array.create count share }
        |> onInteractions (Array2D.map (fun _ -> share / float count))),
    Axiom.Dummy
    "main effects spread over the row",
    spoiled (
        onInteractions (fun matrix ->
            let n = Array2D.length1 matrix

            Array2D.init n n (fun i j ->
                let own k = matrix[k, k] / float n
                if i = j then own i else matrix[i, j] + (own i + own j) / 2.0))
    ),
    Axiom.SelfCompleteness
    "squares",
    spoiled (fun explanation -> {
        explanation with
            Attributions = explanation.Attributions |> Array.map (fun v -> v * abs v)
    }),
    Axiom.Linearity
    "first come, first served",
    spoiled (fun explanation -> {
        explanation with
            Attributions = explanation.Attributions |> Array.mapi (fun i v -> v / float (i + 1))
    }),
    Axiom.SymmetryPreservation
    "rows scaled by δ_i twice",
    (fun options model tasks ->
        // Row mode of the reference implementation multiplies by δ_i where δ_j belongs.
        Array.map2
            (fun (task: PathTask) explanation ->
                let step = Array.map2 (-) task.Input task.Baseline
                explanation |> onInteractions (Array2D.mapi (fun i j value -> value * step[i] / step[j])))
            tasks
            (IntegratedHessians.explainRows options model tasks)),
    Axiom.Symmetry
    "gradient at the input times displacement",
    (fun options model tasks ->
        // Depends on the coordinates of the output only, but is not complete.
        tasks
        |> Array.map (fun task ->
            let explanation = IntegratedGradients.explain options model task.Baseline task.Input
            let slopes = Model.gradient model explanation.Target task.Input
            let step = Array.map2 (-) task.Input task.Baseline
            { explanation with Attributions = Array.map2 (*) slopes step })),
    Axiom.Completeness
    "the plain gradient",
    (fun options model tasks ->
        tasks
        |> Array.map (fun task ->
            let explanation = IntegratedGradients.explain options model task.Baseline task.Input
            { explanation with Attributions = Model.gradient model explanation.Target task.Input })),
    Axiom.Completeness
]

let wrong = TheoryData<string>(wrongMethods |> List.map (fun (name, _, _) -> name))

[<Theory; MemberData(nameof wrong)>]
let ``a wrong method breaks an axiom`` name =
    let _, method, axiom = wrongMethods |> List.find (fun (other, _, _) -> other = name)
    let subject = Axioms.explainBy method options (Problem.model problem) (Problem.task problem)
    Assert.False((Axioms.check subject |> find axiom).Holds)

[<Fact>]
let ``a method that looks at coordinates breaks invariance`` () =
    let plainGradient: PathMethod =
        fun options model tasks ->
            tasks
            |> Array.map (fun task ->
                let explanation = IntegratedGradients.explain options model task.Baseline task.Input
                { explanation with Attributions = Model.gradient model explanation.Target task.Input })

    let model = Model.ofOracle right
    let subject = Axioms.explainBy plainGradient options model (Problem.task problem)
    Assert.False((Axioms.implementationInvariance subject).Holds)

[<Fact>]
let ``a method that looks at how a function is written breaks invariance`` () =
    let byNodes: PathMethod =
        fun options model tasks ->
            let size =
                match model.Graph with
                | Some graph -> Graph.nodes [ graph.Output ] |> Array.length
                | None -> 0

            IntegratedGradients.explainRows options model tasks
            |> Array.map (fun explanation -> {
                explanation with
                    Attributions = explanation.Attributions |> Array.map (fun v -> v + 0.001 * float size)
            })

    let subject = Axioms.explainBy byNodes options (Problem.model problem) (Problem.task problem)
    Assert.False((Axioms.implementationInvariance subject).Holds)

let private checkOf f baseline input =
    Axioms.checkAll options (Model.ofFunction (Array.length input) f) { Row = 0; Baseline = baseline; Input = input }

[<Fact>]
let ``features that are ignored are found`` () =
    let residuals = checkOf (fun x -> exp x[0] * x[2]) (Array.zeroCreate 4) [| 1.0; 2.0; 0.5; -1.0 |]
    Assert.StartsWith("2 of 4 are ignored", (find Axiom.Dummy residuals).Note)
    assertAllHold residuals

[<Fact>]
let ``a feature whose derivative is zero on the path only is not ignored`` () =
    // ∂f/∂x₀ = x₁ - x₂ = 0 all along the path, and yet x₀ interacts with both.
    let residuals = checkOf (fun x -> x[0] * (x[1] - x[2])) (Array.zeroCreate 3) [| 1.0; 2.0; 2.0 |]
    Assert.StartsWith("0 of 3 are ignored", (find Axiom.Dummy residuals).Note)
    assertAllHold residuals

[<Fact>]
let ``features that interact with no other are found`` () =
    let f (x: Tensor) = x[0] * x[1] + sin x[2] + x[3]
    let residuals = checkOf f [| 0.1; 0.2; 0.3; 0.4 |] [| 1.0; 2.0; 0.5; -1.0 |]
    Assert.StartsWith("2 of 4 interact with no other", (find Axiom.SelfCompleteness residuals).Note)
    assertAllHold residuals

    let grouped = { options with Groups = Some(Groups.create 4 [ "product", [| 0; 1 |]; "sine", [| 2 |] ]) }

    let task = { Row = 0; Baseline = [| 0.1; 0.2; 0.3; 0.4 |]; Input = [| 1.0; 2.0; 0.5; -1.0 |] }
    let residuals = Axioms.checkAll grouped (Model.ofFunction 4 f) task
    Assert.StartsWith("3 of 3 interact with no other", (find Axiom.SelfCompleteness residuals).Note)
    assertAllHold residuals

[<Fact>]
let ``one feature and no displacement are checked as far as they go`` () =
    let residuals = checkOf (fun x -> Tensor.sum (exp x)) [| 0.0 |] [| 1.0 |]
    Assert.False((find Axiom.SymmetryPreservation residuals).Applies)
    assertAllHold residuals
    assertAllHold (checkOf (fun x -> exp (x[0] * x[1])) [| 0.5; 1.0 |] [| 0.5; 1.0 |])
    assertAllHold (checkOf (fun _ -> Tensor.scalar 3.0) [| 0.5; 1.0 |] [| 1.5; 1.0 |])

[<Fact>]
let ``where a row made for an axiom lies outside the model's domain it is not checked`` () =
    // The second feature set to the first one's values makes the logarithm's argument negative.
    let f (x: Tensor) = x[0] * x[0] + log x[1]
    let residuals = checkOf f [| -1.0; 1.0 |] [| -3.0; 2.0 |]
    let preservation = find Axiom.SymmetryPreservation residuals
    Assert.False preservation.Applies
    Assert.Contains("Not checked", preservation.Note)
    assertAllHold residuals

[<Fact>]
let ``the target that was predicted is kept on every row made for an axiom`` () =
    let f (x: Tensor) = Tensor.stack [ x[0] * x[1]; 3.0 * x[1]; -x[0] * x[2] ]
    assertAllHold (checkOf f [| 0.1; 0.2; 0.3 |] [| 1.0; -2.0; 0.5 |])

[<Fact>]
let ``checks can be cancelled, and refuse what the method refuses`` () =
    let cancelled = { options with CancellationToken = Threading.CancellationToken true }
    let check options () = Axioms.checkAll options (Problem.model problem) (Problem.task problem) |> ignore
    Assert.Throws<OperationCanceledException>(check cancelled) |> ignore
    Assert.Throws<ArgumentException>(check { options with Target = Target.Index 1 }) |> ignore

/// Values, gradients and second derivatives of two functions of equal size at some points of a path.
let private sameFunction (expected: IDifferentiable) (actual: IDifferentiable) =
    Assert.Equal(expected.InputSize, actual.InputSize)
    Assert.Equal(expected.OutputSize, actual.OutputSize)
    let n = expected.InputSize
    let random = Random n

    let points = {
        Baseline = uniform random n
        Displacement = uniform random n
        Output = uniform random expected.OutputSize
        Nodes = [| 0.1; 0.5; 0.8 |]
    }

    let rows = [| points.Baseline; PathPoints.at points 0.7 |]
    Array.iter2 (close 1e-13) (expected.Values rows) (actual.Values rows)
    Array.iter2 (close 1e-13) (expected.Gradients [| points; points |]) (actual.Gradients [| points; points |])

    for directions in [ EachFeature; Along [| uniform random n; uniform random n |] ] do
        let request = [| { Points = points; Weights = [| 0.2; -1.0; 0.5 |]; Directions = directions } |]

        Array.iter2
            (fun (a: CurvatureResult) (b: CurvatureResult) ->
                close 1e-12 a.Gradients b.Gradients
                close 1e-12 a.Curvature b.Curvature)
            (expected.Curvatures request)
            (actual.Curvatures request)

let private ofFunction n f = (Model.ofFunction n f).Function
let private f (x: Tensor) = Tensor.stack [ exp (x[0] * x[1]) - x[2]; sin x[2] * x[0] ]
let private g (x: Tensor) = Tensor.stack [ x[1] * x[2] * x[2]; tanh (Tensor.sum x) ]

[<Fact>]
let ``a combination is the sum of its terms`` () =
    sameFunction
        (ofFunction 3 (fun x -> 2.0 * f x - 0.5 * g x))
        (Combination.create [ 2.0, ofFunction 3 f; -0.5, ofFunction 3 g ])

    let refuse terms = Assert.Throws<ArgumentException>(fun () -> Combination.create terms |> ignore) |> ignore
    refuse []
    refuse [ 1.0, ofFunction 3 f; 1.0, ofFunction 4 f ]
    refuse [ 1.0, ofFunction 3 f; 1.0, ofFunction 3 Tensor.sum ]

[<Fact>]
let ``a function after a map of its features is the function of the mapped row`` () =
    // Element 1 is used twice and element 3 not at all.
    let map = { Length = 4; Sources = [| 1; 0; 1 |]; Factors = [| 2.0; -0.5; 3.0 |] }

    sameFunction
        (ofFunction 4 (fun x -> f (Tensor.stack [ 2.0 * x[1]; -0.5 * x[0]; 3.0 * x[1] ])))
        (FeatureMap.compose map (ofFunction 3 f))

    sameFunction
        (ofFunction 3 (fun x -> f (Tensor.stack [ x[2]; x[1]; x[0] ])))
        (FeatureMap.compose (FeatureMap.swap 3 0 2) (ofFunction 3 f))

    let refuse map =
        Assert.ThrowsAny<ArgumentException>(fun () -> FeatureMap.compose map (ofFunction 3 f) |> ignore)
        |> ignore

    refuse (FeatureMap.pick 4 [| 0; 1 |])
    refuse (FeatureMap.pick 2 [| 0; 1; 2 |])
    refuse { map with Factors = [| 1.0 |] }

[<Fact>]
let ``a function written in another way is the same function`` () =
    holdsFor 150 (RandomGraphs.graphs true) (fun case ->
        let model = Model.ofFunction case.Length (RandomGraphs.toFunction case)

        match Equivalent.tryRewrite model.Graph.Value with
        | Some other ->
            Assert.NotSame(model.Graph.Value.Output, other.Output)
            sameFunction model.Function other
        | None -> ())

/// The value, the slope and the second derivative of a graph of one number.
let private derivatives (graph: GraphFunction) x =
    let y (x: Tensor) = Graph.substitute [ graph.Input, x.Node ] [ graph.Output ] |> List.head |> Tensor
    [ y; grad (y >> Tensor.sum); hessian (y >> Tensor.sum) ] |> List.map (fun f -> numberOf f [| x |])

[<Fact>]
let ``every function written in another way keeps its value and derivatives also far out`` () =
    for f in elementwise |> List.filter (fun f -> Elementwise.arity f = 1) do
        let graph = (Model.ofFunction 1 (fun x -> Tensor(Node.elementwise f [ x.Node ]))).Graph.Value

        match Equivalent.tryRewrite graph with
        | None -> ()
        | Some other ->
            for x in [ -1e9; -800.0; -30.0; -0.5; 0.0; 0.5; 30.0; 800.0; 1e9 ] do
                let expected = derivatives graph x

                if List.forall Double.IsFinite expected then
                    close 1e-12 (Array.ofList expected) (Array.ofList (derivatives other x))
