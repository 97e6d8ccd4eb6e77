/// Tables read from CSV, JSON and files of any format, and what is said of those that are none.
module Interact.Core.Tests.TableTests

open System
open System.Globalization
open System.IO
open System.Text
open Interact.Core.Data
open Interact.Core.Tests.ReadTable
open Interact.Core.Tests.Results
open Xunit

// CSV

[<Theory>]
[<InlineData("a,b\n1,2\n-3.5e1,4", "a b")>]
[<InlineData("a,b\r\n1,2\r\n-35,4\r\n\r\n \r\n", "a b")>]
[<InlineData("\uFEFFa,b\n1,2\n-35,4\n", "a b")>]
[<InlineData(" a , \"b\"\n 1, 2\n-35 ,\"4\"\n", "a b")>]
[<InlineData("\"2019\",\"2020\"\n1,2\n-35,4\n", "2019 2020")>]
[<InlineData("\"a\",\"2020\"\n\"1\",\"2\"\n\"-35\",\"4\"\n", "a 2020")>]
[<InlineData("1,2\n-35,4\n", null)>]
[<InlineData("\uFEFF1,2\n-35,4\n", null)>]
[<InlineData("\"1\",\"2\"\n\"-35\",\"4\"\n", null)>]
let ``CSV is read with a header or without one`` (text: string, names: string | null) =
    let read = ok (csv text)
    assertRows [ [ 1.0; 2.0 ]; [ -35.0; 4.0 ] ] read
    Assert.Equal(names |> Option.ofObj |> Option.map _.Split(' '), read.Columns)
    Assert.Equal("f.csv", read.Source)
    Assert.Equal((2, 2), (read.RowCount, read.ColumnCount))

[<Fact>]
let ``one quoted line of numbers is a row, not a header`` () = assertRows [ [ 1.0; 2.0 ] ] (ok (csv "\"1\",\"2\"\n"))

[<Theory>]
[<InlineData("", "f.csv", "the file is empty", "add a row of numbers")>]
[<InlineData("\n \n", "f.csv", "the file is empty", "add a row of numbers")>]
[<InlineData("a,b\n", "f.csv", "there is a header but no row", "add a row of numbers")>]
[<InlineData("a,b\n1,2\n1,2,3\n",
             "f.csv: line 3",
             "the number of fields is 3, not 2 as in line 1",
             "give every line as many fields")>]
[<InlineData("\"a\nb\",c\n1\n",
             "f.csv: line 3",
             "the number of fields is 1, not 2 as in line 1",
             "give every line as many fields")>]
[<InlineData("1\n\n2\n", "f.csv: line 2", "the line is blank and others follow it", "delete it")>]
[<InlineData("1,2,abc,4\n1,2,3,4\n",
             "f.csv: line 1, column 3",
             "\"abc\" is text in a number column",
             "write a number, or quote every name if line 1 names the columns")>]
[<InlineData("a,b\n1,2\n1,x\n",
             "f.csv: line 3, column 2 (\"b\")",
             "\"x\" is text in a number column",
             "write a number, encode the column as numbers, or leave the column out")>]
[<InlineData("a,b,c\nx,1,y\n",
             "f.csv: line 2, column 1 (\"a\")",
             "\"x\" is text in a number column (one of 2 such fields in the line)",
             "write a number, encode the column as numbers, or leave the column out")>]
[<InlineData("a,b\n1,\"1,234\"\n",
             "f.csv: line 2, column 2 (\"b\")",
             "\"1,234\" is text in a number column",
             "write a number, encode the column as numbers, or leave the column out")>]
[<InlineData("a,b\n1,nan\n",
             "f.csv: line 2, column 2 (\"b\")",
             "nan is not a finite number",
             "fill the value in or leave the row out")>]
[<InlineData("1,-inf\n",
             "f.csv: line 1, column 2",
             "-inf is not a finite number",
             "fill the value in or leave the row out")>]
[<InlineData("1,Infinity\n",
             "f.csv: line 1, column 2",
             "Infinity is not a finite number",
             "fill the value in or leave the row out")>]
[<InlineData("1,1e999\n",
             "f.csv: line 1, column 2",
             "1e999 is beyond the largest double, about 1.8e308",
             "write a smaller number")>]
[<InlineData("a,b\n1,\n", "f.csv: line 2, column 2 (\"b\")", "the value is missing", "fill it in or leave the row out")>]
[<InlineData("a,b\nNA,1\n", "f.csv: line 2, column 1 (\"a\")", "the value is missing", "fill it in or leave the row out")>]
[<InlineData("a,b,a\n1,2,3\n", "f.csv: line 1", "columns 1 and 3 are both named \"a\"", "give every column its own name")>]
[<InlineData(",a\n0,2\n",
             "f.csv: line 1, column 1",
             "the column has no name",
             "name it, or delete it if it only numbers the rows")>]
[<InlineData("a;b\n1;2\n",
             "f.csv: line 1",
             "the columns look separated by semicolons or tabs",
             "separate the columns with commas, and write decimals with a point")>]
[<InlineData("1,5;2,5\n",
             "f.csv: line 1, column 2",
             "\"5;2\" looks like numbers separated by semicolons",
             "separate the columns with commas, and write decimals with a point")>]
[<InlineData("1\t2\n",
             "f.csv: line 1",
             "the columns look separated by semicolons or tabs",
             "separate the columns with commas, and write decimals with a point")>]
[<InlineData("1 2\n3 4\n",
             "f.csv: line 1, column 1",
             "\"1 2\" looks like numbers separated by spaces",
             "separate the columns with commas, and write decimals with a point")>]
[<InlineData("a,b\n1,\"2\n3,4\n",
             "f.csv: line 2",
             "the quotes are unbalanced",
             "write a quote inside a quoted field twice, and close every quoted field")>]
let ``CSV that is no table is refused in one line with the place and the mend``
    (text: string, place: string, what: string, mend: string)
    =
    Assert.Equal($"{place}: {what}; {mend}", refusal (csv text))

[<Fact>]
let ``a header that is not UTF-8 is refused`` () =
    let message = refusal (csvOf (Encoding.Latin1.GetBytes "é,b\n1,2\n"))
    Assert.Equal("f.csv: line 1: the text is not UTF-8; save the file as UTF-8", message)

[<Fact>]
let ``what a file says cannot break the line or steer the terminal`` () =
    let message = refusal (csv "\"a\n\u001b[2J\u202Eb\"\nx\n")
    Assert.DoesNotContain(message, (fun character -> Char.IsControl character || character = '\u202E'))

// JSON

[<Theory>]
[<InlineData("[[1, 2], [3, 4]]", null)>]
[<InlineData("\uFEFF\n[[1, 2], [3, 4]]\n", null)>]
[<InlineData("""[{"a": 1, "b": 2}, {"b": 4, "a": 3}]""", "a b")>]
[<InlineData("""{"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}""", "a b")>]
let ``JSON is read in each of its shapes`` (text: string, names: string | null) =
    let read = ok (json text)
    assertRows [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ] read
    Assert.Equal(names |> Option.ofObj |> Option.map _.Split(' '), read.Columns)

[<Fact>]
let ``a flat JSON array is one row`` () = assertRows [ [ 1.5; -2e3 ] ] (ok (json "[1.5, -2e3]"))

[<Theory>]
[<InlineData("", "f.json", "the file is empty", "write an array of rows")>]
[<InlineData("[[1,\n2",
             "f.json: line 2, column 2",
             "the text is not JSON ('2' is an invalid end of a number)",
             "correct it there")>]
[<InlineData("[[1,\n NaN]]",
             "f.json: line 2, column 2",
             "NaN is not a finite number",
             "fill the value in or leave the row out")>]
[<InlineData("7", "f.json: line 1, column 1 ($)", "7 stands where an array of rows is needed", "write an array of rows")>]
[<InlineData("[]", "f.json: line 1, column 1 ($)", "there is no row", "add a row of numbers")>]
[<InlineData("[[]]", "f.json: line 1, column 2 ($[0])", "there is no column", "write at least one number a row")>]
[<InlineData("[[1, 2],\n [3]]",
             "f.json: line 2, column 2 ($[1])",
             "the length of the row is 1, not 2",
             "give every row one number for each column")>]
[<InlineData("[[1, 2],\n [3, \"x\"]]",
             "f.json: line 2, column 6 ($[1][1])",
             "the text \"x\" stands where a number is needed",
             "write a number")>]
[<InlineData("[[true]]", "f.json: line 1, column 3 ($[0][0])", "true stands where a number is needed", "write a number")>]
[<InlineData("[[null]]", "f.json: line 1, column 3 ($[0][0])", "the value is missing", "fill it in or leave the row out")>]
[<InlineData("[[1e999]]",
             "f.json: line 1, column 3 ($[0][0])",
             "1e999 is beyond the largest double, about 1.8e308",
             "write a smaller number")>]
[<InlineData("[[1], 2]",
             "f.json: line 1, column 7 ($[1])",
             "2 stands where a row of numbers in brackets is needed",
             "write a row of numbers in brackets")>]
[<InlineData("""[{"a": 1}, {}]""",
             "f.json: line 1, column 12 ($[1])",
             "the row lacks \"a\"",
             "give every row the same properties")>]
[<InlineData("""[{"a": 1}, {"é": 1, "c": 2}]""",
             "f.json: line 1, column 18 ($[1][\"é\"])",
             "the first row has no such property",
             "give every row the same properties")>]
[<InlineData("""[{"a": 1}, {"a": 1, "a": 2}]""",
             "f.json: line 1, column 26 ($[1][\"a\"])",
             "the property stands twice",
             "leave one out")>]
[<InlineData("""[{"a": 1}, [2]]""",
             "f.json: line 1, column 12 ($[1])",
             "an array stands where an object (as the first row is) is needed",
             "write an object (as the first row is)")>]
[<InlineData("""{"columns": ["a", "a"], "rows": [[1, 2]]}""",
             "f.json: line 1, column 13 ($.columns)",
             "columns 1 and 2 are both named \"a\"",
             "give every column its own name")>]
[<InlineData("""{"columns": [1], "rows": [[1]]}""",
             "f.json: line 1, column 14 ($.columns[0])",
             "1 stands where a column name in quotes is needed",
             "write a column name in quotes")>]
[<InlineData("""{"columns": ["a"], "data": [[1]]}""",
             "f.json: line 1, column 1 ($)",
             "the object is not one with \"columns\" and \"rows\" alone",
             "give it these two, or write an array of rows")>]
[<InlineData("""[{"\ud800": 1}]""", "f.json", "a column name holds half of a surrogate pair", "write the name anew")>]
let ``JSON that is no table is refused in one line with the place and the mend``
    (text: string, place: string, what: string, mend: string)
    =
    Assert.Equal($"{place}: {what}; {mend}", refusal (json text))

[<Fact>]
let ``doubles written as CSV and JSON read back bit for bit`` () =
    let listed (values: float[]) = String.Join(",", values |> Array.map _.ToString("R", CultureInfo.InvariantCulture))
    assertReturns (fun values -> (ok (csv (listed values))).Rows[0])
    assertReturns (fun values -> (ok (json $"[{listed values}]")).Rows[0])

// Files

let private withFolder test =
    let folder = Directory.CreateTempSubdirectory "interact-tests-"

    try
        test folder.FullName
    finally
        folder.Delete(recursive = true)

[<Fact>]
let ``a data file is read by its extension in upper or lower case`` () =
    withFolder (fun folder ->
        let array = float64s [| 1; 2 |] [| 1.0; 2.0 |]

        for name, content in
            [
                "a.csv", utf8 "1,2"
                "b.CSV", utf8 "x,y\n1,2"
                "c.json", utf8 "[1,2]"
                "d.Npy", bytesOf (fun stream -> Npy.writeArray stream array)
                "e.npz", bytesOf (fun stream -> Npz.write stream [ "x", array ])
            ] do
            let path = Path.Combine(folder, name)
            File.WriteAllBytes(path, content)
            assertRows [ [ 1.0; 2.0 ] ] (ok (DataFile.read path)))

[<Fact>]
let ``a data file that cannot be read is refused in one line`` () =
    withFolder (fun folder ->
        let path name = Path.Combine(folder, name)
        let refuses name message = Assert.Equal($"{path name}: {message}", refusal (DataFile.read (path name)))
        File.WriteAllText(path "a.txt", "1,2")
        File.WriteAllText(path "empty.csv", "")
        Directory.CreateDirectory(path "folder.csv") |> ignore
        refuses "none.csv" "no such file; check the path"
        refuses "none/none.csv" "no such file; check the path"
        refuses "folder.csv" "a folder; give the path of a file in it"
        refuses "a.txt" "its extension is none of those that are read; use one of .csv, .json, .npy, .npz"
        refuses "empty.csv" "the file is empty; add a row of numbers"
        use _ = new FileStream(path "empty.csv", FileMode.Open, FileAccess.ReadWrite, FileShare.None)
        Assert.Contains("empty.csv: could not be read: ", refusal (DataFile.read (path "empty.csv"))))

[<Fact>]
let ``an atomic file is there whole or not at all`` () =
    withFolder (fun folder ->
        let path = Path.Combine(folder, "out.json")
        let write (text: string) (stream: Stream) = stream.Write(utf8 text)
        let files () = Directory.GetFiles folder |> Array.map Path.GetFileName
        Assert.Equal(Ok(), AtomicFile.write path (write "first"))

        let interrupted stream =
            write "half" stream
            raise (OperationCanceledException())

        Assert.Throws<OperationCanceledException>(fun () -> AtomicFile.write path interrupted |> ignore)
        |> ignore

        Assert.Equal("first", File.ReadAllText path)
        Assert.Equal(Ok(), AtomicFile.write path (write "second"))
        Assert.Equal("second", File.ReadAllText path)
        Assert.Equal<string | null>([| "out.json" |], files ()))

[<Fact>]
let ``an atomic file that cannot be made is refused in one line`` () =
    withFolder (fun folder ->
        let refuses path message = Assert.Equal(Error $"{path}: {message}", AtomicFile.write path ignore)
        refuses folder "a folder; give the path of a file in it"

        refuses
            (Path.Combine(folder, "none", "out.json"))
            "its folder does not exist; make the folder, or name another one"

        Assert.Empty(Directory.GetFileSystemEntries folder))

[<Fact>]
let ``a full disk is told in one line, and leaves no file`` () =
    let full = "/dev/full"

    if File.Exists full then
        let failure =
            Assert.Throws<FileWriteException>(fun () ->
                use stream = new DiskStream("out.json", new FileStream(full, FileMode.Open, FileAccess.Write))
                stream.Write(Array.zeroCreate 100_000, 0, 100_000))

        Assert.Equal(
            "out.json: could not be written: the disk is full; free some space, or name another folder",
            failure.Message
        )

        // What is still in a buffer fails on closing.
        Assert.Throws<FileWriteException>(fun () ->
            use stream = new DiskStream("out.json", new FileStream(full, FileMode.Open, FileAccess.Write))
            stream.WriteByte 1uy)
        |> ignore

    let folder = Directory.CreateTempSubdirectory "interact-tests-"

    try
        let path = Path.Combine(folder.FullName, "out.json")
        let failing (_: Stream) = raise (FileWriteException("the disk is full", IOException()))
        Assert.Equal(Error "the disk is full", AtomicFile.write path failing)
        Assert.Empty(folder.GetFileSystemInfos())
    finally
        folder.Delete true
