namespace Interact.Core

/// Blurred images, as baselines in which shapes are missing and colours are not.
///
/// Source: Fong and Vedaldi, "Interpretable explanations of black boxes by meaningful perturbation", ICCV 2017.
[<RequireQualifiedAccess>]
module internal Blur =

    /// Weights of a pixel's neighbours, from the farthest on one side to the farthest on the other; beyond four standard deviations the
    /// Gaussian is 3e-4 of its peak.
    let private kernel (sigma: float) =
        let reach = int (ceil (4.0 * sigma))
        let weights = Array.init (2 * reach + 1) (fun i -> exp (-0.5 * (float (i - reach) / sigma) ** 2.0))
        let total = Array.sum weights
        weights |> Array.map (fun weight -> weight / total)

    /// Lines of pixels, each filtered; beyond its ends a line goes on with its last pixel. stride: from one pixel to the next.
    let private filter (kernel: float[]) (starts: int[]) count stride (image: float[]) =
        let reach = kernel.Length / 2
        let result = Array.zeroCreate<float> image.Length

        for start in starts do
            for i in 0 .. count - 1 do
                let mutable sum = 0.0

                for k in 0 .. kernel.Length - 1 do
                    let neighbour = i + k - reach |> max 0 |> min (count - 1)
                    sum <- sum + kernel[k] * image[start + neighbour * stride]

                result[start + i * stride] <- sum

        result

    /// Blurs images of the shape batch x channels x height x width, along height and width, each channel by itself.
    /// sigma: the standard deviation of the Gaussian in pixels. Errors: ArgumentException for a shape of other than four axes, and unless
    /// sigma is positive and at most the image's larger side.
    let gaussian (shape: Shape) (sigma: float) : float[] -> float[] =
        Checks.require (shape.Length = 4) (nameof shape) (fun () ->
            $"an input of shape {Shape.describe shape} is no image; batch x channels x height x width is needed.")

        Checks.positive (nameof sigma) sigma
        let planes, height, width = shape[0] * shape[1], shape[2], shape[3]

        Checks.require (sigma <= float (max height width)) (nameof sigma) (fun () ->
            $"{nameof sigma} is {sigma} pixels; the image has {height} x {width}.")

        let kernel = kernel sigma
        let rows = Array.init (planes * height) (fun row -> row * width)

        let columns = [|
            for plane in 0 .. planes - 1 do
                for column in 0 .. width - 1 -> plane * height * width + column
        |]

        fun image ->
            Checks.length (nameof image) (planes * height * width) image
            image |> filter kernel rows width 1 |> filter kernel columns height width
