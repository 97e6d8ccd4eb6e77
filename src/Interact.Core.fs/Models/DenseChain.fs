namespace Interact.Core

open System
open System.Collections.Generic
open Interact.Core.Execution
open Interact.Core.Transform

/// A layer: an affine map, and a function of each of its results by itself.
type internal DenseLayer = {
    /// What the layer is a function of.
    Input: Node
    /// The result of the affine map.
    Affine: Node
    /// The result of the activation; the affine map's where there is none.
    Activated: Node
}

/// Models that are a chain of layers, each a function of the one before alone.
[<RequireQualifiedAccess>]
module internal DenseChain =

    /// Weights that are looked at; a convolution over an image may stand for many more.
    let private mostWeights = 1L <<< 26

    let private isSame (a: Node) (b: Node) = obj.ReferenceEquals(a, b)

    /// Whether the node maps values by one constant for each: that belongs to the weights, while one for all may be part of an activation.
    let private isScaling (depends: Node -> bool) (node: Node) =
        match node.Primitive with
        | Elementwise(Add | Subtract | Multiply | Divide) ->
            let constants = node.Operands |> Array.filter (depends >> not)

            constants.Length = 1
            && match Node.tryValue constants[0] with
               | Some values -> values |> Array.exists (fun value -> value <> values[0])
               | None -> true
        | _ -> false

    /// The last node that is a function of each element of another by itself, and through which alone the output depends on it; None
    /// where there is none.
    let private activation (affine: Node) (output: Node) : Node option =
        let nodes = Graph.dependents [ affine ] [ output ]
        let position = Dictionary<Node, int>(HashIdentity.Reference)
        nodes |> Array.iteri (fun i node -> position[node] <- i)
        let depends (node: Node) = position.ContainsKey node
        let region = HashSet<Node>([ affine ], HashIdentity.Reference)
        let lastUse = Array.zeroCreate<int> nodes.Length

        for i in 0 .. nodes.Length - 1 do
            for operand in nodes[i].Operands do
                if depends operand then lastUse[position[operand]] <- i

        let isByElement (node: Node) =
            match node.Primitive with
            | Elementwise _ ->
                node.Operands
                |> Array.forall (fun operand ->
                    not (depends operand) || (region.Contains operand && operand.Shape = node.Shape))
            | _ -> false

        let mutable found = affine
        let mutable reach = 0

        for i in 0 .. nodes.Length - 1 do
            if isByElement nodes[i] then region.Add nodes[i] |> ignore<bool>
            if reach <= i && region.Contains nodes[i] then found <- nodes[i]
            reach <- max reach lastUse[i]

        while not (isSame found affine) && isScaling depends found do
            found <- found.Operands |> Array.find depends

        if isSame found affine then None else Some found

    /// The layers from the input to the output, with inputs that are held in their places; or why the model is no chain of layers.
    let tryFind (model: Model) : Result<DenseLayer list, string> =
        let refuse what =
            Error
                $"the model is not a chain of dense layers: {what}; use integrated Hessians, which take any differentiable model"

        match model.Graph with
        | None -> refuse "its derivatives come from outside, and its weights are not known"
        | Some graph ->
            let output = graph.HoldingOutput

            let rec layers found (input: Node) =
                let affine = AffinePrefix.find input output

                if isSame affine output then
                    Ok(List.rev ({ Input = input; Affine = affine; Activated = affine } :: found))
                else
                    match activation affine output with
                    | Some activated ->
                        let found = { Input = input; Affine = affine; Activated = activated } :: found
                        if isSame activated output then Ok(List.rev found) else layers found activated
                    | None ->
                        let place =
                            graph.Describe affine
                            |> Option.map (fun name -> $"after {name}")
                            |> Option.defaultValue $"after a value of shape {Shape.describe affine.Shape}"

                        refuse $"{place} comes no function of each unit by itself"

            if Graph.dependents [ graph.Input ] [ output ] |> Array.exists (isSame output) then
                layers [] graph.Input
            else
                refuse "its output does not depend on the input"

    /// The layers from the input to the output. Error: ArgumentException for a model that is no chain of layers.
    let find (model: Model) : DenseLayer list =
        match tryFind model with
        | Ok layers -> layers
        | Error problem -> Checks.invalid (nameof model) $"{problem}."

    /// The matrix of a layer's affine map: units x inputs. Error: ArgumentException where it has more than 2^26 elements.
    let weights (layer: DenseLayer) : float[,] =
        let inputs, units = layer.Input.Size, layer.Affine.Size

        Checks.require (int64 inputs * int64 units <= mostWeights) "model" (fun () ->
            $"a layer of {inputs} x {units} weights is too large to look at; 2^26 of them are the most.")

        let direction = Node.input "direction" layer.Input.Shape
        let each = Node.identity inputs |> Node.reshape (Array.append [| inputs |] layer.Input.Shape)

        let columns =
            Jvp.apply layer.Input direction layer.Affine |> Vmap.apply [ direction, each ] |> Run.constant

        Array2D.init units inputs (fun unit input -> columns[input * units + unit])
