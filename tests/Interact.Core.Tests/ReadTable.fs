/// Tables read from bytes and texts, and doubles on their way there and back, for the tests of data files.
module internal Interact.Core.Tests.ReadTable

open System
open System.IO
open System.Text
open FsCheck
open Interact.Core.Data
open Xunit

let utf8 (text: string) = Encoding.UTF8.GetBytes text

let bytesOf (write: Stream -> unit) =
    use stream = new MemoryStream()
    write stream
    stream.ToArray()

let private ofBytes read name (bytes: byte[]) : Result<Table, string> = read name (new MemoryStream(bytes))

let csvOf bytes = ofBytes Csv.read "f.csv" bytes
let csv text = csvOf (utf8 text)
let json text = ofBytes JsonTable.read "f.json" (utf8 text)
let npy bytes = ofBytes Npy.read "f.npy" bytes
let npz wanted bytes = ofBytes (Npz.read wanted) "f.npz" bytes

/// An array of doubles to be written.
let float64s shape values = { Shape = shape; Values = NpyValues.Float64 values }

let assertRows (expected: float list list) (actual: Table) =
    Assert.Equal<float list list>(expected, actual.Rows |> Array.map List.ofArray |> List.ofArray)

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

/// Finite doubles of every size and sign, all their bits drawn alike, come back bit for bit.
let assertReturns (roundTrip: float[] -> float[]) =
    let returns (drawn: DoNotSize<int64>[]) =
        let values =
            drawn
            |> Array.map (fun (DoNotSize bits) -> BitConverter.Int64BitsToDouble bits)
            |> Array.filter Double.IsFinite

        Array.isEmpty values || bits (roundTrip values) = bits values

    Check.One(Config.QuickThrowOnFailure, returns)
