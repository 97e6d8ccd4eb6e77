/// Operator cases in the layout of the ONNX backend tests: found, run, compared, and told apart.
module Interact.Core.Tests.ConformanceTests

open System
open System.IO
open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.Results
open Xunit

/// What the function makes of a folder with the given files, in folders by their paths.
let private withFiles (files: (string * byte[]) list) (read: string -> 'Result) : 'Result =
    let folder = Directory.CreateTempSubdirectory "interact-tests-"

    try
        for path, bytes in files do
            let file = FileInfo(Path.Combine(folder.FullName, path))
            (nonNull file.Directory).Create()
            File.WriteAllBytes(file.FullName, bytes)

        read folder.FullName
    finally
        folder.Delete true

let private tensor (Constant bytes) = bytes

/// A case of one data set from its model, inputs and outputs.
let private caseOf model inputs outputs = [
    "model.onnx", model
    for i, input in List.indexed inputs do
        $"test_data_set_0/input_{i}.pb", tensor input
    for i, output in List.indexed outputs do
        $"test_data_set_0/output_{i}.pb", tensor output
]

let private outcome files = withFiles files Conformance.run

let private pair = [ Fixed 2L ]
let private exponential = model 13 [ node "Exp" [ "x" ] [ "y" ] [] ] [ Val.float "x" pair ] [ "y" ] []
let private zeroAndOne = Init.floats "x" [ 2 ] [ 0.0; 1.0 ]

let private expecting numbers = outcome (caseOf exponential [ zeroAndOne ] [ Init.floats "y" [ 2 ] numbers ])

let private assertFailed (words: string) outcome =
    match outcome with
    | ConformanceOutcome.Failed difference -> Assert.Contains(words, difference)
    | other -> invalidOp $"{other}"

let private assertSkipped (words: string) outcome =
    match outcome with
    | ConformanceOutcome.Skipped reason -> Assert.Contains(words, reason)
    | other -> invalidOp $"{other}"

let private assertUnreadable (words: string) outcome =
    match outcome with
    | ConformanceOutcome.Unreadable problem -> Assert.Contains(words, problem)
    | other -> invalidOp $"{other}"

[<Fact>]
let ``numbers may differ by a thousandth and not by more`` () =
    Assert.Equal(ConformanceOutcome.Passed, expecting [ 1.0; Math.E ])
    Assert.Equal(ConformanceOutcome.Passed, expecting [ 1.0; Math.E * 1.0009 ])
    assertFailed "output 'y' is 1 at element 0 where" (expecting [ 1.002; Math.E ])

[<Fact>]
let ``shapes and kinds of elements must be the same`` () =
    let expecting output = outcome (caseOf exponential [ zeroAndOne ] [ output ])
    assertFailed "has shape 2 where 2 x 1 is expected" (expecting (Init.floats "y" [ 2; 1 ] [ 1.0; Math.E ]))
    assertFailed "of kind Real where Integer is expected" (expecting (Init.int64s "y" [ 2 ] [ 1L; 3L ]))

[<Fact>]
let ``integers and truth values must be the same`` () =
    let doubled = node "Add" [ "x"; "x" ] [ "y" ] []

    let less = node "Less" [ "x"; "x" ] [ "z" ] []

    let integers =
        modelWith 13 [ doubled; less ] [ Val.int64 "x" pair ] [ Val.int64 "y" pair; Val.bool "z" pair ] []

    let expecting numbers truths =
        outcome (
            caseOf integers [ Init.int64s "x" [ 2 ] [ 1000000L; -3L ] ] [
                Init.int64s "y" [ 2 ] numbers
                Init.bools "z" [ 2 ] truths
            ]
        )

    Assert.Equal(ConformanceOutcome.Passed, expecting [ 2000000L; -6L ] [ false; false ])
    assertFailed "'y' is 2000000 at element 0" (expecting [ 2000001L; -6L ] [ false; false ])
    assertFailed "'z' is 0 at element 1" (expecting [ 2000000L; -6L ] [ false; true ])

[<Fact>]
let ``what is not finite must be the same`` () =
    let inverse = model 13 [ node "Log" [ "x" ] [ "y" ] [] ] [ Val.float "x" [ Fixed 3L ] ] [ "y" ] []

    let expecting numbers =
        outcome (caseOf inverse [ Init.floats "x" [ 3 ] [ -1.0; 0.0; 1.0 ] ] [ Init.floats "y" [ 3 ] numbers ])

    Assert.Equal(ConformanceOutcome.Passed, expecting [ nan; -infinity; 0.0 ])
    assertFailed "element 0" (expecting [ 0.0; -infinity; 0.0 ])
    assertFailed "element 1" (expecting [ nan; infinity; 0.0 ])

[<Fact>]
let ``several inputs of several types are fed in order`` () =
    let bytes =
        modelWith
            13
            [ node "Where" [ "c"; "a"; "b" ] [ "w" ] []; node "Gather" [ "w"; "i" ] [ "y" ] [] ]
            [ Val.bool "c" pair; Val.float "a" pair; Val.float "b" pair; Val.int64 "i" pair ] [ Val.float "y" pair ] []

    let case =
        caseOf bytes [
            Init.bools "" [ 2 ] [ true; false ]
            Init.floats "" [ 2 ] [ 1.0; 2.0 ]
            Init.floats "" [ 2 ] [ 3.0; 4.0 ]
            Init.int64s "" [ 2 ] [ 1L; 0L ]
        ] [ Init.floats "" [ 2 ] [ 4.0; 1.0 ] ]

    Assert.Equal(ConformanceOutcome.Passed, outcome case)

[<Fact>]
let ``eleven files are read in the order of their numbers`` () =
    let names = [ for i in 0..10 -> $"x{i}" ]

    let bytes =
        modelWith
            13
            [ node "Concat" names [ "y" ] [ Attr.int "axis" 0 ] ]
            (names |> List.map (fun name -> Val.float name [ Fixed 1L ])) [ Val.float "y" [ Fixed 11L ] ] []

    let inputs = [ for i in 0..10 -> Init.floats "" [ 1 ] [ float i ] ]

    Assert.Equal(ConformanceOutcome.Passed, outcome (caseOf bytes inputs [ Init.floats "" [ 11 ] [ 0.0 .. 10.0 ] ]))

[<Fact>]
let ``an input without a file counts up from 0 to 1`` () =
    let wide = model 13 [ node "Neg" [ "x" ] [ "y" ] [] ] [ Val.float "x" [ Fixed 4L ] ] [ "y" ] []
    let case = caseOf wide [] [ Init.floats "y" [ 4 ] [ 0.0; -0.25; -0.5; -0.75 ] ]
    Assert.Equal(ConformanceOutcome.Passed, outcome case)

[<Fact>]
let ``operators and types that cannot be imported are skipped with the reason`` () =
    let fancy = model 13 [ node "Fancy" [ "x" ] [ "y" ] [] ] [ Val.float "x" pair ] [ "y" ] []
    assertSkipped "node of 'y' (Fancy): the operator" (outcome (caseOf fancy [ zeroAndOne ] [ zeroAndOne ]))

    let half = model 13 [ node "Exp" [ "x" ] [ "y" ] [] ] [ "x", DataType.Float16, pair ] [ "y" ] []
    assertSkipped "input 'x': its elements are FLOAT16" (outcome (caseOf half [ zeroAndOne ] [ zeroAndOne ]))

    let narrow =
        modelWith 13 [ node "Cast" [ "x" ] [ "y" ] [ Attr.int "to" 3 ] ] [ Val.float "x" pair ] [
            "y", DataType.Int8, pair
        ] []

    assertSkipped "output 'y': its elements are INT8" (outcome (caseOf narrow [ zeroAndOne ] [ zeroAndOne ]))

[<Fact>]
let ``cases that are damaged or incomplete are told with the file`` () =
    let case = caseOf exponential [ zeroAndOne ] [ Init.floats "y" [ 2 ] [ 1.0; Math.E ] ]
    let with' path bytes = case |> List.map (fun (name, old) -> name, (if name = path then bytes else old))
    let without path = case |> List.filter (fun (name, _) -> name <> path)
    assertUnreadable "model.onnx: " (outcome (with' "model.onnx" [| 1uy; 2uy |]))
    assertUnreadable "input_0.pb: " (outcome (with' "test_data_set_0/input_0.pb" [| 0xFFuy |]))

    assertUnreadable
        "output_0.pb: "
        (outcome (with' "test_data_set_0/output_0.pb" (tensor (Init.raw "y" DataType.Float [ 2 ] [| 1uy |]))))

    assertUnreadable "0 output files" (outcome (without "test_data_set_0/output_0.pb"))
    assertUnreadable "no test_data_set_0" (outcome [ List.head case ])
    assertUnreadable "no such file" (outcome [])

    let open' = model 13 [ node "Exp" [ "x" ] [ "y" ] [] ] [ Val.float "x" [ Symbol "N" ] ] [ "y" ] []
    assertUnreadable "input 'x' has no file" (outcome (caseOf open' [] [ zeroAndOne ]))
    assertUnreadable "2 input files" (outcome (caseOf exponential [ zeroAndOne; zeroAndOne ] [ zeroAndOne ]))

[<Fact>]
let ``cases are found at any depth, in alphabetical order`` () =
    let case = caseOf exponential [ zeroAndOne ] [ Init.floats "y" [ 2 ] [ 1.0; Math.E ] ]
    let at folder = case |> List.map (fun (path, bytes) -> $"{folder}/{path}", bytes)

    withFiles (at "b/second" @ at "a" @ at "b/first") (fun folder ->
        let results = Conformance.runAll folder |> ok |> List.ofSeq
        Assert.Equal<string list>([ "a"; "b/first"; "b/second" ], results |> List.map _.Case)
        Assert.All(results, (fun result -> Assert.Equal(ConformanceOutcome.Passed, result.Outcome))))

[<Fact>]
let ``a folder without cases is refused`` () =
    withFiles [ "notes.txt", [||] ] (fun folder ->
        assertRefused [
            refusal (Conformance.find folder), "no case in it"
            refusal (Conformance.find (Path.Combine(folder, "absent"))), "no such folder"
            refusal (Conformance.find (Path.Combine(folder, "notes.txt"))), "a file"
            refusal (Conformance.find ""), "the folder's path is empty"
        ])
