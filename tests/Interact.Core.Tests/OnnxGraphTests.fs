/// Graphs inside nodes and functions of a file: what they see, what they become, and how much of them there may be.
module Interact.Core.Tests.OnnxGraphTests

open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.OnnxBuilder
open Xunit

let private pair = Val.double "x" [ Fixed 2L ]
let private any name = Val.double name [ Unknown ]
let private yes = Init.bools "yes" [] [ true ]
let private branch name nodes output = Attr.graph name (graph nodes [] [ any output ] [])
let private fancy = node "Fancy" [ "x" ] [ "f" ] []
let private point = [| 0.5; -1.25 |]

/// The function applied to each of two elements: values, and first and second derivatives on the diagonal.
let private assertElementwise value first second bytes =
    let model = load bytes
    close 1e-13 (Array.map value point) (Model.evaluate model point)

    for i in 0..1 do
        close 1e-13 (Array.init 2 (fun j -> if i = j then first point[i] else 0.0)) (Model.gradient model i point)

        let expected = Array.init 4 (fun at -> if at = 3 * i then second point[i] else 0.0)
        close 1e-12 expected (Model.hessian model i point |> flat)

let private ifYes thenNodes elseNodes =
    node "If" [ "yes" ] [ "y" ] [ branch "then_branch" thenNodes "t"; branch "else_branch" elseNodes "e" ]
    |> named "choice"

[<Fact>]
let ``a branch sees the values around it, and the other one is not looked at`` () =
    let scaled = node "Mul" [ "x"; "h" ] [ "t" ] []

    model 13 [ node "Exp" [ "x" ] [ "h" ] []; ifYes [ scaled ] [ fancy ] ] [ pair ] [ "y" ] [ yes ]
    |> assertElementwise (fun x -> x * exp x) (fun x -> (1.0 + x) * exp x) (fun x -> (2.0 + x) * exp x)

[<Fact>]
let ``a branch may be chosen by shapes`` () =
    let nodes = [
        node "Size" [ "x" ] [ "n" ] []
        node "Less" [ "n"; "three" ] [ "yes" ] []
        ifYes [ node "Exp" [ "x" ] [ "t" ] [] ] [ node "Neg" [ "x" ] [ "e" ] [] ]
    ]

    model 13 nodes [ pair ] [ "y" ] [ Init.int64s "three" [] [ 3L ] ] |> assertElementwise exp exp exp

[<Fact>]
let ``names inside a graph hide those around it`` () =
    let inner = [ node "Sin" [ "x" ] [ "h" ] []; node "Identity" [ "h" ] [ "t" ] [] ]

    model 13 [ node "Exp" [ "x" ] [ "h" ] []; ifYes inner [] ] [ pair ] [ "y" ] [ yes ]
    |> assertElementwise sin cos (sin >> (~-))

/// A loop that squares its state so many times.
let private squaring turns =
    let body =
        graph
            [ node "Mul" [ "state"; "state" ] [ "next" ] []; node "Identity" [ "go" ] [ "more" ] [] ]
            [ Val.int64 "turn" []; Val.bool "go" []; any "state" ] [ Val.bool "more" []; any "next" ] []

    model 13 [ node "Loop" [ "turns"; ""; "x" ] [ "y" ] [ Attr.graph "body" body ] ] [ pair ] [ "y" ] [
        Init.int64s "turns" [] [ turns ]
    ]

[<Fact>]
let ``every turn of a loop becomes part of the graph`` () =
    squaring 3L
    |> assertElementwise (fun x -> pown x 8) (fun x -> 8.0 * pown x 7) (fun x -> 56.0 * pown x 6)

[<Fact>]
let ``graphs lie in graphs`` () =
    let inner = ifYes [ node "Exp" [ "h" ] [ "t" ] [] ] []
    let outer = [ node "Neg" [ "x" ] [ "h" ] []; inner; node "Identity" [ "y" ] [ "t" ] [] ]
    let f x = exp -x
    model 13 [ ifYes outer [] ] [ pair ] [ "y" ] [ yes ] |> assertElementwise f (f >> (~-)) f

[<Fact>]
let ``problems inside a node are told with both places, once for all turns`` () =
    let place = "node of 'f' (Fancy) in node 'choice' (If)"

    assertProblems (model 13 [ ifYes [ fancy; node "Neg" [ "f" ] [ "t" ] [] ] [] ] [ pair ] [ "y" ] [ yes ]) [
        place, "not among those that can be imported"
    ]

    assertProblems (model 13 [ ifYes [ node "Neg" [ "absent" ] [ "t" ] [] ] [] ] [ pair ] [ "y" ] [ yes ]) [
        "node of 't' (Neg) in node 'choice' (If)", "'absent' is used before anything computes it"
    ]

[<Fact>]
let ``a course that depends on the input is refused`` () =
    let nodes = [
        node "ReduceSum" [ "x" ] [ "s" ] [ Attr.int "keepdims" 0 ]
        node "Less" [ "s"; "zero" ] [ "yes" ] []
        ifYes [ node "Exp" [ "x" ] [ "t" ] [] ] []
    ]

    assertProblems (model 11 nodes [ pair ] [ "y" ] [ Init.doubles "zero" [] [ 0.0 ] ]) [
        "node 'choice' (If)", "its condition depends on the model's input"
    ]

[<Fact>]
let ``a loop without end is refused in one line`` () =
    assertProblems (squaring (1L <<< 62)) [ "node of 'y' (Loop)", "more than 100000 nodes" ]

[<Fact>]
let ``a loop that computes ever more constants is refused`` () =
    let body =
        graph
            [
                node "Cast" [ "turn" ] [ "number" ] [ Attr.int "to" (DataType.number DataType.Double) ]
                node "Add" [ "state"; "number" ] [ "next" ] []
                node "Identity" [ "go" ] [ "more" ] []
            ]
            [ Val.int64 "turn" []; Val.bool "go" []; any "state" ] [ Val.bool "more" []; any "next" ] []

    let many = [ for i in 0..3999 -> float i ]

    let bytes =
        model 13 [ node "Loop" [ "turns"; ""; "many" ] [ "y" ] [ Attr.graph "body" body ] ] [ pair ] [ "y" ] [
            Init.int64s "turns" [] [ 10_000L ]
            Init.doubles "many" [ 4000 ] many
        ]

    assertProblems bytes [ "node of 'y' (Loop)", "what is computed from constants takes more than 64 MiB" ]

/// A model of one node that calls a function of the file.
let private calling name inputs attributes constants functions =
    let call = nodeOf "own" name inputs [ "y" ] attributes |> named "call"
    file [ "", 13; "own", 1 ] (graph [ call ] [ pair ] [ any "y" ] constants) functions

let private standard = [ "", 13 ]

[<Fact>]
let ``a function is what its nodes compute`` () =
    let gaussian =
        functionOf "own" "Odd" standard [ "a" ] [ "b" ] [] [] [
            node "Mul" [ "a"; "a" ] [ "h" ] []
            node "Exp" [ "h" ] [ "b" ] []
        ]

    calling "Odd" [ "x" ] [] [] [ gaussian ]
    |> assertElementwise (fun x -> exp (x * x)) (fun x -> 2.0 * x * exp (x * x)) (fun x ->
        (2.0 + 4.0 * x * x) * exp (x * x))

[<Fact>]
let ``a function's nodes refer to its caller's attributes, or to their defaults`` () =
    // 1 is the number of the attribute's type, FLOAT.
    let leaky =
        functionOf "own" "Leaky" standard [ "a" ] [ "b" ] [] [ Attr.float "slope" 0.5 ] [
            node "LeakyRelu" [ "a" ] [ "b" ] [ Attr.reference "alpha" 1 "slope" ]
        ]

    let slope attributes = (Model.evaluate (load (calling "Leaky" [ "x" ] attributes [] [ leaky ])) [| 1.0; -1.0 |])[1]
    Assert.Equal(-0.5, slope [])
    Assert.Equal(-0.25, slope [ Attr.float "slope" 0.25 ])

    let free =
        functionOf "own" "Leaky" standard [ "a" ] [ "b" ] [] [] [
            node "LeakyRelu" [ "a" ] [ "b" ] [ Attr.reference "alpha" 1 "slope" ]
        ]

    let bytes = calling "Leaky" [ "x" ] [] [] [ free ]
    Assert.Equal(-float 0.01f, (Model.evaluate (load bytes) [| 1.0; -1.0 |])[1])

[<Fact>]
let ``a function has operator sets of its own, and leaves out operands that its caller leaves out`` () =
    let clip =
        functionOf "own" "Wide" [ "", 11 ] [ "a"; "low"; "high" ] [ "b" ] [] [] [
            node "Clip" [ "a"; "low"; "high" ] [ "h" ] []
            node "Unsqueeze" [ "h" ] [ "b" ] [ Attr.ints "axes" [ 0 ] ]
        ]

    let limit = Init.doubles "limit" [] [ 0.25 ]
    let evaluate inputs = Model.evaluate (load (calling "Wide" inputs [] [ limit ] [ clip ])) [| 1.0; -1.0 |]
    Assert.Equal<float[]>([| 0.25; -1.0 |], evaluate [ "x"; ""; "limit" ])
    Assert.Equal<float[]>([| 1.0; 0.25 |], evaluate [ "x"; "limit" ])

[<Fact>]
let ``functions call functions, and see nothing around their caller`` () =
    let twice =
        functionOf "own" "Twice" [ "own", 1 ] [ "a" ] [ "b" ] [] [] [
            nodeOf "own" "Once" [ "a" ] [ "h" ] []
            nodeOf "own" "Once" [ "h" ] [ "b" ] []
        ]

    let once = functionOf "own" "Once" standard [ "a" ] [ "b" ] [] [] [ node "Sin" [ "a" ] [ "b" ] [] ]

    calling "Twice" [ "x" ] [] [] [ twice; once ]
    |> assertElementwise (fun x -> sin (sin x)) (fun x -> cos (sin x) * cos x) (fun x ->
        -(sin (sin x)) * cos x * cos x - cos (sin x) * sin x)

    let curious =
        functionOf "own" "Once" standard [ "a" ] [ "b" ] [] [] [ node "Add" [ "a"; "x" ] [ "b" ] [] ]

    assertProblems (calling "Once" [ "x" ] [] [] [ curious ]) [
        "node of 'b' (Add) in node 'call' (own.Once)", "'x' is used before anything computes it"
    ]

[<Fact>]
let ``the file's function comes before a standard operator of its name`` () =
    let own = functionOf "" "Neg" standard [ "a" ] [ "b" ] [] [] [ node "Exp" [ "a" ] [ "b" ] [] ]

    file [ "", 13 ] (graph [ node "Neg" [ "x" ] [ "y" ] [] ] [ pair ] [ any "y" ] []) [ own ]
    |> assertElementwise exp exp exp

[<Fact>]
let ``functions that cannot be expanded are refused`` () =
    let recursive =
        functionOf "own" "Odd" [ "own", 1 ] [ "a" ] [ "b" ] [] [] [ nodeOf "own" "Odd" [ "a" ] [ "b" ] [] ]

    assertProblems (calling "Odd" [ "x" ] [] [] [ recursive ]) [
        "node of 'b' (own.Odd) in node 'call' (own.Odd)", "function 'own.Odd' calls itself"
    ]

    let needy =
        functionOf "own" "Odd" standard [ "a" ] [ "b" ] [ "slope" ] [] [ node "Exp" [ "a" ] [ "b" ] [] ]

    assertProblems (calling "Odd" [ "x" ] [] [] [ needy ]) [ "node 'call' (own.Odd)", "attribute 'slope' is missing" ]

    assertProblems (calling "Odd" [ "x"; "x" ] [ Attr.float "slope" 1.0 ] [] [ needy ]) [
        "node 'call' (own.Odd)", "2 operands to a function of 1"
    ]

    assertProblems (calling "Even" [ "x" ] [] [] [ needy ]) [
        "node 'call' (own.Even)", "belongs to 'own', which is not supported, and the file does not define it"
    ]

[<Fact>]
let ``graphs in graphs are refused beyond a depth`` () =
    /// Function i calls the next one.
    let chain length = [
        for i in 1..length ->
            functionOf "own" $"F{i}" [ "own", 1; "", 13 ] [ "a" ] [ "b" ] [] [] [
                if i < length then nodeOf "own" $"F{i + 1}" [ "a" ] [ "b" ] [] else node "Exp" [ "a" ] [ "b" ] []
            ]
    ]

    calling "F1" [ "x" ] [] [] (chain 64) |> assertElementwise exp exp exp

    assertProblems (calling "F1" [ "x" ] [] [] (chain 65)) [ "node 'call' (own.F1)", "nested more than 64 deep" ]

[<Fact>]
let ``operators inside nodes and functions are counted`` () =
    let own = functionOf "own" "Odd" standard [ "a" ] [ "b" ] [] [] [ node "Exp" [ "a" ] [ "b" ] [] ]

    let bytes =
        file
            [ "", 13; "own", 1 ]
            (graph [ ifYes [ nodeOf "own" "Odd" [ "x" ] [ "t" ] [] ] [ fancy ] ] [ pair ] [ any "y" ] [ yes ])
            [ own ]

    Assert.Equal<(string * int) list>([ "Exp", 1; "Fancy", 1; "If", 1; "own.Odd", 1 ], (inspect bytes).Operators)

[<Fact>]
let ``attributes decide whether other operators have kinks`` () =
    let kinks operator attributes =
        (inspect (model 13 [ node operator [ "x" ] [ "y" ] attributes ] [ pair ] [ "y" ] [])).Kinks

    Assert.Empty(kinks "Elu" [])
    Assert.Empty(kinks "Elu" [ Attr.float "alpha" 1.0 ])
    Assert.Equal<(string * int) list>([ "Elu", 1 ], kinks "Elu" [ Attr.float "alpha" 0.5 ])
    Assert.Empty(kinks "LpNormalization" [])
    Assert.Equal<(string * int) list>([ "LpNormalization", 1 ], kinks "LpNormalization" [ Attr.int "p" 1 ])

[<Fact>]
let ``kinks of recurrent layers follow from their activations`` () =
    let kinks attributes = (inspect (model 14 [ node "RNN" [ "x" ] [ "y" ] attributes ] [ pair ] [ "y" ] [])).Kinks

    Assert.Empty(kinks [])
    Assert.Empty(kinks [ Attr.strings "activations" [ "Sigmoid" ] ])
    Assert.Equal<(string * int) list>([ "RNN", 1 ], kinks [ Attr.strings "activations" [ "Relu" ] ])
    Assert.Equal<(string * int) list>([ "RNN", 1 ], kinks [ Attr.float "clip" 1.0 ])
