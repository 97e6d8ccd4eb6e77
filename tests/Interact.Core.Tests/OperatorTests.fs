/// Every operator that can be imported, in every version, by rows of operands and results that were not found by the library.
module Interact.Core.Tests.OperatorTests

open FsCheck.FSharp
open Interact.Core.Onnx
open Interact.Core.Tests.Generators
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase
open Xunit

/// All rows.
let internal rows =
    [
        ArithmeticCases.table
        ActivationCases.table
        LinearCases.table
        ReductionCases.table
        NormalizationCases.table
        SelectionCases.table
        ConvolutionCases.table
        PoolingCases.table
        ResizeCases.table
        StructureCases.table
        ArrangementCases.table
        IndexingCases.table
        RecurrentCases.table
        AttentionCases.table
        ControlFlowCases.table
        MachineLearningCases.table
    ]
    |> List.concat

let private byName = rows |> List.map (fun case -> string case, case) |> Map.ofList

let names = TheoryData<string>(rows |> List.map string)

[<Theory; MemberData(nameof names)>]
let ``an operator gives what its row says`` name = check byName[name]

[<Fact>]
let ``every version of every operator has a row, and no two rows share a name`` () =
    let entry (case: OperatorCase) =
        OperatorTable.entries
        |> List.filter (fun (domain, name, since) ->
            domain = case.Domain && name = case.Operator && since <= case.Opset)
        |> List.sortBy (fun (_, _, since) -> since)
        |> List.tryLast

    Assert.Empty(List.except (rows |> List.choose entry) OperatorTable.entries)
    Assert.Equal(rows.Length, byName.Count)

/// A slice of an axis as a walk from element to element.
let private walk size (first: int) (last: int) step = [
    let wrap bound = if bound < 0 then bound + size else bound
    let first, last = wrap first, wrap last
    // From beyond the ends a walk starts at the end it meets first, if any.
    let mutable place = if step > 0 then max first 0 else min first (size - 1)

    while place >= 0 && place < size && (if step > 0 then place < last else place > last) do
        place
        place <- place + step
]

[<Fact>]
let ``slices walk along an axis as in Python`` () =
    let bound = Gen.choose (-9, 9)
    let step = Gen.choose (1, 7) |> Gen.map2 (fun sign step -> sign * step) (Gen.elements [ 1; -1 ])
    let cases = Gen.zip (Gen.choose (1, 6)) (Gen.zip3 bound bound step) |> Arb.fromGen

    holdsFor 300 cases (fun (size, (first, last, step)) ->
        let given = [ first; last; 0; step ] |> List.map (fun bound -> integers [ int64 bound ])
        let picked = walk size first last step |> List.map float
        check (row "Slice" 13 "" [] (reals [ for i in 0 .. size - 1 -> float i ] :: given) [ reals picked ]))

[<Fact>]
let ``operands of any two shapes that fit are repeated along axes of size 1`` () =
    /// A shape, and two that repeat to it: without leading axes, and with some axes of size 1.
    let shapes =
        gen {
            let! shape = Gen.choose (1, 3) |> Gen.listOfLength 3

            let operand =
                gen {
                    let! skipped = Gen.choose (0, 3)
                    let! kept = Gen.elements [ true; false ] |> Gen.listOfLength 3
                    return List.map2 (fun size kept -> if kept then size else 1) shape kept |> List.skip skipped
                }

            return! Gen.two operand
        }

    let elements start (shape: int list) = [ for i in 1 .. List.fold (*) 1 shape -> start + float i ]

    holdsFor 100 (Arb.fromGen shapes) (fun (left, right) ->
        let rank = max left.Length right.Length
        let pad (shape: int list) = List.replicate (rank - shape.Length) 1 @ shape
        let result = List.map2 max (pad left) (pad right)

        let pick start shape index =
            let own = List.map2 (fun size i -> if size = 1 then 0 else i) (pad shape) index
            at (pad shape) (elements start shape) own

        let difference index = pick 0.5 left index - pick 100.0 right index

        check (
            row "Sub" 13 "" [] [ Reals(left, elements 0.5 left); Reals(right, elements 100.0 right) ] [
                tabulate result difference
            ]
        ))

[<Theory>]
[<InlineData("Gelu", 19)>]
[<InlineData("LayerNormalization", 16)>]
[<InlineData("Celu", 11)>]
let ``an operator is refused in an operator set that has none`` operator opset =
    let imported =
        model opset [ node operator [ "x"; "x" ] [ "y" ] [] ] [ Val.float "x" [ Fixed 2L ] ] [ "y" ] []
        |> import

    let expected = {
        Place = $"node of 'y' ({operator})"
        Problem = $"the operator does not exist in version {opset} of the operator set; export the model again"
    }

    Assert.Equal<ImportProblem list>([ expected ], imported.Problems)
