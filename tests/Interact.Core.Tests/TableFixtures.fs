/// Figures about tables from elsewhere: `tests/fixtures/tables`.
module internal Interact.Core.Tests.TableFixtures

open System.IO
open System.Text.Json

let repository = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

let fixture name =
    JsonDocument.Parse(File.ReadAllText(Path.Combine(repository, "tests", "fixtures", "tables", name))).RootElement

let numbers (element: JsonElement) = [| for value in element.EnumerateArray() -> value.GetDouble() |]
let rows (element: JsonElement) = [| for row in element.EnumerateArray() -> numbers row |]
let texts (element: JsonElement) = [| for value in element.EnumerateArray() -> string (value.GetString()) |]
