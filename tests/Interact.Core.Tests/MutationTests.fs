/// Damaged and hostile files by the thousand: each is read or refused, soon, within its budget, and without surprises.
/// INTERACT_MUTANTS=100000 tries as many, beginning with the number in INTERACT_FIRST_MUTANT.
module Interact.Core.Tests.MutationTests

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Threading
open Interact.Core.Tests.OnnxBuilder
open Interact.Core
open Interact.Core.Onnx
open Xunit

let private row = Val.float "x" [ Symbol "N"; Fixed 3L ]
let private weights = Init.floats "w" [ 3; 2 ] [ 0.5; -1.0; 0.25; 2.0; -0.125; 1.0 ]

/// Networks, and what the format has beside nodes: branches, functions, weights elsewhere.
let private files = [
    model
        13
        [
            node "MatMul" [ "x"; "w" ] [ "h" ] [] |> named "first"
            node "Tanh" [ "h" ] [ "a" ] []
            node "Gemm" [ "a"; "v"; "b" ] [ "y" ] [ Attr.int "transB" 1; Attr.float "alpha" 0.5 ]
        ]
        [ row ] [ "y" ] [
            weights
            Init.doubles "v" [ 2; 2 ] [ 1.0; 2.0; 3.0; 4.0 ]
            Init.floatsTyped "b" [ 2 ] [ 0.5; 1.5 ]
        ]
    model
        13
        [
            node "ConstantOfShape" [ "sizes" ] [ "ones" ] [ Attr.tensor "value" (Init.floats "" [ 1 ] [ 1.0 ]) ]
            node "Expand" [ "x"; "sizes" ] [ "e" ] []
            node "Mul" [ "e"; "ones" ] [ "m" ] []
            node "Reshape" [ "m"; "flat" ] [ "r" ] []
            node "Concat" [ "r"; "r" ] [ "c" ] [ Attr.int "axis" 0 ]
            node "ReduceSum" [ "c" ] [ "y" ] []
        ]
        [ row ] [ "y" ] [ Init.int64s "sizes" [ 3 ] [ 4L; 2L; 3L ]; Init.int64sTyped "flat" [ 2 ] [ -1L; 6L ] ]
    (let branch value = graph [ node "Mul" [ "x"; value ] [ "z" ] [] ] [] [ Val.float "z" [] ] []

     model
         13
         [
             node "If" [ "c" ] [ "y" ] [ Attr.graph "then_branch" (branch "a"); Attr.graph "else_branch" (branch "b") ]
         ]
         [ row ] [ "y" ] [ Init.bools "c" [] [ true ]; Init.floats "a" [] [ 2.0 ]; Init.floats "b" [] [ 3.0 ] ])
    (let body = [ node "LeakyRelu" [ "a" ] [ "b" ] [ Attr.reference "alpha" 1 "slope" ] ]

     let leaky = functionOf "local" "Leaky" [ "", 16 ] [ "a" ] [ "b" ] [] [ Attr.float "slope" 0.25 ] body

     file [ "", 16; "local", 1 ] (graph [ nodeOf "local" "Leaky" [ "x" ] [ "y" ] [] ] [ row ] [ Val.float "y" [] ] []) [
         leaky
     ])
    model 13 [ node "MatMul" [ "x"; "w" ] [ "y" ] [] ] [ row ] [ "y" ] [
        Init.external "w" DataType.Float [ 3; 2 ] "w.bin"
    ]
]

let private seeds =
    lazy
        (List.toArray files
         |> Array.append (OperatorTests.rows |> List.collect OperatorCase.models |> List.toArray))

/// Small enough for thousands of mutants, large enough for every seed.
let private limits = { ImportLimits.defaults with Memory = 8L <<< 20; Time = TimeSpan.FromSeconds 5.0 }

/// Managed bytes that one mutant may take: a file, its messages, a few values of the size allowed.
let private mostAllocated = 256L <<< 20

/// Time of all the process's threads that one mutant may take. Time on the clock passes also while the machine does other things.
let private mostTime = TimeSpan.FromSeconds 30.0

let private numberOf (variable: string) fallback =
    match Environment.GetEnvironmentVariable variable with
    | null -> fallback
    | text -> int text

let private isOneLine (problem: ImportProblem) =
    let text = string problem
    text.Length < 8000 && Seq.forall (Char.IsControl >> not) text

/// How far a mutant comes.
type private Fate =
    | Unreadable
    | NotImported
    | Evaluated
    | Failed of string

/// Reads a mutant, and evaluates what can be read.
let private trial (folder: string) (number: int) : Fate =
    let bytes = Mutation.mutant seeds.Value number
    let path = Path.Combine(folder, "m.onnx")
    let before = GC.GetAllocatedBytesForCurrentThread()

    let outcome =
        try
            match OnnxModel.ofBytes { OnnxModel.defaults with Limits = limits } path (ReadOnlyMemory bytes) with
            | Error [] -> Failed "refused without a reason"
            | Error problems when not (List.forall isOneLine problems) -> Failed $"not in one line: %A{problems}"
            | Error [ problem ] when problem.Place = path -> Unreadable
            | Error _ -> NotImported
            | Ok model ->
                let point = Array.init model.InputSize (fun i -> 0.25 + float (i % 7))
                let values = Model.evaluate model point
                if values.Length = model.OutputSize then Evaluated else Failed $"{values.Length} values"
        with problem ->
            Failed(string problem)

    let allocated = GC.GetAllocatedBytesForCurrentThread() - before

    match outcome with
    | Failed _ -> outcome
    | _ when allocated > mostAllocated -> Failed $"{allocated} bytes allocated"
    | Unreadable
    | NotImported
    | Evaluated -> outcome

[<Fact>]
let ``mutants of valid models are read or refused without surprises`` () =
    let first = numberOf "INTERACT_FIRST_MUTANT" 0
    let count = numberOf "INTERACT_MUTANTS" 1500
    let folder = Directory.CreateTempSubdirectory "interact-tests-"
    File.WriteAllBytes(Path.Combine(folder.FullName, "w.bin"), Array.zeroCreate 24)
    let failures = ConcurrentQueue<int * string>()
    let current = [| first |]

    let fates = ConcurrentDictionary<Fate, int>()

    let work () =
        while Volatile.Read(&current[0]) < first + count && failures.Count < 20 do
            match trial folder.FullName current[0] with
            | Failed failure -> failures.Enqueue(current[0], failure)
            | fate -> fates.AddOrUpdate(fate, 1, (fun _ known -> known + 1)) |> ignore

            Volatile.Write(&current[0], current[0] + 1)

    // As little stack as any system gives a thread.
    let worker = Thread(work, 1 <<< 20, IsBackground = true)
    worker.Start()
    let mutable watched = -1
    let mutable since = TimeSpan.Zero
    let mutable isStuck = false

    while not isStuck && not (worker.Join 200) do
        use ours = Process.GetCurrentProcess()

        if Volatile.Read(&current[0]) <> watched then
            watched <- Volatile.Read(&current[0])
            since <- ours.TotalProcessorTime
        else
            isStuck <- ours.TotalProcessorTime - since > mostTime

    if isStuck then failures.Enqueue(watched, $"not done after {mostTime.TotalSeconds} s")

    folder.Delete true

    Assert.True(
        failures.IsEmpty,
        failures |> Seq.map (fun (number, text) -> $"mutant {number}: {text}") |> String.concat "\n\n"
    )

    // The mutants come through to every layer, one in ten at least.
    let reached fate = fates.GetValueOrDefault(fate, 0)

    Assert.True(
        [ Unreadable; NotImported; Evaluated ] |> List.forall (fun fate -> 10 * reached fate >= count),
        $"Of {count} mutants {reached Unreadable} were unreadable, {reached NotImported} not imported, {reached Evaluated} evaluated."
    )
