namespace Interact.Core.Onnx

/// All operators that can be imported. A new one is an entry in the table of its family.
module internal OperatorTable =

    /// Versions of the standard operator set that are read; those before `oldest` with a warning.
    let newest = 27L

    /// The first version whose operators are all known to mean what is built here.
    let oldest = 9L

    /// The first version that is read at all.
    let oldestTried = 1L

    let private all =
        [
            ArithmeticOperators.table
            ActivationOperators.table
            LinearOperators.table
            EinsumOperators.table
            ReductionOperators.table
            NormalizationOperators.table
            SelectionOperators.table
            ConvolutionOperators.table
            PoolingOperators.table
            ResizeOperators.table
            LossOperators.table
            StructureOperators.table
            ArrangementOperators.table
            IndexingOperators.table
            RecurrentOperators.table
            AttentionOperators.table
            ControlFlowOperators.table
            MachineLearningOperators.table
        ]
        |> List.concat

    /// Domain, name and first version of every operator that can be imported.
    let entries = all |> List.map (fun operator -> operator.Domain, operator.Name, operator.Since)

    let private treeEnsembles = [ "TreeEnsemble"; "TreeEnsembleClassifier"; "TreeEnsembleRegressor" ]

    /// Why an operator cannot be imported.
    let private refusal domain name =
        if domain = "ai.onnx.ml" && List.contains name treeEnsembles then
            "a tree ensemble is constant between its thresholds, so every gradient is zero and explains nothing; explain a tree model with a Shapley interaction method, or train a network"
        elif domain = "ai.onnx.ml" && name = "ZipMap" then
            "its result is a map, not a tensor; export the model without it (skl2onnx: options zipmap=False)"
        elif domain = "" then
            "the operator is not among those that can be imported; export the model without it"
        else
            $"the operator belongs to {Quote.name domain}, which is not supported, and the file does not define it; export the model with standard ONNX operators"

    let private byName = all |> List.groupBy (fun operator -> operator.Domain, operator.Name) |> dict

    /// The operator as it is in a version of its set.
    let find (domain: string) (name: string) (version: int64) : Result<Operator, string> =
        let entries =
            match byName.TryGetValue((domain, name)) with
            | true, entries -> entries
            | false, _ -> []

        match entries |> List.filter (fun operator -> int64 operator.Since <= version) with
        | _ when entries.IsEmpty -> Error(refusal domain name)
        | [] -> Error $"the operator does not exist in version {version} of the operator set; export the model again"
        | candidates -> Ok(candidates |> List.maxBy _.Since)
