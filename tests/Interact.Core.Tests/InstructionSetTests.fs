/// The tests of kernels once more in processes of their own, where the runtime is told to do without some instructions.
module Interact.Core.Tests.InstructionSetTests

open System
open System.Diagnostics
open System.IO
open System.Reflection
open Interact.Core.Execution
open Xunit

/// The switches of the runtime, and the best instruction set that is left where the given one is the best without them.
let private switches: (string * (InstructionSet -> InstructionSet)) list = [
    "EnableAVX512",
    (function
    | Avx512 -> Avx2
    | other -> other)
    "EnableAVX2",
    (function
    | Avx512
    | Avx2 -> Portable
    | other -> other)
    "EnableHWIntrinsic", (fun _ -> Portable)
]

/// Runs every fact of the category Kernels in this assembly: what a child process is started for. 0 where all hold, there are any, and
/// the best instruction set is the expected one.
let runKernelFacts (expectedBest: string) : int =
    let isKernels (provider: MemberInfo) =
        provider.GetCustomAttributesData()
        |> Seq.exists (fun data ->
            data.AttributeType = typeof<TraitAttribute>
            && [ for argument in data.ConstructorArguments -> string argument.Value ] = [ "Category"; "Kernels" ])

    let facts = [
        for owner in Assembly.GetExecutingAssembly().GetTypes() do
            for fact in owner.GetMethods(BindingFlags.Static ||| BindingFlags.Public) do
                if (isKernels owner || isKernels fact) && fact.IsDefined(typeof<FactAttribute>, false) then fact
    ]

    let failures = [
        for fact in facts do
            if fact.IsDefined(typeof<TheoryAttribute>, false) then
                $"{fact.Name}: a theory, which this runner does not know."
            else
                try
                    fact.Invoke(null, [||]) |> ignore
                with :? TargetInvocationException as error ->
                    $"{fact.Name}: {error.InnerException}"
    ]

    for failure in failures do
        eprintfn $"{failure}"

    printfn $"{facts.Length} facts on {InstructionSet.best}"

    if failures.IsEmpty && not facts.IsEmpty && string InstructionSet.best = expectedBest then 0 else 1

/// Starts this assembly as a program with a switch of the runtime off.
let private start (switch: string) (expectedBest: InstructionSet) =
    let host = Environment.ProcessPath |> Option.ofObj |> Option.defaultValue "dotnet"
    let isHost = Path.GetFileNameWithoutExtension host = "dotnet"
    let info = ProcessStartInfo(if isHost then host else "dotnet")
    info.ArgumentList.Add "exec"
    info.ArgumentList.Add(Assembly.GetExecutingAssembly().Location)
    info.ArgumentList.Add(string expectedBest)
    info.Environment["DOTNET_" + switch] <- "0"
    info.RedirectStandardError <- true
    info.RedirectStandardOutput <- true
    Process.Start info |> Option.ofObj |> Option.get

[<Fact>]
let ``the tests of kernels hold on every instruction set that this machine can be told to use`` () =
    let children = [
        for switch, left in switches do
            switch, left InstructionSet.best, start switch (left InstructionSet.best)
    ]

    for switch, best, child in children do
        use child = child
        let errors = child.StandardError.ReadToEndAsync()
        let output = child.StandardOutput.ReadToEnd()
        child.WaitForExit()
        Assert.True((child.ExitCode = 0), $"{switch}=0, {best} expected: {output}{errors.Result}")
