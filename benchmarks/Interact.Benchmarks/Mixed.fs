/// Mixed partial derivatives of a network of ten features by all sets of an order, at a hundred rows.
module Interact.Benchmarks.Mixed

open System
open Interact.Core

let private sizes = [ 10; 140; 100; 60; 20; 1 ]
let private rowCount = 100

/// Dense layers with GELU between them.
let private network: Model =
    let weights = Networks.dense 7UL (sqrt 3.0) sizes

    let layers = [
        for layer in 0 .. sizes.Length - 2 do
            let array name = weights[$"{name}{layer}"]
            Tensor.create (array "w").Shape (array "w").Values, Tensor.create (array "b").Shape (array "b").Values
    ]

    let step x (layer, (w, b)) =
        let a = if layer = 0 then x else Tensor.gelu x
        Tensor.matmul w a + b

    Model.ofFunction sizes.Head (fun x -> layers |> List.indexed |> List.fold step x)

let private rows =
    let generator = Generator 8UL
    Array.init rowCount (fun _ -> generator.Array(sizes.Head, 1.0))

/// The sets of an order by nested differentiation at the first row: the largest difference, relative to the largest derivative.
let private difference (order: int) (found: float[]) =
    let graph = network.Graph.Value

    let value (x: Tensor) =
        Graph.substitute [ graph.Input, x.Node ] [ graph.Output |> Node.reshape [||] ]
        |> List.head
        |> Tensor

    let sets = MixedPartials.setsOfOrder order sizes.Head
    let some = [ 0; sets.Length / 2; sets.Length - 1 ]
    let input = Node.input "x" [| sizes.Head |]

    let expected =
        some
        |> List.map (fun place -> (mixed (List.ofArray sets[place]) value (Tensor input)).Node)
        |> Interact.Core.Execution.Run.once [ input, rows[0] ]
        |> Array.map Array.exactlyOne

    let largest = found |> Array.map abs |> Array.max
    Seq.map2 (fun place value -> abs (found[place] - value) / largest) some expected |> Seq.max

let private time (order: int) (threads: int) =
    let options = { MixedPartials.defaults with Threads = threads }
    let run () = MixedPartials.allOfOrder options network order rows
    Clock.warmUp run
    let seconds = Clock.median [ for _ in 1..5 -> fst (Clock.seconds 0.0 run) ]
    seconds, run ()

/// Measures, prints, and writes the section.
let run (path: string) =
    let measured = [
        for order in 2..5 do
            let single, found = time order 1
            let all, _ = time order Environment.ProcessorCount
            let off = difference order found.Rows[0].Values
            if off > 1e-9 then invalidOp $"order {order} differs from nested differentiation by {off:G3}."

            [
                $"{order}"
                string found.Sets.Length
                Document.number single
                Document.number all
                Document.small off
            ]
    ]

    let described = sizes |> List.map string |> String.concat "-"

    let lines =
        [
            $"All sets of an order over {sizes.Head} features, at {rowCount} rows of a {described} network with GELU, seconds, compilation among them"
            $"({Machine.description}; {Machine.date}; load {Machine.load |> Option.defaultValue String.Empty}). The last column is the largest difference to nested forward"
            "differentiation, of three sets at one row, relative to the largest derivative."
            ""
        ]
        @ Document.table [ "order"; "sets"; "1 thread"; $"{Environment.ProcessorCount} threads"; "difference" ] measured

    lines |> List.iter (printfn "%s")
    Document.write path "mixed" lines
