/// Charts as SVG: lines, and horizontal bars in groups.
module Interact.Experiments.Chart

open System
open System.Globalization
open System.IO

[<RequireQualifiedAccess>]
type Scale =
    | Linear
    | Logarithmic

/// A named line through points, or one bar for each group.
type Series<'Values> = { Name: string; Values: 'Values }

type LineChart = {
    Title: string
    Across: string
    Up: string
    Scale: Scale
    Lines: Series<(float * float) list> list
}

type BarChart = {
    Title: string
    Across: string
    /// Where the bars begin, and the end of the axis.
    From: float
    To: float
    Groups: string list
    Bars: Series<float list> list
}

let private colours = [|
    "#0b6e99"
    "#c8553d"
    "#5b8c2a"
    "#7b4fa3"
    "#8a6d3b"
    "#d08c00"
    "#222222"
    "#b0417e"
    "#666666"
    "#3455c4"
|]

let private colour number = colours[number % colours.Length]

let private text (value: float) = value.ToString("0.##", CultureInfo.InvariantCulture)
let private label (value: float) = value.ToString("0.######", CultureInfo.InvariantCulture)
let private escape (words: string) = words.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")

let private line x y x' y' style = $"""<line x1="{text x}" y1="{text y}" x2="{text x'}" y2="{text y'}" {style}/>"""

let private write x y anchor extra (words: string) =
    $"""<text x="{text x}" y="{text y}" text-anchor="{anchor}" {extra}>{escape words}</text>"""

let private small = "font-size=\"12\""
let private muted = "font-size=\"13\" fill=\"#333\""
let private grid = "stroke=\"#e3e3e3\""
let private axis = "stroke=\"#555\""

let private page width height title body =
    String.concat "\n" [
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {text width} {text height}" font-family="sans-serif" role="img">"""
        $"<title>{escape title}</title>"
        """<rect width="100%" height="100%" fill="white"/>"""
        write 16.0 24.0 "start" "font-size=\"15\" font-weight=\"600\"" title
        yield! body
        "</svg>\n"
    ]

/// Numbers at equal distances, 1, 2 or 5 times a power of ten, from at most the smallest value to at least the largest: six or so.
let private steps low high =
    let rough = (high - low) / 5.0
    let power = Math.Pow(10.0, floor (log10 rough))
    let step = power * ([ 1.0; 2.0; 5.0; 10.0 ] |> List.find (fun times -> times * power >= rough * 0.999))

    [ floor (low / step + 1e-9) .. ceil (high / step - 1e-9) ] |> List.map (fun number -> number * step)

/// Where the lines of the grid are. Values on a logarithmic axis are positive.
let private ticks scale (values: float list) =
    let low, high = List.min values, List.max values

    match scale with
    | Scale.Linear -> steps low (if high > low then high else low + 1.0)
    | Scale.Logarithmic ->
        let first = low |> log10 |> floor |> int
        let last = max (first + 1) (high |> log10 |> ceil |> int)
        [ for exponent in first..last -> Math.Pow(10.0, float exponent) ]

/// The lines as SVG.
let lines (chart: LineChart) : string =
    let longest = chart.Lines |> List.map _.Name.Length |> List.max
    let left, right, top, bottom = 84.0, 50.0 + 7.0 * float longest, 44.0, 56.0
    let width, height = left + right + 440.0, 420.0
    let points = chart.Lines |> List.collect _.Values
    let horizontal = points |> List.map fst |> ticks chart.Scale
    let vertical = points |> List.map snd |> ticks chart.Scale

    let place first last (ticks: float list) =
        let scaled value = if chart.Scale = Scale.Logarithmic then log10 value else value
        let low, high = scaled ticks.Head, scaled (List.last ticks)
        fun value -> first + (last - first) * (scaled value - low) / (high - low)

    let across = place left (width - right) horizontal
    let up = place (height - bottom) top vertical
    let middle = (top + height - bottom) / 2.0

    page width height chart.Title [
        for tick in horizontal do
            line (across tick) top (across tick) (height - bottom) grid
            write (across tick) (height - bottom + 18.0) "middle" small (label tick)
        for tick in vertical do
            line left (up tick) (width - right) (up tick) grid
            write (left - 8.0) (up tick + 4.0) "end" small (label tick)
        line left (height - bottom) (width - right) (height - bottom) axis
        line left top left (height - bottom) axis
        write ((left + width - right) / 2.0) (height - 14.0) "middle" muted chart.Across
        write 18.0 middle "middle" $"{muted} transform=\"rotate(-90 18 {text middle})\"" chart.Up
        for number, drawn in List.indexed chart.Lines do
            let path =
                drawn.Values |> List.map (fun (x, y) -> $"{text (across x)},{text (up y)}") |> String.concat " "

            $"""<polyline points="{path}" fill="none" stroke="{colour number}" stroke-width="2"/>"""

            if drawn.Values.Length <= 10 then
                for x, y in drawn.Values do
                    $"""<circle cx="{text (across x)}" cy="{text (up y)}" r="3.5" fill="{colour number}"/>"""

            let y = top + 10.0 + 18.0 * float number
            line (width - right + 12.0) y (width - right + 32.0) y $"stroke=\"{colour number}\" stroke-width=\"2\""
            write (width - right + 38.0) (y + 4.0) "start" small drawn.Name
    ]

/// The bars as SVG.
let bars (chart: BarChart) : string =
    let longest = chart.Groups |> List.map String.length |> List.max
    let left, right, top = 30.0 + 6.8 * float longest, 40.0, 62.0
    let width = left + 470.0
    let thick = 10.0
    let each = thick * float chart.Bars.Length + 10.0
    let bottom = top + each * float chart.Groups.Length
    let across value = left + (width - left - right) * (value - chart.From) / (chart.To - chart.From)

    page width (bottom + 52.0) chart.Title [
        for number, drawn in List.indexed chart.Bars do
            let x = 16.0 + 230.0 * float number
            $"""<rect x="{text x}" y="36" width="14" height="10" fill="{colour number}"/>"""
            write (x + 20.0) 45.0 "start" small drawn.Name
        for tick in steps chart.From chart.To do
            line (across tick) top (across tick) bottom grid
            write (across tick) (bottom + 18.0) "middle" small (label tick)
        for group, name in List.indexed chart.Groups do
            let y = top + 5.0 + each * float group
            write (left - 8.0) (y + (each - 10.0) / 2.0 + 4.0) "end" small name

            for number, drawn in List.indexed chart.Bars do
                let size = max 0.0 (across drawn.Values[group] - left)

                $"""<rect x="{text left}" y="{text (y + thick * float number)}" width="{text size}" height="{text (thick - 1.0)}" fill="{colour number}"/>"""
        line left top left bottom axis
        write ((left + width - right) / 2.0) (bottom + 40.0) "middle" muted chart.Across
    ]

/// Writes a chart to a file in the folder `images` beside a document, and gives the line that shows it there.
let show (document: string) (name: string) (title: string) (svg: string) : string =
    let folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath document) |> string, "images")
    Directory.CreateDirectory folder |> ignore
    File.WriteAllText(Path.Combine(folder, name), svg)
    $"![{title}](images/{name})"
