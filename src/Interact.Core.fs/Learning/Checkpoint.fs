namespace Interact.Core.Learning

open System
open System.IO
open Interact.Core
open Interact.Core.Data

/// One epoch of training.
[<NoComparison>]
type EpochRecord = {
    /// Counted from 1.
    Epoch: int
    /// Learning rate of its last step.
    LearningRate: float
    /// Mean of the loss over its steps, before each changed the network, with whatever training adds (dropout).
    TrainingLoss: float
    /// Mean over its steps of each penalty, without its weight, and then of each term that a layer adds to the loss.
    Penalties: float[]
    /// Mean loss of the validation data after it, without what training adds; NaN where there is none.
    ValidationLoss: float
    /// The measure of the validation data after it; NaN where there is none.
    ValidationMeasure: float
}

/// Everything that training needs to go on as if it had never stopped.
[<NoComparison>]
type internal Checkpoint = {
    /// The next step's number, from 1.
    NextStep: int
    Parameters: float[][]
    Moments: float[][]
    /// The epoch with the least loss so far, or the largest measure, of which BestLoss is the negative, and the parameters after it.
    BestEpoch: int
    BestLoss: float
    Best: float[][]
    /// The last epoch first.
    History: EpochRecord list
}

/// Checkpoints as NPZ files: what NumPy can open too.
[<RequireQualifiedAccess>]
module internal Checkpoint =

    let private historyWidth = 5
    let private stateWidth = 4

    let private array name (values: float[]) : string * NpyArray =
        name, { Shape = [| 1; values.Length |]; Values = NpyValues.Float64 values }

    /// Numbers as the integers that hold their bits: infinite ones and NaN can be read back.
    let private bits (values: float[]) =
        values
        |> Array.collect (fun value ->
            let bits = BitConverter.DoubleToUInt64Bits value
            [| float (uint32 (bits >>> 32)); float (uint32 bits) |])

    let private ofBits (values: float[]) =
        values
        |> Array.chunkBySize 2
        |> Array.map (fun pair -> BitConverter.UInt64BitsToDouble((uint64 pair[0] <<< 32) ||| uint64 pair[1]))

    let private recordNumbers (record: EpochRecord) = [|
        float record.Epoch
        record.LearningRate
        record.TrainingLoss
        record.ValidationLoss
        record.ValidationMeasure
        yield! record.Penalties
    |]

    /// Writes a checkpoint in the place of the one before it. fingerprint: numbers that tell what is trained how.
    let write (path: string) (fingerprint: float[]) (checkpoint: Checkpoint) : Result<unit, string> =
        let numbered kind (arrays: float[][]) = arrays |> Seq.mapi (fun i values -> array $"{kind}{i}" values)
        let records = checkpoint.History |> List.rev |> Seq.collect recordNumbers |> Array.ofSeq

        AtomicFile.write path (fun stream ->
            Npz.write
                stream
                (Seq.concat [
                    Seq.singleton (array "fingerprint" (bits fingerprint))
                    Seq.singleton (
                        array
                            "state"
                            (bits [|
                                float checkpoint.NextStep
                                float checkpoint.BestEpoch
                                checkpoint.BestLoss
                                float checkpoint.History.Length
                            |])
                    )
                    numbered "parameter" checkpoint.Parameters
                    numbered "moment" checkpoint.Moments
                    numbered "best" checkpoint.Best
                    if records.Length > 0 then Seq.singleton (array "history" (bits records))
                ]))

    /// Reads a checkpoint of the same training, whose parameters and moments have so many elements. Error: one line, where the file is none
    /// or belongs to another training.
    let read (path: string) (fingerprint: float[]) (parameters: int[]) (moments: int[]) : Result<Checkpoint, string> =
        let sized name isRight (values: float[]) =
            if isRight values.Length then
                Ok values
            else
                DataProblem.ofFile
                    path
                    $"array {DataProblem.quoted name} has {values.Length} numbers, which are not those of the training"
                    "delete the file or name another one"

        let one name : Result<float[], string> =
            try
                use stream = File.OpenRead path
                Npz.read (Some name) path stream |> Result.map (fun table -> Array.head table.Rows)
            with :? IOException as problem ->
                DataProblem.ofFile path $"could not be read: {problem.Message.TrimEnd '.'}" "name another file"

        let many kind (sizes: int[]) =
            (Ok [], Seq.indexed sizes)
            ||> Seq.fold (fun found (i, size) ->
                found
                |> Result.bind (fun found ->
                    let name = $"{kind}{i}"
                    one name |> Result.bind (sized name ((=) size)) |> Result.map (fun values -> values :: found)))
            |> Result.map (List.rev >> Array.ofList)

        let isSame (found: float[]) = (bits fingerprint).AsSpan().SequenceEqual found

        one "fingerprint"
        |> Result.bind (fun found ->
            if isSame found then
                Ok()
            else
                DataProblem.ofFile
                    path
                    "the checkpoint of another training (other data, network, options or seed)"
                    "delete it or name another file")
        |> Result.bind (fun () -> one "state" |> Result.bind (sized "state" ((=) (2 * stateWidth))))
        |> Result.bind (fun state ->
            let state = ofBits state
            let epochs = int state[3]

            let history =
                if epochs = 0 then
                    Ok []
                else
                    one "history"
                    |> Result.bind (
                        sized "history" (fun length ->
                            length % (2 * epochs) = 0 && length / (2 * epochs) >= historyWidth)
                    )
                    |> Result.map (fun values ->
                        let numbers = ofBits values

                        numbers
                        |> Array.chunkBySize (numbers.Length / epochs)
                        |> Array.map (fun record -> {
                            Epoch = int record[0]
                            LearningRate = record[1]
                            TrainingLoss = record[2]
                            ValidationLoss = record[3]
                            ValidationMeasure = record[4]
                            Penalties = record[historyWidth..]
                        })
                        |> Array.rev
                        |> List.ofArray)

            match many "parameter" parameters, many "moment" moments, many "best" parameters, history with
            | Ok parameters, Ok moments, Ok best, Ok history ->
                Ok {
                    NextStep = int state[0]
                    Parameters = parameters
                    Moments = moments
                    BestEpoch = int state[1]
                    BestLoss = state[2]
                    Best = best
                    History = history
                }
            | Error problem, _, _, _
            | _, Error problem, _, _
            | _, _, Error problem, _
            | _, _, _, Error problem -> Error problem)
