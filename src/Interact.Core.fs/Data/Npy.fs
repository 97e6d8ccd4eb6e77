namespace Interact.Core.Data

open System
open System.Buffers.Binary
open System.IO
open System.Text
open Interact.Core

/// The elements of an array to be written, in row-major order.
[<RequireQualifiedAccess>]
type NpyValues =
    | Float64 of float[]
    /// Doubles as they stand, lowest byte first, in what is left of a stream that can tell its length: for arrays too large to hold.
    | Float64Stream of Stream
    | Int64 of int64[]
    | UInt8 of byte[]
    | Boolean of bool[]
    /// Written at the width of the longest, as NumPy's fixed-width Unicode.
    | Text of string[]

/// An array to be written: its sizes, outermost axis first, and its elements.
type NpyArray = { Shape: int[]; Values: NpyValues }

/// <summary>Arrays in NumPy's .npy format.</summary>
[<RequireQualifiedAccess>]
module Npy =

    /// Bytes read or written at a time; a multiple of every element's size.
    let private chunk = 1 <<< 16

    /// Reads the next elements of an array.
    let private fill header (stream: Stream) (buffer: byte[]) (values: float[]) =
        let size = NpyElement.size header.Element
        let mutable filled = 0

        while filled < values.Length do
            let count = min (buffer.Length / size) (values.Length - filled)
            stream.ReadExactly(buffer, 0, count * size)

            for index in 0 .. count - 1 do
                if header.IsBigEndian then Array.Reverse(buffer, index * size, size)

                values[filled + index] <- NpyElement.value header.Element (ReadOnlySpan(buffer, index * size, size))

            filled <- filled + count

    let private readRowMajor header stream height width =
        let buffer = Array.zeroCreate<byte> chunk

        Array.init height (fun _ ->
            let row = Array.zeroCreate<float> width
            fill header stream buffer row
            row)

    /// Where the element at a position in column-major order stands in row-major order, over axes of some sizes.
    let private rowMajor sizes position =
        let place (index, stride, rest) size = index + rest % size * (stride / size), stride / size, rest / size

        let index, _, _ = List.fold place (0, List.fold (*) 1 sizes, position) sizes
        index

    let private readColumnMajor header stream height axes width =
        let buffer = Array.zeroCreate<byte> chunk
        let rows = Array.init height (fun _ -> Array.zeroCreate<float> width)
        let values = Array.zeroCreate<float> height

        for position in 0 .. width - 1 do
            let column = rowMajor axes position
            fill header stream buffer values

            for row in 0 .. height - 1 do
                rows[row][column] <- values[row]

        rows

    let private checkFinite source (rows: float[][]) =
        let found =
            rows
            |> Seq.indexed
            |> Seq.tryPick (fun (row, values) ->
                values
                |> Array.tryFindIndex (Double.IsFinite >> not)
                |> Option.map (fun column -> row, column, values[column]))

        match found with
        | None -> Ok(Table(source, None, rows))
        | Some(row, column, value) ->
            DataProblem.notFinite source $"row {row}, column {column} (both counted from 0)" (string value)

    /// Checks what the header promises against the bytes that are present before anything is allocated.
    let private readRows source header stream present =
        let body = bigint (present - header.Length)
        let shape = DataProblem.shortened (String.Join(", ", header.Shape))
        let product = List.fold (*) 1I
        let promised = product header.Shape * bigint (NpyElement.size header.Element)

        let height, axes =
            match header.Shape with
            | height :: axes when not axes.IsEmpty -> height, axes
            | axes -> 1I, axes

        if header.Shape.IsEmpty then
            DataProblem.ofFile source "the array is a single number" "reshape it to (rows, columns)"
        elif promised > body then
            let problem = $"shape ({shape}) takes {promised} bytes, and {body} are present"
            DataProblem.ofFile source problem "copy or save the file anew, it was cut short"
        elif promised < body then
            let problem =
                $"the array ends at byte {bigint header.Length + promised}, and the file at byte {present}"

            DataProblem.ofFile source problem "save one array a file"
        elif promised.IsZero then
            DataProblem.ofFile source $"the array has no elements, its shape is ({shape})" "save at least one row"
        elif max height (product axes) > bigint Array.MaxLength then
            DataProblem.ofFile source $"shape ({shape}) is more than a table can hold" "split the array"
        else
            let width = int (product axes)

            let rows =
                if header.IsFortran then
                    readColumnMajor header stream (int height) (List.map int axes) width
                else
                    readRowMajor header stream (int height) width

            checkFinite source rows

    /// Reads an array of which so many bytes are present, from a stream that need not be able to seek.
    let internal readPart source (stream: Stream) present : Result<Table, string> =
        NpyHeader.read source stream present
        |> Result.bind (fun header -> readRows source header stream present)

    /// <summary>Reads a table from one array of numbers (format versions 1 to 3).</summary>
    /// <remarks>
    /// The first axis counts the rows and the others are flattened in row-major order, whatever the order in the
    /// file; an array of one axis is one row. Booleans are 0 and 1, and integers beyond 2⁵³ the nearest double.
    /// </remarks>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The file, from its start; the stream can tell its length, and is left open.</param>
    /// <returns>
    /// The table, or one line that names the file, the place and the mend. Refused are arrays that hold anything but
    /// booleans, integers and real numbers of at most 8 bytes, that have no elements or no axis, or NaN or an infinity
    /// among them, and files that are damaged, shorter or longer than their header says.
    /// </returns>
    let read (source: string) (stream: Stream) : Result<Table, string> =
        readPart source stream (stream.Length - stream.Position)

    /// Writes items of a size through a buffer.
    let private writeItems (stream: Stream) size (items: 'a[]) (put: byte[] -> int -> 'a -> unit) =
        let buffer = Array.zeroCreate<byte>(max size (chunk / size * size))
        let mutable used = 0

        for item in items do
            if used = buffer.Length then
                stream.Write(buffer, 0, used)
                used <- 0

            put buffer used item
            used <- used + size

        stream.Write(buffer, 0, used)

    let private describe (shape: int[]) = String.Join(", ", shape)

    let private count values =
        match values with
        | NpyValues.Float64 values -> int64 values.Length
        | NpyValues.Float64Stream values -> (values.Length - values.Position) / 8L
        | NpyValues.Int64 values -> int64 values.Length
        | NpyValues.UInt8 values -> int64 values.Length
        | NpyValues.Boolean values -> int64 values.Length
        | NpyValues.Text values -> int64 values.Length

    let private writeText stream shape (texts: string[]) =
        let encoded = texts |> Array.map Encoding.UTF32.GetBytes
        let size = encoded |> Array.fold (fun size bytes -> max size bytes.Length) 4
        NpyHeader.format $"<U{size / 4}" shape |> (stream: Stream).Write

        writeItems stream size encoded (fun buffer start bytes ->
            Array.Clear(buffer, start, size)
            bytes.CopyTo(buffer, start))

    /// <summary>Writes an array in .npy format (version 1, little-endian, row-major).</summary>
    /// <param name="stream">Where to; it is left open and need not be able to seek.</param>
    /// <param name="array">The sizes and the elements. NaN and infinities are written as they are.</param>
    /// <exception cref="T:System.ArgumentException">The sizes are negative or do not multiply to the count.</exception>
    let writeArray (stream: Stream) (array: NpyArray) =
        let { Shape = shape; Values = values } = array
        let product = shape |> Array.fold (fun product size -> product * bigint size) 1I
        let fits = Array.forall (fun size -> size >= 0) shape && product = bigint (count values)

        Checks.require fits (nameof array) (fun () ->
            $"The shape ({describe shape}) does not fit the {count values} elements of {nameof array}.")

        let head code = NpyHeader.format code shape |> stream.Write

        match values with
        | NpyValues.Float64 values ->
            head "<f8"

            writeItems stream 8 values (fun buffer start value ->
                BinaryPrimitives.WriteDoubleLittleEndian(buffer.AsSpan start, value))
        | NpyValues.Float64Stream values ->
            head "<f8"
            values.CopyTo stream
        | NpyValues.Int64 values ->
            head "<i8"

            writeItems stream 8 values (fun buffer start value ->
                BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan start, value))
        | NpyValues.UInt8 values ->
            head "|u1"
            stream.Write values
        | NpyValues.Boolean values ->
            head "|b1"
            writeItems stream 1 values (fun buffer start value -> buffer[start] <- if value then 1uy else 0uy)
        | NpyValues.Text values -> writeText stream shape values

    /// <summary>Writes doubles in .npy format, bit for bit.</summary>
    /// <param name="stream">Where to; it is left open and need not be able to seek.</param>
    /// <param name="shape">The sizes, outermost axis first.</param>
    /// <param name="values">The elements in row-major order.</param>
    /// <exception cref="T:System.ArgumentException">The sizes are negative or do not multiply to the count.</exception>
    let write (stream: Stream) (shape: int[]) (values: float[]) =
        writeArray stream { Shape = shape; Values = NpyValues.Float64 values }
