/// The tests as a program: with the name of an instruction set, the facts of kernels where that is the best.
module Interact.Core.Tests.Program

[<EntryPoint>]
let main arguments =
    match arguments with
    | [| expectedBest |] -> InstructionSetTests.runKernelFacts expectedBest
    | _ ->
        eprintfn "Expected the name of an instruction set."
        2
