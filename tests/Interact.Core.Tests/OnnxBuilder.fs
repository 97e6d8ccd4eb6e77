/// Builds ONNX files from descriptions of nodes, values and constants, for every test that needs a model:
///
///     model 13 [ node "Tanh" [ "x" ] [ "y" ] [] ] [ Val.float "x" [ Symbol "N"; Fixed 3L ] ] [ "y" ] []
///
/// What has no function here can be built from Field, in the numbers of onnx.proto.
module Interact.Core.Tests.OnnxBuilder

open System
open System.Runtime.InteropServices
open System.Text
open Interact.Core.Onnx

/// Protobuf's wire format. Each function but varint gives one field; a message is its fields one after another.
module Field =

    /// Seven bits a byte, the lowest first.
    let rec varint (value: uint64) : byte[] =
        if value < 0x80UL then
            [| byte value |]
        else
            Array.append [| byte value ||| 0x80uy |] (varint (value >>> 7))

    let private tag number wireType = varint (uint64 number <<< 3 ||| wireType)

    let int64 (number: int) (value: int64) = Array.append (tag number 0UL) (varint (uint64 value))
    let int number (value: int) = int64 number (Operators.int64 value)
    let float32 number (value: float32) = Array.append (tag number 5UL) (BitConverter.GetBytes value)
    let float64 number (value: float) = Array.append (tag number 1UL) (BitConverter.GetBytes value)
    let bytes number (value: byte[]) = Array.concat [ tag number 2UL; varint (uint64 value.Length); value ]
    let text number (value: string) = bytes number (Encoding.UTF8.GetBytes value)
    let message number (fields: byte[] seq) = bytes number (Array.concat fields)

    /// The numbers of a repeated field in one block.
    let packedInts number (values: int64 seq) = values |> Seq.map (uint64 >> varint) |> message number

    /// The numbers of a repeated field in one block, as they are in memory.
    let packed number (values: 'T[]) = bytes number (MemoryMarshal.AsBytes(ReadOnlySpan<'T> values).ToArray())

/// An encoded constant, attribute, node, graph or function.
type Constant = Constant of byte[]

type Attribute = Attribute of byte[]
type Node = Node of byte[]
type Graph = Graph of byte[]
type Function = Function of byte[]

/// A value's name, element type and axes.
type Value = string * DataType * Dim list

/// Inputs and outputs with the element types that most models have.
module Val =

    let float name axes : Value = name, DataType.Float, axes
    let double name axes : Value = name, DataType.Double, axes
    let int64 name axes : Value = name, DataType.Int64, axes
    let bool name axes : Value = name, DataType.Bool, axes

/// Constants: initializers, or, named "", values of attributes. Dims [] makes a scalar.
module Init =

    /// A constant whose elements are in the given field.
    let ofField (name: string) (dataType: DataType) (dims: int list) (elements: byte[]) =
        Constant(
            Array.concat [
                yield! dims |> List.map (Field.int 1)
                Field.int 2 (DataType.number dataType)
                elements
                Field.text 8 name
            ]
        )

    /// A constant of any type from the bytes of its elements.
    let raw name dataType dims (elements: byte[]) = ofField name dataType dims (Field.bytes 9 elements)

    let private rawOf dataType name dims (elements: 'T[]) = ofField name dataType dims (Field.packed 9 elements)

    let floats name dims (elements: float seq) =
        rawOf DataType.Float name dims (elements |> Seq.map float32 |> Array.ofSeq)

    let doubles name dims (elements: float seq) = rawOf DataType.Double name dims (Array.ofSeq elements)
    let int64s name dims (elements: int64 seq) = rawOf DataType.Int64 name dims (Array.ofSeq elements)
    let int32s name dims (elements: int seq) = rawOf DataType.Int32 name dims (Array.ofSeq elements)

    let bools name dims (elements: bool seq) =
        rawOf DataType.Bool name dims (elements |> Seq.map (fun element -> if element then 1uy else 0uy) |> Array.ofSeq)

    /// As floats, in float_data.
    let floatsTyped name dims (elements: float seq) =
        ofField name DataType.Float dims (Field.packed 4 (elements |> Seq.map float32 |> Array.ofSeq))

    /// As doubles, in double_data.
    let doublesTyped name dims (elements: float seq) =
        ofField name DataType.Double dims (Field.packed 10 (Array.ofSeq elements))

    /// As int64s, in int64_data.
    let int64sTyped name dims (elements: int64 seq) = ofField name DataType.Int64 dims (Field.packedInts 7 elements)

    /// As int32s, in int32_data.
    let int32sTyped name dims (elements: int seq) =
        ofField name DataType.Int32 dims (Field.packedInts 5 (elements |> Seq.map int64))

    /// A constant that says its elements are in another file.
    let external name dataType dims (location: string) =
        ofField
            name
            dataType
            dims
            (Array.append (Field.message 13 [ Field.text 1 "location"; Field.text 2 location ]) (Field.int 14 1))

/// Attributes of a node.
module Attr =

    let private attribute name number fields =
        Attribute(Array.concat [ Field.text 1 name; yield! fields; Field.int 20 number ])

    let float name (value: float) = attribute name 1 [ Field.float32 2 (float32 value) ]
    let int64 name (value: int64) = attribute name 2 [ Field.int64 3 value ]
    let int name (value: int) = attribute name 2 [ Field.int 3 value ]
    let string name (value: string) = attribute name 3 [ Field.text 4 value ]
    let tensor name (Constant value) = attribute name 4 [ Field.bytes 5 value ]
    let graph name (Graph value) = attribute name 5 [ Field.bytes 6 value ]
    let floats name (values: float list) = attribute name 6 (values |> List.map (float32 >> Field.float32 7))
    let ints name (values: int list) = attribute name 7 (values |> List.map (Field.int 8))
    let strings name (values: string list) = attribute name 8 (values |> List.map (Field.text 9))

    let tensors name (values: Constant list) =
        attribute name 9 [
            for Constant value in values do
                Field.bytes 10 value
        ]

    let graphs name (values: Graph list) =
        attribute name 10 [
            for Graph value in values do
                Field.bytes 11 value
        ]

    /// In a function: the value of the calling node's attribute, whose type is given by its number.
    let reference name number (callers: string) = attribute name number [ Field.text 21 callers ]

let private value number (name: string) (declaredType: byte[] list) =
    Field.message number [ Field.text 1 name; Field.message 2 declaredType ]

let private tensorType (dataType: DataType) (shape: byte[] list) =
    Field.message 1 (Field.int 1 (DataType.number dataType) :: shape)

let private dim axis =
    match axis with
    | Fixed size -> Field.message 1 [ Field.int64 1 size ]
    | Symbol name -> Field.message 1 [ Field.text 2 name ]
    | Unknown -> Field.message 1 []

let private shaped number ((name, dataType, axes): Value) =
    value number name [ tensorType dataType [ Field.message 2 (axes |> List.map dim) ] ]

/// An operator of any domain; an input named "" is left out.
let nodeOf domain (operator: string) (inputs: string list) (outputs: string list) (attributes: Attribute list) =
    Node(
        Array.concat [
            yield! inputs |> List.map (Field.text 1)
            yield! outputs |> List.map (Field.text 2)
            Field.text 4 operator
            for Attribute attribute in attributes do
                Field.bytes 5 attribute
            if domain <> "" then Field.text 7 domain
        ]
    )

/// A standard operator; an input named "" is left out.
let node operator inputs outputs attributes = nodeOf "" operator inputs outputs attributes

/// The node with a name of its own.
let named (name: string) (Node fields) = Node(Array.append fields (Field.text 3 name))

let private graphOf nodes (inputs: Value list) (outputs: byte[] list) constants =
    Graph(
        Array.concat [
            for Node node in nodes do
                Field.bytes 1 node
            Field.text 2 "graph"
            for Constant constant in constants do
                Field.bytes 5 constant
            yield! inputs |> List.map (shaped 11)
            yield! outputs
        ]
    )

/// A graph of its own, as the branches of If are.
let graph nodes inputs (outputs: Value list) constants =
    graphOf nodes inputs (outputs |> List.map (shaped 12)) constants

let private import (domain: string, version: int) = Field.message 8 [ Field.text 1 domain; Field.int 2 version ]

/// A function: an operator of the file's own.
let functionOf domain (name: string) imports inputs outputs (required: string list) (defaults: Attribute list) nodes =
    Function(
        Array.concat [
            Field.text 1 name
            yield! inputs |> List.map (Field.text 4)
            yield! outputs |> List.map (Field.text 5)
            yield! required |> List.map (Field.text 6)
            for Node node in nodes do
                Field.bytes 7 node
            for operatorDomain, version: int in imports do
                Field.message 9 [ Field.text 1 operatorDomain; Field.int 2 version ]
            Field.text 10 domain
            for Attribute attribute in defaults do
                Field.bytes 11 attribute
        ]
    )

/// A file from its operator sets, by domain and version, its graph and its functions.
let file (imports: (string * int) list) (Graph graph) (functions: Function list) : byte[] =
    Array.concat [
        Field.int 1 8
        Field.text 2 "OnnxBuilder"
        Field.bytes 7 graph
        yield! imports |> List.map import
        for Function definition in functions do
            Field.bytes 25 definition
    ]

/// A file of standard operators, with the declared types of its outputs.
let modelWith (opset: int) nodes inputs outputs constants = file [ "", opset ] (graph nodes inputs outputs constants) []

/// A file of standard operators; its outputs are declared with the element type of its first input, and no shape.
let model (opset: int) nodes (inputs: Value list) (outputs: string list) constants : byte[] =
    let dataType =
        match inputs with
        | (_, dataType, _) :: _ -> dataType
        | [] -> DataType.Float

    let outputs = outputs |> List.map (fun name -> value 12 name [ tensorType dataType [] ])
    file [ "", opset ] (graphOf nodes inputs outputs constants) []
