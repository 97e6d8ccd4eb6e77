/// RATE against its definition in 60 digits.
module Interact.Core.Tests.RateReferenceTests

open System.IO
open System.Text.Json
open System.Threading
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private none = CancellationToken.None
let private alone = { Threads = 1; CancellationToken = none }
let private exact = { Rate.defaults with Divergence = RateDivergence.Exact }

/// The fixture's cases, by their names.
let private cases =
    lazy
        (let path = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "rate", "cases.json")
         use document = JsonDocument.Parse(File.ReadAllText path)

         dict [
             for case in document.RootElement.EnumerateArray() -> string (case.GetProperty "name"), case.Clone()
         ])

let private numbers (element: JsonElement) = element.EnumerateArray() |> Seq.map _.GetDouble() |> Array.ofSeq
let private integers (element: JsonElement) = element.EnumerateArray() |> Seq.map _.GetInt32() |> Array.ofSeq
let private table (element: JsonElement) = element.EnumerateArray() |> Seq.map numbers |> Array.ofSeq

let private optional (name: string) read (case: JsonElement) =
    match case.TryGetProperty name with
    | true, found -> Some(read found)
    | false, _ -> None

let private effectsOf (case: JsonElement) =
    let table (name: string) = table (case.GetProperty name)

    let analogue () =
        if string (case.GetProperty "effect") = "projection" then
            EffectSizeAnalogue.Projection
        else
            EffectSizeAnalogue.Covariance

    match string (case.GetProperty "from") with
    | "draws" -> EffectSizes.ofDraws (table "draws")
    | "function" -> EffectSizes.ofFunctionDraws (analogue ()) 1 none (table "data") (table "draws")
    | _ ->
        let layer = { Mean = table "mean"; Variance = table "variance"; Bias = numbers (case.GetProperty "bias") }

        EffectSizes.ofLastLayer
            (analogue ())
            1
            none
            (table "data")
            (table "features")
            layer
            (case.GetProperty("output").GetInt32())

let private groupsOf (case: JsonElement) =
    optional "groups" (fun found -> found.EnumerateArray() |> Seq.map integers |> Array.ofSeq) case

let caseNames = TheoryData<string>()

for name in
    [
        "more features than variables"
        "fewer features than variables"
        "as many"
        "the second of three outputs"
        "correlated data"
        "projection of collinear data"
        "projection of few rows"
        "projection of many features"
        "groups"
        "groups larger than the rank"
        "one given"
        "two given of low rank"
        "a group given"
        "function draws"
        "projected function draws"
        "draws"
        "few draws"
        "draws of different scales"
        "an isolated effect size"
        "fifty variables"
        "fifty variables of low rank"
        "different scales of low rank"
        "an isolated effect size of low rank"
    ] do
    caseNames.Add name

[<Fact>]
let ``every case of the fixture is compared`` () =
    Assert.Equal<string seq>(Seq.sort cases.Value.Keys, caseNames |> Seq.map (fun row -> string row[0]) |> Seq.sort)

// The definition itself, in 60 digits: what is left is rounding, times the condition of F, σ/√ridge with σ up to 500.
[<Theory; MemberData(nameof caseNames)>]
let ``divergences and shares are those of the definition`` (name: string) =
    let case = cases.Value[name]
    let effects = effectsOf case
    close 1e-12 (numbers (case.GetProperty "effects")) effects.Mean

    let options = {
        Rate.defaults with
            Groups =
                groupsOf case
                |> Option.map (fun members -> { Names = members |> Array.map string; Members = members })
            Given = optional "given" integers case |> Option.defaultValue [||]
    }

    for divergence, name in [ RateDivergence.Quadratic, "quadratic"; RateDivergence.Exact, "exact" ] do
        let expected = case.GetProperty name
        let found = Rate.explain { options with Divergence = divergence } effects
        relative 1e-8 (numbers (expected.GetProperty "divergences")) found.Divergences
        relative 1e-8 (numbers (expected.GetProperty "rates")) found.Rates
        closeTo 1e-8 (expected.GetProperty("fromUniform").GetDouble()) found.DivergenceFromUniform
        closeTo 1e-8 (expected.GetProperty("effectiveSampleSize").GetDouble()) found.EffectiveSampleSize

// The other factorisation, that of thousands of variables, on the cases that have more of them than columns of F.
[<Theory; MemberData(nameof caseNames)>]
let ``divergences by a low rank factor are those of the definition`` (name: string) =
    let case = cases.Value[name]

    let effects = effectsOf case

    if (optional "given" integers case).IsNone && effects.Mean.Length > effects.Factor[0].Length then
        let sets = groupsOf case |> Option.defaultValue (Array.init effects.Mean.Length Array.singleton)
        let found = SetDivergences.findBy (fun _ _ -> false) alone 1e-9 sets effects
        let expected = numbers ((case.GetProperty "quadratic").GetProperty "divergences")
        relative 1e-8 expected (found |> Array.map (fun set -> set.Quadratic / 2.0))
        let expected = numbers ((case.GetProperty "exact").GetProperty "divergences")
        relative 1e-8 expected (found |> Array.map (fun set -> (set.Quadratic + set.Excess) / 2.0))
