/// How long a large model takes to load, and how much memory: files of 50 MB with their weights stored in each of the ways there are.
module Interact.Benchmarks.Load

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Text
open Interact.Core.Onnx

/// Protobuf's wire format, as much of it as a dense network needs.
module private Wire =

    let rec private varint (value: uint64) : byte list =
        if value < 0x80UL then [ byte value ] else (byte value ||| 0x80uy) :: varint (value >>> 7)

    let private tag (number: int) (wireType: uint64) = varint (uint64 number <<< 3 ||| wireType)
    let number field (value: int) = List.toArray (tag field 0UL @ varint (uint64 value))

    let bytes field (value: byte[]) = Array.append (List.toArray (tag field 2UL @ varint (uint64 value.Length))) value

    let text field (value: string) = bytes field (Encoding.UTF8.GetBytes value)
    let message field (fields: byte[] list) = bytes field (Array.concat fields)

/// A way of storing weights.
type private Storage = {
    Name: string
    /// ONNX's number of the element type.
    DataType: int
    ElementSize: int
    Encode: float[] -> byte[]
    /// The field that holds the bytes, or none for a file beside the model.
    Field: int option
}

let private inMemory (values: 'T[]) = MemoryMarshal.AsBytes(ReadOnlySpan values).ToArray()
let private singles (values: float[]) = inMemory (Array.map float32 values)
let private rawData, floatData = 9, 4

let private storages = [
    { Name = "float32"; DataType = 1; ElementSize = 4; Encode = singles; Field = Some rawData }
    {
        Name = "float32 in a typed field"
        DataType = 1
        ElementSize = 4
        Encode = singles
        Field = Some floatData
    }
    {
        Name = "float32 in a file beside the model"
        DataType = 1
        ElementSize = 4
        Encode = singles
        Field = None
    }
    { Name = "float64"; DataType = 11; ElementSize = 8; Encode = inMemory; Field = Some rawData }
    {
        Name = "float16"
        DataType = 10
        ElementSize = 2
        Encode = Array.map (fun value -> Half.op_Explicit (value: float): Half) >> inMemory
        Field = Some rawData
    }
]

let private megabyte = 1e6
let private layers = 5

/// Writes a network of square tanh layers whose weights take so many bytes.
let private write (folder: string) (bytes: float) (storage: Storage) : string =
    let width = int (sqrt (bytes / float (layers * storage.ElementSize)))
    let random = Generator 1UL
    use beside = new FileStream(Path.Combine(folder, "weights.bin"), FileMode.Create)

    let entry key (value: string) = Wire.message 13 [ Wire.text 1 key; Wire.text 2 value ]

    let weights i =
        let values = storage.Encode(random.Array(width * width, 1.0 / sqrt (float width)))

        let elements =
            match storage.Field with
            | Some field -> Wire.bytes field values
            | None ->
                let offset = beside.Position
                beside.Write values

                Array.concat [
                    entry "location" "weights.bin"
                    entry "offset" (string offset)
                    entry "length" (string values.Length)
                    Wire.number 14 1
                ]

        Wire.message 5 [
            Wire.number 1 width
            Wire.number 1 width
            Wire.number 2 storage.DataType
            elements
            Wire.text 8 $"w{i}"
        ]

    let node operator inputs output =
        Wire.message 1 [ yield! inputs |> List.map (Wire.text 1); Wire.text 2 output; Wire.text 4 operator ]

    let port field name =
        let dim = Wire.message 1 [ Wire.number 1 width ]
        let tensor = Wire.message 1 [ Wire.number 1 storage.DataType; Wire.message 2 [ dim ] ]
        Wire.message field [ Wire.text 1 name; Wire.message 2 [ tensor ] ]

    let graph = [
        for i in 1..layers do
            node "MatMul" [ $"h{i - 1}"; $"w{i}" ] $"z{i}"
            node "Tanh" [ $"z{i}" ] $"h{i}"
        Wire.text 2 "dense"
        for i in 1..layers do
            weights i
        port 11 "h0"
        port 12 $"h{layers}"
    ]

    let path = Path.Combine(folder, "model.onnx")
    let file = [ Wire.number 1 8; Wire.message 7 graph; Wire.message 8 [ Wire.number 2 17 ] ]
    File.WriteAllBytes(path, Array.concat file)
    path

/// Loads a model once and prints the seconds and the bytes by which the process grew at most: what a process of its own does.
let one (path: string) =
    use ours = Process.GetCurrentProcess()
    let before = ours.WorkingSet64
    let watch = Stopwatch.StartNew()
    let model = OnnxModel.load OnnxModel.defaults path |> Files.ok
    let seconds = watch.Elapsed.TotalSeconds
    ours.Refresh()
    let grown = ours.PeakWorkingSet64 - before
    printfn "%s" (String.Format(CultureInfo.InvariantCulture, "{0} {1}", seconds, grown))
    GC.KeepAlive model

/// Seconds and bytes of a load in a process of its own.
let private measured (path: string) : float * float =
    let start = ProcessStartInfo(nonNull Environment.ProcessPath, [ "load-one"; path ])
    start.RedirectStandardOutput <- true
    use child = Process.Start start |> nonNull
    let printed = child.StandardOutput.ReadToEnd().Split(' ')
    child.WaitForExit()

    if child.ExitCode <> 0 || printed.Length <> 2 then invalidOp $"Loading {path} failed."

    float printed[0], float printed[1]

let private rounds = 5

/// Bytes of the files of a model, and medians of the seconds and bytes that loading it takes.
let private load (bytes: float) (storage: Storage) : float * float * float =
    let folder = Directory.CreateTempSubdirectory "interact-load-"

    try
        let path = write folder.FullName bytes storage
        let size = folder.GetFiles() |> Array.sumBy (fun file -> float file.Length)
        let runs = [ for _ in 1..rounds -> measured path ]
        size, Clock.median (List.map fst runs), Clock.median (List.map snd runs)
    finally
        folder.Delete true

let private row (storage: Storage) =
    // What the runtime takes for whatever model it loads first: compiled code, libraries.
    let _, _, fixedCost = load 1000.0 storage
    let size, seconds, grown = load (50.0 * megabyte) storage

    [
        storage.Name
        Document.number (size / megabyte)
        Document.number (1000.0 * seconds)
        Document.number (grown / megabyte)
        Document.times ((grown - fixedCost) / size)
    ]

/// Measures, prints, and writes the section.
let run (path: string) =
    let lines =
        [ $"{Machine.date}; {Machine.description}; medians of {rounds} processes."; "" ]
        @ Document.table
            [ "weights"; "files, MB"; "ms"; "process grows by, MB"; "beyond a model of 1 kB, / files" ]
            (storages |> List.map row)

    lines |> List.iter (printfn "%s")
    Document.write path "load" lines
