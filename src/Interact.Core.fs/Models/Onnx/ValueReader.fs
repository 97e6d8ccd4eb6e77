namespace Interact.Core.Onnx

/// Reads the declarations of values, their types and shapes, from the wire.
[<RequireQualifiedAccess>]
module internal ValueReader =

    let private dim (wire: WireReader) : Dim =
        let mutable dim = Dim.Unknown

        while wire.Next() do
            match wire.Field with
            | 1 -> dim <- Dim.Fixed(wire.Int64 "dim_value")
            | 2 ->
                match wire.String "dim_param" with
                | "" -> ()
                | symbol -> dim <- Dim.Symbol symbol
            | _ -> wire.Skip()

        dim

    let private shape (wire: WireReader) : Dim[] =
        let dims = Repeated<Dim>()

        while wire.Next() do
            match wire.Field with
            | 1 -> dims.Add(wire.Message("dim", dim))
            | _ -> wire.Skip()

        TensorReader.limitRank wire "a value" dims.Count
        dims.ToArray()

    let private tensorType (wire: WireReader) : TypeProto =
        let mutable number = 0
        let mutable dims = None

        while wire.Next() do
            match wire.Field with
            | 1 -> number <- wire.Int32 "elem_type"
            | 2 -> dims <- wire.Once("shape", dims, shape)
            | _ -> wire.Skip()

        TypeProto.Tensor(DataType.ofNumber number, dims)

    let rec private valueType (wire: WireReader) : TypeProto =
        let mutable value = TypeProto.Undeclared

        while wire.Next() do
            match wire.Field with
            | 1 -> value <- wire.Message("tensor_type", tensorType)
            | 4 -> value <- TypeProto.Sequence(wire.Message("sequence_type", elementType))
            | 5 ->
                wire.Skip()
                value <- TypeProto.Map
            | 7 ->
                wire.Skip()
                value <- TypeProto.Opaque
            | 8 ->
                wire.Skip()
                value <- TypeProto.SparseTensor
            | 9 -> value <- TypeProto.Optional(wire.Message("optional_type", elementType))
            | _ -> wire.Skip()

        value

    and private elementType (wire: WireReader) : TypeProto =
        let mutable element = None

        while wire.Next() do
            match wire.Field with
            | 1 -> element <- wire.Once("elem_type", element, valueType)
            | _ -> wire.Skip()

        element |> Option.defaultValue TypeProto.Undeclared

    /// A value's name, which may be empty, and its type.
    let valueInfo (wire: WireReader) : ValueInfo =
        let mutable name = ""
        let mutable declared = None

        while wire.Next() do
            match wire.Field with
            | 1 -> name <- wire.String "name"
            | 2 -> declared <- wire.Once("type", declared, valueType)
            | _ -> wire.Skip()

        { Name = name; Type = declared |> Option.defaultValue TypeProto.Undeclared }

    /// An input or output of a graph, which must have a name.
    let named (wire: WireReader) : ValueInfo =
        let value = valueInfo wire
        if value.Name = "" then wire.Refuse "a value without a name"
        value
