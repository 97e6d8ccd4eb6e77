namespace Interact.Core.Onnx

open System
open System.IO
open Interact.Core
open Interact.Core.Execution

/// What a case folder came to.
[<RequireQualifiedAccess>]
type ConformanceOutcome =
    /// Every output is as expected.
    | Passed
    /// Some output is not, in a sentence.
    | Failed of difference: string
    /// The model has operators or types that cannot be imported, in a sentence.
    | Skipped of reason: string
    /// The case itself cannot be read, in a sentence that begins with the file.
    | Unreadable of problem: string

/// One case of a conformance run: its folder below the one that was given, and what it came to.
type ConformanceResult = { Case: string; Outcome: ConformanceOutcome }

/// Runs operator cases in the layout of the ONNX backend tests: folders with a model.onnx and, in test_data_set_*, its inputs
/// input_*.pb and outputs output_*.pb, numbered as the model lists them.
///
/// Floating outputs agree where |found - expected| ≤ 1e-7 + 1e-3 |expected|, the tolerance of ONNX's own runner, with the found number
/// rounded to the output's type; NaN equals NaN. Shapes, kinds of elements, integers and truth values agree exactly.
[<RequireQualifiedAccess>]
module Conformance =

    let private relative = 1e-3
    let private absolute = 1e-7
    let private modelFile = "model.onnx"

    /// Names that numbers end are in the order of the numbers.
    let private numbered (name: string) =
        let stem = nonNull (Path.GetFileNameWithoutExtension name)
        let digits = stem |> Seq.rev |> Seq.takeWhile Char.IsAsciiDigit |> Seq.length

        match Int32.TryParse(stem.Substring(stem.Length - digits)) with
        | true, number -> number, name
        | false, _ -> Int32.MaxValue, name

    /// The case folders below a folder, itself included, in alphabetical order.
    /// Error: where there is no such folder, or no case below it.
    let find (folder: string) : Result<string list, string> =
        try
            let files =
                Directory.EnumerateFiles(
                    folder,
                    modelFile,
                    EnumerationOptions(RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint)
                )
                |> Seq.map (fun file -> nonNull (Path.GetDirectoryName file))
                |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
                |> List.ofSeq

            if files.IsEmpty then
                Error $"{folder}: no case in it; give a folder with cases in the layout of the ONNX backend tests"
            else
                Ok files
        with
        | :? IOException when File.Exists folder -> Error $"{folder}: a file; give the folder of the cases"
        | :? DirectoryNotFoundException -> Error $"{folder}: no such folder; check the path"
        | :? UnauthorizedAccessException -> Error $"{folder}: may not be read; check its permissions"
        | :? IOException as problem -> Error $"{folder}: could not be read: {problem.Message.TrimEnd '.'}; try again"
        | :? ArgumentException -> Error "the folder's path is empty; give a folder"

    /// Types whose arithmetic is done here as it is there: half precision rounds, and narrow integers wrap around.
    let private runs =
        set [ DataType.Float; DataType.Double; DataType.Int32; DataType.Int64; DataType.Bool ]

    let private typeRefusal kind (info: ValueInfo) =
        let supported =
            "only tensors of FLOAT, DOUBLE, INT32, INT64 and BOOL are evaluated as the case wants it"

        match info.Type with
        | TypeProto.Tensor(elementType, _) when runs.Contains elementType -> None
        | TypeProto.Tensor(elementType, _) ->
            Some $"{kind} {Quote.name info.Name}: its elements are {DataType.name elementType}; {supported}"
        | _ -> Some $"{kind} {Quote.name info.Name}: it is not a tensor; {supported}"

    /// The elements of a tensor as doubles.
    let private elements (tensor: TensorProto) : Result<float[], string> =
        match DataType.kind tensor.DataType with
        | ElementKind.Integer -> TensorData.toIntegers tensor |> Result.map (Array.map float)
        | ElementKind.Floating
        | ElementKind.Unsupported -> TensorData.toFloats tensor

    let private kindOf (dataType: DataType) =
        match DataType.kind dataType with
        | ElementKind.Integer -> if dataType = DataType.Bool then ElementType.Boolean else ElementType.Integer
        | ElementKind.Floating
        | ElementKind.Unsupported -> ElementType.Real

    /// The tensor in a file with its shape and elements. Error: a sentence that begins with the file.
    let private read (file: string) : Result<TensorProto * Shape * float[], string> =
        OnnxFile.readTensor file
        |> Result.bind (fun tensor ->
            TensorData.shape tensor
            |> Result.bind (fun shape -> elements tensor |> Result.map (fun values -> tensor, shape, values))
            |> Result.mapError (fun problem -> $"{file}: {problem}"))

    /// The results, or the first error.
    let private all (results: Result<'T, string> seq) : Result<'T list, string> =
        (results, Ok [])
        ||> Seq.foldBack (fun result rest ->
            match result with
            | Error problem -> Error problem
            | Ok value -> rest |> Result.map (fun values -> value :: values))

    let private filesOf (set: string) pattern = Directory.GetFiles(set, pattern) |> Array.sortBy numbered

    /// What stands in for an input that the case has no file of, as in ONNX's own runner: element i of n is i/n.
    let private ramp (info: ValueInfo) : Result<Shape * float[], string> =
        let sizes =
            match info.Type with
            | TypeProto.Tensor(elementType, Some dims) when DataType.kind elementType = ElementKind.Floating ->
                dims
                |> Array.map (function
                    | Dim.Fixed size when size > 0L && size < int64 Array.MaxLength -> Some(int size)
                    | _ -> None)
            | _ -> [| None |]

        if Array.forall Option.isSome sizes then
            let shape = Array.map Option.get sizes
            let count = Shape.size shape
            Ok(shape, Array.init count (fun i -> float (float32 i / float32 count)))
        else
            Error $"input {Quote.name info.Name} has no file; add input_*.pb"

    /// The model's inputs with their elements, in the order of the model.
    let private inputsOf set (ports: ValueInfo[]) : Result<(ValueInfo * Shape * float[]) list, string> =
        let files = filesOf set "input_*.pb"

        if files.Length > ports.Length then
            Error $"{set}: {files.Length} input files for a model with {ports.Length} inputs; remove what is too many"
        else
            ports
            |> Seq.mapi (fun i port ->
                if i < files.Length then
                    read files[i] |> Result.map (fun (_, shape, values) -> port, shape, values)
                else
                    ramp port
                    |> Result.map (fun (shape, values) -> port, shape, values)
                    |> Result.mapError (fun problem -> $"{set}: {problem}"))
            |> all

    let private constant (port: ValueInfo) shape values = {
        Node = Node.constant shape values
        Type =
            match port.Type with
            | TypeProto.Tensor(elementType, _) -> kindOf elementType
            | _ -> Real
    }

    /// Cases are chosen by who runs them, and light ones fill the weights of large networks by an operator.
    let private limits = { ImportLimits.defaults with Memory = 4L <<< 30 }

    /// The import with the inputs' values, and what is left to supply when it is run. As in an explanation the first floating input
    /// is free and the others are held fixed; where values decide shapes or indices, all of them are.
    let private import (model: ModelProto) (inputs: (ValueInfo * Shape * float[]) list) =
        let run free =
            let given, supplied =
                inputs
                |> List.mapi (fun i (port, shape, values) ->
                    if Some i = free then
                        let node = Node.input port.Name shape
                        (port.Name, Value.real node), [ node, values ]
                    else
                        (port.Name, constant port shape values), [])
                |> List.unzip

            OnnxImport.runAnyVersion OnnxImport.byDefault limits 0L (Map.ofList given) model, List.concat supplied

        let free =
            inputs
            |> List.tryFindIndex (fun (port, _, values) ->
                values.Length > 0 && (constant port [| 0 |] [||]).Type = Real)

        match free, lazy (run free) with
        | Some _, Lazy(imported, supplied) when imported.Problems.IsEmpty -> imported, supplied
        | _ -> run None

    /// Where one output differs from what is expected of it.
    let private difference name (value: Value) (found: float[]) (tensor: TensorProto, shape: Shape, expected: float[]) =
        let agrees (found: float) (expected: float) =
            let found = if tensor.DataType = DataType.Float then float (float32 found) else found

            let within =
                value.Type = Real
                && Double.IsFinite expected
                && abs (found - expected) <= absolute + relative * abs expected

            within || found = expected || Double.IsNaN found && Double.IsNaN expected

        let wanted = kindOf tensor.DataType

        if value.Node.Shape <> shape then
            Some
                $"output {Quote.name name} has shape {Shape.describe value.Node.Shape} where {Shape.describe shape} is expected"
        elif value.Type <> wanted then
            Some $"output {Quote.name name} has elements of kind {value.Type} where {wanted} is expected"
        else
            match Seq.zip found expected |> Seq.tryFindIndex (fun (a, b) -> not (agrees a b)) with
            | Some i -> Some $"output {Quote.name name} is {found[i]} at element {i} where {expected[i]} is expected"
            | None -> None

    /// Compares the outputs of one data set.
    let private compare set (imported: Imported) supplied : ConformanceOutcome =
        let files = filesOf set "output_*.pb"

        if files.Length <> imported.Outputs.Length then
            ConformanceOutcome.Unreadable
                $"{set}: {files.Length} output files for a model with {imported.Outputs.Length} outputs; complete the case"
        else
            match files |> Seq.map read |> all with
            | Error problem -> ConformanceOutcome.Unreadable problem
            | Ok expected ->
                let outputs = imported.Outputs |> List.map (fun (name, value) -> name, Option.get value)
                let found = Run.once supplied (outputs |> List.map (fun (_, value) -> value.Node))

                (List.zip outputs (List.ofArray found), expected)
                ||> List.map2 (fun ((name, value), found) expected -> difference name value found expected)
                |> List.tryPick id
                |> function
                    | Some difference -> ConformanceOutcome.Failed difference
                    | None -> ConformanceOutcome.Passed

    let private runSet (model: ModelProto) set : ConformanceOutcome =
        match OnnxImport.inputPorts model.Graph |> inputsOf set with
        | Error problem -> ConformanceOutcome.Unreadable problem
        | Ok inputs ->
            let imported, supplied = import model inputs

            match imported.Problems with
            | [] -> compare set imported supplied
            | problems -> ConformanceOutcome.Skipped(problems |> List.map string |> String.concat "; ")

    let private runModel (folder: string) (model: ModelProto) : ConformanceOutcome =
        let refusals =
            Seq.append
                (OnnxImport.inputPorts model.Graph |> Seq.choose (typeRefusal "input"))
                (model.Graph.Outputs |> Seq.choose (typeRefusal "output"))

        match Seq.tryHead refusals with
        | Some reason -> ConformanceOutcome.Skipped reason
        | None ->
            match Directory.GetDirectories(folder, "test_data_set_*") |> Array.sortBy numbered |> List.ofArray with
            | [] -> ConformanceOutcome.Unreadable $"{folder}: no test_data_set_0 in it; complete the case"
            | sets ->
                // The first set that does not pass speaks for the case.
                let rec first sets =
                    match sets with
                    | [] -> ConformanceOutcome.Passed
                    | set :: rest ->
                        match runSet model set with
                        | ConformanceOutcome.Passed -> first rest
                        | other -> other

                first sets

    /// Runs the case in a folder with a model.onnx. It never raises: what cannot be read is an outcome.
    let run (folder: string) : ConformanceOutcome =
        try
            match OnnxFile.read (Path.Combine(folder, modelFile)) with
            | Error problem -> ConformanceOutcome.Unreadable problem
            | Ok model -> runModel folder model
        with
        | :? IOException as problem ->
            ConformanceOutcome.Unreadable $"{folder}: {problem.Message.TrimEnd '.'}; try again"
        | :? UnauthorizedAccessException ->
            ConformanceOutcome.Unreadable $"{folder}: may not be read; check its permissions"
        | :? OutOfMemoryException ->
            ConformanceOutcome.Unreadable $"{folder}: does not fit in memory; use a machine with more"

    /// Runs the cases below a folder one after the other, in alphabetical order, each when it is asked for.
    /// Error: as for find.
    let runAll (folder: string) : Result<ConformanceResult seq, string> =
        find folder
        |> Result.map (fun cases ->
            seq {
                for case in cases ->
                    { Case = Path.GetRelativePath(folder, case).Replace('\\', '/'); Outcome = run case }
            })
