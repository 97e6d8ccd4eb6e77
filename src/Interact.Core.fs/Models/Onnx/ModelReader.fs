namespace Interact.Core.Onnx

open System.Collections.Generic
open System.Numerics

/// Reads models, and the graphs, nodes, attributes and functions in them, from the wire.
[<RequireQualifiedAccess>]
module internal ModelReader =

    let private standardDomain domain = if domain = "ai.onnx" then "" else domain

    let private calledDomain domain = Quote.name (if domain = "" then "ai.onnx" else domain)

    /// Most nodes have no name of their own, and are known by what they write.
    let private calledNode name (outputs: Repeated<string>) =
        if name = "" && outputs.Count > 0 then
            $"the node that writes {Quote.name (outputs.ToArray()[0])}"
        else
            $"node {Quote.name name}"

    let private opsetImport (wire: WireReader) : OpsetImport =
        let mutable domain = ""
        let mutable version = 0L

        while wire.Next() do
            match wire.Field with
            | 1 -> domain <- standardDomain (wire.String "domain")
            | 2 -> version <- wire.Int64 "version"
            | _ -> wire.Skip()

        if version < 1L then wire.Refuse $"operator set {calledDomain domain} has the version {version}"

        { Domain = domain; Version = version }

    /// The attribute type, by its number, that keeps its value in a field; 0 for the other fields of an attribute.
    let private typeOfField field =
        match field with
        | 2 -> 1
        | 3 -> 2
        | 4 -> 3
        | 5 -> 4
        | 6 -> 5
        | 7 -> 6
        | 8 -> 7
        | 9 -> 8
        | 10 -> 9
        | 11 -> 10
        | 14 -> 13
        | 15 -> 14
        | 22 -> 11
        | 23 -> 12
        | _ -> 0

    /// The attribute's type: the stated one, or that of the only value. Writers of the first ONNX releases state none,
    /// and some writers leave out a value that is 0 or empty; a value of another type than the stated one is refused.
    let private attributeType (wire: WireReader) name stated present =
        let found = present >>> 1 <<< 1

        let number =
            if stated = 0 && BitOperations.IsPow2(found: int) then BitOperations.Log2(uint found) else stated

        if number < 1 || number > 14 then
            wire.Refuse $"attribute {Quote.name name} is of the unknown type {number}"

        if found &&& ~~~(1 <<< number) <> 0 then
            wire.Refuse $"attribute {Quote.name name} holds a value of another type than it says"

        number

    let private given (wire: WireReader) name (value: 'T option) =
        match value with
        | Some value -> value
        | None -> wire.Refuse $"attribute {Quote.name name} has no value"

    /// A name that two of the attributes have.
    let private duplicate (attributes: AttributeProto[]) =
        if attributes.Length < 2 then
            None
        else
            let names = HashSet<string>()

            attributes
            |> Array.tryFind (fun attribute -> not (names.Add attribute.Name))
            |> Option.map (fun attribute -> attribute.Name)

    let rec private attribute (wire: WireReader) : AttributeProto =
        let mutable name = ""
        let mutable reference = ""
        let mutable stated = 0
        let mutable present = 0
        let mutable number = 0.0f
        let mutable integer = 0L
        let mutable text = ""
        let mutable constant = None
        let mutable body = None
        let floats = FixedWidths()
        let ints = Repeated<int64>()
        let strings = Repeated<string>()
        let tensors = Repeated<TensorProto>()
        let graphs = Repeated<GraphProto>()

        while wire.Next() do
            present <- present ||| (1 <<< typeOfField wire.Field)

            match wire.Field with
            | 1 -> name <- wire.String "name"
            | 2 -> number <- wire.Float32 "f"
            | 3 -> integer <- wire.Int64 "i"
            | 4 -> text <- wire.String "s"
            | 5 -> constant <- wire.Once("t", constant, TensorReader.tensor)
            | 6 -> body <- wire.Once("g", body, graph)
            | 7 -> wire.Float32s("floats", floats)
            | 8 -> wire.Int64s("ints", ints)
            | 9 -> strings.Add(wire.String "strings")
            | 10 -> tensors.Add(wire.Message("tensors", TensorReader.tensor))
            | 11 -> graphs.Add(wire.Message("graphs", graph))
            | 20 -> stated <- wire.Int32 "type"
            | 21 -> reference <- wire.String "ref_attr_name"
            | _ -> wire.Skip()

        if name = "" then wire.Refuse "an attribute without a name"

        let value =
            if reference <> "" then
                if present > 1 then
                    wire.Refuse $"attribute {Quote.name name} has both a value and a reference to one"

                AttributeValue.Reference reference
            else
                match attributeType wire name stated present with
                | 1 -> AttributeValue.Float number
                | 2 -> AttributeValue.Int integer
                | 3 -> AttributeValue.String text
                | 4 -> AttributeValue.Tensor(given wire name constant)
                | 5 -> AttributeValue.Graph(given wire name body)
                | 6 -> AttributeValue.Floats(floats.ToArray())
                | 7 -> AttributeValue.Ints(ints.ToArray())
                | 8 -> AttributeValue.Strings(strings.ToArray())
                | 9 -> AttributeValue.Tensors(tensors.ToArray())
                | 10 -> AttributeValue.Graphs(graphs.ToArray())
                | unread -> AttributeValue.Unsupported unread

        { Name = name; Value = value }

    and private node (wire: WireReader) : NodeProto =
        let mutable name = ""
        let mutable opType = ""
        let mutable domain = ""
        let inputs = Repeated<string>()
        let outputs = Repeated<string>()
        let attributes = Repeated<AttributeProto>()

        while wire.Next() do
            match wire.Field with
            | 1 -> inputs.Add(wire.String "input")
            | 2 -> outputs.Add(wire.String "output")
            | 3 -> name <- wire.String "name"
            | 4 -> opType <- wire.String "op_type"
            | 5 -> attributes.Add(wire.Message("attribute", attribute))
            | 7 -> domain <- standardDomain (wire.String "domain")
            | _ -> wire.Skip()

        if opType = "" then wire.Refuse $"{calledNode name outputs} has no operator"

        let attributes = attributes.ToArray()

        match duplicate attributes with
        | Some twice ->
            wire.Refuse $"{calledNode name outputs} ({Quote.name opType}) has two attributes {Quote.name twice}"
        | None -> ()

        {
            Name = name
            OpType = opType
            Domain = domain
            Inputs = inputs.ToArray()
            Outputs = outputs.ToArray()
            Attributes = attributes
        }

    and private graph (wire: WireReader) : GraphProto =
        wire.CountRare("graphs", wire.Limits.Graphs)
        let mutable name = ""
        let mutable sparse = 0
        let nodes = Repeated<NodeProto>()
        let initializers = Repeated<TensorProto>()
        let inputs = Repeated<ValueInfo>()
        let outputs = Repeated<ValueInfo>()
        let values = Repeated<ValueInfo>()

        while wire.Next() do
            match wire.Field with
            | 1 -> nodes.Add(wire.Message("node", node))
            | 2 -> name <- wire.String "name"
            | 5 -> initializers.Add(wire.Message("initializer", TensorReader.tensor))
            | 11 -> inputs.Add(wire.Message("input", ValueReader.named))
            | 12 -> outputs.Add(wire.Message("output", ValueReader.named))
            | 13 -> values.Add(wire.Message("value_info", ValueReader.valueInfo))
            | 15 ->
                wire.Skip()
                sparse <- sparse + 1
            | _ -> wire.Skip()

        if outputs.Count = 0 then wire.Refuse $"graph {Quote.name name} has no outputs"

        {
            Name = name
            Nodes = nodes.ToArray()
            Initializers = initializers.ToArray()
            SparseInitializers = sparse
            Inputs = inputs.ToArray()
            Outputs = outputs.ToArray()
            Values = values.ToArray()
        }

    /// The imports, provided that they give each domain one version.
    let private consistent (wire: WireReader) (imports: OpsetImport[]) =
        let versions = Dictionary<string, int64>()

        for { Domain = domain; Version = version } in imports do
            if not (versions.TryAdd(domain, version)) && versions[domain] <> version then
                wire.Refuse
                    $"operator set {calledDomain domain} is imported at two versions, {versions[domain]} and {version}"

        imports

    let private functionDefinition (wire: WireReader) : FunctionProto =
        let mutable name = ""
        let mutable domain = ""
        let inputs = Repeated<string>()
        let outputs = Repeated<string>()
        let required = Repeated<string>()
        let defaults = Repeated<AttributeProto>()
        let nodes = Repeated<NodeProto>()
        let imports = Repeated<OpsetImport>()

        while wire.Next() do
            match wire.Field with
            | 1 -> name <- wire.String "name"
            | 4 -> inputs.Add(wire.String "input")
            | 5 -> outputs.Add(wire.String "output")
            | 6 -> required.Add(wire.String "attribute")
            | 7 -> nodes.Add(wire.Message("node", node))
            | 9 -> imports.Add(wire.Message("opset_import", opsetImport))
            | 10 -> domain <- standardDomain (wire.String "domain")
            | 11 -> defaults.Add(wire.Message("attribute_proto", attribute))
            | _ -> wire.Skip()

        if name = "" then wire.Refuse "a function without a name"

        {
            Name = name
            Domain = domain
            Inputs = inputs.ToArray()
            Outputs = outputs.ToArray()
            RequiredAttributes = required.ToArray()
            DefaultAttributes = defaults.ToArray()
            Nodes = nodes.ToArray()
            OpsetImports = consistent wire (imports.ToArray())
        }

    /// A whole file.
    let model (wire: WireReader) : ModelProto =
        let mutable irVersion = 0L
        let mutable producerName = ""
        let mutable producerVersion = ""
        let mutable main = None
        let imports = Repeated<OpsetImport>()
        let functions = Repeated<FunctionProto>()
        let metadata = Repeated<Entry>()

        while wire.Next() do
            match wire.Field with
            | 1 -> irVersion <- wire.Int64 "ir_version"
            | 2 -> producerName <- wire.String "producer_name"
            | 3 -> producerVersion <- wire.String "producer_version"
            | 7 -> main <- wire.Once("graph", main, graph)
            | 8 -> imports.Add(wire.Message("opset_import", opsetImport))
            | 14 -> metadata.Add(wire.Message("metadata_props", TensorReader.entry))
            | 25 -> functions.Add(wire.Message("functions", functionDefinition))
            | _ -> wire.Skip()

        match main with
        | None -> wire.Refuse "no graph"
        | Some main ->
            if irVersion < 1L then wire.Refuse $"the format version (ir_version) is {irVersion}"

            if imports.Count = 0 then wire.Refuse "no operator set (opset_import)"

            {
                IrVersion = irVersion
                OpsetImports = consistent wire (imports.ToArray())
                ProducerName = producerName
                ProducerVersion = producerVersion
                Graph = main
                Functions = functions.ToArray()
                Metadata = metadata.ToArray()
            }
