/// Sections of a Markdown file that the program writes, between markers; what people wrote around them stays.
module Interact.Benchmarks.Document

open System
open System.Globalization
open System.IO

let private markers section = $"<!-- {section}: written by the benchmarks -->", $"<!-- end of {section} -->"

/// Replaces a section, or adds it at the end of the file where it has none.
let write (path: string) (section: string) (lines: string list) =
    let first, last = markers section
    let block = String.Join("\n", [ first; "" ] @ lines @ [ ""; last ])
    let text = if File.Exists path then File.ReadAllText path else ""
    let start = text.IndexOf(first, StringComparison.Ordinal)
    let finish = text.IndexOf(last, StringComparison.Ordinal)

    let whole =
        if start >= 0 && finish > start then
            text.Substring(0, start) + block + text.Substring(finish + last.Length)
        else
            text.TrimEnd() + "\n\n" + block + "\n"

    Option.ofObj (Path.GetDirectoryName(Path.GetFullPath path))
    |> Option.iter (Directory.CreateDirectory >> ignore)

    File.WriteAllText(path, whole.TrimStart())

/// A table: the first column is text, the others are numbers.
let table (header: string list) (rows: string list list) =
    let line cells = "| " + String.Join(" | ", (cells: string list)) + " |"
    let rule = "|---|" + String.replicate (header.Length - 1) "---:|"
    line header :: rule :: (rows |> List.map line)

/// A number with three decimals: 0.123.
let three (value: float) : string = value.ToString("0.000", CultureInfo.InvariantCulture)

/// A difference with its sign and three decimals: +0.123.
let signed (value: float) : string = value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture)

/// A number with three significant digits, without exponent: 12300, 1.23, 0.0123.
let number (value: float) =
    if value = 0.0 then
        "0"
    elif Double.IsNaN value then
        "-"
    else
        let digits = 2 - int (floor (log10 (abs value)))

        if digits >= 0 then
            value.ToString("F" + string (min digits 9), CultureInfo.InvariantCulture)
        else
            let unit = Math.Pow(10.0, float -digits)
            (Math.Round(value / unit) * unit).ToString("F0", CultureInfo.InvariantCulture)

/// A small number with two significant digits: 3.4e-12.
let small (value: float) = if value = 0.0 then "0" else value.ToString("0.0e-0", CultureInfo.InvariantCulture)

/// How many times as much: 3.4 x.
let times (value: float) = number value + " x"

/// A share in percent.
let percent (value: float) = (100.0 * value).ToString("F0", CultureInfo.InvariantCulture) + " %"
