namespace Interact.Core.Onnx

open System
open System.Text

/// Recognizes what people load in place of an ONNX model. Only a file that could not be read is asked about, so no
/// model is ever taken for something else.
[<RequireQualifiedAccess>]
module internal Signature =

    let private export =
        "export the network to ONNX (PyTorch: torch.onnx.export; scikit-learn: skl2onnx; Keras: tf2onnx)"

    /// Where the mark stands, the mark in Latin-1, what it is the mark of, and what would mend it.
    let private marks = [
        0, "PK\x03\x04", "a zip archive, as PyTorch's .pt and Keras's .keras files are", export
        0, "\x89HDF\r\n\x1A\n", "an HDF5 file, as Keras's .h5 files are", export
        0, "\x80\x02", "a Python pickle", export
        0, "\x80\x03", "a Python pickle", export
        0, "\x80\x04", "a Python pickle", export
        0, "\x80\x05", "a Python pickle", export
        4, "TFL3", "a TensorFlow Lite model", export
        4, "ORTM", "a model in ONNX Runtime's own ORT format", "load the .onnx file that it was made from"
        8, "{\"", "a safetensors file, which has weights and no operators", export
        0, "GGUF", "a GGUF file, which has weights and no operators", export
        0, "\x1F\x8B", "a gzip archive", "unpack it first"
        0, "7z\xBC\xAF", "a 7-Zip archive", "unpack it first"
        0, "\x89PNG", "a PNG image", "give the model's file"
        0, "\xFF\xD8\xFF", "a JPEG image", "give the model's file"
        0, "%PDF", "a PDF document", "give the model's file"
        0, "\x93NUMPY", "a NumPy array", "give the model's file, and this one as data"
        0, "version https://git-lfs", "a Git LFS pointer to the model", "fetch the model itself with 'git lfs pull'"
        0, "<", "a web page or XML", "download the model's file itself"
        0, "{", "JSON", "give the model's .onnx file"
    ]

    let private looksLikeText (bytes: ReadOnlySpan<byte>) =
        let mutable text = true

        for value in bytes.Slice(0, min bytes.Length 512) do
            if value < 0x20uy && value <> 0x09uy && value <> 0x0Auy && value <> 0x0Duy || value = 0x7Fuy then
                text <- false

        text

    /// What the file is instead of a model, and what would mend it; none where that cannot be told.
    let describe (bytes: ReadOnlySpan<byte>) : (string * string) option =
        let head = Encoding.Latin1.GetString(bytes.Slice(0, min bytes.Length 64))

        if bytes.IsEmpty then
            Some("empty", "export or download the model again")
        else
            marks
            |> List.tryFind (fun (offset, mark, _, _) ->
                head.Length > offset && head.Substring(offset).StartsWith(mark, StringComparison.Ordinal))
            |> Option.map (fun (_, _, what, mend) -> what, mend)
            |> Option.orElse (if looksLikeText bytes then Some("text", "give the model's .onnx file") else None)
