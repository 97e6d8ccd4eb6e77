/// Smart constructors: what they fold, drop, share and refuse, and that none of it changes a value.
module Interact.Core.Tests.GraphTests

open System
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.RandomGraphs
open Xunit

let private same (a: Node) (b: Node) = Assert.Same(a, b)
let private unary f a = Node.elementwise f [ a ]
let private binary f a b = Node.elementwise f [ a; b ]
let private x = Node.input "x" [| 2; 3 |]
let private y = Node.input "y" [| 2; 3 |]
let private zero = Node.scalar 0.0
let private one = Node.scalar 1.0
let private zeros = Node.fill [| 2; 3 |] 0.0

[<Fact>]
let ``operations on constants are constants`` () =
    let a = Node.constant [| 2; 2 |] [| 1.0; 2.0; 3.0; 4.0 |]
    let value (node: Node) = Node.tryValue node |> Option.get
    Assert.Equal<float[]>([| 2.0; 4.0; 6.0; 8.0 |], value (Node.add a a))
    Assert.Equal<float[]>([| 1.0; 3.0; 2.0; 4.0 |], value (a |> Node.transpose [| 1; 0 |]))
    Assert.Equal<float[]>([| 7.0; 10.0; 15.0; 22.0 |], value (Product.matmul a a))
    Assert.Equal<float[]>([| 4.0; 6.0 |], value (Product.sum [| 0 |] a))
    Assert.Equal<float[]>([| 2.0; 4.0 |], value (Node.maximum [| 1 |] a))
    Assert.Equal<float[]>([| 2.0; 0.0; 4.0; 0.0 |], value (a |> Node.gather 1 [| 1; -1 |]))
    Assert.Equal<float[]>([| 0.0; 1.0; 0.0; 3.0 |], value (a |> Node.scatter 1 [| 1; -1 |] 2))
    Assert.Equal<float[]>([| 1.0; 2.0; 3.0; 4.0; 1.0; 2.0; 3.0; 4.0 |], value (Node.concat 0 [ a; a ]))

[<Fact>]
let ``large constants are left to the run`` () =
    let large = Node.constant [| 5000 |] (Array.init 5000 float)
    Assert.True((Node.tryValue (unary Exp large)).IsNone)
    Assert.Equal(exp 3.0, (Run.constant (unary Exp large))[3])

[<Fact>]
let ``zeros and ones that change nothing are dropped`` () =
    for unchanged in
        [
            Node.add x zero
            Node.add zeros x
            binary Subtract x zero
            Node.multiply one x
            Node.multiply x one
            binary Divide x one
            binary Power x one
            unary Negate (unary Negate x)
            binary Subtract zero (unary Negate x)
            Node.multiply (Node.scalar -1.0) (unary Negate x)
            Node.elementwise Select [ one; x; y ]
            Node.elementwise Select [ zero; y; x ]
            x |> Node.reshape [| 6 |] |> Node.reshape [| 3; 2 |] |> Node.reshape [| 2; 3 |]
            x |> Node.transpose [| 1; 0 |] |> Node.transpose [| 1; 0 |]
            x |> Node.gather 1 [| 0; 1; 2 |]
            x |> Node.scatter 0 [| 0; 1 |] 2
            x |> Node.broadcast [| 2; 3 |]
            Product.sum [||] x
            Node.concat 0 [ x ]
            Product.matmul (Node.identity 2) x
            Product.matmul x (Node.identity 3)
        ] do
        same x unchanged

[<Fact>]
let ``what is zero is a constant zero`` () =
    for nothing in
        [
            Node.multiply x zero
            Node.multiply zeros x
            binary Divide zero x
            Product.matmul x (Node.fill [| 3; 3 |] 0.0)
            zeros |> Node.gather 1 [| 2; 1; 0 |]
            Product.contract { Left = [| 0; 1 |]; Right = [| 0; 1 |]; Output = [| 0; 1 |] } zeros x
        ] do
        same zeros nothing

[<Fact>]
let ``equal nodes are one node`` () =
    same (Node.add x y) (Node.add x y)
    same (Node.add x y) (Node.add y x)
    same (Node.multiply x y) (Node.multiply y x)
    same (unary Exp (Node.add x y)) (unary Exp (Node.add y x))
    same (Product.matmul x (Node.transpose [| 1; 0 |] y)) (Product.matmul x (Node.transpose [| 1; 0 |] y))
    same (Node.constant [| 3 |] [| 1.0; 2.0; 3.0 |]) (Node.constant [| 3 |] [| 1.0; 2.0; 3.0 |])
    same (Node.constant [| 2 |] [| 4.0; 4.0 |]) (Node.fill [| 2 |] 4.0)
    Assert.NotSame(binary Subtract x y, binary Subtract y x)
    Assert.NotSame(Node.input "x" [| 2 |], Node.input "x" [| 2 |])

[<Fact>]
let ``zeros of either sign are told apart`` () =
    let negative = Node.scalar -0.0
    Assert.Equal(-infinity, 1.0 / (Run.constant negative)[0])
    Assert.Equal(infinity, 1.0 / (Run.constant zero)[0])
    sameBits [| 0.0; -0.0 |] (Run.constant (Node.constant [| 2 |] [| 0.0; -0.0 |]))

[<Fact>]
let ``small powers become products`` () =
    same (Node.multiply x x) (binary Power x (Node.scalar 2.0))
    same (unary Reciprocal x) (binary Power x (Node.scalar -1.0))
    same (Node.fill [| 2; 3 |] 1.0) (binary Power x zero)

[<Fact>]
let ``sums over products are contractions`` () =
    let isContraction (node: Node) =
        match node.Primitive with
        | Contract _ -> true
        | _ -> false

    let product = Product.matmul x (Node.transpose [| 1; 0 |] y)
    Assert.True(isContraction (Product.sum [| 0; 1 |] product))

[<Fact>]
let ``repeating costs no memory in sums and products`` () =
    let row = Node.input "row" [| 1; 3 |]
    let repeated = row |> Node.broadcast [| 1000; 3 |]
    let largest (node: Node) = Graph.nodes [ node ] |> Seq.map _.Size |> Seq.max
    Assert.InRange(largest (Product.sum [| 0; 1 |] repeated), 1, 3)
    Assert.InRange(largest (Product.sum [| 0; 1 |] (unary Exp repeated)), 1, 3)
    Assert.InRange(largest (Product.dot repeated repeated), 1, 3)
    close 1e-15 [| 14000.0 |] (valueWith [ row, [| 1.0; 2.0; 3.0 |] ] (Product.dot repeated repeated))

/// What is refused, the argument at fault, and a word of the message.
let private refusals: (string * string * string * (unit -> Node)) list = [
    "sum of misfits", "operands", "2 x 3", (fun () -> Node.add x (Node.input "z" [| 4 |]))
    "too many operands", "operands", "takes 1", (fun () -> Node.elementwise Exp [ x; y ])
    "reshape", "shape", "6 elements", (fun () -> x |> Node.reshape [| 4 |])
    "transpose", "permutation", "permutation", (fun () -> x |> Node.transpose [| 0; 0 |])
    "broadcast", "shape", "4 x 3", (fun () -> x |> Node.broadcast [| 4; 3 |])
    "gather beyond", "indices", "axis 1", (fun () -> x |> Node.gather 1 [| 3 |])
    "gather below", "indices", "axis 1", (fun () -> x |> Node.gather 1 [| -2 |])
    "gather axis", "axis", "has 2", (fun () -> x |> Node.gather 2 [| 0 |])
    "scatter length", "indices", "3", (fun () -> x |> Node.scatter 1 [| 0 |] 3)
    "scatter beyond", "indices", "axis", (fun () -> x |> Node.scatter 1 [| 0; 1; 5 |] 3)
    "scatter axis", "axis", "has 2", (fun () -> x |> Node.scatter -1 [| 0; 1; 2 |] 3)
    "concat nothing", "nodes", "nothing", (fun () -> Node.concat 0 [])
    "concat ranks", "nodes", "axis 0", (fun () -> Node.concat 0 [ x; Node.input "z" [| 3 |] ])
    "concat sizes", "nodes", "2 x 4", (fun () -> Node.concat 0 [ x; Node.input "z" [| 2; 4 |] ])
    "concat axis", "axis", "has 2", (fun () -> Node.concat 2 [ x; y ])
    "maximum axis", "axes", "has 2", (fun () -> Node.maximum [| 2 |] x)
    "maximum of nothing", "node", "no element", (fun () -> Node.maximum [| 0 |] (Node.input "z" [| 0 |]))
    "sum axis", "axes", "has 2", (fun () -> Product.sum [| 2 |] x)
    "sum twice", "axes", "twice", (fun () -> Product.sum [| 1; 1 |] x)
    "contraction labels",
    "left",
    "2",
    (fun () -> Product.contract { Left = [| 0 |]; Right = [| 0; 1 |]; Output = [||] } x y)
    "contraction sizes",
    "left",
    "2 x 3",
    (fun () -> Product.contract { Left = [| 0; 1 |]; Right = [| 1; 0 |]; Output = [||] } x y)
    "matmul vector", "left", "two axes", (fun () -> Product.matmul x (Node.input "z" [| 3 |]))
    "matmul depth", "left", "2 x 3", (fun () -> Product.matmul x y)
    "constant", "values", "2", (fun () -> Node.constant [| 3 |] [| 1.0; 2.0 |])
    "gradient of a vector", "output", "2 x 3", (fun () -> Transform.Vjp.grad x (unary Exp x))
    "curvature of a vector", "output", "2 x 3", (fun () -> Transform.Curvature.hessian x (unary Exp x))
    "directions", "directions", "2 x 3", (fun () -> Transform.Curvature.along y x (Product.dot x x))
]

let refused = TheoryData<string>(refusals |> List.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof refused)>]
let ``misfits are refused by name`` name =
    let _, argument, word, make = refusals |> List.find (fun (other, _, _, _) -> other = name)
    let problem = Assert.ThrowsAny<ArgumentException>(fun () -> make () |> ignore)
    Assert.Equal(argument, problem.ParamName)
    Assert.Contains(word, problem.Message)

[<Fact>]
let ``a plan names the input that it lacks and the one that does not fit`` () =
    let missing =
        Assert.Throws<ArgumentException>(fun () -> Plan.Compile([ x ], [ Node.add x y ]) |> ignore)

    Assert.Contains("'y'", missing.Message)
    let plan = Plan.Compile([ x; y ], [ Node.add x y ])

    let misfit =
        Assert.Throws<ArgumentException>(fun () -> plan.Run [| Array.zeroCreate 6; [| 1.0 |] |] |> ignore)

    Assert.Equal("y", misfit.ParamName)
    Assert.Throws<ArgumentException>(fun () -> plan.Run [| Array.zeroCreate 6 |] |> ignore) |> ignore

/// Relative to the largest element: contractions of plans use fused multiply-adds and other orders than the plain loops.
let private tolerance = 1e-12

[<Fact>]
let ``simplification and execution keep the values of random graphs`` () =
    holdsFor 600 (graphs false) (fun case ->
        let input = Node.input "x" [| case.Length |]
        let x = uniform (Random case.Seed) case.Length
        let traced = trace case input x
        let values = Run.once [ input, x ] [ for { Node = node } in traced -> node ]
        Array.iter2 (fun (traced: Traced) -> close tolerance traced.Value) traced values)

[<Fact>]
let ``a graph made on constants is folded to the same values`` () =
    holdsFor 300 (graphs false) (fun case ->
        let x = uniform (Random case.Seed) case.Length

        for { Node = node; Value = value } in trace case (Node.constant [| case.Length |] x) x do
            close tolerance value (Run.constant node))

[<Fact>]
let ``substituting the input by itself gives the same nodes`` () =
    holdsFor 200 (graphs false) (fun case ->
        let input = Node.input "x" [| case.Length |]
        let output = (toFunction case (Tensor input)).Node
        same output (Graph.substitute [ input, input ] [ output ] |> List.head))

[<Fact>]
let ``a rewritten graph has the values of the graph`` () =
    holdsFor 300 (graphs false) (fun case ->
        let input = Node.input "x" [| case.Length |]
        let x = uniform (Random case.Seed) case.Length
        let output = (toFunction case (Tensor input)).Node
        let rewritten = Equivalent.rewrite [ output ] |> List.head
        close 1e-11 (valueWith [ input, x ] output) (valueWith [ input, x ] rewritten))

[<Fact>]
let ``an operand has a smaller number than what uses it`` () =
    holdsFor 100 (graphs false) (fun case ->
        let output = (toFunction case (Tensor(Node.input "x" [| case.Length |]))).Node

        for node in Graph.nodes [ output ] do
            for operand in node.Operands do
                Assert.True(operand.Id < node.Id))
