/// Taylor-CAM against its definition, with second derivatives written out by hand.
module Interact.Core.Tests.TaylorCamTests

open System
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private shape = [| 1; 2; 2; 3 |]
let private size = Shape.size shape
let private positions = Groups.patches 1 1 shape

/// Some numbers that repeat no pattern.
let private number i = sin (1.0 + 2.7 * float i)

let private coupling = Array2D.init size size (fun i j -> number (17 * min i j + max i j))

let private map = Array.init size (fun i -> number (500 + i))

/// ½ xᵀAx: its second derivatives are A everywhere.
let private quadratic =
    let rows = Array.init size (fun i -> Tensor.ofArray (Array.init size (fun j -> coupling[i, j])))

    Model.ofFunction size (fun x -> rows |> Seq.mapi (fun i row -> 0.5 * x[i] * Tensor.dot row x) |> Seq.reduce (+))

/// The same as an oracle, which knows bilinear forms alone.
let private oracle =
    let gradient (x: float[]) = Array.init size (fun i -> Seq.sum (Seq.init size (fun j -> coupling[i, j] * x[j])))

    Model.ofOracle {
        InputSize = size
        OutputSize = 1
        Value = fun x -> [| 0.5 * Seq.sum (Seq.map2 (*) x (gradient x)) |]
        Gradient = fun x output -> gradient x |> Array.map (fun slope -> output[0] * slope)
        Curvature =
            fun _ output directions ->
                Array2D.init directions.Length directions.Length (fun a b ->
                    output[0] * Seq.sum (Seq.map2 (*) directions[a] (gradient directions[b])))
    }

/// S + Sᵀ with S_ij = (Σ_k x_ik Σ_l H_ik,jl)², the channel k of position i being element k·6 + i.
let private defined i j =
    let one i j =
        Seq.sum (
            seq {
                for k in 0..1 do
                    for l in 0..1 -> map[6 * k + i] * coupling[6 * k + i, 6 * l + j]
            }
        )

    one i j ** 2.0 + one j i ** 2.0

let private explain order model tasks =
    let prepared = TaylorCam.prepare PathOptions.defaults model order positions
    TaylorCam.explainRows PathOptions.defaults prepared model tasks

let private task = { Row = 3; Input = map; Baseline = map }

[<Fact>]
let ``strengths of pairs of positions are those of the definition`` () =
    for model in [ quadratic; oracle ] do
        let result = explain 2 model [| task |] |> Array.head
        Assert.Equal(3, result.Row)
        Assert.Equal(15, result.Sets.Length)
        let expected = result.Sets |> Array.map (fun set -> defined set.Members[0] set.Members[1])
        let strengths = result.Sets |> Array.map _.Strength
        close 1e-12 expected strengths
        Assert.Equal<float>(Array.sortDescending strengths, strengths)

[<Fact>]
let ``positions that act on the output apart do not interact`` () =
    // A sum of functions of each position.
    let model =
        Model.ofFunction size (fun x -> Seq.init 6 (fun i -> tanh (x[i] * x[6 + i])) |> Seq.reduce (+))

    let result = explain 2 model [| task |] |> Array.head
    Assert.All(result.Sets, fun set -> Assert.Equal(0.0, set.Strength))

/// (cᵀx)³/6 has the third derivatives c_a c_b c_c, so that along u, v and w it is (c·u)(c·v)(c·w).
[<Fact>]
let ``strengths of three positions add up the squares over the position that the map is taken at`` () =
    let c = Array.init size (fun i -> number (90 + i))

    let model =
        Model.ofFunction size (fun x ->
            let y = Tensor.dot (Tensor.ofArray c) x
            y * y * y / 6.0)

    // (c·d_i) and (c·e_j).
    let along i = c[i] * map[i] + c[6 + i] * map[6 + i]
    let ones i = c[i] + c[6 + i]

    let defined (set: int[]) =
        set
        |> Array.sumBy (fun first ->
            set
            |> Seq.map (fun i -> if i = first then along i else ones i)
            |> Seq.reduce (*)
            |> fun product -> product * product)

    let result = explain 3 model [| task |] |> Array.head
    Assert.Equal(20, result.Sets.Length)
    close 1e-12 (result.Sets |> Array.map (_.Members >> defined)) (result.Sets |> Array.map _.Strength)

/// A function of the map with derivatives of every order.
let private curved (x: Tensor) =
    let y = x[1] * x[8] + (Seq.init size (fun i -> map[i] * x[i]) |> Seq.reduce (+))
    y * tanh y

[<Fact>]
let ``a third position that multiplies the output leaves the strengths of the pairs`` () =
    let strengths =
        explain 2 (Model.ofFunction size curved) [| task |]
        |> Array.head
        |> fun (result: PositionInteractions) -> result.Sets
        |> Seq.map (fun (set: RankedSet) -> List.ofArray set.Members, set.Strength)
        |> dict

    // At 0 the map's own direction at the third position is 0, and ones there give the derivatives of the rest.
    let model = Model.ofFunction (size + 1) (fun x -> curved x * x[size])
    let point = Array.append map [| 0.0 |]

    let groups: Groups = {
        Names = Array.append positions.Names [| "third" |]
        Members = Array.append positions.Members [| [| size |] |]
    }

    let prepared = TaylorCam.prepare PathOptions.defaults model 3 groups
    let task = { Row = 0; Input = point; Baseline = point }
    let result = TaylorCam.explainRows PathOptions.defaults prepared model [| task |] |> Array.head

    for set in result.Sets |> Array.filter (fun set -> set.Members[2] = 6) do
        close 1e-10 [| strengths[[ set.Members[0]; set.Members[1] ]] |] [| set.Strength |]

[<Fact>]
let ``the result of a map does not depend on others beside it`` () =
    let other = { task with Row = 4; Input = map |> Array.map (fun x -> 2.0 - x) }
    let together = explain 2 quadratic [| other; task |]
    let alone = explain 2 quadratic [| task |]
    Assert.Equal<float>(alone[0].Sets |> Array.map _.Strength, together[1].Sets |> Array.map _.Strength)

[<Fact>]
let ``a map where the second derivatives are not finite is told by its row`` () =
    let model = Model.ofFunction size (fun x -> sqrt x[0] * x[1])
    let bad = { task with Input = map |> Array.mapi (fun i value -> if i = 0 then 0.0 else value) }

    let problem = Assert.Throws<NotFiniteException>(fun () -> explain 2 model [| bad |] |> ignore)

    Assert.Contains("row 3", problem.Message)
