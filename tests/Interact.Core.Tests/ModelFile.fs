/// Models read from files that are there only while they are read.
module internal Interact.Core.Tests.ModelFile

open System
open System.IO
open Interact.Core
open Interact.Core.Onnx
open Xunit

/// What the function makes of the path of a file with these bytes.
let withFile (bytes: byte[]) (read: string -> 'Result) : 'Result =
    let folder = Directory.CreateTempSubdirectory "interact-tests-"

    try
        let path = Path.Combine(folder.FullName, "test.onnx")
        File.WriteAllBytes(path, bytes)
        read path
    finally
        folder.Delete true

/// The value; problems fail the test.
let value (result: Result<'Value, ImportProblem list>) =
    match result with
    | Ok value -> value
    | Error problems -> invalidOp (problems |> List.map string |> String.concat Environment.NewLine)

let loadWith options bytes : Result<Model, ImportProblem list> = withFile bytes (OnnxModel.load options)
let load bytes = loadWith OnnxModel.defaults bytes |> value
let inspect bytes = withFile bytes OnnxModel.inspect |> value

/// The file cannot be loaded, and an inspection says the same: at these places, in this order, problems that hold these words, in one
/// line each that a terminal can show.
let assertProblems (bytes: byte[]) (expected: (string * string) list) =
    let problems =
        match loadWith OnnxModel.defaults bytes with
        | Error problems -> problems
        | Ok _ -> []

    Assert.Equal<string list>(expected |> List.map fst, problems |> List.map _.Place)

    for (_, words), problem in List.zip expected problems do
        Assert.Contains(words, problem.Problem)
        Assert.DoesNotContain("\n", problem.Problem)
        Assert.InRange(problem.Problem.Length, 1, 400)

    Assert.Equal<ImportProblem list>(problems, (inspect bytes).Problems)
