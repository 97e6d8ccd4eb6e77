/// Plots as SVG: lines over two logarithmic axes.
module Interact.Benchmarks.Plot

open System
open System.Globalization
open System.IO

/// A named line through points.
type Line = { Name: string; Points: (float * float) list }

type Plot = { Title: string; Across: string; Up: string; Lines: Line list }

let private width, height = 640.0, 400.0
let private left, right, top, bottom = 84.0, 24.0, 48.0, 56.0
let private colours = [| "#0b6e99"; "#c8553d"; "#5b8c2a"; "#7b4fa3"; "#8a6d3b" |]

let private text (value: float) = value.ToString("0.##", CultureInfo.InvariantCulture)

let private escape (words: string) = words.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")

/// Powers of ten as people write them.
let private label (exponent: int) =
    if exponent >= 0 && exponent <= 5 then
        Math.Pow(10.0, float exponent).ToString("#,0", CultureInfo.InvariantCulture)
    elif exponent < 0 && exponent >= -4 then
        Math.Pow(10.0, float exponent).ToString(CultureInfo.InvariantCulture)
    else
        $"1e{exponent}"

/// The powers of ten around some values.
let private range (values: float seq) =
    let low = values |> Seq.min |> log10 |> floor |> int
    let high = values |> Seq.max |> log10 |> ceil |> int
    low, max high (low + 1)

/// The plot as SVG.
let svg (plot: Plot) : string =
    let points = plot.Lines |> List.collect _.Points
    let (x0, x1), (y0, y1) = range (List.map fst points), range (List.map snd points)
    let across (x: float) = left + (width - left - right) * (log10 x - float x0) / float (x1 - x0)
    let up (y: float) = height - bottom - (height - top - bottom) * (log10 y - float y0) / float (y1 - y0)
    let power exponent = Math.Pow(10.0, float exponent)
    let line x y x' y' style = $"""<line x1="{text x}" y1="{text y}" x2="{text x'}" y2="{text y'}" {style}/>"""

    let write x y anchor extra (words: string) =
        $"""<text x="{text x}" y="{text y}" text-anchor="{anchor}" {extra}>{escape words}</text>"""

    let grid = "stroke=\"#e3e3e3\""
    let axis = "stroke=\"#555\""
    let small = "font-size=\"12\""
    let muted = "font-size=\"13\" fill=\"#333\""

    let axes = [
        for exponent in x0..x1 do
            let x = across (power exponent)
            line x top x (height - bottom) grid
            write x (height - bottom + 18.0) "middle" small (label exponent)
        for exponent in y0..y1 do
            let y = up (power exponent)
            line left y (width - right) y grid
            write (left - 8.0) (y + 4.0) "end" small (label exponent)
        line left (height - bottom) (width - right) (height - bottom) axis
        line left top left (height - bottom) axis
        write ((left + width - right) / 2.0) (height - 14.0) "middle" muted plot.Across
        let middle = (top + height - bottom) / 2.0
        write 18.0 middle "middle" $"{muted} transform=\"rotate(-90 18 {text middle})\"" plot.Up
        write left 24.0 "start" "font-size=\"15\" font-weight=\"600\"" plot.Title
    ]

    let lines = [
        for i, drawn in List.indexed plot.Lines do
            let colour = colours[i % colours.Length]

            let path =
                drawn.Points |> List.map (fun (x, y) -> $"{text (across x)},{text (up y)}") |> String.concat " "

            $"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>"""

            for x, y in drawn.Points do
                $"""<circle cx="{text (across x)}" cy="{text (up y)}" r="3.5" fill="{colour}"/>"""

            let y = top + 16.0 + 18.0 * float i
            line (left + 12.0) y (left + 36.0) y $"stroke=\"{colour}\" stroke-width=\"2\""
            write (left + 42.0) (y + 4.0) "start" small drawn.Name
    ]

    String.concat "\n" [
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {text width} {text height}" font-family="sans-serif" role="img">"""
        $"<title>{escape plot.Title}</title>"
        """<rect width="100%" height="100%" fill="white"/>"""
        yield! axes
        yield! lines
        "</svg>\n"
    ]

/// Writes the plot to a file.
let write (path: string) (plot: Plot) =
    Option.ofObj (Path.GetDirectoryName path) |> Option.iter (Directory.CreateDirectory >> ignore)
    File.WriteAllText(path, svg plot)
