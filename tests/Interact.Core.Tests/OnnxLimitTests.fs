/// Files that ask for too much: each is refused where it does, before anything of the kind is allocated.
module Interact.Core.Tests.OnnxLimitTests

open System
open Interact.Core
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Xunit

let private row = Val.float "x" [ Symbol "N"; Fixed 3L ]
let private ofNodes nodes constants = model 13 nodes [ row ] [ "y" ] constants

let private problemsWithin limits bytes =
    match loadWith { OnnxModel.defaults with Limits = limits } bytes with
    | Ok _ -> []
    | Error problems -> problems |> List.map (fun problem -> problem.Place, problem.Problem)

/// The only problem is at this place, and its text holds these words and what would mend it.
let private assertRefused limits bytes place (words: string) =
    let found, problem = problemsWithin limits bytes |> List.exactlyOne
    Assert.Equal(place, found)
    Assert.Contains(words, problem)
    Assert.Contains("export", problem)

/// y is x rectified, scaled and so on, n times.
let private chain n = [
    for i in 1..n do
        let operator = if i % 2 = 0 then "Relu" else "Tanh"
        node operator [ (if i = 1 then "x" else $"h{i - 1}") ] [ (if i = n then "y" else $"h{i}") ] []
]

[<Fact>]
let ``more nodes than are allowed stop the import at once`` () =
    let limits = { ImportLimits.defaults with Nodes = 5 }
    Assert.Equal<(string * string) list>([], problemsWithin limits (ofNodes (chain 5) []))
    assertRefused limits (ofNodes (chain 30) []) "node of 'h6' (Relu)" "more than 5 nodes"

[<Fact>]
let ``an import that takes too long stops`` () =
    let limits = { ImportLimits.defaults with Time = TimeSpan.Zero }
    assertRefused limits (ofNodes (chain 3) []) "node of 'h1' (Tanh)" "longer than 0 s"

/// A model whose node of 'y' adds x to a number repeated to a shape.
let private repeated (sizes: int64 list) =
    ofNodes [ node "Expand" [ "c"; "sizes" ] [ "e" ] [] |> named "repeat"; node "Identity" [ "x" ] [ "y" ] [] ] [
        Init.floats "c" [ 1 ] [ 2.0 ]
        Init.int64s "sizes" [ sizes.Length ] sizes
    ]

/// y is x raised by a number, if it holds, in branches inside branches.
let rec private branches depth =
    if depth = 0 then
        [ node "Add" [ "x"; "c" ] [ "y" ] [] ]
    else
        let branch () = graph (branches (depth - 1)) [] [ Val.float "y" [] ] []

        [
            node "If" [ "c" ] [ "y" ] [ Attr.graph "then_branch" (branch ()); Attr.graph "else_branch" (branch ()) ]
        ]

[<Fact>]
let ``more graphs than are allowed are refused while the file is read`` () =
    let limits = { ImportLimits.defaults with Graphs = 15 }
    let bytes depth = ofNodes (branches depth) [ Init.bools "c" [] [ true ] ]
    Assert.Equal<(string * string) list>([], problemsWithin limits (bytes 3))
    let _, problem = problemsWithin limits (bytes 4) |> List.exactlyOne
    Assert.Contains("more than 15 graphs", problem)

[<Fact>]
let ``gates of a recurrent layer are counted in every step`` () =
    let limits = { ImportLimits.defaults with Nodes = 50 }

    let bytes steps =
        model
            14
            [ node "GRU" [ "x"; "w"; "r" ] [ "y" ] [ Attr.int "hidden_size" 1 ] ]
            [ Val.float "x" [ Fixed steps; Fixed 1L; Fixed 1L ] ] [ "y" ] [
                Init.floats "w" [ 1; 3; 1 ] [ 0.5; 1.0; -1.0 ]
                Init.floats "r" [ 1; 3; 1 ] [ 0.25; -0.5; 1.0 ]
            ]

    Assert.Equal<(string * string) list>([], problemsWithin limits (bytes 3L))
    assertRefused limits (bytes 4L) "node of 'y' (GRU)" "more than 50 nodes"

[<Fact>]
let ``a window much wider than its operand takes no longer than its places`` () =
    let attributes = [ Attr.ints "kernel_shape" [ 1 <<< 17 ]; Attr.string "auto_pad" "SAME_LOWER" ]
    let image = Val.float "x" [ Fixed 1L; Fixed 1L; Fixed 3L ]
    let bytes = model 13 [ node "MaxPool" [ "x" ] [ "y" ] attributes ] [ image ] [ "y" ] []
    Assert.Equal<float[]>([| 5.0; 5.0; 5.0 |], Model.evaluate (load bytes) [| 1.0; 5.0; 2.0 |])

[<Fact>]
let ``indices are counted before they are made`` () =
    // Every update goes to the first element, one after the other.
    let updates = 1 <<< 14

    let scattered =
        ofNodes [
            node "Expand" [ "zero"; "count" ] [ "places" ] []
            node "Expand" [ "one"; "count" ] [ "updates" ] []
            node "ScatterElements" [ "updates"; "places"; "updates" ] [ "s" ] [ Attr.string "reduction" "max" ]
            |> named "scatter"
            node "Identity" [ "x" ] [ "y" ] []
        ] [
            Init.int64s "zero" [ 1 ] [ 0L ]
            Init.floats "one" [ 1 ] [ 1.0 ]
            Init.int64s "count" [ 1 ] [ int64 updates ]
        ]

    assertRefused ImportLimits.defaults scattered "node 'scatter' (ScatterElements)" "268435456 elements"

    // Every index stands for a slice of all the others.
    let gathered =
        ofNodes [
            node "Expand" [ "zero"; "counts" ] [ "tuples" ] []
            node "Expand" [ "one"; "wide" ] [ "slices" ] []
            node "GatherND" [ "slices"; "tuples" ] [ "g" ] [] |> named "gather"
            node "Identity" [ "x" ] [ "y" ] []
        ] [
            Init.int64s "zero" [ 1; 1 ] [ 0L ]
            Init.floats "one" [ 1; 1 ] [ 1.0 ]
            Init.int64s "counts" [ 2 ] [ 1L <<< 20; 1L ]
            Init.int64s "wide" [ 2 ] [ 1L; 1L <<< 20 ]
        ]

    assertRefused ImportLimits.defaults gathered "node 'gather' (GatherND)" "1099511627776 elements"

[<Fact>]
let ``values of too many axes, elements or bytes are refused where they are made`` () =
    let place = "node 'repeat' (Expand)"
    assertRefused ImportLimits.defaults (repeated (List.replicate 33 1L)) place "33 axes, more than 32"
    assertRefused ImportLimits.defaults (repeated [ 1L <<< 15; 1L <<< 15 ]) place "32768 x 32768 elements, more than"
    assertRefused ImportLimits.defaults (repeated [ 1L <<< 13; 1L <<< 13 ]) place "512 MiB, more than 64 MiB"
    assertRefused { ImportLimits.defaults with Memory = 1000L } (repeated [ 100000L ]) place "781.2 KiB, more than"

[<Fact>]
let ``a large file may make larger values`` () =
    let limits = { ImportLimits.defaults with Memory = 1000L; Amplification = 4.0 }
    let weights = Init.doubles "w" [ 100 ] [ for i in 1..100 -> float i ]

    let ofWidth width =
        ofNodes [ node "Expand" [ "w"; "sizes" ] [ "e" ] []; node "Identity" [ "x" ] [ "y" ] [] ] [
            weights
            Init.int64s "sizes" [ 2 ] [ width; 100L ]
        ]

    Assert.Equal<(string * string) list>([], problemsWithin limits (ofWidth 2L))
    assertRefused limits (ofWidth 50L) "node of 'e' (Expand)" "more than"

[<Fact>]
let ``constants that are computed at import are counted together`` () =
    // Each result is allowed; a hundred of them are not.
    let nodes = [
        for i in 1..100 do
            node "Expand" [ "c"; "sizes" ] [ $"e{i}" ] []
            node "Sin" [ $"e{i}" ] [ $"s{i}" ] []
            node "Add" [ (if i = 1 then "c" else $"t{i - 1}"); $"s{i}" ] [ $"t{i}" ] []
    ]

    let bytes =
        ofNodes (nodes @ [ node "Identity" [ "x" ] [ "y" ] [] ]) [
            Init.floats "c" [ 2; 1 ] [ 2.0; 3.0 ]
            Init.int64s "sizes" [ 2 ] [ 2L; 1L <<< 20 ]
        ]

    let place, problem = problemsWithin ImportLimits.defaults bytes |> List.exactlyOne
    Assert.Contains("(Add)", place)
    Assert.Contains("computed from constants takes more than 64 MiB", problem)

[<Fact>]
let ``an evaluation that holds too many values at a time is refused`` () =
    // Eight values of 50000 x 3 doubles, 1.2 MB each, of which all wait for the sum.
    let nodes = [
        for i in 1..8 do
            node "Mul" [ "x"; "w" ] [ $"m{i}" ] []
            node "Mul" [ $"m{i}"; $"c{i}" ] [ $"n{i}" ] []
            node "Softmax" [ $"n{i}" ] [ $"s{i}" ] [ Attr.int "axis" 0 ]
        node "Sum" [ for i in 1..8 -> $"s{i}" ] [ "y" ] []
    ]

    let bytes =
        ofNodes nodes [
            Init.floats "w" [ 50000; 1 ] [ for i in 1..50000 -> 1.0 / float i ]
            for i in 1..8 do
                Init.floats $"c{i}" [] [ float i ]
        ]

    Assert.Equal<(string * string) list>([], problemsWithin ImportLimits.defaults bytes)

    assertRefused
        { ImportLimits.defaults with Memory = 1300000L; Amplification = 1.0 }
        bytes
        "output 'y'"
        "one evaluation takes"

[<Fact>]
let ``an input may not be larger than a value`` () =
    let bytes =
        model 13 [ node "Identity" [ "x" ] [ "y" ] [] ] [ Val.float "x" [ Fixed(1L <<< 26) ] ] [ "y" ] []

    assertRefused ImportLimits.defaults bytes "input 'x'" "512 MiB, more than 64 MiB"

[<Fact>]
let ``operands that an operator does not take are refused`` () =
    let nodes operands = [ node "MatMul" operands [ "y" ] [] ]
    let weights = [ Init.floats "w" [ 3; 2 ] [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ] ]

    assertRefused
        ImportLimits.defaults
        (ofNodes (nodes [ "x"; "w"; "w"; "w" ]) weights)
        "node of 'y' (MatMul)"
        "it has 4 operands and takes 2 at most"

    // Names left out at the end are no operands.
    Assert.Equal<(string * string) list>(
        [],
        problemsWithin ImportLimits.defaults (ofNodes (nodes [ "x"; "w"; "" ]) weights)
    )

[<Fact>]
let ``every operand of a sum counts as a node`` () =
    let limits = { ImportLimits.defaults with Nodes = 20 }
    let sum n = ofNodes [ node "Sum" (List.replicate n "x") [ "y" ] [] ] []
    Assert.Equal<(string * string) list>([], problemsWithin limits (sum 20))
    assertRefused limits (sum 30) "node of 'y' (Sum)" "more than 20 nodes"

[<Fact>]
let ``any number of updates of one place is combined in few steps`` () =
    let count = 100_000

    let bytes =
        ofNodes [
            node "Expand" [ "x"; "wide" ] [ "updates" ] []
            node "ScatterND" [ "ones"; "places"; "updates" ] [ "most" ] [ Attr.string "reduction" "max" ]
            node "Identity" [ "most" ] [ "y" ] []
        ] [
            Init.int64s "wide" [ 2 ] [ int64 count; 3L ]
            Init.floats "ones" [ 1; 3 ] [ 1.0; 1.0; 1.0 ]
            Init.int64s "places" [ count; 1 ] (List.replicate count 0L)
        ]

    // One after the other they take ten times as long, and more.
    let limits = { ImportLimits.defaults with Time = TimeSpan.FromSeconds 8.0 }

    match loadWith { OnnxModel.defaults with Limits = limits } bytes with
    | Error problems -> Assert.Fail $"{problems}"
    | Ok f -> Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], Model.evaluate f [| -1.0; 2.0; 3.0 |])

[<Fact>]
let ``the weights of very many windows take little memory`` () =
    let image = Val.float "x" [ Fixed 1L; Fixed 1L; Fixed 4L; Fixed 4L ]

    let pool =
        node "AveragePool" [ "x" ] [ "y" ] [
            Attr.ints "kernel_shape" [ 1; 1 ]
            Attr.ints "pads" [ 0; 500_000; 0; 500_000 ]
            Attr.int "count_include_pad" 1
        ]

    let bytes = model 13 [ pool ] [ image ] [ "y" ] []
    let before = GC.GetAllocatedBytesForCurrentThread()
    problemsWithin ImportLimits.defaults bytes |> ignore
    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0L, 150_000_000L)

[<Fact>]
let ``two inputs of one name are refused`` () =
    let bytes = model 13 (chain 1) [ row; row ] [ "y" ] []
    assertRefused ImportLimits.defaults bytes "input 'x'" "given twice"

[<Fact>]
let ``of very many problems the first hundred are listed`` () =
    let nodes = [ for i in 1..150 -> node "Odd" [ "x" ] [ $"h{i}" ] [] ]
    let problems = problemsWithin ImportLimits.defaults (ofNodes (nodes @ chain 1) [])
    Assert.Equal(101, problems.Length)
    Assert.Equal(("the file", "50 more problems; mend these first"), List.last problems)

[<Fact>]
let ``a format version from the future and numbers that are not finite are warned of`` () =
    let bytes =
        ofNodes [ node "Add" [ "x"; "w" ] [ "y" ] [] ] [ Init.floats "w" [ 3 ] [ 1.0; nan; infinity ] ]

    Assert.Contains("constant 'w' has elements that are infinite or not a number", Assert.Single((load bytes).Warnings))
    let future = ofNodes (chain 1) []
    Assert.Equal(8uy, future[1])
    future[1] <- 99uy
    Assert.Contains("(ir_version) 99 is newer than", Assert.Single((load future).Warnings))

[<Fact>]
let ``operator names out of a file are cut and made fit for a terminal`` () =
    let bytes = ofNodes [ node (String('A', 5000) + "\u001b[2J") [ "x" ] [ "y" ] [] ] []
    let place, _ = problemsWithin ImportLimits.defaults bytes |> List.exactlyOne
    Assert.InRange(place.Length, 60, 120)
    let listed = (inspect bytes).Operators |> List.exactlyOne |> fst
    Assert.InRange(listed.Length, 60, 120)
