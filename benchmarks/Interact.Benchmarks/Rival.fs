namespace Interact.Benchmarks

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Text.Json.Nodes

/// A rival's process: started once for a work, it answers one line of JSON with another.
[<Sealed>]
type Rival private (name: string, folder: string, running: Process) =

    let receive () : JsonElement =
        match running.StandardOutput.ReadLine() with
        | null -> invalidOp $"{name} ended without an answer."
        | line ->
            let answer = JsonDocument.Parse(line).RootElement

            match answer.TryGetProperty "error" with
            | true, problem -> invalidOp $"{name}: {problem.GetString()}"
            | false, _ -> answer

    let hello = receive ()

    let ask (command: (string * JsonNode) list) =
        let message = JsonObject()

        for key, value in command do
            message[key] <- value

        running.StandardInput.WriteLine(message.ToJsonString())
        running.StandardInput.Flush()
        receive ()

    let word (text: string) : JsonNode = nonNull (JsonValue.Create text)
    let number (value: float) : JsonNode = JsonValue.Create value

    /// A Python that has PyTorch; None where there is none.
    static member Python: string option =
        [ "/usr/bin/python3"; "python3" ]
        |> List.tryFind (fun python ->
            try
                let start = ProcessStartInfo(python, [ "-c"; "import torch, functorch" ], RedirectStandardError = true)
                use trial = Process.Start start |> nonNull
                trial.StandardError.ReadToEnd() |> ignore
                trial.WaitForExit()
                trial.ExitCode = 0
            with :? ComponentModel.Win32Exception ->
                false)

    /// Starts a rival on the work in a folder, on as many threads as explanations have. Error: InvalidOperationException where it does not start.
    static member Start(python: string, script: string, folder: string, arguments: string list) =
        Rival.Start(python, script, folder, arguments, Ours.threads)

    /// The same on so many threads.
    static member Start(python: string, script: string, folder: string, arguments: string list, threads: int) =
        let path = Files.ofRepository (Path.Combine("benchmarks", "rivals", script + ".py"))

        let start =
            ProcessStartInfo(
                python,
                path :: folder :: arguments,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                WorkingDirectory = folder
            )

        // Threads that wait give way to those that work.
        start.Environment["OMP_WAIT_POLICY"] <- "passive"
        start.Environment["OMP_NUM_THREADS"] <- string threads
        start.Environment["OPENBLAS_NUM_THREADS"] <- string threads
        start.Environment["PYTHONDONTWRITEBYTECODE"] <- "1"
        new Rival(script, folder, Process.Start start |> nonNull)

    member _.Name = name

    /// Version of PyTorch, its matrix library, and what that does in 1e9 operations a second.
    member _.Torch = hello.GetProperty("torch").GetString()

    member _.Library = hello.GetProperty("blas").GetString()

    member _.Gigaflops = hello.GetProperty("gigaflops").GetDouble()

    /// Tries all variants on a rule; gives the name of the fastest.
    member _.Tune(rule: string) =
        string ((ask [ "do", word "tune"; "rule", word rule ]).GetProperty("best").GetString())

    /// Seconds a row by the fastest variant on a rule.
    member _.Run(rule: string, atLeast: float) =
        let answer = ask [ "do", word "run"; "rule", word rule; "at_least", number atLeast ]
        answer.GetProperty("seconds").GetDouble() / float (answer.GetProperty("rows").GetInt32())

    /// Seconds a row to be sure of the tolerance, the orders tried, and how many rows were sure of it in the end.
    member _.Certify(tolerance: float, atLeast: float) =
        let answer = ask [ "do", word "certify"; "tolerance", number tolerance; "at_least", number atLeast ]
        let orders = [ for order in answer.GetProperty("orders").EnumerateArray() -> order.GetInt32() ]
        let seconds = answer.GetProperty("seconds").GetDouble() / float (answer.GetProperty("rows").GetInt32())
        seconds, orders, answer.GetProperty("met").GetInt32()

    /// Tries all ways of a training step; gives the name of the fastest.
    member _.TuneStep(work: string, threads: int) =
        let answer = ask [ "do", word "tune"; "work", word work; "threads", number (float threads) ]
        string (answer.GetProperty("best").GetString())

    /// Seconds of a training step in the fastest way, the shortest of as many as take the given time.
    member _.RunStep(work: string, threads: int, atLeast: float) =
        let about = [ "work", word work; "threads", number (float threads); "at_least", number atLeast ]
        (ask (("do", word "run") :: about)).GetProperty("seconds").GetDouble()

    /// The matrices of the last run, flattened.
    member _.Matrices() =
        let path = Path.Combine(folder, name + ".npy")
        ask [ "do", word "save"; "path", word path ] |> ignore
        Exchange.read path

    interface IDisposable with
        member _.Dispose() =
            running.StandardInput.Close()
            if not (running.WaitForExit 5000) then running.Kill()
            running.Dispose()
