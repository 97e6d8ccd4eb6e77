/// How well outputs tell targets, against scikit-learn and definitions.
module Interact.Core.Tests.MetricTests

open System
open System.IO
open System.Text.Json
open FsCheck
open Interact.Core.Data
open Interact.Core.Learning
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.Results
open Interact.Core.Tests.TableFixtures
open Xunit

[<Theory>]
[<InlineData("twoClasses")>]
[<InlineData("threeClasses")>]
[<InlineData("fiveClasses")>]
[<InlineData("numbers")>]
let ``metrics are those of scikit-learn`` (case: string) =
    let case = (fixture "metrics.json").GetProperty case
    let outputs, targets = rows (case.GetProperty "outputs"), numbers (case.GetProperty "targets")

    let kind =
        if case.TryGetProperty("rSquared", ref Unchecked.defaultof<JsonElement>) then
            TargetKind.Regression
        else
            TargetKind.Classes(Array.init (max 2 outputs[0].Length) string)

    let found = TargetMetrics.evaluate kind outputs targets
    Assert.Equal((if kind = TargetKind.Regression then 3 else 4), found.Length)

    for metric, value in found do
        let name = string metric
        let expected = case.GetProperty(name.Substring(0, 1).ToLowerInvariant() + name.Substring 1).GetDouble()
        closeTo 1e-12 expected value

[<Fact>]
let ``metrics by hand`` () =
    // Two of three are told right, of the classes 1/2 and 1/1; of the pairs (positive, negative) one in two ranks right.
    let logits = [| [| 0.0; log 3.0 |]; [| 0.0; log 4.0 |]; [| 0.0; -log 3.0 |] |]
    let classes = [| 1; 0; 0 |]
    closeTo 1e-15 (-(log 0.75 + log 0.2 + log 0.75) / 3.0) (Metric.logLoss logits classes)
    closeTo 1e-15 (2.0 / 3.0) (Metric.accuracy logits classes)
    closeTo 1e-15 0.75 (Metric.balancedAccuracy logits classes)
    closeTo 1e-15 0.5 (Metric.rocAucOfClasses logits classes)
    closeTo 1e-15 0.5 (Metric.rocAuc [| 1.0; 1.0; 1.0 |] [| true; false; true |])
    Assert.True(Double.IsNaN(Metric.rocAuc [| 1.0; 2.0 |] [| true; true |]))
    closeTo 1e-15 (sqrt 2.5) (Metric.rootMeanSquaredError [| 1.0; 4.0 |] [| 2.0; 2.0 |])
    closeTo 1e-15 1.5 (Metric.meanAbsoluteError [| 1.0; 4.0 |] [| 2.0; 2.0 |])
    closeTo 1e-15 0.5 (Metric.rSquared [| 1.0; 4.0 |] [| 1.0; 3.0 |])
    Assert.True(Double.IsNaN(Metric.rSquared [| 1.0 |] [| 1.0 |]))

[<Fact>]
let ``the log loss of sure logits is a number`` () =
    closeTo 1e-15 5000.0 (Metric.logLoss [| [| 0.0; -5000.0 |] |] [| 1 |])
    closeTo 1e-15 0.0 (Metric.logLoss [| [| 0.0; -5000.0 |] |] [| 0 |])

[<Fact>]
let ``the ROC-AUC is the share of pairs that rank right`` () =
    let holds (rows: NonEmptyArray<byte * bool>) =
        let ranking = rows.Get |> Array.map (fun (value, _) -> float (value % 8uy))
        let isPositive = rows.Get |> Array.map snd

        let pairs = [|
            for i in 0 .. ranking.Length - 1 do
                for j in 0 .. ranking.Length - 1 do
                    if isPositive[i] && not isPositive[j] then 0.5 * (1.0 + float (sign (ranking[i] - ranking[j])))
        |]

        let found = Metric.rocAuc ranking isPositive

        if pairs.Length = 0 then
            Assert.True(Double.IsNaN found)
        else
            closeTo 1e-12 (Array.average pairs) found

    Check.One(Config.QuickThrowOnFailure, holds)
