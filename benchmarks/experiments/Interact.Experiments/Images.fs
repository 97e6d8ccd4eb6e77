/// Grey images with the numbers of their classes.
module Interact.Experiments.Images

open System
open System.IO
open System.IO.Compression
open Interact.Benchmarks
open Interact.Core.Learning

/// Images of 0 to 1, row-major, and their classes.
type ImageSet = {
    Name: string
    Height: int
    Width: int
    Training: TrainingData
    Validation: TrainingData
    Test: TrainingData
}

let private unpacked (path: string) =
    use file = File.OpenRead path
    use stream = new GZipStream(file, CompressionMode.Decompress)
    use memory = new MemoryStream()
    stream.CopyTo memory
    memory.ToArray()

let private data (images: (float[] * float)[]) = TrainingData.ofNumbers (Array.map fst images) (Array.map snd images)

/// The 1,797 digits of 8 x 8 pixels of scikit-learn: in a random order 1,000 to train on, 300 to choose by, and the others to test on.
let digits () : ImageSet =
    let path = Files.ofRepository "benchmarks/experiments/smoothness/digits.csv.gz"
    let text = Text.Encoding.ASCII.GetString(unpacked path)

    let images =
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        |> Array.map (fun line ->
            let numbers = line.Split ',' |> Array.map float
            numbers[..63] |> Array.map (fun value -> value / 16.0), numbers[64])

    let images = Draw.permutation (Draw.generator 0 0) images.Length |> Array.map (fun i -> images[i])

    {
        Name = "digits 8 x 8"
        Height = 8
        Width = 8
        Training = data images[..999]
        Validation = data images[1000..1299]
        Test = data images[1300..]
    }

/// The first images of a file in the IDX format, with their classes from another.
let private indexed (folder: string) (part: string) (count: int) =
    let images = unpacked (Path.Combine(folder, $"{part}-images-idx3-ubyte.gz"))
    let labels = unpacked (Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"))
    let size = 28 * 28

    // Pixels begin behind four whole numbers, labels behind two.
    Array.init count (fun i ->
        Array.init size (fun pixel -> float images[16 + i * size + pixel] / 255.0), float labels[8 + i])

/// Where Debian's package dataset-fashion-mnist has its files.
let fashionFolder = "/usr/share/datasets/fashion-mnist"

/// Pictures of clothes, 28 x 28: the first 5,000 to train on, the next 1,000 to choose by, and 2,000 of the test images; None where the
/// folder has no such files.
let fashion (folder: string) : ImageSet option =
    if not (File.Exists(Path.Combine(folder, "train-images-idx3-ubyte.gz"))) then
        None
    else
        let images = indexed folder "train" 6000

        Some {
            Name = "clothes 28 x 28"
            Height = 28
            Width = 28
            Training = data images[..4999]
            Validation = data images[5000..]
            Test = data (indexed folder "t10k" 2000)
        }

/// The images with normal noise on every pixel, its deviation given in parts of the range from black to white; nothing is cut off.
let noisy (seed: int) (deviation: float) (images: float[][]) : float[][] =
    let generator = Draw.generator seed 9
    images |> Array.map (Array.map (fun pixel -> pixel + deviation * Draw.normal generator))
