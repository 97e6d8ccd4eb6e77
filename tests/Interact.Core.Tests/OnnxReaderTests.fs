/// Reading ONNX files: what is built reads back, and what is not a model is refused in one sentence.
module Interact.Core.Tests.OnnxReaderTests

open System
open System.IO
open System.Text
open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.Results
open Xunit

let private parse (bytes: byte[]) = OnnxFile.parse (ReadOnlyMemory bytes)

let private x = Val.float "x" [ Symbol "N"; Fixed 3L; Unknown ]
let private relu = node "Relu" [ "x" ] [ "y" ] []

let private modelOfNode node = model 13 [ node ] [ x ] [ "y" ] []

let private attributesOf attributes =
    let parsed = modelOfNode (node "Operator" [ "x" ] [ "y" ] attributes) |> parse |> ok
    parsed.Graph.Nodes[0].Attributes |> Array.map (fun attribute -> attribute.Name, attribute.Value)

[<Fact>]
let ``a model reads back as it was built`` () =
    let bytes =
        modelWith
            17
            [ node "MatMul" [ "x"; "w" ] [ "h" ] []; nodeOf "com.example" "Odd" [ "h"; ""; "x" ] [ "y" ] [] ]
            [ x ] [ Val.double "y" [] ] [ Init.floats "w" [ 3; 2 ] [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ] ]

    let parsed = parse bytes |> ok
    let first, second = parsed.Graph.Nodes[0], parsed.Graph.Nodes[1]
    Assert.Equal(8L, parsed.IrVersion)
    Assert.Equal("OnnxBuilder", parsed.ProducerName)
    Assert.Equal<OpsetImport[]>([| { Domain = ""; Version = 17L } |], parsed.OpsetImports)
    Assert.Equal(("MatMul", ""), (first.OpType, first.Domain))
    Assert.Equal(("Odd", "com.example"), (second.OpType, second.Domain))
    Assert.Equal<string[]>([| "h"; ""; "x" |], second.Inputs)
    Assert.Equal<string[]>([| "y" |], second.Outputs)

    let declared = TypeProto.Tensor(DataType.Float, Some [| Symbol "N"; Fixed 3L; Unknown |])
    Assert.Equal<ValueInfo[]>([| { Name = "x"; Type = declared } |], parsed.Graph.Inputs)
    Assert.Equal(TypeProto.Tensor(DataType.Double, Some [||]), parsed.Graph.Outputs[0].Type)

    let weights = parsed.Graph.Initializers[0]
    Assert.Equal("w", weights.Name)
    Assert.Equal<int64[]>([| 3L; 2L |], weights.Dims)
    Assert.Equal<float[]>([| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |], TensorData.toFloats weights |> ok)

[<Fact>]
let ``attributes of every type read back`` () =
    let branch = graph [ relu ] [] [ Val.float "y" [] ] []

    let read =
        attributesOf [
            Attr.float "float" 0.5
            Attr.int64 "int" Int64.MinValue
            Attr.string "string" "größe"
            Attr.floats "floats" [ 1.0; -2.0 ]
            Attr.ints "ints" [ 1; -1 ]
            Attr.strings "strings" [ "a"; "" ]
            Attr.reference "reference" 1 "alpha"
            Attribute(Array.append (Field.text 1 "sparse") (Field.int 20 11))
        ]

    let expected = [|
        "float", AttributeValue.Float 0.5f
        "int", AttributeValue.Int Int64.MinValue
        "string", AttributeValue.String "größe"
        "floats", AttributeValue.Floats [| 1.0f; -2.0f |]
        "ints", AttributeValue.Ints [| 1L; -1L |]
        "strings", AttributeValue.Strings [| "a"; "" |]
        "reference", AttributeValue.Reference "alpha"
        "sparse", AttributeValue.Unsupported 11
    |]

    Assert.Equal<(string * AttributeValue)[]>(expected, read)

    let nested =
        attributesOf [
            Attr.tensor "tensor" (Init.doubles "" [] [ 0.1 ])
            Attr.tensors "tensors" [ Init.int64s "" [ 1 ] [ 7L ]; Init.int64s "" [ 0 ] [] ]
            Attr.graph "graph" branch
            Attr.graphs "graphs" [ branch; branch ]
        ]

    match Array.map snd nested with
    | [| AttributeValue.Tensor tensor
         AttributeValue.Tensors tensors
         AttributeValue.Graph branch
         AttributeValue.Graphs branches |] ->
        Assert.Equal<float[]>([| 0.1 |], TensorData.toFloats tensor |> ok)
        Assert.Equal<int64[][]>([| [| 7L |]; [||] |], tensors |> Array.map (TensorData.toIntegers >> ok))
        Assert.Equal("Relu", branch.Nodes[0].OpType)
        Assert.Equal(2, branches.Length)
    | other -> invalidOp $"%A{other}"

[<Fact>]
let ``an attribute may leave out its type, or a value of zero`` () =
    let untyped = Attribute(Array.append (Field.text 1 "axis") (Field.int 3 2))
    let zero = Attribute(Array.append (Field.text 1 "alpha") (Field.int 20 1))
    let read = attributesOf [ untyped; zero ]

    Assert.Equal<(string * AttributeValue)[]>(
        [| "axis", AttributeValue.Int 2L; "alpha", AttributeValue.Float 0.0f |],
        read
    )

[<Fact>]
let ``functions read back`` () =
    let body = [ node "LeakyRelu" [ "a" ] [ "b" ] [ Attr.reference "alpha" 1 "slope" ] ]

    let definition =
        functionOf "local" "Leaky" [ "ai.onnx", 16 ] [ "a" ] [ "b" ] [ "required" ] [ Attr.float "slope" 0.25 ] body

    let call = graph [ nodeOf "local" "Leaky" [ "x" ] [ "y" ] [] ] [ x ] [ Val.float "y" [] ] []
    let parsed = file [ "", 16; "local", 1 ] call [ definition ] |> parse |> ok
    let leaky = Assert.Single parsed.Functions
    Assert.Equal(("Leaky", "local"), (leaky.Name, leaky.Domain))
    Assert.Equal<string[]>([| "a" |], leaky.Inputs)
    Assert.Equal<string[]>([| "b" |], leaky.Outputs)
    Assert.Equal<string[]>([| "required" |], leaky.RequiredAttributes)
    Assert.Equal(AttributeValue.Float 0.25f, leaky.DefaultAttributes[0].Value)
    Assert.Equal(AttributeValue.Reference "slope", leaky.Nodes[0].Attributes[0].Value)
    Assert.Equal<OpsetImport[]>([| { Domain = ""; Version = 16L } |], leaky.OpsetImports)

[<Fact>]
let ``fields that are not known are passed over`` () =
    let unknown = [
        Field.int 500 1
        Field.float32 501 1.0f
        Field.float64 502 1.0
        Field.message 503 [ Field.text 1 "text" ]
    ]

    let bytes = modelOfNode relu
    Assert.Equal("Relu", (Array.concat (bytes :: unknown) |> parse |> ok).Graph.Nodes[0].OpType)

[<Fact>]
let ``values that are no tensors are told apart`` () =
    let floatTensor = Field.message 1 [ Field.int 1 1 ]
    let element = Field.message 1 [ floatTensor ]

    let input name fields = Field.message 11 [ Field.text 1 name; Field.message 2 fields ]

    let declared =
        Graph(
            Array.concat [
                input "sequence" [ Field.message 4 [ element ] ]
                input "optional" [ Field.message 9 [ Field.message 1 [ Field.message 4 [ element ] ] ] ]
                input "map" [ Field.message 5 [] ]
                input "sparse" [ Field.message 8 [] ]
                input "unranked" [ floatTensor ]
                Field.message 11 [ Field.text 1 "undeclared" ]
                Field.message 12 [ Field.text 1 "y" ]
            ]
        )

    let tensor = TypeProto.Tensor(DataType.Float, None)

    let read =
        (file [ "", 13 ] declared [] |> parse |> ok).Graph.Inputs |> Array.map (fun value -> value.Type)

    Assert.Equal<TypeProto[]>(
        [|
            TypeProto.Sequence tensor
            TypeProto.Optional(TypeProto.Sequence tensor)
            TypeProto.Map
            TypeProto.SparseTensor
            tensor
            TypeProto.Undeclared
        |],
        read
    )

[<Fact>]
let ``a model that contradicts itself is refused with the place`` () =
    let start = Field.int 1 8
    let opset = Field.message 8 [ Field.int 2 13 ]
    let main = Field.message 7 [ Field.message 12 [ Field.text 1 "y" ] ]
    let ofFields fields = refusal (parse (Array.concat fields))
    let ofNode fields = refusal (parse (modelOfNode (Node(Array.concat fields))))
    let ofAttribute fields = ofNode [ Field.text 4 "Conv"; Field.message 5 (Field.text 1 "pads" :: fields) ]
    let ofConstant fields = refusal (parse (model 13 [] [ x ] [ "x" ] [ Constant(Array.concat fields) ]))

    assertRefused [
        ofFields [ start; opset ], "no graph"
        ofFields [ start; main ], "no operator set"
        ofFields [ main; opset ], "(ir_version) is 0"
        ofFields [ start; main; main; opset ], "a second value of a field that has one at byte"
        ofFields [ start; main; Field.message 8 [ Field.int 2 0 ] ], "'ai.onnx' has the version 0"
        ofFields [ start; main; opset; Field.message 8 [ Field.text 1 "ai.onnx"; Field.int 2 11 ] ],
        "two versions, 13 and 11"
        ofFields [ start; Field.message 7 []; opset ], "graph '' has no outputs"
        ofFields [ start; Field.int 7 1 ], "wire type Varint where Bytes is due at byte 3 inside field 'graph'"
        ofNode [ Field.text 1 "x"; Field.text 2 "y" ], "the node that writes 'y' has no operator"
        ofNode [ Field.bytes 4 [| 0xC3uy; 0x28uy |] ], "text that is not UTF-8 at byte"
        ofAttribute [ Field.int 20 7; Field.float32 2 1.0f ], "'pads' holds a value of another type than it says"
        ofAttribute [ Field.int 8 1; Field.int 20 99 ], "'pads' is of the unknown type 99"
        ofAttribute [ Field.int 20 4 ], "'pads' has no value"
        ofAttribute [ Field.int 20 7; Field.int 8 1; Field.text 21 "other" ], "both a value and a reference"
        refusal (parse (modelOfNode (node "Conv" [] [] [ Attr.int "group" 1; Attr.int "group" 2 ]))),
        "('Conv') has two attributes 'group'"
        ofConstant [ Field.text 8 "w" ], "tensor 'w' has no data type"
        ofConstant [ Field.int 2 1; Field.float32 4 1.0f; Field.bytes 9 [| 1uy |] ], "in more than one place"
        ofConstant [ Field.int 2 1; Field.message 3 [] ], "divided into segments"
        ofConstant [ Field.int 2 1; Field.int 14 2 ], "unknown data location 2"
        refusal (parse (model 13 [] [ Val.float "x" (List.replicate 33 Unknown) ] [ "x" ] [])), "33 dimensions"
    ]

[<Fact>]
let ``bytes that are no protobuf are refused with their offset`` () =
    let start = Field.int 1 8
    let after bytes = refusal (parse (Array.append start bytes))

    assertRefused [
        after [| 0x3Auy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0x0Fuy; 1uy |],
        "truncated (4294967295 bytes announced, 1 present) at byte 8 inside field 'graph'"
        after (Array.append [| 0x3Auy |] (Field.varint UInt64.MaxValue)), "truncated"
        after [| 0x3Auy; 4uy; 0x0Auy; 9uy; 0uy; 0uy |],
        "truncated (9 bytes announced, 2 present) at byte 6 inside field 'graph.node'"
        after [| 0x3Auy; 0x80uy |], "a number has no end"
        after (Array.append (Array.create 10 0xFFuy) [| 1uy |]), "a number of more than 64 bits"
        after [| 2uy |], "a field of number 0"
        after [| 0x7Buy; 0x7Cuy |], "abandoned group type at byte 3"
        after [| 0x0Fuy |], "a field of wire type 7"
        after [| 0x0Duy; 1uy; 2uy |], "wire type Fixed32 where Varint is due"
    ]

    let (Constant uneven) = Init.ofField "w" DataType.Float [ 1 ] (Field.bytes 4 [| 1uy; 2uy; 3uy |])
    assertRefused [ refusal (OnnxFile.parseTensor (ReadOnlyMemory uneven)), "not a multiple of 4" ]

[<Fact>]
let ``files of other kinds are called by their names`` () =
    let latin (text: string) = refusal (parse (Encoding.Latin1.GetBytes text))

    assertRefused [
        latin "", "the file is empty"
        latin "PK\003\004\000\000",
        "a zip archive, as PyTorch's .pt and Keras's .keras files are; export the network to ONNX"
        latin "\137HDF\r\n\026\n", "an HDF5 file"
        latin "\128\004\149\000", "a Python pickle"
        latin "\028\000\000\000TFL3", "a TensorFlow Lite model"
        latin "\032\000\000\000ORTM", "ORT format"
        latin "\064\000\000\000\000\000\000\000{\"w\"", "a safetensors file"
        latin "version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"
        latin "<!DOCTYPE html>\n<html>", "a web page"
        latin "a,b\n1,2\n", "the file is text"
    ]

[<Fact>]
let ``nesting is limited`` () =
    let rec nested depth : Graph =
        let body =
            if depth = 0 then
                []
            else
                [ node "If" [ "c" ] [ "y" ] [ Attr.graph "then_branch" (nested (depth - 1)) ] ]

        graph body [] [ Val.float "y" [] ] []

    let ofDepth depth = file [ "", 13 ] (nested depth) [] |> parse
    Assert.Single((ofDepth 15 |> ok).Graph.Nodes) |> ignore
    assertRefused [ refusal (ofDepth 30), "messages nested more than 64 deep"; refusal (ofDepth 1000), "64 deep" ]

[<Fact>]
let ``the number of messages is limited`` () =
    let emptyMetadata =
        Array.init 10_000_000 (fun index -> if index % 2 = 0 then 14uy <<< 3 ||| 2uy else 0uy)

    assertRefused [ refusal (parse (Array.append (modelOfNode relu) emptyMetadata)), "more than 5000000 messages" ]

[<Fact>]
let ``a path that cannot be read is named`` () =
    let missing = Path.Combine(AppContext.BaseDirectory, "missing.onnx")

    assertRefused [
        refusal (OnnxFile.read missing), "missing.onnx: no such file"
        refusal (OnnxFile.read AppContext.BaseDirectory), "a folder"
        refusal (OnnxFile.read ""), "not a path"
        refusal (OnnxFile.readTensor missing), "no such file"
    ]

[<Fact>]
let ``files are read from disk`` () =
    let path = Path.GetTempFileName()

    try
        File.WriteAllBytes(path, modelOfNode relu)
        Assert.Equal("Relu", (OnnxFile.read path |> ok).Graph.Nodes[0].OpType)
        let (Constant tensor) = Init.floats "w" [ 1 ] [ 2.0 ]
        File.WriteAllBytes(path, tensor)
        Assert.Equal<float[]>([| 2.0 |], OnnxFile.readTensor path |> Result.bind TensorData.toFloats |> ok)
    finally
        File.Delete path

/// Everything the reader does, in a few hundred bytes.
let private varied =
    let branch =
        graph [ relu ] [ x ] [ Val.float "y" [ Fixed 2L ] ] [ Init.int64sTyped "k" [ 2 ] [ 1L; 900L ] ]

    let choice = node "If" [ "c" ] [ "y" ] [ Attr.graph "then_branch" branch; Attr.ints "ints" [ 1; 2; 3 ] ]
    let weights = Init.floats "w" [ 2; 2 ] [ 1.0; 2.0; 3.0; 4.0 ]

    let body =
        graph [ choice ] [ x ] [ Val.float "y" [] ] [ weights; Init.external "v" DataType.Float [ 9 ] "v.bin" ]

    file [ "", 13 ] body [ functionOf "local" "F" [ "", 13 ] [ "a" ] [ "b" ] [] [ Attr.float "f" 1.0 ] [ relu ] ]

/// Whatever the bytes, reading ends in a model or in a refusal; an exception would fail the test.
let private survives (bytes: byte[]) =
    match parse bytes with
    | Error problem -> Assert.InRange(problem.Length, 1, 400)
    | Ok parsed ->
        for tensor in parsed.Graph.Initializers do
            TensorData.toFloats tensor |> ignore
            TensorData.toIntegers tensor |> ignore

    OnnxFile.parseTensor (ReadOnlyMemory bytes) |> Result.bind TensorData.toFloats |> ignore

[<Fact>]
let ``a model cut off anywhere is refused or read`` () =
    for length in 0 .. varied.Length - 1 do
        survives varied[.. length - 1]

[<Fact>]
let ``a damaged model is refused or read`` () =
    let random = Random 20260101

    for _ in 1..20_000 do
        let bytes = Array.copy varied

        for _ in 0 .. random.Next 4 do
            bytes[random.Next bytes.Length] <- byte (random.Next 256)

        survives bytes

/// The bound is the one that loading is held to: a file may not cost a hundred times its length.
[<Fact>]
let ``memory stays in proportion to the file`` () =
    let count = 100_000
    let named = Field.message 12 [ Field.text 1 "y" ]
    let main fields = file [ "", 13 ] (Graph(Array.concat (named :: List.replicate count fields))) []
    let inNode fields = modelOfNode (Node(Array.concat (Field.text 4 "A" :: List.replicate count fields)))

    for bytes in
        [
            main (Field.message 1 [])
            main (Field.message 1 [ Field.text 4 "A" ])
            main (Field.message 5 [ Field.int 2 1 ])
            main (Field.message 13 [])
            inNode (Field.text 1 "")
            inNode (Field.message 5 [ Field.text 1 "a"; Field.int 3 1 ])
            Array.append (modelOfNode relu) (Array.concat (List.replicate count (Field.message 14 [])))
        ] do
        let before = GC.GetAllocatedBytesForCurrentThread()
        parse bytes |> ignore
        let allocated = GC.GetAllocatedBytesForCurrentThread() - before
        Assert.InRange(allocated, 0L, 100L * int64 bytes.Length)
