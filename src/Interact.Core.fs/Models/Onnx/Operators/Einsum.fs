/// Products in Einstein's notation.
module internal Interact.Core.Onnx.EinsumOperators

open System
open Interact.Core

/// A factor: a node, and the label of each of its axes.
type private Factor = { Tensor: Node; Labels: int[] }

/// What one term of an equation says: letters before an ellipsis, whether there is one, and letters after it.
type private Term = { Before: char[]; HasEllipsis: bool; After: char[] }

let private wrong equation problem : 'T =
    NodeContext.fail $"equation {Quote.name equation} {problem}; export the model again"

let private parseTerm equation (text: string) =
    let letters (part: string) =
        match part |> Seq.tryFind (Char.IsAsciiLetter >> not) with
        | Some other -> wrong equation $"holds {Quote.name (string other)}, which is no label"
        | None -> part.ToCharArray()

    match text.Split "..." with
    | [| whole |] -> { Before = letters whole; HasEllipsis = false; After = [||] }
    | [| before; after |] -> { Before = letters before; HasEllipsis = true; After = letters after }
    | _ -> wrong equation "has more than one ellipsis in a term"

/// Labels of letters are their codes; those of axes in an ellipsis are negative, -1 for the last.
let private label (letter: char) = int letter

let private letterCount term = term.Before.Length + term.After.Length

let private labels (ellipsis: int) term =
    Array.concat [
        term.Before |> Array.map label
        (if term.HasEllipsis then [| -ellipsis .. -1 |] else [||])
        term.After |> Array.map label
    ]

/// The factor with the diagonal in place of two axes of one label, until no label stands twice.
let rec private withoutRepeats equation (factor: Factor) =
    let repeated =
        factor.Labels
        |> Array.indexed
        |> Array.tryPick (fun (axis, label) ->
            match Array.IndexOf(factor.Labels, label, axis + 1) with
            | -1 -> None
            | other -> Some(axis, other))

    match repeated with
    | None -> factor
    | Some(first, second) ->
        let shape = factor.Tensor.Shape
        let n = shape[first]

        if shape[second] <> n then
            wrong equation $"has a label on axes of {n} and {shape[second]} elements of shape {Shape.describe shape}"

        let others = [| 0 .. shape.Length - 1 |] |> Array.except [ first; second ]
        let pick (values: 'T[]) = others |> Array.map (fun axis -> values[axis])

        withoutRepeats equation {
            Tensor =
                factor.Tensor
                |> Node.transpose (Array.append [| first; second |] others)
                |> Node.reshape (Array.append [| n * n |] (pick shape))
                |> Node.gather 0 (Array.init n (fun i -> i * (n + 1)))
            Labels = Array.append [| factor.Labels[first] |] (pick factor.Labels)
        }

/// The factors without axes of size 1 whose label has another size elsewhere: there they are repeated.
let private withoutRepetition equation (factors: Factor list) =
    let sizeOf =
        factors
        |> Seq.collect (fun factor -> Seq.zip factor.Labels factor.Tensor.Shape)
        |> Seq.groupBy fst
        |> Seq.map (fun (label, sizes) ->
            match sizes |> Seq.map snd |> Seq.distinct |> Seq.filter ((<>) 1) |> List.ofSeq with
            | [] -> label, 1
            | [ size ] -> label, size
            | several ->
                let listed = several |> List.map string |> String.concat " and "
                wrong equation $"has a label on axes of {listed} elements")
        |> Map.ofSeq

    factors
    |> List.map (fun factor ->
        let kept =
            [| 0 .. factor.Labels.Length - 1 |]
            |> Array.filter (fun axis -> factor.Tensor.Shape[axis] = sizeOf[factor.Labels[axis]])

        {
            Tensor = factor.Tensor |> Node.reshape (kept |> Array.map (fun axis -> factor.Tensor.Shape[axis]))
            Labels = kept |> Array.map (fun axis -> factor.Labels[axis])
        })

/// The labels that are in one of the operands alone, in alphabetical order, after the ellipsis: the result where none is given.
let private implicitResult (terms: Term[]) = {
    Before = [||]
    HasEllipsis = terms |> Array.exists _.HasEllipsis
    After =
        terms
        |> Array.collect (fun term -> Array.append term.Before term.After)
        |> Array.countBy id
        |> Array.choose (fun (letter, count) -> if count = 1 then Some letter else None)
        |> Array.sort
}

/// The factors multiplied one after the other; labels that no later factor and no result needs are summed as soon as may be.
let rec private multiplied (output: int[]) (factors: Factor list) : Node =
    match factors with
    | [] -> Node.scalar 1.0
    | [ only ] -> Product.contract { Left = only.Labels; Right = [||]; Output = output } only.Tensor (Node.scalar 1.0)
    | [ a; b ] -> Product.contract { Left = a.Labels; Right = b.Labels; Output = output } a.Tensor b.Tensor
    | a :: b :: rest ->
        let needed = rest |> Seq.collect _.Labels |> Seq.append output |> Set.ofSeq
        let kept = Array.append a.Labels b.Labels |> Array.distinct |> Array.filter needed.Contains
        let product = Product.contract { Left = a.Labels; Right = b.Labels; Output = kept } a.Tensor b.Tensor
        multiplied output ({ Tensor = product; Labels = kept } :: rest)

let private einsum =
    Operator.one 12 "Einsum" (fun context ->
        let equation = (NodeContext.string "equation" "" context).Replace(" ", "")
        let operands = NodeContext.inputs context

        let left, right =
            match equation.Split "->" with
            | [| left |] -> left, None
            | [| left; right |] -> left, Some right
            | _ -> wrong equation "has more than one arrow"

        let terms = left.Split ',' |> Array.map (parseTerm equation)

        if terms.Length <> operands.Length then
            wrong equation $"has {terms.Length} terms for {operands.Length} operands"

        /// The number of axes that an operand's ellipsis stands for.
        let inEllipsis (term: Term) (operand: Value) =
            match operand.Node.Rank - letterCount term with
            | 0 -> 0
            | rest when term.HasEllipsis && rest > 0 -> rest
            | _ -> wrong equation $"does not fit an operand of shape {Shape.describe operand.Node.Shape}"

        let factors =
            List.map2
                (fun term operand ->
                    withoutRepeats equation { Tensor = operand.Node; Labels = labels (inEllipsis term operand) term })
                (List.ofArray terms)
                operands

        let longest = List.map2 inEllipsis (List.ofArray terms) operands |> List.max
        let result = right |> Option.map (parseTerm equation) |> Option.defaultValue (implicitResult terms)
        let output = labels longest result

        match
            output
            |> Array.tryFind (fun label -> not (factors |> List.exists (fun f -> Array.contains label f.Labels)))
        with
        | Some _ -> wrong equation "has a label in its result that no operand has"
        | None when (Array.distinct output).Length < output.Length -> wrong equation "has a label twice in its result"
        | None -> {
            Node = factors |> withoutRepetition equation |> multiplied output
            Type = ArithmeticOperators.joint operands
          })

let table: Operator list = [ einsum ]
