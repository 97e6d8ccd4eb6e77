/// A step of training, loss, gradients and Adam, beside PyTorch's.
module Interact.Benchmarks.Training

open Interact.Core.Learning

/// A network to train, the shape of an example, and how many examples a step has.
type private Task = { Name: string; Description: string; Shape: int[]; Batch: int; Loss: Loss; Layers: Layer list }

let private dense inputs = {
    Name = $"dense-{inputs}"
    Description = $"{inputs}-512-512-1, ReLU, batches of 128"
    Shape = [| inputs |]
    Batch = 128
    Loss = Loss.squaredError
    Layers = [ Layer.dense 512; Layer.relu; Layer.dense 512; Layer.relu; Layer.dense 1 ]
}

let private tasks = [
    dense 100
    dense 512
    {
        Name = "cnn"
        Description =
            "8 x 8 images, convolutions of 16 and 32 filters 3 x 3, max pooling between, 10 classes, batches of 128"
        Shape = [| 1; 8; 8 |]
        Batch = 128
        Loss = Loss.softmaxCrossEntropy
        Layers = [
            Layer.convolution 16 [ 3; 3 ]
            Layer.relu
            Layer.maxPooling [ 2; 2 ]
            Layer.convolution 32 [ 3; 3 ]
            Layer.relu
            Layer.flatten
            Layer.dense 10
        ]
    }
    {
        Name = "transformer"
        Description = "one block of 16 tokens x 64, 4 heads, 256 hidden units, GELU, 2 classes, batches of 32"
        Shape = [| 16; 64 |]
        Batch = 32
        Loss = Loss.softmaxCrossEntropy
        Layers = [
            Layer.residual [ Layer.layerNormalization; Layer.attention 4 ]
            Layer.residual [ Layer.layerNormalization; Layer.dense 256; Layer.gelu; Layer.dense 64 ]
            Layer.flatten
            Layer.dense 2
        ]
    }
]

let private step (task: Task) threads =
    let network = Network.create 1 task.Shape task.Layers
    Engine.trainingStep network task.Loss task.Batch threads

/// The shortest of the single steps of so many seconds: whatever else the machine does only adds to it.
let private shortest (seconds: float) (run: unit -> unit) =
    let watch = System.Diagnostics.Stopwatch.StartNew()
    let mutable least = infinity

    while watch.Elapsed.TotalSeconds < seconds do
        least <- min least (fst (Clock.seconds 0.0 run))

    least

let private rounds = 9

/// Milliseconds of a step of ours and of the rival's, the median of rounds in turns, and of their ratio.
let private compare (rival: Rival option) (task: Task) threads : string list =
    let run = step task threads
    Clock.warmUp run
    let best = rival |> Option.map _.TuneStep(task.Name, threads)

    let measured = [
        for _ in 1..rounds ->
            let theirs = rival |> Option.map _.RunStep(task.Name, threads, 0.4)
            shortest 0.4 run, theirs |> Option.defaultValue nan
    ]

    let ours, theirs = measured |> List.map fst |> Clock.median, measured |> List.map snd |> Clock.median
    let ratio = measured |> List.map (fun (ours, theirs) -> ours / theirs) |> Clock.median

    [
        task.Name
        string threads
        Document.number (1000.0 * ours)
        Document.number (1000.0 * theirs)
        Document.number ratio
        best |> Option.defaultValue "-"
    ]

/// The steps of the plan that take longest.
let profile (name: string) =
    let task = tasks |> List.find (fun task -> task.Name = name)
    let network = Network.create 1 task.Shape task.Layers
    let steps = Engine.trainingProfile network task.Loss task.Batch
    let total = steps |> Array.sumBy _.Seconds
    printfn $"{task.Name}: {1000.0 * total:F3} ms"

    for step in steps |> Array.sortByDescending _.Seconds |> Array.truncate 20 do
        let speed = step.MultiplyAdds / step.Seconds * 2e-9

        printfn
            $"{Document.percent (step.Seconds / total), 6}  {1000.0 * step.Seconds, 8:F3} ms  {speed, 6:F1} GFLOP/s  {step.Step}"

/// Measures on each of these numbers of threads and writes the section.
let run (threads: int list) (path: string) =
    let measure threads =
        use rival =
            Rival.Python
            |> Option.map (fun python ->
                Rival.Start(python, "training_step", System.IO.Path.GetTempPath(), [], threads))
            |> Option.toObj

        let rival = Option.ofObj rival
        let rows = tasks |> List.map (fun task -> compare rival task threads)
        rows, rival |> Option.map (fun rival -> $"PyTorch {rival.Torch}, {rival.Library}")

    let measured = threads |> List.map measure
    let about = measured |> List.tryPick snd

    let lines =
        [
            let beside = about |> Option.defaultValue "no rival there"
            $"{Machine.date}; {Machine.description}; {beside}; single precision, Adam, with the loss of every step; the shortest step of a round, medians of {rounds} rounds in turns."
            ""
        ]
        @ (tasks |> List.map (fun task -> $"- {task.Name}: {task.Description}"))
        @ [ "" ]
        @ Document.table
            [ "network"; "threads"; "ms a step"; "PyTorch, ms"; "ratio"; "fastest way in PyTorch" ]
            (measured |> List.map fst |> List.transpose |> List.concat)

    lines |> List.iter (printfn "%s")
    Document.write path "training" lines
