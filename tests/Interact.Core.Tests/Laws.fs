/// What must be true of every operation and of its derivatives, whatever the operation.
module internal Interact.Core.Tests.Laws

open System
open Interact.Core
open Interact.Core.Transform
open Interact.Core.Tests.Numbers
open Xunit

/// An operation on operands of given shapes, and values of these at which it is smooth within a distance of .2.
type Operation = { Build: Node list -> Node; Operands: (Shape * float[]) list }

let private inputs (operation: Operation) =
    operation.Operands |> List.mapi (fun i (shape, _) -> Node.input $"operand{i}" shape)

let private values (operation: Operation) = operation.Operands |> List.map snd

/// All operands in one vector.
let private point (operation: Operation) = values operation |> Array.concat

/// The operation as a function of that vector.
let private onVector (operation: Operation) (x: Tensor) : Tensor =
    let starts = operation.Operands |> List.scan (fun start (shape, _) -> start + Shape.size shape) 0

    (List.truncate operation.Operands.Length starts, operation.Operands)
    ||> List.map2 (fun start (shape, _) ->
        x.Node |> Node.gather 0 [| start .. start + Shape.size shape - 1 |] |> Node.reshape shape)
    |> operation.Build
    |> Tensor

/// Its value is what plain loops give.
let runsAsPlainLoop (operation: Operation) =
    let inputs = inputs operation
    let supplied = List.zip inputs (values operation)
    let node = operation.Build inputs
    close 1e-14 (plainValueWith supplied node) (valueWith supplied node)

/// Its tangents are its slopes.
let hasTangents (operation: Operation) =
    let random = Random 1
    let x = point operation
    let run = runner x.Length (onVector operation)

    for _ in 1..3 do
        let d = uniform random x.Length
        let tangent = valueOf (fun x -> snd (jvp (onVector operation) x (Tensor.ofArray d))) x
        close 1e-8 (slope run x d) tangent

/// Tangents paired with a cotangent give what the direction gives paired with the cotangent pulled back.
let isDual (operation: Operation) =
    let random = Random 2
    let x = point operation
    let size = (onVector operation (Tensor.ofArray x)).Node.Size

    for _ in 1..3 do
        let d = uniform random x.Length
        let c = uniform random size

        let pushed = valueOf (fun x -> snd (jvp (onVector operation) x (Tensor.ofArray d))) x

        let pulled =
            x
            |> valueOf (fun x ->
                let value, pull = vjp (onVector operation) x
                pull (Tensor.create value.Shape c))

        closeTo 1e-13 (inner c pushed) (inner d pulled)

/// A scalar of the operation with second derivatives also where the operation is linear: Σ c·(y + y²/2).
let private scalar (operation: Operation) (x: Tensor) : Tensor =
    let y = onVector operation x
    let c = Tensor.create y.Shape (uniform (Random 3) y.Node.Size)
    Tensor.sum (c * (y + y * y / 2.0))

/// DᵀHD of that scalar is what second differences say, and nested differentiation says the same.
let hasCurvature (operation: Operation) =
    let random = Random 4
    let x = point operation
    let f = scalar operation
    let run = runner x.Length f
    let directions = [| for _ in 1..3 -> uniform random x.Length |]
    let all = Tensor.create [| 3; x.Length |] (Array.concat directions)
    let actual = valueOf (curvature all f) x

    let byDifferences = [|
        for a in directions do
            for b in directions -> bilinear run x a b
    |]

    close 1e-6 byDifferences actual

    let nested = [|
        for a in directions do
            let along = valueOf (fun x -> hvp f x (Tensor.ofArray a)) x
            for b in directions -> inner along b
    |]

    close 1e-12 nested actual

/// A batch gives what a loop over its members gives, whichever of the operands have the batch axis.
let isBatched (operation: Operation) =
    let random = Random 5
    let size = 3
    let operands = Array.ofList operation.Operands
    let inputs = inputs operation
    let node = operation.Build inputs

    let near (values: float[]) =
        Array.map2 (fun value noise -> value + 0.05 * noise) values (uniform random values.Length)

    for subset in 1 .. (1 <<< operands.Length) - 1 do
        let isBatched i = subset &&& (1 <<< i) <> 0

        let members =
            operands
            |> Array.mapi (fun i (_, values) -> Array.init size (fun _ -> if isBatched i then near values else values))

        let batches =
            operands |> Array.mapi (fun i (shape, _) -> Node.input $"batch{i}" (Array.append [| size |] shape))

        let seeds = [
            for i in 0 .. operands.Length - 1 do
                if isBatched i then inputs[i], batches[i]
        ]

        let result = Vmap.apply seeds node
        Assert.Equal<int[]>(Array.append [| size |] node.Shape, result.Shape)

        let supplied = [
            for i in 0 .. operands.Length - 1 ->
                if isBatched i then batches[i], Array.concat members[i] else inputs[i], snd operands[i]
        ]

        let one m =
            let supplied = inputs |> List.mapi (fun i input -> input, members[i].[m])
            valueWith supplied node

        close 1e-14 (Array.collect one [| 0 .. size - 1 |]) (valueWith supplied result)

/// The operation with one of its operands held constant: then the derivative is to take its shape from the result all the same.
let private hold i (operation: Operation) : Operation =
    let shape, values = operation.Operands[i]

    {
        Build = fun others -> operation.Build(List.insertAt i (Node.constant shape (Array.copy values)) others)
        Operands = List.removeAt i operation.Operands
    }

/// Obeys laws, also with any of its operands but one held constant.
let rec private obeysThese (laws: (Operation -> unit) list) (operation: Operation) =
    for law in laws do
        law operation

    if operation.Operands.Length > 1 then
        for i in 0 .. operation.Operands.Length - 1 do
            obeysThese laws (hold i operation)

/// Obeys all laws.
let obeysAll = obeysThese [ runsAsPlainLoop; hasTangents; isDual; hasCurvature; isBatched ]

/// Obeys all laws but those of slopes: a stopped gradient is not the slope, by intention.
let obeysAllButSlopes = obeysThese [ runsAsPlainLoop; isDual; isBatched ]
