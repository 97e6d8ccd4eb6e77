/// Tables with text: what their columns are, and how rows are divided and encoded.
module Interact.Core.Tests.TabularTests

open System
open System.IO
open System.Text.Json
open FsCheck
open Interact.Core.Data
open Interact.Core.Learning
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.ReadTable
open Interact.Core.Tests.Results
open Interact.Core.Tests.TableFixtures
open Xunit

let private read (text: string) = TextTable.read "f.csv" (new MemoryStream(utf8 text))
let private table text = ok (read text)

let private lines (rows: string seq) = String.concat "\n" rows

let private penguins () =
    use file = File.OpenRead(Path.Combine(repository, "samples", "penguins", "penguins.csv"))
    ok (TextTable.read "penguins.csv" file)

// Reading

[<Fact>]
let ``text, quotes and gaps are read as they stand, with their lines`` () =
    let read = table "name,\"a \"\"b\"\"\", c \n x ,\"1,5\",\n\"two\nlines\",NA,é\n\n"
    Assert.Equal<string[]>([| "name"; "a \"b\""; "c" |], read.Columns)
    Assert.Equal<string[][]>([| [| "x"; "1,5"; "" |]; [| "two\nlines"; "NA"; "é" |] |], read.Rows)
    Assert.Equal(2L, read.Line 0)

[<Theory>]
[<InlineData("", "f.csv: the file is empty")>]
[<InlineData("a,b\n", "no row")>]
[<InlineData("1,2\n3,4\n", "line 1, column 1: \"1\" is a number where the column's name is needed")>]
[<InlineData("a,2\n3,4\n", "line 1, column 2")>]
[<InlineData("a;b\n1;2\n", "semicolons")>]
[<InlineData("a,a\n1,2\n", "columns 1 and 2 are both named \"a\"")>]
[<InlineData("a,b\nx,y\nx\n", "line 3: the number of fields is 1, not 2")>]
[<InlineData("a\n\"x\n", "quotes are unbalanced")>]
[<InlineData("a,b\nx,y\n\nx,y\n", "line 3: the line is blank")>]
let ``what is no table of text is refused with its place`` (text: string, expected: string) =
    assertRefused [ refusal (read text), expected ]

[<Fact>]
let ``text that is not UTF-8 is refused with its line`` () =
    let bytes = Array.append (utf8 "a,b\nx,1\n") [| 0xE9uy; byte ','; byte '2' |]
    assertRefused [ refusal (TextTable.read "f.csv" (new MemoryStream(bytes))), "line 3: the text is not UTF-8" ]

// Columns

[<Theory>]
[<InlineData("1.5|2|-3e2|7", "Numeric")>]
[<InlineData("1|?||NA", "Numeric")>]
[<InlineData("n/a|NaN|null|5.5", "Numeric")>]
[<InlineData("a|b|a|b", "Categorical")>]
[<InlineData("a||a|?", "Categorical")>]
[<InlineData("a|b|c|a", "Identifier")>]
[<InlineData("a|b|c|d", "Identifier")>]
[<InlineData("7|8|9|10", "Identifier")>]
[<InlineData("7|8|9|11", "Numeric")>]
[<InlineData("|NA|?|nan", "Empty")>]
let ``kinds of columns are found out`` (cells: string, expected: string) =
    let rows = cells.Split '|' |> Array.map (fun cell -> $"\"{cell}\",x")

    let kinds =
        table (lines [ "a,b"; yield! rows ]) |> TableColumns.kinds TableColumns.undeclared None |> ok

    Assert.Equal(expected, string kinds[0])

[<Fact>]
let ``declared kinds come before those that are found`` () =
    let table = table "a,b,c,d\n1,1,x,1\n2,2,y,3\n3,3,z,3\n4,4,w,4\n"

    let declared = { Drop = [| "d" |]; Categorical = [| "b"; "c" |]; Numeric = [| "a" |] }

    Assert.Equal<ColumnKind[]>(
        [| ColumnKind.Numeric; ColumnKind.Categorical; ColumnKind.Categorical; ColumnKind.Dropped |],
        ok (TableColumns.kinds declared None table)
    )

[<Fact>]
let ``columns that cannot be what they are or are said to be are refused`` () =
    let none = TableColumns.undeclared
    let refused declared text = table text |> TableColumns.kinds declared None |> refusal

    assertRefused [
        refused none "age,b\n1,x\n2,x\n3o,y\n4,y\n",
        "line 4, column 1 (\"age\"): \"3o\" is text in a column of numbers; correct the cell (3 of 4 in the column are numbers)"
        refused none "age,b\n1,x\ninf,x\n3,y\n4,y\n", "line 3, column 1 (\"age\"): inf is not a finite number"
        refused none "age,b\n1,x\n1e999,x\n3,y\n4,y\n", "line 3, column 1 (\"age\"): 1e999 is beyond"
        refused { none with Drop = [| "agee" |] } "age,b\n1,x\n2,x\n",
        "no column is named \"agee\", as \"drop\" says; the nearest names are \"age\""
        refused { none with Drop = [| "b" |]; Numeric = [| "b" |] } "age,b\n1,x\n2,x\n", "\"b\" is declared in two ways"
        refused { none with Numeric = [| "b" |] } "age,b\n1,3\n2,x\n", "line 3, column 2 (\"b\"): \"x\" is text"
        refusal (TableColumns.kinds { none with Drop = [| "b" |] } (Some 1) (table "a,b\n1,2\n")),
        "\"b\" is declared in two ways"
    ]

// Targets

let private target declaration positive cells =
    TableTarget.read declaration positive "y" (table (lines [ "x,y"; yield! cells |> Seq.map (sprintf "1,%s") ]))

let private automatic cells = target TargetDeclaration.Automatic None cells |> ok

[<Fact>]
let ``what the target is follows from its cells`` () =
    let yes = automatic [ "yes"; "no"; "yes"; "no" ]
    Assert.Equal(TargetKind.Classes [| "no"; "yes" |], yes.Kind)
    Assert.Equal<float[]>([| 1.0; 0.0; 1.0; 0.0 |], yes.Values)
    Assert.Equal(1, yes.OutputSize)

    // Numbers in the order of their sizes, not of their digits.
    let three = automatic [ "10"; "2"; "1"; "2"; "10"; "1" ]
    Assert.Equal(TargetKind.Classes [| "1"; "2"; "10" |], three.Kind)
    Assert.Equal<float[]>([| 2.0; 1.0; 0.0; 1.0; 2.0; 0.0 |], three.Values)
    Assert.Equal(3, three.OutputSize)

    let spelled = automatic [ "1"; "0"; "1.0"; "0" ]
    Assert.Equal(TargetKind.Classes [| "0"; "1" |], spelled.Kind)
    Assert.Equal<float[]>([| 1.0; 0.0; 1.0; 0.0 |], spelled.Values)

    let amounts = automatic [ "1.5"; "2"; "1"; "-2e3" ]
    Assert.Equal(TargetKind.Regression, amounts.Kind)
    Assert.Equal<float[]>([| 1.5; 2.0; 1.0; -2000.0 |], amounts.Values)
    Assert.Equal(TargetKind.Regression, (automatic [ for i in 1..11 -> string i ]).Kind)
    Assert.Equal(TargetKind.Regression, (target TargetDeclaration.Regression None [ "1"; "2"; "1" ] |> ok).Kind)

    let positive = target TargetDeclaration.Binary (Some "bad") [ "good"; "bad"; "good"; "bad" ] |> ok
    Assert.Equal(TargetKind.Classes [| "good"; "bad" |], positive.Kind)

[<Fact>]
let ``targets that cannot be told are refused`` () =
    let refused declaration positive cells = target declaration positive cells |> refusal
    let automatic = TargetDeclaration.Automatic

    assertRefused [
        refused automatic None [ "a"; ""; "b" ], "line 3, column 2 (\"y\"): the target is missing"
        refused automatic None [ "a"; "a" ], "one class"
        refused automatic None [ "a"; "b"; "c"; "a" ], "3 classes in 4 rows"
        refused TargetDeclaration.Binary None [ "a"; "b"; "c"; "a"; "b"; "c" ],
        "3 classes, not two; write \"task\": \"multi-class\""
        refused TargetDeclaration.Regression None [ "1"; "x" ], "line 3, column 2 (\"y\"): \"x\" is text"
        refused TargetDeclaration.Regression None [ "1"; "1.0" ], "the same number"
        refused automatic (Some "c") [ "a"; "b"; "a"; "b" ], "no row is of the class \"c\""
        refused automatic (Some "a") [ "a"; "b"; "c"; "a"; "b"; "c" ], "\"positive\" is given"
        refusal (TableTarget.read automatic None "z" (table "x,y\n1,2\n")),
        "no column is named \"z\", as \"target\" says"
    ]

// Splits

let private shares: SplitFractions = { Training = 0.7; Validation = 0.15; Test = 0.15 }

[<Fact>]
let ``every row is in one part, and parts of classes are as large as their shares`` () =
    let holds (seed: int) (classes: NonEmptyArray<byte>) =
        let classes = classes.Get |> Array.map (fun own -> int own % 4)
        let split = TableSplit.create seed shares classes
        let all = Array.concat [ split.Training; split.Validation; split.Test ]
        Assert.Equal<int[]>([| 0 .. classes.Length - 1 |], Array.sort all)

        for part, share in [ split.Training, 0.7; split.Validation, 0.15; split.Test, 0.15 ] do
            Assert.Equal<int[]>(Array.sort part, part)
            Assert.InRange(float part.Length - share * float classes.Length, -1.0, 1.0)

            for own in Array.distinct classes do
                let count rows = rows |> Array.filter (fun row -> classes[row] = own) |> Array.length |> float
                let wanted = share * count [| 0 .. classes.Length - 1 |]
                Assert.InRange(count part - wanted, -2.0, 2.0)

    Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(300), holds)

[<Fact>]
let ``splits depend on the seed, and rows on nothing but chance`` () =
    let classes = Array.zeroCreate 200
    let split seed = TableSplit.create seed shares classes
    Assert.Equal(split 3, split 3)
    Assert.NotEqual(split 3, split 4)
    // Each row is in the test part in 15% of 2,000 splits, but for five standard deviations.
    let counts = Array.zeroCreate<int> 200

    for seed in 1..2000 do
        for row in (split seed).Test do
            counts[row] <- counts[row] + 1

    let deviation = sqrt (2000.0 * 0.15 * 0.85)
    Assert.All(counts, fun count -> Assert.InRange(float count, 300.0 - 5.0 * deviation, 300.0 + 5.0 * deviation))

[<Fact>]
let ``a table too small for its parts is refused, and so are shares that are none`` () =
    let few = table "x,y\n1,a\n2,b\n3,a\n4,b\n"

    let split shares =
        TableTarget.read TargetDeclaration.Automatic None "y" few
        |> Result.bind (TableSplit.ofTarget 0 shares few)

    assertRefused [
        refusal (split { shares with Training = 0.98; Validation = 0.01; Test = 0.01 }), "4 rows are too few"
    ]

    for wrong in
        [
            { shares with Test = 0.2 }
            { shares with Training = 0.0; Test = 0.85 }
            { shares with Test = -0.15; Training = 1.0 }
        ] do
        Assert.Throws<ArgumentException>(fun () -> split wrong |> ignore) |> ignore

// Encoding

/// The encoder of a table whose target has that name, fitted to some of its rows.
let private fit declared targetName training (table: TextTable) =
    let target = ok (TableTarget.read TargetDeclaration.Automatic None targetName table)
    TableEncoder.fit (ok (TableColumns.kinds declared (Some target.Column) table)) training table

[<Fact>]
let ``penguins are encoded as scikit-learn encodes them`` () =
    let table, expected = penguins (), fixture "penguins.json"
    let training = numbers (expected.GetProperty "training") |> Array.map int
    let encoder = table |> fit { TableColumns.undeclared with Drop = [| "year" |] } "species" training |> ok
    let encoded = ok (TableEncoder.encode encoder [| 0 .. table.RowCount - 1 |] table)
    let names = TableEncoder.names encoder
    let column name = encoded |> Array.map (Array.item (Array.IndexOf(names, name)))
    let own name (all: JsonElement) index = rows all |> Array.map (Array.item index), column name

    let struct (means, deviations) = TableEncoder.scaling encoder

    for index, name in expected.GetProperty "numeric" |> texts |> Array.indexed do
        let filled, actual = own name (expected.GetProperty "filled") index
        sameBits filled actual
        let place = Array.IndexOf(names, name)
        closeTo 1e-12 ((numbers (expected.GetProperty "means"))[index]) means[place]
        closeTo 1e-12 ((numbers (expected.GetProperty "deviations"))[index]) deviations[place]

    for index, name in expected.GetProperty "gaps" |> texts |> Array.indexed do
        let indicators, actual = own $"{name}=(missing)" (expected.GetProperty "indicators") index
        sameBits indicators actual

    // Ours has missing cells last, scikit-learn in the order of text.
    let levels = [|
        for name in [ "island"; "sex" ] do
            for level in texts (expected.GetProperty $"{name}Levels") -> $"{name}={level}"
    |]

    for index, name in Array.indexed levels do
        let oneHot, actual = own name (expected.GetProperty "oneHot") index
        sameBits oneHot actual

    Assert.Equal(4 + 4 + levels.Length, encoder.Width)
    Assert.Equal("sex=(missing)", Array.last names)
    // Torgersen is no level of the training rows.
    Assert.Equal(
        0.0,
        encoded[0][Array.IndexOf(names, "island=Biscoe")] + encoded[0][Array.IndexOf(names, "island=Dream")]
    )

    Assert.Equal<(string * int[])[]>(
        [|
            "island", [| 0; 1 |]
            "bill_length_mm", [| 2; 3 |]
            "bill_depth_mm", [| 4; 5 |]
            "flipper_length_mm", [| 6; 7 |]
            "body_mass_g", [| 8; 9 |]
            "sex", [| 10; 11; 12 |]
        |],
        TableEncoder.groups encoder
    )

[<Fact>]
let ``nothing of the rows outside the training part enters the encoder`` () =
    let text last = lines [ "x,c,y"; "1,a,p"; "2,b,q"; "4,a,p"; "2,b,q"; "3,a,p"; last ]
    let fitted last = (table (text last) |> fit TableColumns.undeclared "y" [| 0..4 |] |> ok)
    let one, other = fitted "1000,a,p", fitted "-3,z,q"
    Assert.Equal<EncodedColumn[]>(one.Columns, other.Columns)
    let encoded = ok (TableEncoder.encode other [| 5 |] (table (text ",,p")))
    // Median 2, no indicator, and no level.
    Assert.Equal<float[][]>([| [| 2.0; 0.0; 0.0 |] |], encoded)

[<Fact>]
let ``columns without use are left out with the reason`` () =
    let table =
        table "id,same,few,none,n,drop,y\nu,7,1,,1,1,p\nv,7,1,,2,2,q\nw,7,1,,4,3,p\nx,7,1,,4,4,q\nz,7,2,,8,4,q\n"

    let encoder = table |> fit { TableColumns.undeclared with Drop = [| "drop" |] } "y" [| 0..3 |] |> ok

    let reasons = [
        for column in encoder.Columns do
            match column.Encoding with
            | ColumnEncoding.LeftOut reason -> column.Name, reason
            | _ -> ()
    ]

    Assert.Equal<(string * string) list>(
        [
            "id", "it names or counts the rows"
            "same", "it has one value only in the training part"
            "few", "it has one value only in the training part"
            "none", "it has no value"
            "drop", "the configuration drops it"
        ],
        reasons
    )

    Assert.Equal<string[]>([| "n" |], TableEncoder.names encoder)

[<Fact>]
let ``another table is encoded by the names of its columns, and told what it lacks`` () =
    let encoder =
        table "n,c,y\n1,a,p\n2,b,q\n4,a,p\n5,b,q\n" |> fit TableColumns.undeclared "y" [| 0..3 |] |> ok

    let encode text = TableEncoder.encode encoder [| 0 |] (table text)
    Assert.Equal<float[][]>([| [| 7.5; 0.0; 1.0 |] |], ok (encode "more,c,n\nx,b,7.5\n"))

    assertRefused [
        refusal (encode "c\nb\n"), "it has no column \"n\""
        refusal (encode "c,n\nb,x\n"), "line 2, column 2 (\"n\"): \"x\" is text"
        refusal (encode "c,n\nb,-inf\n"), "line 2, column 2 (\"n\"): -inf is not a finite number"
    ]

[<Fact>]
let ``tables that leave nothing to learn from are refused`` () =
    let refused text = table text |> fit TableColumns.undeclared "y" [| 0..3 |] |> refusal

    assertRefused [
        refused "id,y\nu,p\nv,q\nw,p\nx,q\n", "no column is of use beside the target"
        refused "a,a=b,y\nb,1,p\nb,2,q\nc,4,p\nc,4,q\n", "two encoded columns would be named \"a=b\""
    ]
