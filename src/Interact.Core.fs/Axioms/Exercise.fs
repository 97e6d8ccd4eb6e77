namespace Interact.Core

/// Functions made from a model so that an axiom has something to say of them, and their explanations by the same method.
module internal Exercise =

    /// The same method's explanation of another function or row.
    let explainOther (subject: AxiomSubject) options (f: IDifferentiable) baseline input =
        let task = { subject.Task with Baseline = baseline; Input = input }
        subject.Method options (Model.ofDifferentiable f) [| task |] |> Array.head

    /// A function of one vector as one with as many equal outputs as the model has.
    let companion (subject: AxiomSubject) length (f: Tensor -> Tensor) : IDifferentiable =
        let input = Node.input "x" [| length |]
        let value = f (Tensor input)
        GraphFunction(input, value.Node |> Node.broadcast [| subject.Model.OutputSize |], (fun _ -> None))

    /// A factor that makes a companion's explanation as large as the model's; 1 where either is zero.
    let factorFor (subject: AxiomSubject) (companion: float) =
        if subject.Scale > 0.0 && companion > 0.0 then subject.Scale / companion else 1.0

    /// The model with one more feature: as it was, plus g of the new one alone.
    let private withAdded (subject: AxiomSubject) (added: (float * IDifferentiable) list) =
        let n = subject.Model.InputSize
        let own = FeatureMap.compose (FeatureMap.pick (n + 1) [| 0 .. n - 1 |]) subject.Model.Function

        let others =
            added
            |> List.map (fun (factor, g) -> factor, FeatureMap.compose (FeatureMap.pick (n + 1) [| n |]) g)

        Combination.create ((1.0, own) :: others)

    /// An explanation of the model with one more feature, which goes from -½ to 1.
    let explainAdded (subject: AxiomSubject) added =
        explainOther
            subject
            (Parts.withAddedFeature subject)
            (withAdded subject added)
            (Array.append subject.Task.Baseline [| -0.5 |])
            (Array.append subject.Task.Input [| 1.0 |])

    /// Differences of an explanation with one more part from the original, and the new part's own interactions with the others.
    let besideAdded (subject: AxiomSubject) (extended: Explanation) : float seq =
        let last = subject.Explanation.Attributions.Length

        seq {
            for i in 0 .. last - 1 do
                extended.Attributions[i] - subject.Explanation.Attributions[i]

            match extended.Interactions, subject.Explanation.Interactions with
            | Some matrix, Some original ->
                for i in 0 .. last - 1 do
                    matrix[i, last]
                    matrix[last, i]

                    for j in 0 .. last - 1 do
                        matrix[i, j] - original[i, j]
            | _ -> ()
        }

    /// The interaction of a part with itself; for methods without interactions its attribution.
    let own (explanation: Explanation) part =
        match explanation.Interactions with
        | Some matrix -> matrix[part, part]
        | None -> explanation.Attributions[part]

    /// The two features whose attributions are largest: those that matter.
    let strongestPair (subject: AxiomSubject) =
        let sizes = Parts.featureSizes subject
        let order = Array.init sizes.Length id |> Array.sortBy (fun i -> -sizes[i])
        order[0], order[1]

    /// The model in other coordinates: features in reverse order, every second one halved and the others doubled, which is exact.
    let inOtherCoordinates (subject: AxiomSubject) =
        let n = subject.Model.InputSize

        let map = {
            FeatureMap.pick n (Array.init n (fun i -> n - 1 - i)) with
                Factors = Array.init n (fun i -> if i % 2 = 0 then 2.0 else 0.5)
        }

        /// The row that the map takes to the given one.
        let invert (row: float[]) =
            let result = Array.zeroCreate<float> n
            map.Sources |> Array.iteri (fun i source -> result[source] <- row[i] / map.Factors[i])
            result

        let groups =
            subject.Options.Groups
            |> Option.map (fun groups -> {
                groups with
                    Members = groups.Members |> Array.map (Array.map (fun i -> map.Sources[i]))
            })

        let explanation =
            explainOther
                subject
                { subject.Options with Groups = groups }
                (FeatureMap.compose map subject.Model.Function)
                (invert subject.Task.Baseline)
                (invert subject.Task.Input)

        match subject.Options.Groups with
        | Some _ -> explanation
        | None -> {
            explanation with
                Attributions = Array.init n (fun i -> explanation.Attributions[map.Sources[i]])
                Interactions =
                    explanation.Interactions
                    |> Option.map (fun matrix -> Array2D.init n n (fun i j -> matrix[map.Sources[i], map.Sources[j]]))
          }
