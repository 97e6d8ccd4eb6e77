namespace Interact.Benchmarks

open BenchmarkDotNet.Attributes
open BenchmarkDotNet.Configs
open BenchmarkDotNet.Jobs
open BenchmarkDotNet.Running
open BenchmarkDotNet.Toolchains.InProcess.Emit
open Interact.Core

/// Matrix products on one thread, in the shapes that explanations need: rows x depth times depth x columns.
type MatrixProducts() =
    let mutable product = Unchecked.defaultof<Engine.Product>

    /// rows x depth x columns.
    static member Shapes: string seq = [
        "32x64x30"
        "64x64x64"
        "128x128x128"
        "256x256x128"
        "512x512x512"
        "1024x1024x1024"
        // A tall product, as sums over nodes are: the depth runs over nodes and units.
        "128x4096x128"
        "30x512x30"
        // One row, a few rows and an odd number of everything.
        "1x512x512"
        "7x129x31"
    ]

    [<ParamsSource("Shapes")>]
    member val Shape = "" with get, set

    [<Params(false, true)>]
    member val IsSingle = false with get, set

    [<GlobalSetup>]
    member this.Prepare() =
        match this.Shape.Split 'x' |> Array.map int with
        | [| rows; depth; columns |] ->
            let precision = if this.IsSingle then Precision.Single else Precision.Double
            product <- Engine.Product(precision, rows, columns, depth, 1)
        | _ -> invalidOp $"{this.Shape} is not rows x depth x columns."

    [<Benchmark>]
    member _.Run() = product.Run()

/// Elementwise functions of 64 points of 4,096 numbers, through a model: the kernel, and what it takes to run a graph.
type ElementwiseFunctions() =
    let points = Array.init 64 (fun i -> Generator(uint64 i).Array(4096, 3.0))
    let mutable model = Unchecked.defaultof<Model>

    static member Names: string seq = [ "tanh"; "exp"; "log"; "sqrt"; "sigmoid"; "softplus"; "erf"; "gelu"; "multiply" ]

    [<ParamsSource("Names")>]
    member val Name = "" with get, set

    [<GlobalSetup>]
    member this.Make() =
        let f: Tensor -> Tensor =
            match this.Name with
            | "tanh" -> tanh
            | "exp" -> exp
            | "log" -> fun x -> log (x * x)
            | "sqrt" -> fun x -> sqrt (x * x)
            | "sigmoid" -> Tensor.sigmoid
            | "softplus" -> Tensor.softplus 1.0
            | "erf" -> Tensor.erf
            | "gelu" -> Tensor.gelu
            | "multiply" -> fun x -> x * x
            | other -> invalidOp $"There is no function '{other}'."

        model <- Model.ofFunction 4096 f

    [<Benchmark>]
    member _.Values() = model.Function.Values points

/// Kernels by BenchmarkDotNet.
[<RequireQualifiedAccess>]
module KernelBenchmarks =

    /// Runs the benchmarks that BenchmarkDotNet's own arguments choose; all of them without any.
    let run (arguments: string[]) =
        // The validator takes the symbols that F# compiles in for a debug build.
        let job = Job.ShortRun.WithToolchain InProcessEmitToolchain.Instance

        let config =
            ManualConfig.Create(DefaultConfig.Instance).AddJob(job).WithOptions
                ConfigOptions.DisableOptimizationsValidator

        let arguments = if arguments.Length = 0 then [| "--filter"; "*" |] else arguments
        BenchmarkSwitcher.FromAssembly(typeof<MatrixProducts>.Assembly).Run(arguments, config) |> ignore
