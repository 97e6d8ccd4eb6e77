/// The ten synthetic functions of ten features on which the detection of interactions is measured, and their mixed partial derivatives by
/// computer algebra: fixtures/scripts/mixed_partials.py.
module internal Interact.Core.Tests.SyntheticFunctions

open System
open System.Globalization
open System.IO
open Interact.Core

let private one = Tensor.scalar 1.0
let private power (a: float) (b: Tensor) = Tensor.scalar a ** b
let private square (x: Tensor) = x ** 2.0

let private f3 (x: Tensor) =
    exp (abs (x[0] - x[1])) + abs (x[1] * x[2]) - square x[2] ** abs x[3]
    + log (square x[3] + square x[4] + square x[6] + square x[7])
    + x[8]
    + one / (1.0 + square x[9])

let functions: (string * (Tensor -> Tensor)) list = [
    "F1",
    (fun x ->
        power Math.PI (x[0] * x[1]) * sqrt (2.0 * x[2]) - asin x[3] + log (x[2] + x[4])
        - x[8] / x[9] * sqrt (x[6] / x[7])
        - x[1] * x[6])
    "F2",
    (fun x ->
        power Math.PI (x[0] * x[1]) * sqrt (2.0 * abs x[2]) - asin (0.5 * x[3])
        + log (abs (x[2] + x[4]) + 1.0)
        - x[8] / (1.0 + abs x[9]) * sqrt (abs x[6] / (1.0 + abs x[7]))
        - x[1] * x[6])
    "F3", f3
    "F4", (fun x -> f3 x + square (x[0] * x[3]))
    "F5",
    (fun x ->
        one / (1.0 + square x[0] + square x[1] + square x[2])
        + sqrt (abs (x[3] + x[4]))
        + abs (x[5] + x[6])
        + x[7] * x[8] * x[9])
    "F6",
    (fun x ->
        exp (abs (x[0] * x[1]) + 1.0) - exp (abs (x[2] + x[3]) + 1.0)
        + cos (x[4] + x[5] - x[7])
        + sqrt (square x[7] + square x[8] + square x[9]))
    "F7",
    (fun x ->
        square (atan x[0] + atan x[1]) + Tensor.relu (x[2] * x[3] + x[5])
        - (1.0 + x[3] * x[4] * x[5] * x[6] * x[7]) ** -2.0
        + (abs x[6] / (1.0 + abs x[8])) ** 5.0
        + Tensor.sum x)
    "F8",
    (fun x ->
        x[0] * x[1]
        + power 2.0 (x[2] + x[4] + x[5])
        + power 2.0 (x[2] + x[3] + x[4] + x[6])
        + sin (x[6] * sin (x[7] + x[8]))
        + acos (0.9 * x[9]))
    "F9",
    (fun x ->
        tanh (x[0] * x[1] + x[2] * x[3]) * sqrt (abs x[4])
        + exp (x[4] + x[5])
        + log (square (x[5] * x[6] * x[7]) + 1.0)
        + x[8] * x[9]
        + one / (1.0 + abs x[9]))
    "F10",
    (fun x -> sinh (x[0] + x[1]) + acos (tanh (x[2] + x[4] + x[6])) + cos (x[3] + x[4]) + one / cos (x[6] * x[8]))
]

/// A point, and derivatives by sets there.
type Known = { Point: float[]; Sets: int[][]; Derivatives: float[] }

/// For each function the derivatives that are known.
let known: Map<string, Known list> =
    let row (line: string) =
        let fields = line.Split ','
        let number (field: string) = Double.Parse(field, CultureInfo.InvariantCulture)
        let set = fields[11] |> Seq.map (fun digit -> int digit - int '0') |> Array.ofSeq
        fields[0], fields[1..10] |> Array.map number, set, number fields[12]

    Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "mixed_partials", "values.csv")
    |> File.ReadLines
    |> Seq.tail
    |> Seq.map row
    |> Seq.groupBy (fun (name, _, _, _) -> name)
    |> Seq.map (fun (name, rows) ->
        name,
        [
            for point, ofPoint in rows |> Seq.groupBy (fun (_, point, _, _) -> List.ofArray point) do
                {
                    Point = Array.ofList point
                    Sets = [| for _, _, set, _ in ofPoint -> set |]
                    Derivatives = [| for _, _, _, derivative in ofPoint -> derivative |]
                }
        ])
    |> Map.ofSeq
