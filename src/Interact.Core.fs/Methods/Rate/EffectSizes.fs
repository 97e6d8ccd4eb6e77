namespace Interact.Core

open System
open System.Numerics.Tensors
open System.Threading
open Interact.Core.Execution

/// How the values of a function at n rows become one effect size for each of the rows' p variables: a linear map, so that a normal
/// distribution of values becomes one of effect sizes.
[<RequireQualifiedAccess>]
type EffectSizeAnalogue =
    /// Xcᵀ(f - mean f)/(n - 1), the covariance of each variable with the function, Xc with its columns' means taken off.
    | Covariance
    /// X⁺f, the coefficients of the shortest least squares fit, X as it is.
    | Projection

/// A network's last layer with independent normal weights: f = Wᵀh + b.
type LastLayer = {
    /// Means of the weights, features x outputs.
    Mean: float[][]
    /// Variances of the weights, features x outputs.
    Variance: float[][]
    /// One number for each output.
    Bias: float[]
}

/// A normal distribution of p effect sizes, of which the covariance is known by a factor and never formed: V_B = FFᵀ.
type EffectSizes = {
    /// p means.
    Mean: float[]
    /// F, p rows of r elements: r is the number of features or of draws.
    Factor: float[][]
}

/// Distributions of effect sizes, from networks with a Bayesian last layer and from draws of any model's posterior.
///
/// Sources: Crawford, Flaxman, Runcie, West, "Variable prioritization in nonlinear black box methods: a genetic association case
/// study", Annals of Applied Statistics 2019; Ish-Horowicz, Udwin, Flaxman, Filippi, Crawford, "Interpreting deep neural networks
/// through variable importance", 2020.
[<RequireQualifiedAccess>]
module EffectSizes =

    /// Variables whose covariances are computed at a time.
    let private variablesAtATime = 512

    let private isTable (name: string) (rows: float[][]) =
        Checks.require (rows.Length > 0 && rows[0].Length > 0) name (fun () ->
            $"{name} has no row, or rows of no element.")

        for row in 0 .. rows.Length - 1 do
            Checks.require (rows[row].Length = rows[0].Length) name (fun () ->
                $"row {row} of {name} has {rows[row].Length} elements, and row 0 {rows[0].Length}; all rows need as many.")

            Checks.finite $"row {row} of {name}" rows[row]

    let private columnMeans (rows: float[][]) =
        let sums = Array.zeroCreate<float> rows[0].Length
        rows |> Array.iter (fun row -> Vector.add 1.0 row sums)
        sums |> Array.map (fun sum -> sum / float rows.Length)

    /// Xcᵀ Bc / (n - 1), p rows.
    let private covariances (workers: Workers) (data: float[][]) (functions: float[][]) =
        let n, p, q = data.Length, data[0].Length, functions[0].Length
        let means = columnMeans data
        let functionMeans = columnMeans functions

        let values =
            Array.init (n * q) (fun place -> functions[place / q].[place % q] - functionMeans[place % q])

        let width = min p variablesAtATime
        let x, f = Node.input "data" [| n; width |], Node.input "functions" [| n; q |]

        let product = Product.contract { Left = [| 0; 1 |]; Right = [| 0; 2 |]; Output = [| 1; 2 |] } x f
        let plan = Plan.Compile([ x; f ], [ product ], Precision.Double, workers.Threads)
        let part = Array.zeroCreate<float>(n * width)
        let result = Array.zeroCreate<float[]> p

        for first in 0..width .. p - 1 do
            workers.CancellationToken.ThrowIfCancellationRequested()

            // Of the last part, columns that came before fill what there is too much.
            let first = min first (p - width)

            for row in 0 .. n - 1 do
                for column in 0 .. width - 1 do
                    part[row * width + column] <- (data[row].[first + column] - means[first + column]) / float (n - 1)

            let found = plan.Run([| part; values |]).[0]

            for column in 0 .. width - 1 do
                result[first + column] <- Array.sub found (column * q) q

        result

    /// One column of p effect sizes for each column of function values.
    let private analogues analogue workers (data: float[][]) (functions: float[][]) =
        match analogue with
        | EffectSizeAnalogue.Covariance ->
            Checks.require (data.Length > 1) (nameof data) (fun () ->
                "there is one row, which has no covariance with anything; give two rows at least.")

            covariances workers data functions
        | EffectSizeAnalogue.Projection ->
            let p = data[0].Length

            PseudoInverse.apply workers data.Length p functions[0].Length (fun row column ->
                if column < p then data[row].[column] else functions[row].[column - p])

    let private workers threads token =
        Checks.within (nameof threads) 1 1024 threads
        { Threads = threads; CancellationToken = token }

    /// The distribution of effect sizes of which there are draws: their mean, and their covariance over the number of draws - 1.
    ///
    /// draws: two at least, each of p effect sizes. Error: ArgumentException for draws of different lengths or that are not finite.
    let ofDraws (draws: float[][]) : EffectSizes =
        isTable (nameof draws) draws

        Checks.require (draws.Length > 1) (nameof draws) (fun () ->
            "there is one draw, which tells no covariance; give two draws at least.")

        let mean = columnMeans draws
        let scale = 1.0 / sqrt (float (draws.Length - 1))

        {
            Mean = mean
            Factor = mean |> Array.mapi (fun j mean -> draws |> Array.map (fun draw -> (draw[j] - mean) * scale))
        }

    /// The distribution of effect sizes from draws of a function's values, of any model.
    ///
    /// threads: how many share the work; token: what stops it; data: n rows of p variables; draws: two at least, each of the function's n
    /// values at these rows.
    /// Error: ArgumentException where they do not fit or are not finite.
    let ofFunctionDraws
        (analogue: EffectSizeAnalogue)
        (threads: int)
        (token: CancellationToken)
        (data: float[][])
        (draws: float[][])
        : EffectSizes =
        isTable (nameof data) data
        isTable (nameof draws) draws

        Checks.require (draws[0].Length = data.Length) (nameof draws) (fun () ->
            $"a draw has {draws[0].Length} function values, and there are {data.Length} rows of data; one value for each row is needed.")

        let functions = Array.init data.Length (fun row -> draws |> Array.map (fun draw -> draw[row]))
        analogues analogue (workers threads token) data functions |> Array.transpose |> ofDraws

    /// The distribution of effect sizes of one output of a network with a Bayesian last layer: function values have the mean
    /// H M_W + b and the covariance H diag(V_W) Hᵀ, which is not formed.
    ///
    /// threads: how many share the work; token: what stops it; data: n rows of p variables; features: H, the last layer's h operands at these rows; output: which of the layer's outputs,
    /// such as a class. Error: ArgumentException where they do not fit, are not finite, or a variance is negative.
    let ofLastLayer
        (analogue: EffectSizeAnalogue)
        (threads: int)
        (token: CancellationToken)
        (data: float[][])
        (features: float[][])
        (layer: LastLayer)
        (output: int)
        : EffectSizes =
        isTable (nameof data) data
        isTable (nameof features) features
        isTable "Mean" layer.Mean
        isTable "Variance" layer.Variance
        Checks.finite "Bias" layer.Bias
        let h, outputs = features[0].Length, layer.Mean[0].Length

        Checks.require (features.Length = data.Length) (nameof features) (fun () ->
            $"features are given at {features.Length} rows, and there are {data.Length} rows of data.")

        let fits (name: string) (found: float[][]) =
            Checks.require (found.Length = h && found[0].Length = outputs) name (fun () ->
                $"{name} is {found.Length} x {found[0].Length}; {h} x {outputs}, features x outputs, is needed.")

        fits "Mean" layer.Mean
        fits "Variance" layer.Variance
        Checks.length "Bias" outputs layer.Bias
        Checks.within (nameof output) 0 (outputs - 1) output
        let variances = layer.Variance |> Array.map (fun row -> row[output])

        match variances |> Array.tryFindIndex (fun variance -> variance < 0.0) with
        | Some feature ->
            Checks.invalid
                "Variance"
                $"the variance of feature {feature} is {variances[feature]}; it cannot be negative."
        | None -> ()

        let means = layer.Mean |> Array.map (fun row -> row[output])

        let functions =
            features |> Array.map (fun row -> Array.append row [| Vector.dot row means + layer.Bias[output] |])

        let found = analogues analogue (workers threads token) data functions
        let deviations = variances |> Array.map sqrt

        {
            Mean = found |> Array.map (fun row -> row[h])
            Factor = found |> Array.map (fun row -> Array.init h (fun feature -> row[feature] * deviations[feature]))
        }

    /// The distribution of the other effect sizes where those of the given variables are known to be 0: the normal distribution with
    /// covariance FFᵀ + ridge I, conditioned. What is left has a covariance of the same form, with the factor √ridge F R⁻¹, where
    /// RᵀR = F_GᵀF_G + ridge I for the given variables G.
    let internal nullify (workers: Workers) (ridge: float) (given: int[]) (effects: EffectSizes) : EffectSizes =
        let rank = effects.Factor[0].Length
        let triangle = Triangle(rank, 1, sqrt ridge)

        triangle.FoldRows(
            workers,
            given.Length,
            (fun row column -> if column < rank then effects.Factor[given[row]].[column] else effects.Mean[given[row]])
        )

        // Σ_GG⁻¹ μ_G enters by R⁻¹R⁻ᵀF_Gᵀμ_G, the solution of a least squares problem.
        let explained = triangle.Rows |> Array.map (fun row -> row[rank])
        triangle.Solve explained
        let isGiven = Collections.Generic.HashSet given
        let left = [| 0 .. effects.Mean.Length - 1 |] |> Array.filter (isGiven.Contains >> not)
        let factor = left |> Array.map (fun j -> Array.copy effects.Factor[j])

        Workers.forEach workers factor.Length (fun place ->
            triangle.SolveTransposed factor[place]
            TensorPrimitives.Multiply<float>(ReadOnlySpan factor[place], sqrt ridge, Span factor[place]))

        {
            Mean = left |> Array.map (fun j -> effects.Mean[j] - Vector.dot effects.Factor[j] explained)
            Factor = factor
        }
