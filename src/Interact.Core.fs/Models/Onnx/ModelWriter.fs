namespace Interact.Core.Onnx

open System
open Interact.Core

/// Writes the records of a file as the bytes that ModelReader reads back to the same records. The same records give the same bytes.
[<RequireQualifiedAccess>]
module internal ModelWriter =

    let private text field (value: string) (wire: WireWriter) = if value <> "" then wire.String(field, value)

    let private all field (items: 'T seq) (write: 'T -> WireWriter -> unit) (wire: WireWriter) =
        for item in items do
            wire.Message(field, write item)

    let private entry (entry: Entry) (wire: WireWriter) =
        text 1 entry.Key wire
        text 2 entry.Value wire

    let private tensor (tensor: TensorProto) (wire: WireWriter) =
        wire.Int64s(1, tensor.Dims)
        wire.Int64(2, int64 (DataType.number tensor.DataType))
        text 8 tensor.Name wire

        match tensor.Content with
        | TensorContent.Absent -> ()
        | TensorContent.Raw bytes -> wire.Bytes(9, bytes.Span)
        | TensorContent.Floats values -> wire.Fixed(4, values)
        | TensorContent.Doubles values -> wire.Fixed(10, values)
        | TensorContent.Int32s values -> wire.Int64s(5, values |> Seq.map int64)
        | TensorContent.Int64s values -> wire.Int64s(7, values)
        | TensorContent.UInt64s values -> wire.Int64s(11, values |> Seq.map int64)
        | TensorContent.External entries ->
            all 13 entries entry wire
            wire.Int64(14, 1L)
        | TensorContent.Strings _
        | TensorContent.Unreadable _ ->
            Checks.invalid (nameof tensor) $"constant {Quote.name tensor.Name} has elements that were not read."

    let private dim (dim: Dim) (wire: WireWriter) =
        match dim with
        | Fixed size -> wire.Int64(1, size)
        | Symbol name -> wire.String(2, name)
        | Unknown -> ()

    let rec private typeOf (info: TypeProto) (wire: WireWriter) =
        match info with
        | TypeProto.Tensor(elementType, shape) ->
            wire.Message(
                1,
                fun wire ->
                    wire.Int64(1, int64 (DataType.number elementType))
                    shape |> Option.iter (fun dims -> wire.Message(2, all 1 dims dim))
            )
        | TypeProto.Sequence element -> wire.Message(4, (fun wire -> wire.Message(1, typeOf element)))
        | TypeProto.Optional element -> wire.Message(9, (fun wire -> wire.Message(1, typeOf element)))
        | TypeProto.Undeclared -> ()
        | TypeProto.SparseTensor
        | TypeProto.Map
        | TypeProto.Opaque ->
            Checks.invalid (nameof info) "only tensors, sequences and optional values can be declared."

    let private valueInfo (info: ValueInfo) (wire: WireWriter) =
        text 1 info.Name wire
        wire.Message(2, typeOf info.Type)

    let private opsetImport (import: OpsetImport) (wire: WireWriter) =
        wire.String(1, import.Domain)
        wire.Int64(2, import.Version)

    let rec private attribute (attribute: AttributeProto) (wire: WireWriter) =
        wire.String(1, attribute.Name)

        let ofType (number: int) = wire.Int64(20, int64 number)

        match attribute.Value with
        | AttributeValue.Float value ->
            wire.Float32(2, value)
            ofType 1
        | AttributeValue.Int value ->
            wire.Int64(3, value)
            ofType 2
        | AttributeValue.String value ->
            wire.String(4, value)
            ofType 3
        | AttributeValue.Tensor value ->
            wire.Message(5, tensor value)
            ofType 4
        | AttributeValue.Graph value ->
            wire.Message(6, graph value)
            ofType 5
        | AttributeValue.Floats values ->
            wire.Fixed(7, values)
            ofType 6
        | AttributeValue.Ints values ->
            wire.Int64s(8, values)
            ofType 7
        | AttributeValue.Strings values ->
            values |> Array.iter (fun value -> wire.String(9, value))
            ofType 8
        | AttributeValue.Tensors values ->
            all 10 values tensor wire
            ofType 9
        | AttributeValue.Graphs values ->
            all 11 values graph wire
            ofType 10
        | AttributeValue.Reference name -> wire.String(21, name)
        | AttributeValue.Unsupported _ ->
            Checks.invalid (nameof attribute) $"attribute {Quote.name attribute.Name} is of a type that was not read."

    and private node (node: NodeProto) (wire: WireWriter) =
        node.Inputs |> Array.iter (fun name -> wire.String(1, name))
        node.Outputs |> Array.iter (fun name -> wire.String(2, name))
        text 3 node.Name wire
        wire.String(4, node.OpType)
        all 5 node.Attributes attribute wire
        text 7 node.Domain wire

    and private graph (graph: GraphProto) (wire: WireWriter) =
        Checks.require (graph.SparseInitializers = 0) (nameof graph) (fun () -> "sparse constants were not read.")
        all 1 graph.Nodes node wire
        text 2 graph.Name wire
        all 5 graph.Initializers tensor wire
        all 11 graph.Inputs valueInfo wire
        all 12 graph.Outputs valueInfo wire
        all 13 graph.Values valueInfo wire

    let private functionDefinition (definition: FunctionProto) (wire: WireWriter) =
        wire.String(1, definition.Name)
        definition.Inputs |> Array.iter (fun name -> wire.String(4, name))
        definition.Outputs |> Array.iter (fun name -> wire.String(5, name))
        definition.RequiredAttributes |> Array.iter (fun name -> wire.String(6, name))
        all 7 definition.Nodes node wire
        all 9 definition.OpsetImports opsetImport wire
        text 10 definition.Domain wire
        all 11 definition.DefaultAttributes attribute wire

    /// The bytes of a whole file.
    /// Error: ArgumentException where the records stand for something that the reader does not keep (strings, sparse constants).
    let bytes (model: ModelProto) : byte[] =
        let wire = WireWriter()
        wire.Int64(1, model.IrVersion)
        text 2 model.ProducerName wire
        text 3 model.ProducerVersion wire
        wire.Message(7, graph model.Graph)
        all 8 model.OpsetImports opsetImport wire
        all 14 model.Metadata entry wire
        all 25 model.Functions functionDefinition wire
        wire.ToArray()
