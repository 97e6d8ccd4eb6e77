/// Networks exported by PyTorch at several operator sets, against values and derivatives by PyTorch's own differentiation.
module Interact.Core.Tests.TorchExportTests

open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.Numbers
open Xunit

let private folder = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "torch-exports")

/// The numbers of nested arrays, row-major.
let rec private numbers (element: JsonElement) : float[] =
    if element.ValueKind = JsonValueKind.Array then
        element.EnumerateArray() |> Seq.collect numbers |> Array.ofSeq
    else
        [| element.GetDouble() |]

/// Each number is as expected, up to 1e-9 of the largest.
let private agrees (expected: float[]) (actual: float[]) =
    let largest = expected |> Seq.map abs |> Seq.max
    let relative = if largest > 0.0 then Array.map (fun value -> value / largest) else id
    close 1e-9 (relative expected) (relative actual)

let exports =
    TheoryData<string>(Directory.GetFiles(folder, "*.onnx") |> Seq.map (Path.GetFileName >> string) |> Seq.sort)

[<Theory; MemberData(nameof exports)>]
let ``values, gradients and Hessians of an export are those of PyTorch`` (file: string) =
    let network = file.Split('.')[0]
    use document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, $"{network}.ref.json")))
    let expected (name: string) = document.RootElement.GetProperty name
    let rows = expected("inputs").GetProperty("x").EnumerateArray() |> Seq.map numbers |> Array.ofSeq
    let model = OnnxModel.load OnnxModel.defaults (Path.Combine(folder, file)) |> value

    /// The model with its other inputs held at their values in a row.
    let held (row: int) =
        Model.missing model
        |> List.fold
            (fun model name -> Model.hold name (numbers (expected("inputs").GetProperty(name)[row])) model)
            model

    for row, output in Seq.indexed (expected("output").EnumerateArray()) do
        agrees (numbers output) (Model.evaluate (held row) rows[row])

    agrees (numbers (expected "grad")) (Model.gradient (held 0) 0 rows[0])
    agrees (numbers (expected "hessian")) (Model.hessian (held 0) 0 rows[0] |> flat)

[<Fact>]
let ``there are thirteen networks at five operator sets`` () = Assert.Equal(65, exports |> Seq.length)
