/// What tests ask of a Result: its value, or a refusal fit to be shown.
module Interact.Core.Tests.Results

open Xunit

/// The value; an error fails the test with its message.
let ok result =
    match result with
    | Ok value -> value
    | Error problem -> invalidOp problem

/// The error; a value fails the test.
let refusal result =
    match result with
    | Ok value -> invalidOp $"{value} was accepted."
    | Error(problem: string) -> problem

/// Each refusal holds the expected words, in one line of a length that a terminal can show.
let assertRefused (rows: (string * string) list) =
    for problem, expected in rows do
        Assert.Contains(expected, problem)
        Assert.DoesNotContain("\n", problem)
        Assert.InRange(problem.Length, 1, 400)
