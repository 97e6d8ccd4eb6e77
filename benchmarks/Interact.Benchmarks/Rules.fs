/// Quadrature rules for the weight -ln t that both sides use.
module Interact.Benchmarks.Rules

open System
open Interact.Core.Quadrature

/// The Gauss rule with that many nodes on the whole path.
let gauss (count: int) : QuadratureRule = GaussRule.create (MinusLog 1.0) count

/// Gauss rules of some order on the panels between the given ends.
let panels (ends: float list) (order: int) : QuadratureRule =
    let parts =
        List.pairwise ends
        |> List.map (fun (a, b) ->
            if a = 0.0 then
                let rule = GaussRule.create (MinusLog b) order
                rule.Nodes |> Array.map ((*) b), rule.Weights |> Array.map ((*) b)
            else
                let rule = GaussRule.create One order
                let nodes = rule.Nodes |> Array.map (fun t -> a + (b - a) * t)
                nodes, Array.map2 (fun t weight -> -(log t) * (b - a) * weight) nodes rule.Weights)

    { Nodes = parts |> List.map fst |> Array.concat; Weights = parts |> List.map snd |> Array.concat }

/// The rule that references are computed with: 6 panels of 48 nodes.
let reference = panels [ 0.0; 0.0625; 0.125; 0.25; 0.5; 0.75; 1.0 ] 48

/// Orders of single Gauss rules that are tried.
let orders = [ 8; 12; 16; 20; 24; 28; 32; 40; 48; 56; 64 ]

/// All rules by their names: single Gauss rules, composite ones for more nodes, and the reference.
let all: (string * QuadratureRule) list =
    [ for order in orders -> string order, gauss order ]
    @ [
        "96", panels [ 0.0; 0.5; 1.0 ] 48
        "192", panels [ 0.0; 0.25; 0.5; 0.75; 1.0 ] 48
        "reference", reference
    ]
