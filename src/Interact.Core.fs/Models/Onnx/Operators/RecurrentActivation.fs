/// The activation functions that recurrent operators name.
module internal Interact.Core.Onnx.RecurrentActivation

open Interact.Core

/// A function of one tensor by its name, with its parameters where it takes any: how many, what they are by default, and the function
/// for their values.
let private known: Map<string, float option * float option * (float -> float -> Tensor -> Tensor)> =
    let scalar (value: float) = Tensor.scalar value

    Map.ofList [
        "relu", (None, None, (fun _ _ -> Tensor.relu))
        "tanh", (None, None, (fun _ _ x -> tanh x))
        "sigmoid", (None, None, (fun _ _ -> Tensor.sigmoid))
        "softsign", (None, None, (fun _ _ x -> x / (1.0 + abs x)))
        "softplus", (None, None, (fun _ _ -> Tensor.softplus 1.0))
        "affine", (Some 1.0, Some 0.0, (fun alpha beta x -> alpha * x + beta))
        "leakyrelu", (Some 0.01, None, (fun alpha _ -> ActivationOperators.leaky (scalar alpha)))
        "thresholdedrelu",
        (Some 1.0, None, (fun alpha _ x -> Tensor.where (Tensor.less (scalar alpha) x) x (scalar 0.0)))
        "scaledtanh", (Some 1.0, Some 1.0, (fun alpha beta x -> alpha * tanh (beta * x)))
        "hardsigmoid", (Some 0.2, Some 0.5, ActivationOperators.hardSigmoid)
        "elu",
        (Some 1.0, None, (fun alpha _ x -> ActivationOperators.above x (ActivationOperators.exponentialBelow alpha x)))
    ]

/// The functions of a node, as many as wanted: those it names, or else those of the defaults. Parameters are consumed one after the
/// other by the functions that take them.
let functions (defaults: string list) (context: NodeContext) : (Node -> Node) list =
    let names =
        NodeContext.tryStrings "activations" context
        |> Option.map List.ofArray
        |> Option.defaultValue defaults

    if names.Length <> defaults.Length then
        NodeContext.fail $"it names {names.Length} activations instead of {defaults.Length}; export the model again"

    let parameters name = NodeContext.tryFloats name context |> Option.defaultValue [||] |> List.ofArray

    /// The parameter of a function that has one, and those that are left.
    let take fallback given =
        match fallback, given with
        | None, _ -> 0.0, given
        | Some _, first :: rest -> first, rest
        | Some fallback, [] -> fallback, []

    let rec build names alphas betas =
        match names with
        | [] -> []
        | (name: string) :: rest ->
            match known |> Map.tryFind (name.ToLowerInvariant()) with
            | None ->
                NodeContext.fail $"activation {Quote.name name} is unknown; use one that ONNX lists for the operator"
            | Some(defaultAlpha, defaultBeta, f) ->
                let alpha, alphas = take defaultAlpha alphas
                let beta, betas = take defaultBeta betas
                (fun node -> (f alpha beta (Tensor node)).Node) :: build rest alphas betas

    build names (parameters "activation_alpha") (parameters "activation_beta")
