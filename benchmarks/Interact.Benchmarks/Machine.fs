/// What the figures were measured on.
module Interact.Benchmarks.Machine

open System
open System.IO
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

let private processor =
    try
        File.ReadLines "/proc/cpuinfo"
        |> Seq.tryFind (fun line -> line.StartsWith("model name", StringComparison.Ordinal))
        |> Option.map (fun line -> line.Substring(line.IndexOf ':' + 1).Trim())
    with :? IOException ->
        None
    |> Option.defaultValue (string RuntimeInformation.ProcessArchitecture)

let private vectors =
    if Vector512.IsHardwareAccelerated then "AVX-512"
    elif Avx2.IsSupported && Fma.IsSupported then "AVX2 with FMA"
    elif Vector128.IsHardwareAccelerated then "vectors of 128 bits"
    else "no vectors"

/// Processor, cores, vectors, runtime.
let description =
    $"{processor}, {Environment.ProcessorCount} cores, {vectors}, {RuntimeInformation.FrameworkDescription}"

/// Today.
let date = DateTime.Now.ToString("yyyy-MM-dd", Globalization.CultureInfo.InvariantCulture)

/// How busy the machine was just now: the load of the last minute, where the system tells.
let load =
    try
        Some(File.ReadAllText("/proc/loadavg").Split(' ')[0])
    with :? IOException ->
        None
