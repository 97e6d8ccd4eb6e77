/// Where the repository's files are.
module Interact.Benchmarks.Files

open System.IO

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// A file or folder of the repository.
let ofRepository (path: string) = Path.Combine(root, path)

/// A file of one of the fixtures of the tests.
let ofFixture folder (name: string) = Path.Combine(root, "tests", "fixtures", folder, name)

/// What a reading returned, or the end of the program with its problem.
let ok (result: Result<'T, 'Problem>) =
    match result with
    | Ok value -> value
    | Error problem -> invalidOp $"%A{problem}"
