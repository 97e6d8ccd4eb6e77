/// The experiments: measures of rankings against cases worked by hand, charts, and the program itself.
module Interact.Core.Tests.ExperimentTests

open System
open System.Globalization
open System.IO
open System.Xml.Linq
open Interact.Experiments
open Xunit

let private truth = [ set [ 0; 1; 2 ]; set [ 3; 4 ] ]

[<Fact>]
let ``the area under the curve is the share of pairs in the right order`` () =
    // 4 > 3, 4 > 1, 2 > 1, but not 2 > 3.
    Assert.Equal(0.75, Measures.areaUnderCurve [ 4.0, true; 3.0, false; 2.0, true; 1.0, false ])
    Assert.Equal(1.0, Measures.areaUnderCurve [ 0.1, false; 0.2, true; 0.3, true ])
    Assert.Equal(0.0, Measures.areaUnderCurve [ 0.2, false; 0.1, true ])

[<Fact>]
let ``equal strengths count half in the area under the curve`` () =
    Assert.Equal(0.5, Measures.areaUnderCurve [ 1.0, true; 1.0, false ])
    // Of four pairs one is right, one wrong and two equal.
    Assert.Equal(0.5, Measures.areaUnderCurve [ 1.0, true; 2.0, true; 1.0, false; 2.0, false ])

[<Fact>]
let ``there is no area under the curve where all are positive or all negative`` () =
    for all in [ true; false ] do
        Assert.Throws<ArgumentException>(fun () -> Measures.areaUnderCurve [ 1.0, all; 2.0, all ] |> ignore)
        |> ignore

[<Fact>]
let ``a pair is positive if one true set holds both`` () =
    Assert.True(Measures.isInside truth [| 0; 2 |])
    Assert.True(Measures.isInside truth [| 3; 4 |])
    Assert.False(Measures.isInside truth [| 2; 3 |])

[<Fact>]
let ``R-precision skips parts of true sets and counts exact matches`` () =
    // The pair is skipped, the triple found, and the set of four takes the second place.
    Assert.Equal(0.5, Measures.rPrecision truth [ [| 0; 1 |]; [| 0; 1; 2 |]; [| 0; 1; 2; 3 |]; [| 3; 4 |] ])
    Assert.Equal(1.0, Measures.rPrecision truth [ [| 4; 3 |]; [| 1; 2 |]; [| 0; 2 |]; [| 0; 1; 2 |] ])
    Assert.Equal(0.0, Measures.rPrecision truth [ [| 0; 3 |]; [| 1; 3 |]; [| 3; 4 |] ])

[<Fact>]
let ``R-precision of a ranking that ends early counts what it found of all true sets`` () =
    Assert.Equal(0.5, Measures.rPrecision truth [ [| 3; 4 |] ])
    Assert.Equal(0.0, Measures.rPrecision truth [])

[<Fact>]
let ``a true set inside another true set is not skipped`` () =
    let nested = [ set [ 0; 1 ]; set [ 0; 1; 2 ] ]
    Assert.Equal(1.0, Measures.rPrecision nested [ [| 0; 1 |]; [| 1; 2 |]; [| 0; 1; 2 |] ])

let private elements name (svg: string) =
    XDocument.Parse(svg).Descendants()
    |> Seq.filter (fun element -> element.Name.LocalName = name)
    |> List.ofSeq

let private numbers (text: string) =
    text.Split([| ','; ' ' |])
    |> Array.map (fun part -> Double.Parse(part, CultureInfo.InvariantCulture))

let private attribute (name: string) (element: XElement) =
    (element.Attribute(XName.Get name) |> Option.ofObj |> Option.get).Value

[<Fact>]
let ``lines over logarithmic axes are straight for powers`` () =
    let svg =
        Chart.lines {
            Title = "a < b & c"
            Across = "x"
            Up = "y"
            Scale = Chart.Scale.Logarithmic
            Lines = [ { Name = "square"; Values = [ 1.0, 1.0; 10.0, 100.0; 1000.0, 1e6 ] } ]
        }

    let points = elements "polyline" svg |> List.exactlyOne |> attribute "points" |> numbers
    let slope a b = (points[2 * b + 1] - points[2 * a + 1]) / (points[2 * b] - points[2 * a])
    Assert.True(slope 0 1 < 0.0, "larger values stand higher")
    Assert.Equal(slope 0 1, slope 1 2, 1e-3)

[<Fact>]
let ``bars are as long as their values say`` () =
    let svg =
        Chart.bars {
            Title = "bars"
            Across = "x"
            From = 0.5
            To = 1.0
            Groups = [ "one"; "two" ]
            Bars = [ { Name = "a"; Values = [ 0.6; 1.0 ] } ]
        }

    // The background and the legend come first.
    let widths = elements "rect" svg |> List.skip 2 |> List.map (attribute "width" >> Double.Parse)
    Assert.Equal(5.0, widths[1] / widths[0], 1e-6)

let private kept (path: string) =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "benchmarks", "experiments", "ten-functions", path)

[<Fact>]
let ``the program judges the networks of a folder and writes what it found between its marks`` () =
    let folder = Directory.CreateTempSubdirectory "experiments"

    try
        let place (path: string) = Path.Combine(folder.FullName, path)

        for part in [ "networks"; "rows" ] do
            Directory.CreateDirectory(place part) |> ignore

        for file in [ "truth.json"; "networks/f10-0.onnx"; "rows/f10-0.npy" ] do
            File.Copy(kept file, place file)

        File.WriteAllText(place "document.md", "Before.\n")
        let document = place "document.md"

        let arguments = [| "ten-functions"; "--networks"; folder.FullName; "--seeds"; "0"; "--out"; document |]

        for _ in 1..2 do
            Assert.Equal(0, Program.main arguments)

        let lines = File.ReadAllLines document
        Assert.Equal("Before.", lines[0])
        let found = lines |> Array.filter (fun line -> line.StartsWith("| f10 |", StringComparison.Ordinal))
        // One row for pairs and one for sets, also when the program has run twice.
        Assert.Equal(2, found.Length)

        let values =
            found[0].Split('|', StringSplitOptions.TrimEntries)
            |> Array.skip 2
            |> Array.truncate 8
            |> Array.map Double.Parse

        Assert.All(values, (fun value -> Assert.InRange(value, 0.0, 1.0)))
        Assert.True(values[0] > 0.9, $"Expected Hessians reach {values[0]} on a network that fits its function")
    finally
        folder.Delete true

[<Fact>]
let ``the program refuses what it does not know`` () =
    Assert.Equal(2, Program.main [| "nothing" |])
    Assert.Equal(1, Program.main [| "cost"; "--speed"; "3" |])
    Assert.Equal(1, Program.main [| "ten-functions"; "--seeds"; "one" |])
    Assert.Equal(1, Program.main [| "ten-functions"; "--networks"; "no such folder"; "--out"; Path.GetTempFileName() |])
