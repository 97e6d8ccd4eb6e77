/// Interactions between the tokens of a transformer against forward passes: what the second derivatives cost of one point of a path.
module Interact.Benchmarks.Grouped

open Interact.Core

let private tokens, width, heads, hidden, layers = 64, 128, 4, 512, 4

/// An encoder of generated weights: attention and a feed-forward part in each layer, normalised before, GELU; the mean over tokens goes
/// through one linear layer to one number.
let private encoder: Tensor -> Tensor =
    let generator = Generator 9UL

    let matrix rows columns =
        Tensor.create [| rows; columns |] (generator.Array(rows * columns, sqrt (3.0 / float rows)))

    let vector size = Tensor.create [| size |] (generator.Array(size, 0.1))
    let each = width / heads

    let normalised (x: Tensor) =
        let mean (x: Tensor) = Tensor.sumAlong 1 x / float width |> Tensor.reshape [| tokens; 1 |]
        let centred = x - mean x
        centred / sqrt (mean (centred * centred) + 1e-5)

    let contract left right output (a: Tensor) (b: Tensor) =
        Tensor(Product.contract { Left = left; Right = right; Output = output } a.Node b.Node)

    let layer () =
        let q, k, v, o = matrix width width, matrix width width, matrix width width, matrix width width
        let first, second, bias = matrix width hidden, matrix hidden width, vector hidden

        fun (x: Tensor) ->
            let n = normalised x
            let part w = Tensor.matmul n w |> Tensor.reshape [| tokens; heads; each |]
            // Axes: 0 and 1 tokens, 2 heads, 3 the width of a head.
            let scores = contract [| 0; 2; 3 |] [| 1; 2; 3 |] [| 2; 0; 1 |] (part q) (part k) / sqrt (float each)
            let weights = Tensor.softmax 2 scores
            let mixed = contract [| 2; 0; 1 |] [| 1; 2; 3 |] [| 0; 2; 3 |] weights (part v)
            let x = x + Tensor.matmul (mixed |> Tensor.reshape [| tokens; width |]) o
            x + Tensor.matmul (Tensor.gelu (Tensor.matmul (normalised x) first + bias)) second

    let stack = List.init layers (fun _ -> layer ())
    let readout = vector width

    fun x ->
        (x |> Tensor.reshape [| tokens; width |], stack)
        ||> List.fold (fun x layer -> layer x)
        |> normalised
        |> Tensor.sumAlong 0
        |> Tensor.dot readout

/// Points of the path that are worked on at once: the lanes of vectors.
let private points = 8

let private time (plan: Interact.Core.Execution.Plan) (arguments: float[][]) runs =
    let results = plan.Run arguments
    Clock.median [ for _ in 1..runs -> fst (Clock.seconds 0.0 (fun () -> plan.Run(arguments, results))) ]

/// The steps that take longest at one point, which is what a run works on where more would not fit the memory of a run.
let private profile (model: Model) =
    let plan, arguments = Engine.curvaturePlan model 1 tokens false
    plan.Run arguments |> ignore
    let steps = plan.Profile arguments
    let total = steps |> Array.sumBy _.Seconds
    printfn $"one point: {1000.0 * total:F1} ms, {float plan.MemoryPerRun / 1e6:F0} MB"

    for step in steps |> Array.sortByDescending _.Seconds |> Array.truncate 15 do
        let speed = step.MultiplyAdds / step.Seconds * 2e-9

        printfn
            $"{Document.percent (step.Seconds / total), 6}  {1000.0 * step.Seconds, 8:F2} ms  {speed, 6:F1} GFLOP/s  {step.Step}"

/// Measures, prints the steps that take longest, and writes the section.
let run (path: string) =
    let model = Model.ofFunction (tokens * width) encoder
    let forward = Engine.valuePlans model points
    let generator = Generator 7UL
    let rows = generator.Array(points * tokens * width, 1.0)
    let displacement = generator.Array(tokens * width, 1.0)

    let request = {
        Points = {
            Baseline = Array.zeroCreate displacement.Length
            Displacement = displacement
            Output = [| 1.0 |]
            Nodes = (Rules.gauss points).Nodes
        }
        Weights = (Rules.gauss points).Weights
        Directions =
            Along [|
                for token in 0 .. tokens - 1 ->
                    displacement |> Array.mapi (fun i step -> if i / width = token then step else 0.0)
            |]
    }

    let derivatives () = model.Function.Curvatures [| request |] |> ignore
    derivatives ()

    // In turns, so that whatever else the machine does meets both.
    let rounds = [
        for _ in 1..5 ->
            forward |> List.map (fun plan -> time plan [| rows |] 5) |> List.min, fst (Clock.seconds 0.0 derivatives)
    ]

    let perPoint values = 1000.0 * Clock.median values / float points
    let pass, grouped = rounds |> List.map fst |> perPoint, rounds |> List.map snd |> perPoint
    let ratio = Clock.median [ for pass, grouped in rounds -> grouped / pass / float (tokens + 1) ]
    let second, _ = Engine.curvaturePlan model 1 tokens false
    profile model

    let lines =
        [
            $"{Machine.date}; {Machine.description}; one thread, double precision."
            ""
            $"An encoder of {layers} layers, {tokens} tokens x {width}, {heads} heads, {hidden} hidden units, generated weights; interactions between its {tokens} tokens, {points} points of a path at once."
            ""
        ]
        @ Document.table [ "per point of the path"; "ms"; "multiply-adds, 10⁶" ] [
            [
                "forward pass"
                Document.number pass
                Document.number (forward.Head.MultiplyAdds / float points / 1e6)
            ]
            [
                $"second derivatives along {tokens} groups"
                Document.number grouped
                Document.number (second.MultiplyAdds / 1e6)
            ]
        ]
        @ [ ""; $"That is {Document.number ratio} x ({tokens} + 1) forward passes." ]

    lines |> List.iter (printfn "%s")
    Document.write path "groups" lines
