/// Grey images with the numbers of their classes.
module Interact.Experiments.Images

open System
open System.IO
open System.IO.Compression
open Interact.Benchmarks
open Interact.Core.Learning

/// Images of pixels from -0.5 (black) to 0.5 (white), row-major, and their classes.
type ImageSet = {
    Name: string
    Height: int
    Width: int
    Training: TrainingData
    Validation: TrainingData
    Test: TrainingData
}

let private black, white = -0.5, 0.5

let private unpacked (path: string) =
    use file = File.OpenRead path
    use stream = new GZipStream(file, CompressionMode.Decompress)
    use memory = new MemoryStream()
    stream.CopyTo memory
    memory.ToArray()

let private data (images: (float[] * float)[]) = TrainingData.ofNumbers (Array.map fst images) (Array.map snd images)

let private inRandomOrder (images: 'Image[]) =
    Draw.permutation (Draw.generator 0 0) images.Length |> Array.map (fun i -> images[i])

/// The 1,797 digits of 8 x 8 pixels of scikit-learn: in a random order 1,000 to train on, 300 to choose by, and the others to test on.
let digits () : ImageSet =
    let path = Files.ofRepository "benchmarks/experiments/smoothness/digits.csv.gz"
    let text = Text.Encoding.ASCII.GetString(unpacked path)

    let images =
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        |> Array.map (fun line ->
            let numbers = line.Split ',' |> Array.map float
            numbers[..63] |> Array.map (fun value -> value / 16.0 + black), numbers[64])
        |> inRandomOrder

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
        Array.init size (fun pixel -> float images[16 + i * size + pixel] / 255.0 + black), float labels[8 + i])

let private has (folder: string) (parts: string list) =
    parts |> List.forall (fun part -> File.Exists(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz")))

/// Where Debian's package dataset-fashion-mnist has its files.
let fashionFolder = "/usr/share/datasets/fashion-mnist"

/// Pictures of clothes, 28 x 28: the first 7,000 to train on, the next 1,000 to choose by, and 2,000 of the test images; None where the
/// folder has no such files.
let fashion (folder: string) : ImageSet option =
    if not (has folder [ "train"; "t10k" ]) then
        None
    else
        let images = indexed folder "train" 8000

        Some {
            Name = "clothes 28 x 28"
            Height = 28
            Width = 28
            Training = data images[..6999]
            Validation = data images[7000..]
            Test = data (indexed folder "t10k" 2000)
        }

/// The 10,000 test images of MNIST in a random order: 7,000 to train on, 1,000 to choose by, and 2,000 to test on.
/// Error: InvalidOperationException where the folder has no such files.
let mnist (folder: string) : ImageSet =
    if not (has folder [ "t10k" ]) then
        invalidOp
            $"--mnist {folder}: there is no t10k-images-idx3-ubyte.gz; give a folder with the two t10k files of the MNIST database."

    let images = indexed folder "t10k" 10_000 |> inRandomOrder

    {
        Name = "MNIST 28 x 28"
        Height = 28
        Width = 28
        Training = data images[..6999]
        Validation = data images[7000..7999]
        Test = data images[8000..]
    }

/// A training set so many times as large: each image again and again, moved by up to a distance of whole pixels along both axes, black
/// coming in.
let shifted (seed: int) (distance: int) (copies: int) (images: ImageSet) : ImageSet =
    let generator = Draw.generator seed 10
    let height, width = images.Height, images.Width

    let step () = int (floor (float (2 * distance + 1) * Draw.uniform generator)) - distance

    let moved (image: float[]) =
        let down, right = step (), step ()

        Array.init image.Length (fun pixel ->
            let row, column = pixel / width - down, pixel % width - right

            if row >= 0 && row < height && column >= 0 && column < width then
                image[row * width + column]
            else
                black)

    let own = images.Training

    {
        images with
            Training =
                data [|
                    for _ in 1..copies do
                        for i in 0 .. own.Count - 1 -> moved own.Inputs[i], own.Targets[i][0]
                |]
    }

[<RequireQualifiedAccess>]
type Noise =
    /// Of every pixel by itself, with the level as probability: half of those become a range whiter, half of them a range blacker, and
    /// what is beyond black or white is cut off. So a black pixel becomes white with half of the level's probability.
    /// Source: the evaluation of Erion et al. 2021.
    | SaltAndPepper
    /// Normal on every pixel, the level its deviation in parts of the range from black to white; nothing is cut off.
    | Normal

/// The images with noise.
let noisy (noise: Noise) (seed: int) (level: float) (images: float[][]) : float[][] =
    let generator = Draw.generator seed 9
    let range = white - black

    let changed (pixel: float) =
        match noise with
        | Noise.Normal -> pixel + level * range * Draw.normal generator
        | Noise.SaltAndPepper ->
            let drawn = Draw.uniform generator

            if drawn < level / 2.0 then min white (pixel + range)
            elif drawn < level then max black (pixel - range)
            else pixel

    images |> Array.map (Array.map changed)
