/// Rows of the operator tables: a model of one node, its operands, and what it should give. A row holds with every real operand in
/// turn as the model's input, and with all of them constant.
module internal Interact.Core.Tests.OperatorCase

open System
open Interact.Core.Tests.OnnxBuilder
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.Results
open Xunit

/// A tensor by its shape and its elements in row-major order.
type Data =
    | Reals of shape: int list * elements: float list
    | Integers of shape: int list * elements: int64 list
    | Booleans of shape: int list * elements: bool list
    /// A real scalar that has to be constant.
    | Setting of float
    /// Real numbers that have to be constant.
    | Settings of float list
    /// An operand that is left out, or a result that is not asked for.
    | Absent

type OperatorCase = {
    /// The operator set; "" is the standard one.
    Domain: string
    Operator: string
    Opset: int
    /// What the row shows.
    About: string
    Attributes: Attribute list
    Operands: Data list
    Results: Data list
    /// Whether the results are smooth in every real operand, to a distance of .1 or more.
    Smooth: bool
} with

    override this.ToString() = $"{this.Operator} {this.Opset}: {this.About}"

let row operator opset about attributes operands results = {
    Domain = ""
    Operator = operator
    Opset = opset
    About = about
    Attributes = attributes
    Operands = operands
    Results = results
    Smooth = true
}

/// The row without its derivatives, which jump near its operands or are infinite there.
let rough case = { case with Smooth = false }

let reals (elements: float list) = Reals([ elements.Length ], elements)
let integers (elements: int64 list) = Integers([ elements.Length ], elements)
let booleans (elements: bool list) = Booleans([ elements.Length ], elements)
let number value = Reals([], [ value ])

/// The index tuples of a shape in row-major order.
let rec coordinates (shape: int list) : int list list =
    match shape with
    | [] -> [ [] ]
    | size :: inner -> [
        for first in 0 .. size - 1 do
            for rest in coordinates inner -> first :: rest
      ]

/// A tensor by the value at each index tuple.
let tabulate (shape: int list) (value: int list -> float) = Reals(shape, coordinates shape |> List.map value)

/// The element at an index tuple.
let at (shape: int list) (elements: float list) (index: int list) =
    elements[List.fold2 (fun offset size i -> offset * size + i) 0 shape index]

/// The import of a file.
let import (bytes: byte[]) = OnnxFile.parse (ReadOnlyMemory bytes) |> ok |> OnnxImport.run Map.empty

let private operandName i = $"operand {i}"
let private resultName i = $"result {i}"

let private constant i data =
    match data with
    | Reals(shape, elements) -> [ Init.doubles (operandName i) shape elements ]
    | Integers(shape, elements) -> [ Init.int64s (operandName i) shape elements ]
    | Booleans(shape, elements) -> [ Init.bools (operandName i) shape elements ]
    | Setting value -> [ Init.doubles (operandName i) [] [ value ] ]
    | Settings values -> [ Init.doubles (operandName i) [ values.Length ] values ]
    | Absent -> []

let private names name data = data |> List.mapi (fun i part -> if part = Absent then "" else name i)

/// The model of a row with one of its operands as its input, or none.
let private modelOf (case: OperatorCase) (explained: int option) =
    let results = case.Results |> names resultName

    let input =
        match explained |> Option.map (fun i -> i, case.Operands[i]) with
        | Some(i, Reals(shape, _)) -> Val.double (operandName i) (shape |> List.map (int64 >> Fixed))
        | _ -> Val.double "unused" [ Fixed 1L ]

    let constants =
        case.Operands
        |> List.mapi (fun i data -> if Some i = explained then [] else constant i data)
        |> List.concat

    let nodes = [ nodeOf case.Domain case.Operator (case.Operands |> names operandName) results case.Attributes ]
    let outputs = results |> List.filter ((<>) "") |> List.map (fun name -> Val.double name [])

    let sets =
        if case.Domain = "" then [ "", case.Opset ] else [ "", max case.Opset 7; case.Domain, case.Opset ]

    file sets (graph nodes [ input ] outputs constants) []

/// The models of a row: with all operands constant, and with each real one as the input.
let models (case: OperatorCase) : byte[] list = [
    modelOf case None

    for i in 0 .. case.Operands.Length - 1 do
        match case.Operands[i] with
        | Reals(_, elements) when not elements.IsEmpty -> modelOf case (Some i)
        | _ -> ()
]

let private truth condition = if condition then 1.0 else 0.0

let private described data =
    match data with
    | Reals(shape, elements) -> shape, elements, Real
    | Integers(shape, elements) -> shape, elements |> List.map float, Integer
    | Booleans(shape, elements) -> shape, elements |> List.map truth, Boolean
    | Setting value -> [], [ value ], Real
    | Settings values -> [ values.Length ], values, Real
    | Absent -> [], [], Real

let private assertResults (case: OperatorCase) (imported: Imported) (supplied: (Node * float[]) list) =
    Assert.Equal<ImportProblem list>([], imported.Problems)

    for expected, (_, value) in List.zip (case.Results |> List.filter ((<>) Absent)) imported.Outputs do
        let shape, elements, elementType = described expected
        let value = Option.get value
        Assert.Equal<int list>(shape, List.ofArray value.Node.Shape)
        Assert.Equal(elementType, value.Type)
        close 1e-13 (Array.ofList elements) (valueWith supplied value.Node)

/// Along a direction the first and second derivative of a weighted sum of the results are those that differences give.
let private assertDerivatives (input: Node) (point: float[]) (output: Node) =
    let f = Model.ofGraph(GraphFunction(input, output, (fun _ -> None))).Function
    let direction = point |> Array.mapi (fun i _ -> cos (float i + 0.4))

    let request = {
        Points = {
            Baseline = point
            Displacement = Array.zeroCreate point.Length
            Output = Array.init f.OutputSize (fun i -> 1.0 + sin (float i))
            Nodes = [| 0.0 |]
        }
        Weights = [| 1.0 |]
        Directions = Along [| direction |]
    }

    let weighted x = [| f.Values [| x |] |> Array.exactlyOne |> inner request.Points.Output |]
    let found = Array.exactlyOne (f.Curvatures [| request |])
    close 1e-7 (slope weighted point direction) [| inner found.Gradients direction |]
    close 1e-5 (bend weighted point direction) found.Curvature

/// Checks one row.
let check (case: OperatorCase) =
    assertResults case (modelOf case None |> import) []

    case.Operands
    |> List.iteri (fun i operand ->
        match operand with
        | Reals(_, elements) when not elements.IsEmpty ->
            let imported = modelOf case (Some i) |> import
            let point = Array.ofList elements
            let input = Option.get imported.Input
            assertResults case imported [ input, point ]

            if case.Smooth then
                for _, value in imported.Outputs do
                    let value = Option.get value
                    if value.Type = Real && value.Node.Size > 0 then assertDerivatives input point value.Node
        | _ -> ())
