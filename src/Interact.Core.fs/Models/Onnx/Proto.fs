// What an ONNX file says, as immutable records: the messages of onnx.proto without their documentation strings and
// training information. Arrays are never null, absent names are "", and the standard operators' domain is "", which
// files also write "ai.onnx".
namespace Interact.Core.Onnx

open System

/// What may be done with the elements of a type.
[<RequireQualifiedAccess>]
type ElementKind =
    /// Read as double.
    | Floating
    /// Read as 64-bit integers; truth values among them.
    | Integer
    /// Strings, complex numbers, and numbers of less than 8 bits or of 8 bits and floating.
    | Unsupported

/// The element types of ONNX.
[<RequireQualifiedAccess>]
type DataType =
    | Undefined
    | Float
    | UInt8
    | Int8
    | UInt16
    | Int16
    | Int32
    | Int64
    | String
    | Bool
    | Float16
    | Double
    | UInt32
    | UInt64
    | Complex64
    | Complex128
    | BFloat16
    | Float8E4M3FN
    | Float8E4M3FNUZ
    | Float8E5M2
    | Float8E5M2FNUZ
    | UInt4
    | Int4
    | Float4E2M1
    | Float8E8M0
    | UInt2
    | Int2
    /// A number that ONNX gives to no type.
    | Unknown of number: int

/// The numbers and names that ONNX gives its element types.
[<RequireQualifiedAccess>]
module DataType =

    let private inOrder = [|
        DataType.Undefined
        DataType.Float
        DataType.UInt8
        DataType.Int8
        DataType.UInt16
        DataType.Int16
        DataType.Int32
        DataType.Int64
        DataType.String
        DataType.Bool
        DataType.Float16
        DataType.Double
        DataType.UInt32
        DataType.UInt64
        DataType.Complex64
        DataType.Complex128
        DataType.BFloat16
        DataType.Float8E4M3FN
        DataType.Float8E4M3FNUZ
        DataType.Float8E5M2
        DataType.Float8E5M2FNUZ
        DataType.UInt4
        DataType.Int4
        DataType.Float4E2M1
        DataType.Float8E8M0
        DataType.UInt2
        DataType.Int2
    |]

    /// The type of that number in onnx.proto.
    let ofNumber (number: int) =
        if number >= 0 && number < inOrder.Length then inOrder[number] else DataType.Unknown number

    /// The number of the type in onnx.proto.
    let number (dataType: DataType) =
        match dataType with
        | DataType.Unknown number -> number
        | known -> Array.IndexOf(inOrder, known)

    /// The name of the type in onnx.proto: "FLOAT", "FLOAT8E4M3FN".
    let name (dataType: DataType) =
        match dataType with
        | DataType.Unknown number -> $"number {number}"
        | known -> (string known).ToUpperInvariant()

    /// What may be done with elements of the type.
    let kind (dataType: DataType) =
        match dataType with
        | DataType.Float
        | DataType.Double
        | DataType.Float16
        | DataType.BFloat16 -> ElementKind.Floating
        | DataType.Int64
        | DataType.Int32
        | DataType.Int16
        | DataType.Int8
        | DataType.UInt64
        | DataType.UInt32
        | DataType.UInt16
        | DataType.UInt8
        | DataType.Bool -> ElementKind.Integer
        | DataType.Undefined
        | DataType.String
        | DataType.Complex64
        | DataType.Complex128
        | DataType.Float8E4M3FN
        | DataType.Float8E4M3FNUZ
        | DataType.Float8E5M2
        | DataType.Float8E5M2FNUZ
        | DataType.UInt4
        | DataType.Int4
        | DataType.Float4E2M1
        | DataType.Float8E8M0
        | DataType.UInt2
        | DataType.Int2
        | DataType.Unknown _ -> ElementKind.Unsupported

    /// Bytes of an element in raw data; None where an element has no bytes of its own.
    let byteSize (dataType: DataType) : int option =
        match dataType with
        | DataType.UInt8
        | DataType.Int8
        | DataType.Bool
        | DataType.Float8E4M3FN
        | DataType.Float8E4M3FNUZ
        | DataType.Float8E5M2
        | DataType.Float8E5M2FNUZ
        | DataType.Float8E8M0 -> Some 1
        | DataType.UInt16
        | DataType.Int16
        | DataType.Float16
        | DataType.BFloat16 -> Some 2
        | DataType.Float
        | DataType.Int32
        | DataType.UInt32 -> Some 4
        | DataType.Double
        | DataType.Int64
        | DataType.UInt64
        | DataType.Complex64 -> Some 8
        | DataType.Complex128 -> Some 16
        | DataType.Undefined
        | DataType.String
        | DataType.UInt4
        | DataType.Int4
        | DataType.Float4E2M1
        | DataType.UInt2
        | DataType.Int2
        | DataType.Unknown _ -> None

/// A key and its value, as in a model's metadata and in the description of external data.
type Entry = { Key: string; Value: string }

/// Where a tensor's elements are, row-major; which field holds which type is onnx.proto's business, and TensorData's.
[<RequireQualifiedAccess>]
type TensorContent =
    /// No elements at all.
    | Absent
    /// Little-endian elements without gaps; a view of the file's bytes, not a copy.
    | Raw of bytes: ReadOnlyMemory<byte>
    | Floats of float32[]
    | Doubles of float[]
    | Int32s of int32[]
    | Int64s of int64[]
    | UInt64s of uint64[]
    /// Only counted: no number can be made of them.
    | Strings of count: int
    /// In another file, which the entries name: "location", "offset", "length".
    | External of Entry[]
    /// In another file that cannot be read, and why: the end of a sentence that begins with the tensor.
    | Unreadable of problem: string

/// A constant: an initializer, or the value of an attribute.
type TensorProto = {
    Name: string
    DataType: DataType
    /// At most 32 sizes, as the file has them: they may be negative or promise what is not there.
    Dims: int64[]
    Content: TensorContent
}

/// One axis of a declared shape.
type Dim =
    | Fixed of size: int64
    /// An unknown size; axes of one symbol are of one size.
    | Symbol of name: string
    | Unknown

/// The declared type of a value.
[<RequireQualifiedAccess>]
type TypeProto =
    /// A tensor of at most 32 axes, or of an unknown number of them.
    | Tensor of elementType: DataType * shape: Dim[] option
    | SparseTensor
    | Sequence of element: TypeProto
    | Optional of element: TypeProto
    | Map
    | Opaque
    | Undeclared

/// A value's name and declared type.
type ValueInfo = { Name: string; Type: TypeProto }

/// A set of operators that nodes rely on.
type OpsetImport = { Domain: string; Version: int64 }

/// What an attribute holds.
[<RequireQualifiedAccess>]
type AttributeValue =
    | Float of float32
    | Int of int64
    | String of string
    | Tensor of TensorProto
    | Graph of GraphProto
    | Floats of float32[]
    | Ints of int64[]
    | Strings of string[]
    | Tensors of TensorProto[]
    | Graphs of GraphProto[]
    /// In a function: the value of the calling node's attribute of that name.
    | Reference of name: string
    /// A value of a type that is not read (sparse tensors, types), by its number in onnx.proto.
    | Unsupported of number: int

/// A named constant of a node; the names in one node differ.
and AttributeProto = { Name: string; Value: AttributeValue }

/// One application of an operator. An input or output named "" is left out.
and NodeProto = {
    Name: string
    OpType: string
    Domain: string
    Inputs: string[]
    Outputs: string[]
    Attributes: AttributeProto[]
}

/// Nodes, constants and the named values that go in and out. Names may still be double, missing or in a cycle.
and GraphProto = {
    Name: string
    Nodes: NodeProto[]
    Initializers: TensorProto[]
    /// How many initializers are sparse; they are not read.
    SparseInitializers: int
    Inputs: ValueInfo[]
    Outputs: ValueInfo[]
    /// Declared types of inner values.
    Values: ValueInfo[]
}

/// An operator that the file defines by nodes.
type FunctionProto = {
    Name: string
    Domain: string
    Inputs: string[]
    Outputs: string[]
    /// Names of the attributes that a caller must give.
    RequiredAttributes: string[]
    /// Attributes that a caller may give, with their values when it does not.
    DefaultAttributes: AttributeProto[]
    Nodes: NodeProto[]
    OpsetImports: OpsetImport[]
}

/// A whole file.
type ModelProto = {
    IrVersion: int64
    /// At least one; each domain has one version.
    OpsetImports: OpsetImport[]
    ProducerName: string
    ProducerVersion: string
    Graph: GraphProto
    Functions: FunctionProto[]
    Metadata: Entry[]
}
