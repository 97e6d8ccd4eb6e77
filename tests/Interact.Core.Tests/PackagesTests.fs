/// The two lists of packages, for MSBuild and for F# Interactive, name the same packages and versions.
module Interact.Core.Tests.PackagesTests

open System
open System.IO
open System.Xml.Linq
open Xunit

let private root =
    let rec climb (folder: DirectoryInfo | null) =
        match folder with
        | null -> invalidOp $"No folder above {AppContext.BaseDirectory} holds Interact.sln."
        | folder when File.Exists(Path.Combine(folder.FullName, "Interact.sln")) -> folder.FullName
        | folder -> climb folder.Parent

    climb (DirectoryInfo AppContext.BaseDirectory)

let private words (line: string) =
    line.Split([| ' '; '('; ')' |], StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

let private linesOf file = File.ReadAllLines(Path.Combine(root, file)) |> Array.map words |> List.ofArray

/// Names and versions in Directory.Packages.props, but for those that only the benchmarks load: no script needs them.
let private pinned =
    let attribute name (element: XElement) =
        match element.Attribute(XName.Get name) with
        | null -> invalidOp $"{element} has no {name}."
        | found -> found.Value

    XDocument.Load(Path.Combine(root, "Directory.Packages.props")).Descendants(XName.Get "ItemGroup")
    |> Seq.filter (fun group -> attribute "Label" group <> "Benchmarks")
    |> Seq.collect _.Elements(XName.Get "PackageVersion")
    |> Seq.map (fun element -> attribute "Include" element, attribute "Version" element)
    |> List.ofSeq
    |> List.sort

[<Fact>]
let ``paket.dependencies lists the packages and versions of Directory.Packages.props`` () =
    let listed =
        linesOf "paket.dependencies"
        |> List.choose (function
            | "nuget" :: name :: version :: _ -> Some(name, version)
            | _ -> None)

    Assert.NotEmpty pinned
    Assert.Equal<(string * string) list>(pinned, List.sort listed)

[<Fact>]
let ``paket.lock holds the versions of Directory.Packages.props`` () =
    let locked =
        linesOf "paket.lock"
        |> List.choose (function
            | name :: version :: _ -> Some(name, version)
            | _ -> None)
        |> Set.ofList

    Assert.Empty(Set.ofList pinned - locked)
