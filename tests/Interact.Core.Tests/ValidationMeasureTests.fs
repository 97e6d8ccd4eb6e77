namespace Interact.Core.Tests

open System
open Xunit
open Interact.Core
open Interact.Core.Learning

/// Choosing the best epoch by a measure of the validation data.
module ValidationMeasureTests =

    /// Numbers between -1 and 1.
    let private numbers seed count =
        let stream = Random(seed)
        Array.init count (fun _ -> 2.0 * stream.NextDouble() - 1.0)

    /// Rows of two classes, one in four of them of the wrong one.
    let private classes first count =
        let inputs = Array.init count (fun i -> numbers (first + i) 2)

        TrainingData.ofNumbers
            inputs
            (inputs |> Array.mapi (fun i x -> if (x[0] + x[1] > 0.0) = (i % 4 > 0) then 1.0 else 0.0))

    /// The share of pairs of a positive and a negative example of which the positive has the larger output, counted one by one.
    let private pairsInOrder (network: Network) (data: TrainingData) =
        let model = Network.toModel network
        let found = data.Inputs |> Array.map (fun x -> (Model.evaluate model x)[0])

        let ofClass target =
            Array.zip found data.Targets
            |> Array.choose (fun (own, given) -> if given[0] = target then Some own else None)

        Array.allPairs (ofClass 1.0) (ofClass 0.0)
        |> Array.averageBy (fun (positive, negative) ->
            if positive > negative then 1.0
            elif positive = negative then 0.5
            else 0.0)

    let private measured = {
        Training.defaults Loss.binaryCrossEntropy with
            Epochs = 30
            LearningRate = 0.05
            Precision = Precision.Double
            Measure = Some ValidationMeasure.rocAuc
    }

    let private twoClasses = Network.create 1 [| 2 |] [ Layer.dense 16; Layer.tanh; Layer.dense 1 ]

    [<Fact>]
    let ``the parameters of the epoch with the largest measure are kept`` () =
        let training, validation = classes 0 60, classes 200 41
        let result = Training.run measured twoClasses training (Some validation)
        let areas = result.History |> List.map _.ValidationMeasure
        let losses = result.History |> List.map _.ValidationLoss
        Assert.Equal(List.max areas, areas[result.BestEpoch - 1])
        Assert.Equal(pairsInOrder result.Network validation, List.max areas, 1e-12)
        // Otherwise the loss might have chosen the same epoch.
        Assert.True(areas[losses |> List.findIndex ((=) (List.min losses))] < List.max areas)

    [<Fact>]
    let ``a measure of one's own gets the outputs and targets of all validation examples in their order`` () =
        let validation = classes 0 300

        let product =
            ValidationMeasure.custom "product" (fun outputs targets ->
                Array.map2 (fun (y: float[]) (t: float[]) -> y[0] * t[0]) outputs targets |> Array.sum)

        let options = { measured with Measure = Some product; Epochs = 1 }
        let result = Training.run options twoClasses (classes 0 60) (Some validation)
        let model = Network.toModel result.Network

        let expected =
            Array.map2 (fun x (t: float[]) -> (Model.evaluate model x)[0] * t[0]) validation.Inputs validation.Targets
            |> Array.sum

        Assert.Equal(expected, result.History.Head.ValidationMeasure, 1e-10)

    [<Fact>]
    let ``patience waits for a better measure, and what is not a number is never better`` () =
        let mutable calls = 0

        let falling =
            ValidationMeasure.custom "falling" (fun _ _ ->
                calls <- calls + 1
                if calls = 1 then nan else -float calls)

        let options = { measured with Measure = Some falling; Patience = Some 3 }
        let result = Training.run options twoClasses (classes 0 60) (Some(classes 200 20))
        Assert.Equal(TrainingEnd.StoppedEarly, result.End)
        Assert.Equal(2, result.BestEpoch)
        Assert.Equal(5, result.History.Length)

    [<Fact>]
    let ``a measure without validation data is refused`` () =
        let refused =
            Assert.Throws<ArgumentException>(fun () -> Training.run measured twoClasses (classes 0 60) None |> ignore)

        Assert.Contains("give validation data", refused.Message)

    [<Fact>]
    let ``a measure that no epoch has is refused`` () =
        let validation = classes 200 20
        let oneClass = { validation with Targets = validation.Targets |> Array.map (fun _ -> [| 1.0 |]) }
        let options = { measured with Epochs = 2 }

        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                Training.run options twoClasses (classes 0 60) (Some oneClass) |> ignore)

        Assert.Contains("both classes", refused.Message)
