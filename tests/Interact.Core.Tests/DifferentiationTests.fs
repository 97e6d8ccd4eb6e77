/// Nested derivatives against closed forms, against each other, and on random graphs against differences.
module Interact.Core.Tests.DifferentiationTests

open System
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.RandomGraphs
open Xunit

/// A function of one number, as one of vectors of length one, differentiated a number of times.
let private derivative order (f: Tensor -> Tensor) : float -> float =
    let once (f: Tensor -> Tensor) (x: Tensor) = Tensor.sum (grad f x)
    let nested = Seq.fold (fun f _ -> once f) (fun (x: Tensor) -> Tensor.sum (f x)) (seq { 1..order })
    fun x -> numberOf nested [| x |]

/// Functions with their first, second and third derivatives.
let private closedForms: (string * (Tensor -> Tensor) * (float -> float list)) list = [
    "x⁵", (fun x -> x * x * x * x * x), (fun x -> [ 5.0 * x ** 4.0; 20.0 * x ** 3.0; 60.0 * x * x ])
    "x^2.5", (fun x -> x ** 2.5), (fun x -> [ 2.5 * x ** 1.5; 3.75 * sqrt x; 1.875 / sqrt x ])
    "exp 2x", (fun x -> exp (2.0 * x)), (fun x -> [ for k in 1..3 -> 2.0 ** float k * exp (2.0 * x) ])
    "sin", sin, (fun x -> [ cos x; -sin x; -cos x ])
    "ln", log, (fun x -> [ 1.0 / x; -1.0 / (x * x); 2.0 / (x * x * x) ])
    "1/x", Tensor.reciprocal, (fun x -> [ -1.0 / (x * x); 2.0 / x ** 3.0; -6.0 / x ** 4.0 ])
    "√x", sqrt, (fun x -> [ 0.5 / sqrt x; -0.25 * x ** -1.5; 0.375 * x ** -2.5 ])
    "tanh",
    tanh,
    (fun x ->
        let y = tanh x
        let s = 1.0 - y * y
        [ s; -2.0 * y * s; s * (6.0 * y * y - 2.0) ])
    "σ",
    Tensor.sigmoid,
    (fun x ->
        let y = 1.0 / (1.0 + exp -x)
        let s = y * (1.0 - y)
        [ s; s * (1.0 - 2.0 * y); s * (1.0 - 6.0 * y + 6.0 * y * y) ])
    "exp(-x²)",
    (fun x -> exp (-x * x)),
    (fun x ->
        let y = exp (-x * x)
        [ -2.0 * x * y; (4.0 * x * x - 2.0) * y; (12.0 * x - 8.0 * x ** 3.0) * y ])
    "x sin x", (fun x -> x * sin x), (fun x -> [ sin x + x * cos x; 2.0 * cos x - x * sin x; -3.0 * sin x - x * cos x ])
]

let forms = TheoryData<string>(closedForms |> List.map (fun (name, _, _) -> name))

[<Theory; MemberData(nameof forms)>]
let ``gradients of gradients of gradients have their closed forms`` name =
    let _, f, expected = closedForms |> List.find (fun (other, _, _) -> other = name)

    for x in [ 0.3; 0.9; 1.7 ] do
        expected x |> List.iteri (fun k value -> closeTo 1e-13 value (derivative (k + 1) f x))

[<Fact>]
let ``derivatives inside derivatives do not mix up their variables`` () =
    // d/dx x · d/dy (x + y) = 1: an implementation that confuses the two perturbations finds 2.
    let f (x: Tensor) = Tensor.sum (x * grad (fun y -> Tensor.sum (x + y)) x)
    closeTo 0.0 1.0 (numberOf (grad f) [| 3.0 |])

    // d/dx x · d/dy (x y²) at y = 2x: x · 2x(2x) = 4x³, of which d/dx = 12x².
    let g (x: Tensor) = Tensor.sum (x * grad (fun y -> Tensor.sum (x * y * y)) (2.0 * x))
    closeTo 1e-15 108.0 (numberOf (grad g) [| 3.0 |])

    // The same, forward inside reverse and reverse inside forward.
    let inner (x: Tensor) = x * snd (jvp (fun y -> x * y * y) (2.0 * x) (Tensor.ofArray [| 1.0 |]))
    closeTo 1e-15 108.0 (numberOf (grad (inner >> Tensor.sum)) [| 3.0 |])
    closeTo 1e-15 108.0 (numberOf (fun x -> snd (jvp g x (Tensor.ofArray [| 1.0 |]))) [| 3.0 |])

/// A scalar of three numbers with all kinds of second derivatives.
let private cubic (x: Tensor) = x[0] * x[0] * x[1] + exp (x[1] * x[2]) + tanh (Tensor.sum x) * x[2]

[<Fact>]
let ``the Hessian is the derivative of the gradient in each direction`` () =
    let x = [| 0.4; -0.7; 1.1 |]
    let whole = valueOf (hessian cubic) x

    let columns =
        Array.init 3 (fun i ->
            let unit = Tensor.ofArray (Array.init 3 (fun k -> if k = i then 1.0 else 0.0))
            valueOf (fun x -> snd (jvp (grad cubic) x unit)) x)

    close 1e-14 whole (Array.concat columns)
    let d = [| 0.3; -1.0; 2.0 |]
    let product = Array.init 3 (fun i -> inner (Array.sub whole (3 * i) 3) d)
    close 1e-14 product (valueOf (fun x -> hvp cubic x (Tensor.ofArray d)) x)

[<Fact>]
let ``the Hessian of a quadratic form is its matrix`` () =
    let a = [| 2.0; -1.0; 0.5; -1.0; 3.0; 0.0; 0.5; 0.0; 1.0 |]
    let form (x: Tensor) = Tensor.dot x (Tensor.matmul (Tensor.create [| 3; 3 |] a) x) / 2.0
    close 1e-15 a (valueOf (hessian form) [| 5.0; -7.0; 11.0 |])

/// All lists of so many of 0..2, without regard to order.
let rec private choices count from =
    if count = 0 then
        [ [] ]
    else
        [
            for i in from..2 do
                for rest in choices (count - 1) i -> i :: rest
        ]

[<Fact>]
let ``mixed partials up to order five have their closed forms`` () =
    let a = [| 0.7; -1.3; 0.4 |]
    let x = [| 0.5; 0.8; -0.3 |]
    let z = inner a x
    let sum = Array.sum x
    let factorial k = Seq.fold (*) 1.0 (seq { 1.0 .. float k })

    /// Functions of a linear form: the k-th derivative of φ(a·x) by a set is the product of its coefficients times φ⁽ᵏ⁾.
    let linear: ((Tensor -> Tensor) * (int -> float)) list = [
        exp, (fun _ -> exp z)
        sin, (fun k -> [| sin z; cos z; -sin z; -cos z |][k % 4])
        (fun z -> z * z * z), (fun k -> if k > 3 then 0.0 else factorial 3 / factorial (3 - k) * z ** float (3 - k))
    ]

    for order in 1..5 do
        for set in choices order 0 do
            let coefficients = set |> List.fold (fun product i -> product * a[i]) 1.0

            for phi, atOrder in linear do
                let f (x: Tensor) = phi (Tensor.dot (Tensor.ofArray a) x)
                closeTo 1e-13 (coefficients * atOrder order) (numberOf (mixed set f) x)

            let sign = if order % 2 = 0 then 1.0 else -1.0
            let pole (x: Tensor) = 1.0 / (1.0 + Tensor.sum x)
            closeTo 1e-13 (sign * factorial order / (1.0 + sum) ** float (order + 1)) (numberOf (mixed set pole) x)

            let logarithm (x: Tensor) = log (2.0 + Tensor.sum x)

            closeTo
                1e-13
                (-sign * factorial (order - 1) / (2.0 + sum) ** float order)
                (numberOf (mixed set logarithm) x)

[<Fact>]
let ``the mixed partial by all factors of a product is one`` () =
    let product (x: Tensor) = x[0] * x[1] * x[2] * x[3] * x[4]
    let x = [| 1.5; -2.0; 0.3; 4.0; 0.0 |]
    Assert.Equal(1.0, numberOf (mixed [ 3; 1; 4; 0; 2 ] product) x)
    Assert.Equal(0.0, numberOf (mixed [ 3; 1; 4; 0; 0 ] product) x)
    closeTo 1e-15 (1.5 * -2.0) (numberOf (mixed [ 4; 3; 2 ] product) x)

[<Fact>]
let ``an index of a mixed partial that does not exist is refused`` () =
    let problem =
        Assert.Throws<ArgumentException>(fun () -> mixed [ 0; 3 ] cubic (Tensor.ofArray (Array.zeroCreate 3)) |> ignore)

    Assert.Equal("indices", problem.ParamName)

[<Fact>]
let ``a batch of gradients is the gradients one by one`` () =
    let rows = [| for k in 0..4 -> uniform (Random k) 3 |]
    let batch = Tensor.create [| 5; 3 |] (Array.concat rows)
    let many (f: Tensor -> Tensor) = (vmap f batch).Node |> Execution.Run.constant
    close 1e-15 (rows |> Array.collect (valueOf (grad cubic))) (many (grad cubic))
    close 1e-15 (rows |> Array.collect (valueOf (hessian cubic))) (many (hessian cubic))

    close
        1e-15
        (rows |> Array.collect (valueOf (grad (Tensor.sum << grad cubic))))
        (many (grad (Tensor.sum << grad cubic)))

[<Fact>]
let ``a gradient of a batch is a batch of gradients`` () =
    let rows = [| for k in 0..4 -> uniform (Random k) 3 |] |> Array.concat
    let total (x: Tensor) = x |> Tensor.reshape [| 5; 3 |] |> vmap cubic |> Tensor.sum
    let one (x: Tensor) = x |> Tensor.reshape [| 5; 3 |] |> vmap (grad cubic) |> Tensor.reshape [| 15 |]
    close 1e-15 (valueOf one rows) (valueOf (grad total) rows)

[<Fact>]
let ``what does not depend on the batch is repeated`` () =
    let batch = Tensor.create [| 2; 3 |] (Array.init 6 float)
    let value (t: Tensor) = Execution.Run.constant t.Node
    Assert.Equal<float[]>([| 7.0; 7.0 |], value (vmap (fun _ -> Tensor.scalar 7.0) batch))
    Assert.Equal<float[]>(Array.zeroCreate 6, value (vmap (grad (fun _ -> Tensor.scalar 7.0)) batch))
    Assert.Equal<float[]>(Array.zeroCreate 9, valueOf (hessian (fun x -> Tensor.sum x)) [| 1.0; 2.0; 3.0 |])

[<Fact>]
let ``DᵀHD of groups is the Hessian between their directions`` () =
    let x = [| 0.4; -0.7; 1.1 |]
    let h = valueOf (hessian cubic) x
    let directions = [| [| 0.5; 0.0; 2.0 |]; [| 0.0; -1.5; 0.0 |]; [| 0.0; 0.0; 0.0 |]; [| 1.0; 1.0; 1.0 |] |]

    let expected = [|
        for a in directions do
            for b in directions ->
                Array.sum [|
                    for i in 0..2 do
                        for j in 0..2 -> a[i] * h[3 * i + j] * b[j]
                |]
    |]

    let all = Tensor.create [| 4; 3 |] (Array.concat directions)
    close 1e-14 expected (valueOf (curvature all cubic) x)

[<Fact>]
let ``softmax has its derivatives`` () =
    let x = [| 0.2; -1.0; 1.7; 0.4 |]
    let total = x |> Array.sumBy exp
    let p = x |> Array.map (fun v -> exp v / total)
    close 1e-15 p (valueOf (Tensor.softmax 0) x)
    close 1e-15 p (valueOf (grad (Tensor.logSumExp 0 >> Tensor.sum)) x)

    let delta i j = if i = j then 1.0 else 0.0

    let ofLogSumExp = [|
        for i in 0..3 do
            for j in 0..3 -> p[i] * (delta i j - p[j])
    |]

    close 1e-15 ofLogSumExp (valueOf (hessian (Tensor.logSumExp 0 >> Tensor.sum)) x)

    for k in 0..3 do
        let one (x: Tensor) = (Tensor.softmax 0 x)[k]
        close 1e-15 [| for i in 0..3 -> p[k] * (delta k i - p[i]) |] (valueOf (grad one) x)

        let second = [|
            for i in 0..3 do
                for j in 0..3 -> p[k] * ((delta k i - p[i]) * (delta k j - p[j]) - p[i] * (delta i j - p[j]))
        |]

        close 1e-15 second (valueOf (hessian one) x)
        close 1e-15 (ofLogSumExp |> Array.map (~-)) (valueOf (hessian (fun x -> (Tensor.logSoftmax 0 x)[k])) x)

[<Fact>]
let ``softmax of tied and of far apart elements stays finite`` () =
    for x in [ [| 1.0; 1.0; 1.0 |]; [| 1000.0; -1000.0; 0.0 |]; [| -1e9; -1e9; 3.0 |] ] do
        for f in [ Tensor.logSumExp 0 >> Tensor.sum; (fun x -> (Tensor.softmax 0 x)[1]) ] do
            for values in [ valueOf f x; valueOf (grad f) x; valueOf (hessian f) x ] do
                Assert.All(values, fun value -> Assert.True(Double.IsFinite value))

    close 1e-15 (Array.create 3 (1.0 / 3.0)) (valueOf (Tensor.softmax 0) [| 1.0; 1.0; 1.0 |])
    closeTo 1e-15 1000.0 (numberOf (Tensor.logSumExp 0 >> Tensor.sum) [| 1000.0; -1000.0; 0.0 |])

[<Theory>]
[<InlineData(1000.0, 1000.0, 1.0)>]
[<InlineData(-1000.0, 0.0, 0.0)>]
[<InlineData(0.0, 0.6931471805599453, 0.5)>]
let ``softplus neither overflows nor underflows`` x value slope =
    for beta in [ 1.0; 50.0 ] do
        let f (x: Tensor) = Tensor.sum (Tensor.softplus beta x)
        closeTo 1e-15 (if x = 0.0 then value / beta else value) (numberOf f [| x |])
        closeTo 1e-15 slope (numberOf (grad f) [| x |])
        closeTo 1e-15 (if x = 0.0 then beta / 4.0 else 0.0) (numberOf (hessian f) [| x |])

[<Fact>]
let ``random graphs have the slopes that differences show`` () =
    holdsFor 200 (graphs true) (fun case ->
        let random = Random case.Seed
        let x = uniform random case.Length
        let d = uniform random case.Length |> Array.map (fun v -> 0.3 * v)
        let f = toFunction case
        let slopes = slope (runner case.Length f) x d
        let tangent = valueOf (fun x -> snd (jvp f x (Tensor.ofArray d))) x
        close 1e-6 slopes tangent
        closeTo 1e-12 tangent[0] (inner d (valueOf (grad f) x)))

[<Fact>]
let ``random graphs have the second derivatives that nested differentiation gives`` () =
    holdsFor 200 (graphs true) (fun case ->
        let x = uniform (Random case.Seed) case.Length
        let f = toFunction case
        let whole = valueOf (hessian f) x

        for i in 0 .. case.Length - 1 do
            let reverseOverReverse = valueOf (grad (fun x -> (grad f x)[i])) x
            close 1e-11 reverseOverReverse (Array.sub whole (i * case.Length) case.Length)

        let forwardOverForward = [|
            for i in 0 .. case.Length - 1 do
                for j in 0 .. case.Length - 1 -> numberOf (mixed [ i; j ] f) x
        |]

        close 1e-11 whole forwardOverForward)

[<Fact>]
let ``random graphs have the curvature that differences show`` () =
    holdsFor 100 (graphs true) (fun case ->
        let random = Random case.Seed
        let x = uniform random case.Length
        let d = uniform random case.Length |> Array.map (fun v -> 0.2 * v)
        let f = toFunction case
        let directions = Tensor.create [| 1; case.Length |] d
        close 1e-4 (bend (runner case.Length f) x d) (valueOf (curvature directions f) x))

[<Fact>]
let ``a batch of random graphs is a loop, for values and for derivatives`` () =
    holdsFor 150 (graphs false) (fun case ->
        let rows = [| for k in 0..2 -> uniform (Random(case.Seed + k)) case.Length |]
        let f = toFunction case

        for g in [ f; grad f; hessian f ] do
            let together = runner (3 * case.Length) (fun x -> vmap g (x |> Tensor.reshape [| 3; case.Length |]))
            close 1e-12 (rows |> Array.collect (valueOf g)) (together (Array.concat rows)))
