/// Arrays read and written in NumPy's formats, and what is said of those that are no table.
module Interact.Core.Tests.NpyTests

open System
open System.IO
open System.IO.Compression
open Interact.Core.Data
open Interact.Core.Tests.ReadTable
open Interact.Core.Tests.Results
open Xunit

/// Every numeric type in both byte orders and both orders of axes, and other shapes, as NumPy 1.24.2 wrote them:
/// a = [[1, 2, 100], [0, 7, 1]]; codes = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1".split()
/// arrays = {o + c + f: np.array(a, o + c, order=f) for c in codes for o in "<>" for f in "CF"}
/// arrays["three axes"] = np.asfortranarray(np.arange(12.).reshape(2, 2, 3)); arrays["one axis"] = np.arange(3)
/// np.savez(b, **arrays); base64.b64encode(gzip.compress(b.getvalue(), 9, mtime=0))
let private writtenByNumPy =
    lazy
        (let text =
            "
            H4sIAAAAAAACA9Waf2hbVRTHT/pj6X60a7fMdbObaV2bFktxbYU66utzjrvN4ohjdnZ/aFuTrdHZlmRPJm5Q/CObsunQWaqIMKhsKEJB
            LAMHk/qDgiIthW0OBgFBZINSKkzZcPpe3svdPadZzXP3vSZvlJem+XLv5553s/s95wTb8wt8YF6VUD3+9cUT+ivjpwh80Lq/8amGvoHX
            PVCafA+svxnX+7ueeybY6YHX4I1AKBx7KRrY4g/ogkC9P7C/P3oo2t33Yn80FDbeZ90HY2H9/Vhv90BY/722sd7fVFfvP+r/39cyaAVV
            7dAnsh1ag4hi8t3iXwkFk0GxJ6pJhkhSAKiwXSchFGfOnj4uUih2Y6G4Fws9FNChJkMBmGJun/cMoWAyKJyIhRUKnYRSVN4e0Yb1V8P8
            iWrmsRi2PjW88BPV7Nq+gMG2JAhMbDVnlFCN9zDR+sLPbhIiJoPIkT1iEoFJlbDIKNGPN1QQiRS7MVLci1HbYBIFtk5YWAkA4z1MNH6x
            4AAhYjKInIiRMXsrQEkag2w+0cixL8Oj+qtR/tS18BiNWp8aXfipa3FvHxnXrPDkGVendU9dFWrqc5h06uU3Wwgpk0HqzP5CpICJKwg5
            JU188M2USKrYjaniXkzbZhEaqJ0EucK8pz6HSX/Lu/0VIWUySB3Zj7Npg8kJU+TpSbvuPLszrr+Kp57eyGYe07j1qfhCpEcim92KqScv
            BF4Pnv/Mo6sPkvkzGfN3IlIeyPOGPAuvv5Lj66/k2PqXFH37O3IQEbs+KOLa2VufP4T0eXjBQ3bxe3WjxYSCyaBwJgqgc3h1Ekpxtabp
            FHIQdmOhuBcLEIKBKapm4q8SCiaDwpHzgBAMTPHRlp4x5Boidn1QpNm9fWFAQDIckAwJJMEw0S7fjuWEiMkgcmqPgEXltcjmE217ezyA
            XIPdGCkRF70qpA0TJjp/cnqSEDEZRA6dpdOGCROFPp3+ELmDiF0fFGlxcx+lcEAIFAgBAwEbk35RP3OEkDIZpE7uLyDEXkKenvTA1RhD
            7sBuTJWIy94WMg4tJg3vvbOTkDIZpM55W8g4tJh071hXDPkIze45XFvUc/gvh6s6yPyZjPm7dQ6n66/k+PorObb+ZdN7/kIOQrPrg7Qs
            8EEn5wIbCAWTQeGuD/r+75FB5CDsxkLRssAHPfFY2VFCwWRQuOuDlt4MvIJcg2bXB2lZ5oOuXSm+RIiYDKLF80GX2bFbyDXYjZGiZZkP
            euTJoWJCxGQQLZ4P8l0u6ETuQLPrg7Qc8UHXXnj8AiFlMkizzwetPTcSR+7AbkwVLUd80JrqurcIKZNBmn0+6J8/buxGPqLH7jm8x71z
            uMcDHjL/c5+vC5H5Mxnzd2b36QT/sf5Kjq+/kmPrP9ZwfiphdNLoPyX6/A/1RsNhf/fhcCxFkbA+m5BT079fkGV4m5db5d8i616l4pp/
            qsZfat03qbhs7LfuPuteo+L1+VNddT11Mlmhr09/n7E6kZjNTHpm3/tN9fcZ4rurQ7/4g+2ePF/+vfoh716DSWGqO5KqcP+hqPrBVLF0
            KtzvJ6pO6KMp9xgL99eJqt15wLvtqAr3s4mq8nzg3W1UhXvGRNV1U5V2LNyXJaouFADv0qIq3Pskqt4pBN4JRVW4v0hUdS0B3m1EVbhX
            R1Q97QXeuUNVuO9FVDUXAe+CoSrcQyKqNi4F3lFCVbgfQFQV6c9yqjuDqnAVXlRNmCqbYx1fDrwTIfOxdqwAXv+nKlxnR1zFwKvuVIXr
            2qLqZ1OVdixcRxZVp0uAV5WpCtdtRdW+lcCruFSF66Siyl8KvGpKVbgWKarmTFXasXC9T1R9Vwa8+kdVuKYmqoZWAa+wURWuW4mq3tXA
            q1hUhWtA6DvKB7wiRFW4niKqWtcAr65QFa5NiKqaB4BXKqgK55lFVela4Fl/qsLZXVE1aapsjnWqHHiGO/OxguuA55WpCudvEdd64Nlc
            qsL5UlF1yVSlHQvnJ0XVxw8Cz1ZSFc4HiqqeCuDZQarC+TdRVbsBeDaOqnCOS1TdMlVpx8J5JFH100bgWSWqwrkaUfXJQ8AzN1SF8yGi
            asAPPDsyjwvlFtB3VCXwTANVYZ8uqrZVAXftVIU9r6hqeBi4A6Yq7F/QeWMTcDdJVdg1iKorpsrmWMPVwJ1T5mM9XwPcr1AV9gWIKwDE
            JVAtPjOL2pZaQCfoYHvhEuMvjfq/If1/7pI647d/AYzBoGq6MwAA
            "

         use packed = new GZipStream(new MemoryStream(Convert.FromBase64String text), CompressionMode.Decompress)
         bytesOf packed.CopyTo)

[<Fact>]
let ``every numeric type of NumPy is read in both byte orders and both orders of axes`` () =
    let expected = [ [ 1.0; 2.0; 100.0 ]; [ 0.0; 7.0; 1.0 ] ]
    let ofKind kind = if kind = "b1" then expected |> List.map (List.map (min 1.0)) else expected

    for kind in [ "f2"; "f4"; "f8"; "i1"; "i2"; "i4"; "i8"; "u1"; "u2"; "u4"; "u8"; "b1" ] do
        for byteOrder in [ "<"; ">" ] do
            for axes in [ "C"; "F" ] do
                let read = npz (Some(byteOrder + kind + axes)) writtenByNumPy.Value
                assertRows (ofKind kind) (ok read)

[<Fact>]
let ``the first axis of an array counts the rows and the others are flattened`` () =
    let read name = ok (npz (Some name) writtenByNumPy.Value)
    assertRows [ [ 0.0 .. 5.0 ]; [ 6.0 .. 11.0 ] ] (read "three axes")
    assertRows [ [ 0.0; 1.0; 2.0 ] ] (read "one axis")

/// A file of version 1 with a header of any content.
let private npyWith (header: string) (body: byte[]) =
    let length = uint16 (header.Length + 1)
    Array.concat [ [| 0x93uy |]; "NUMPY\001\000"B; BitConverter.GetBytes length; utf8 (header + "\n"); body ]

let private described descr shape = $"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"

[<Theory>]
[<InlineData("'<U5'", "(1,)", 20, "the array holds text (type \"U5\"); save numbers, as float64 for example")>]
[<InlineData("'|O'", "(1,)", 20, "the array holds Python objects (type \"O\"); save numbers, as float64 for example")>]
[<InlineData("'<c16'",
             "(1,)",
             16,
             "the array holds complex numbers (type \"c16\"); save numbers, as float64 for example")>]
[<InlineData("[('x', '<f8')]", "(1,)", 8, "the array holds records; save its columns as one float64 array")>]
[<InlineData("'<f8'", "()", 8, "the array is a single number; reshape it to (rows, columns)")>]
[<InlineData("'<f8'", "(0, 3)", 0, "the array has no elements, its shape is (0, 3); save at least one row")>]
[<InlineData("'<f8'",
             "(2, 3)",
             47,
             "shape (2, 3) takes 48 bytes, and 47 are present; copy or save the file anew, it was cut short")>]
[<InlineData("'<f8'", "(2, 3)", 49, "the array ends at byte 118, and the file at byte 119; save one array a file")>]
[<InlineData("'<f8'",
             "(4294967296, 4294967296)",
             8,
             "shape (4294967296, 4294967296) takes 147573952589676412928 bytes, and 8 are present; "
             + "copy or save the file anew, it was cut short")>]
[<InlineData("'<f8'", "(-1, 2)", 16, "the NumPy header is damaged; save the array anew with numpy.save")>]
let ``an array that is no table is refused by its header`` (descr: string, shape: string, bytes: int, message: string) =
    Assert.Equal($"f.npy: {message}", refusal (npy (npyWith (described descr shape) (Array.zeroCreate bytes))))

[<Fact>]
let ``an array is refused when its values are not finite`` () =
    let array = bytesOf (fun stream -> Npy.write stream [| 2; 3 |] [| 1; 2; 3; 4; nan; 6 |])
    let place = "row 1, column 1 (both counted from 0)"
    let message = $"f.npy: {place}: NaN is not a finite number; fill the value in or leave the row out"
    Assert.Equal(message, refusal (npy array))

[<Fact>]
let ``a file cut anywhere is refused`` () =
    let whole = bytesOf (fun stream -> Npy.write stream [| 2; 3 |] (Array.init 6 float))
    let archive = bytesOf (fun stream -> Npz.write stream [ "x", float64s [| 2; 3 |] (Array.init 6 float) ])

    for length in 0 .. whole.Length - 1 do
        Assert.StartsWith("f.npy: ", refusal (npy whole[.. length - 1]))

    for length in 0 .. archive.Length - 1 do
        Assert.StartsWith("f.npz: ", refusal (npz None archive[.. length - 1]))

[<Fact>]
let ``an archive is refused unless one array in it is meant`` () =
    let one = float64s [| 1 |] [| 1.0 |]
    let two = bytesOf (fun stream -> Npz.write stream [ "x", one; "y", one ])
    let message = "f.npz: there are 2 arrays in it (\"x\", \"y\"); save the one that is meant alone"
    Assert.Equal(message, refusal (npz None two))
    assertRows [ [ 1.0 ] ] (ok (npz (Some "y") two))
    let message = "f.npz: there is no array \"z\" in it; name one of \"x\", \"y\""
    Assert.Equal(message, refusal (npz (Some "z") two))
    let none = bytesOf (fun stream -> Npz.write stream [])
    Assert.Equal("f.npz: there is no array in it; save one with numpy.savez", refusal (npz None none))

    Assert.Equal(
        "f.npz: the archive is damaged or cut short; copy or save the file anew",
        refusal (npz None (utf8 "text"))
    )

[<Fact>]
let ``a changed bit in an archive is noticed`` () =
    let archive = bytesOf (fun stream -> Npz.write stream [ "x", float64s [| 1 |] [| 1.0 |] ])
    let last = 30 + "x.npy".Length + 128 + 7
    archive[last] <- archive[last] ^^^ 1uy
    Assert.Equal("f.npz, array \"x\": its checksum is wrong; copy or save the file anew", refusal (npz None archive))

[<Fact>]
let ``an archive that inflates without measure is refused`` () =
    let archive =
        bytesOf (fun stream ->
            use zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen = true)
            use entry = zip.CreateEntry("x.npy").Open()
            Npy.writeArray entry { Shape = [| 65 <<< 20 |]; Values = NpyValues.UInt8(Array.zeroCreate (65 <<< 20)) })

    Assert.EndsWith("save it uncompressed, with numpy.savez", refusal (npz None archive))

[<Fact>]
let ``equal arrays give equal bytes`` () =
    let arrays = [
        "values", float64s [| 1; 2 |] [| nan; -0.0 |]
        "names", { Shape = [| 2 |]; Values = NpyValues.Text [| "é😀"; "" |] }
        "rows", { Shape = [| 2 |]; Values = NpyValues.Int64 [| Int64.MinValue; 1L |] }
        "satisfied", { Shape = [| 1; 1 |]; Values = NpyValues.Boolean [| true |] }
    ]

    let written = bytesOf (fun stream -> Npz.write stream arrays)
    Assert.Equal<byte>(written, bytesOf (fun stream -> Npz.write stream arrays))
    assertRows [ [ 1.0 ] ] (ok (npz (Some "satisfied") written))
    assertRows [ [ -9223372036854775808.0; 1.0 ] ] (ok (npz (Some "rows") written))

/// np.save(b, np.array(["é😀", "b"])); base64.b64encode(b.getvalue()), by NumPy 1.24.2
[<Fact>]
let ``texts are written as NumPy writes them`` () =
    let expected =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAg
         ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIArpAAAAAPYBAGIAAAAAAAAA"

    let names = { Shape = [| 2 |]; Values = NpyValues.Text [| "é😀"; "b" |] }
    Assert.Equal<byte>(Convert.FromBase64String expected, bytesOf (fun stream -> Npy.writeArray stream names))

[<Fact>]
let ``writing refuses sizes that do not fit and names given twice`` () =
    let refuses message (write: Stream -> unit) =
        let raised = Assert.Throws<ArgumentException>(fun () -> bytesOf write |> ignore)
        Assert.StartsWith(message, raised.Message)

    refuses "The shape (2, 2) does not fit the 3 elements" (fun stream -> Npy.write stream [| 2; 2 |] [| 1; 2; 3 |])
    refuses "The shape (-1, -1) does not fit the 1 elements" (fun stream -> Npy.write stream [| -1; -1 |] [| 1 |])
    let one = float64s [| 1 |] [| 1.0 |]
    refuses "Two arrays are named 'x'." (fun stream -> Npz.write stream [ "x", one; "x", one ])
    refuses "An array has no name." (fun stream -> Npz.write stream [ "", one ])

[<Fact>]
let ``doubles written to an archive read back bit for bit`` () =
    assertReturns (fun values ->
        let array = float64s [| 1; values.Length |] values
        (ok (npz None (bytesOf (fun stream -> Npz.write stream [ "x", array ])))).Rows[0])
