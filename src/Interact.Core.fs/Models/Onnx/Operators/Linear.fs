/// Matrix products.
module internal Interact.Core.Onnx.LinearOperators

open Interact.Core

let private matrix (context: NodeContext) i =
    let node = (NodeContext.input i context).Node

    if node.Rank <> 2 then
        NodeContext.fail $"operand {i} has shape {Shape.describe node.Shape}; a matrix is needed"

    node

let private gemm =
    Operator.one 1 "Gemm" (fun context ->
        let side i attribute =
            if NodeContext.flag attribute false context then
                matrix context i |> Node.transpose [| 1; 0 |]
            else
                matrix context i

        let scaled factor node = Node.multiply (Node.scalar factor) node

        let product =
            Product.matmul (side 0 "transA") (side 1 "transB") |> scaled (NodeContext.float "alpha" 1.0 context)

        match NodeContext.tryInput 2 context with
        | None -> Value.real product
        | Some bias ->
            let whole = scaled (NodeContext.float "beta" 1.0 context) bias.Node |> Node.broadcast product.Shape
            Value.real (Node.add product whole))

let private matmul =
    Operator.one 1 "MatMul" (fun context ->
        let a, b = NodeContext.input 0 context, NodeContext.input 1 context

        if a.Node.Rank = 0 || b.Node.Rank = 0 then
            NodeContext.fail "a scalar is no operand of a matrix product"

        Value.real (Tensor.matmul (Tensor a.Node) (Tensor b.Node)).Node)

let table: Operator list = [ gemm; matmul ]
