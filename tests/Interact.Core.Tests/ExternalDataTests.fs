/// Weights in files beside the model: read where they are the model's own, refused wherever else they could be.
module Interact.Core.Tests.ExternalDataTests

open System
open System.IO
open System.Runtime.InteropServices
open Interact.Core.Tests.OnnxBuilder
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Xunit

[<DllImport("libc")>]
extern int private link(
    [<MarshalAs(UnmanagedType.LPUTF8Str)>] string file,
    [<MarshalAs(UnmanagedType.LPUTF8Str)>] string name
)

[<DllImport("libc")>]
extern int private mkfifo([<MarshalAs(UnmanagedType.LPUTF8Str)>] string name, int mode)

/// A 3 x 2 constant 'w' elsewhere: its entries in the order given.
let private outside (entries: (string * string) list) =
    let fields = [
        for key, value in entries do
            Field.message 13 [ Field.text 1 key; Field.text 2 value ]
        Field.int 14 1
    ]

    Init.ofField "w" DataType.Float [ 3; 2 ] (Array.concat fields)

let private modelOf entries =
    model 13 [ node "MatMul" [ "x"; "w" ] [ "y" ] [] ] [ Val.float "x" [ Symbol "N"; Fixed 3L ] ] [ "y" ] [
        outside entries
    ]

let private weights = [| 1.0f; 2.0f; 3.0f; 4.0f; 5.0f; 6.0f |]
let private bytesOf (values: float32[]) = MemoryMarshal.AsBytes(ReadOnlySpan values).ToArray()

/// The result of loading a model from a folder of its own below another one, both prepared by the function.
let private loadIn (prepare: DirectoryInfo -> unit) entries =
    let outer = Directory.CreateTempSubdirectory "interact-tests-"

    try
        let folder = outer.CreateSubdirectory "model"
        prepare folder
        let path = Path.Combine(folder.FullName, "model.onnx")
        File.WriteAllBytes(path, modelOf entries)
        OnnxModel.load OnnxModel.defaults path
    finally
        outer.Delete true

let private inFolder (folder: DirectoryInfo) name = Path.Combine(folder.FullName, name)
let private write name (bytes: byte[]) (folder: DirectoryInfo) = File.WriteAllBytes(inFolder folder name, bytes)

let private assertReads (result: Result<Model, ImportProblem list>) =
    Assert.Equal<float[]>(
        [| 1.0 + 2.0 * 3.0 + 3.0 * 5.0; 2.0 + 2.0 * 4.0 + 3.0 * 6.0 |],
        Model.evaluate (value result) [| 1.0; 2.0; 3.0 |]
    )

let private assertRefused (words: string) (result: Result<Model, ImportProblem list>) =
    match result with
    | Ok _ -> invalidOp $"It was read, and should be refused: {words}"
    | Error problems ->
        let problem = List.exactlyOne problems
        Assert.Equal("constant 'w'", problem.Place)
        Assert.Contains(words, problem.Problem)
        Assert.DoesNotContain("\n", problem.Problem)

[<Fact>]
let ``weights beside the model and below its folder are read`` () =
    let bytes = bytesOf weights
    assertReads (loadIn (write "w.bin" bytes) [ "location", "w.bin" ])

    assertReads (
        loadIn (write "w.bin" (Array.concat [ [| 9uy; 9uy; 9uy |]; bytes; [| 9uy |] ])) [
            "location", "w.bin"
            "offset", "3"
            "length", "24"
            "checksum", "unknown keys say nothing"
        ]
    )

    let inSubfolder (folder: DirectoryInfo) = folder.CreateSubdirectory "parts" |> write "w.bin" bytes
    assertReads (loadIn inSubfolder [ "location", "parts/w.bin" ])

[<Fact>]
let ``locations that lead elsewhere are refused unopened`` () =
    for location in
        [
            ""
            "."
            ".."
            "../w.bin"
            "parts/../../w.bin"
            "parts//w.bin"
            "w.bin/."
            "/etc/passwd"
            "/dev/zero"
            "/proc/self/environ"
            "~/w.bin"
            @"..\w.bin"
            @"C:\w.bin"
            "C:w.bin"
            "file:///etc/passwd"
            "http://127.0.0.1/w.bin"
            "w.bin:stream"
            "w.bin\u0000.txt"
        ] do
        let prepare (folder: DirectoryInfo) =
            write "w.bin" (bytesOf weights) folder
            File.WriteAllBytes(Path.Combine(folder.FullName, "..", "w.bin"), bytesOf weights)

        assertRefused "keeps its elements in the file" (loadIn prepare [ "location", location ])

[<Fact>]
let ``stretches that are no numbers, beyond the file or not as long as the tensor are refused`` () =
    for entries, words in
        [
            [ "offset", "-1" ], "no number of bytes"
            [ "offset", "1.5" ], "no number of bytes"
            [ "offset", "0x10" ], "no number of bytes"
            [ "offset", "abc" ], "no number of bytes"
            [ "length", "-24" ], "no number of bytes"
            [ "length", "99999999999999999999" ], "no number of bytes"
            [ "offset", "9223372036854775807" ], "which has 24"
            [ "offset", "1"; "length", "24" ], "which has 24"
            [ "length", "9223372036854775807" ], "which has 24"
            [ "length", "20" ], "in 20 bytes of it, and takes 24"
            [ "offset", "4" ], "in 20 bytes of it, and takes 24"
            [ "location", "w.bin" ], "gives its location twice"
            [ "offset", "0"; "offset", "0" ], "gives its offset twice"
        ] do
        loadIn (write "w.bin" (bytesOf weights)) (("location", "w.bin") :: entries) |> assertRefused words

    assertRefused "does not exist" (loadIn ignore [ "location", "w.bin" ])
    assertRefused "names no file" (loadIn ignore [])

[<Fact>]
let ``links, folders and pipes are refused`` () =
    let bytes = bytesOf weights

    let refused words prepare location = loadIn prepare [ "location", location ] |> assertRefused words

    refused "is a folder" (fun folder -> folder.CreateSubdirectory "w.bin" |> ignore) "w.bin"

    if not (OperatingSystem.IsWindows()) then
        let symbolic target (folder: DirectoryInfo) =
            write "real.bin" bytes folder
            folder.CreateSubdirectory "parts" |> write "w.bin" bytes
            File.WriteAllBytes(Path.Combine(folder.FullName, "..", "secret.bin"), bytes)
            File.CreateSymbolicLink(inFolder folder "w.bin", target) |> ignore

        refused "is a link" (symbolic "../secret.bin") "w.bin"
        refused "is a link" (symbolic "real.bin") "w.bin"
        refused "is a link" (symbolic "/etc/passwd") "w.bin"
        refused "is a link" (symbolic "absent.bin") "w.bin"
        refused "behind a link" (symbolic "..") "w.bin/secret.bin"
        refused "behind a link" (symbolic "parts") "w.bin/w.bin"

        let hard (folder: DirectoryInfo) =
            let secret = Path.GetFullPath(Path.Combine(folder.FullName, "..", "secret.bin"))
            File.WriteAllBytes(secret, bytes)
            Assert.Equal(0, link (secret, inFolder folder "w.bin"))

        refused "a hard link" hard "w.bin"
        refused "a pipe" (fun folder -> Assert.Equal(0, mkfifo (inFolder folder "w.bin", 0o600))) "w.bin"

[<Fact>]
let ``a model's own path may be a link, and no pipe`` () =
    if not (OperatingSystem.IsWindows()) then
        let folder = Directory.CreateTempSubdirectory "interact-tests-"

        try
            write "real.onnx" (modelOf [ "location", "w.bin" ]) folder
            write "w.bin" (bytesOf weights) folder
            File.CreateSymbolicLink(inFolder folder "link.onnx", "real.onnx") |> ignore
            assertReads (OnnxModel.load OnnxModel.defaults (inFolder folder "link.onnx"))
            Assert.Equal(0, mkfifo (inFolder folder "pipe.onnx", 0o600))

            match OnnxModel.load OnnxModel.defaults (inFolder folder "pipe.onnx") with
            | Ok _ -> invalidOp "a pipe was read"
            | Error problems -> Assert.Contains("not a regular file", (List.exactlyOne problems).Problem)
        finally
            folder.Delete true

/// A model of constants a and b, both in w.bin at these stretches, where so many bytes may be read of it.
let private loadTwo (allowed: int64) (first: int * int) (second: int * int) =
    let constant name (offset: int, length: int) =
        let entry key text = Field.message 13 [ Field.text 1 key; Field.text 2 text ]

        Init.ofField
            name
            DataType.Float
            [ length / 4 ]
            (Array.concat [
                entry "location" "w.bin"
                entry "offset" (string offset)
                entry "length" (string length)
                Field.int 14 1
            ])

    let folder = Directory.CreateTempSubdirectory "interact-tests-"

    try
        write "w.bin" (bytesOf weights) folder

        let bytes =
            model
                13
                [ node "Add" [ "x"; "a" ] [ "h" ] []; node "Mul" [ "h"; "b" ] [ "y" ] [] ]
                [ Val.float "x" [ Fixed 3L ] ] [ "y" ] [ constant "a" first; constant "b" second ]

        write "model.onnx" bytes folder

        OnnxModel.load
            {
                OnnxModel.defaults with
                    Limits = { ImportLimits.defaults with Bytes = int64 bytes.Length + allowed }
            }
            (inFolder folder "model.onnx")
    finally
        folder.Delete true

[<Fact>]
let ``constants may share a stretch of a file, and not overlap`` () =
    let shared = loadTwo 24L (0, 12) (0, 12) |> value
    Assert.Equal<float[]>([| 1.0; 4.0; 9.0 |], Model.evaluate shared [| 0.0; 0.0; 0.0 |])
    let apart = loadTwo 24L (0, 12) (12, 12) |> value
    Assert.Equal<float[]>([| 4.0; 10.0; 18.0 |], Model.evaluate apart [| 0.0; 0.0; 0.0 |])

    match loadTwo 40L (0, 20) (4, 20) with
    | Ok _ -> invalidOp "overlapping constants were read"
    | Error problems -> Assert.Contains(problems, fun problem -> problem.Problem.Contains "overlap")

    match loadTwo 23L (0, 12) (12, 12) with
    | Ok _ -> invalidOp "more was read than is allowed"
    | Error problems -> Assert.Contains(problems, fun problem -> problem.Problem.Contains "ImportLimits.Bytes")
