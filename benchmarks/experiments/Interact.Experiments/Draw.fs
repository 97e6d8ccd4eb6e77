/// Drawing with the benchmarks' generator.
module Interact.Experiments.Draw

open System
open Interact.Benchmarks

/// A generator for a part of an experiment, whose numbers have nothing to do with those of other parts.
let generator (seed: int) (part: int) : Generator =
    Generator(uint64 seed * 0xBF58476D1CE4E5B9UL + uint64 (part + 1) * 0xD1B54A32D192ED03UL)

/// A number uniform on (0, 1).
let uniform (generator: Generator) : float = 0.5 * (generator.Next() + 1.0)

/// A standard normal number. Source: Box, Muller 1958.
let normal (generator: Generator) : float =
    let first, second = uniform generator, uniform generator
    sqrt (-2.0 * log first) * cos (2.0 * Math.PI * second)

/// Standard normal numbers.
let normals (generator: Generator) (count: int) : float[] = Array.init count (fun _ -> normal generator)

/// The numbers 0 .. count - 1 in a random order.
let permutation (generator: Generator) (count: int) : int[] =
    Array.init count (fun i -> i, generator.Next()) |> Array.sortBy snd |> Array.map fst
