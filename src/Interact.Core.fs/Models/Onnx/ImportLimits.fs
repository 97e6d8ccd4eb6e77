namespace Interact.Core.Onnx

open System

/// How much a model file may ask for before it is refused: a file may come from anybody, and a thousand bytes can promise terabytes.
/// The defaults are far above what exported networks need.
type ImportLimits = {
    /// Bytes of the model's file and of those that hold its weights, together.
    Bytes: int64
    /// Messages in the file: nodes, attributes, tensors, dimensions.
    Messages: int
    /// Messages, graphs and calls inside each other.
    Depth: int
    /// Graphs in the file: branches and bodies of loops, whether they are taken or not.
    Graphs: int
    /// Nodes, each counted as often as it is imported: in a function at every call, in a loop at every turn. A turn of a loop
    /// and an operand of a sum, mean, maximum or minimum count as nodes, too, and each gate in each step of a recurrent layer counts as five.
    Nodes: int
    /// Axes of a value.
    Rank: int
    /// Elements of a value.
    Elements: int64
    /// Bytes that a value may take, and all that is computed once at import together, however small the file.
    Memory: int64
    /// How many times the bytes of the files and of one input they may take where that is more.
    Amplification: float
    /// How long an import may take.
    Time: TimeSpan
}

/// Limits of what a model file may ask for.
[<RequireQualifiedAccess>]
module ImportLimits =

    /// 16 GiB of files, 5,000,000 messages to a depth of 64, 10,000 graphs, 100,000 nodes; values of 32 axes and 2²⁸ elements that take 64 MiB, or
    /// 100 times what the files and one input take; a minute.
    let defaults = {
        Bytes = 16L <<< 30
        Messages = 5_000_000
        Depth = 64
        Graphs = 10_000
        Nodes = 100_000
        Rank = 32
        Elements = 1L <<< 28
        Memory = 64L <<< 20
        Amplification = 100.0
        Time = TimeSpan.FromMinutes 1.0
    }

    /// A number of bytes in the unit that suits it: "256 MiB".
    let internal describeBytes (bytes: float) =
        let units = [| "bytes"; "KiB"; "MiB"; "GiB"; "TiB"; "PiB"; "EiB" |]
        let mutable value = bytes
        let mutable unit = 0

        while value >= 1024.0 && unit < units.Length - 1 do
            value <- value / 1024.0
            unit <- unit + 1

        value.ToString("G4", Globalization.CultureInfo.InvariantCulture) + " " + units[unit]
