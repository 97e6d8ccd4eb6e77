/// RATE against closed forms, and what must hold for all distributions of effect sizes.
module Interact.Core.Tests.RateTests

open System
open System.Threading
open FsCheck
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private none = CancellationToken.None
let private alone = { Threads = 1; CancellationToken = none }
let private exact = { Rate.defaults with Divergence = RateDivergence.Exact }

/// p effect sizes whose factor has r columns, of numbers from -1 to 1.
let private drawn (random: Random) p r : EffectSizes = {
    Mean = uniform random p
    Factor = Array.init p (fun _ -> uniform random r)
}

let private covariance ridge (effects: EffectSizes) i j =
    inner effects.Factor[i] effects.Factor[j] + (if i = j then ridge else 0.0)

[<Fact>]
let ``two and three effect sizes have the divergences of closed forms`` () =
    let random = Random 1
    let ridge = 0.25

    for _ in 1..200 do
        // KLD_1 = ½ μ₁² b²/(a(ac - b²)) for covariances a, b, c.
        let pair = drawn random 2 (1 + random.Next 4)
        let s = covariance ridge pair
        let a, b, c = s 0 0, s 0 1, s 1 1
        let determinant = a * c - b * b
        let alpha variance = b * b / (variance * determinant)
        let move = [| 0.5 * pair.Mean[0] ** 2.0 * alpha a; 0.5 * pair.Mean[1] ** 2.0 * alpha c |]
        let excess = 0.5 * (a * c / determinant - 1.0 - log (a * c / determinant))
        let options = { Rate.defaults with Ridge = ridge }
        close 1e-12 move (Rate.explain options pair).Divergences
        let found = Rate.explain { exact with Ridge = ridge } pair
        close 1e-12 (move |> Array.map ((+) excess)) found.Divergences

        // α_j = M_jj/det - 1/Σ_jj with the cofactors M of the covariance.
        let triple = drawn random 3 (1 + random.Next 4)
        let s = covariance ridge triple
        let cofactor j k = s j j * s k k - s j k * s j k

        let determinant =
            s 0 0 * cofactor 1 2 - s 0 1 * (s 0 1 * s 2 2 - s 0 2 * s 1 2)
            + s 0 2 * (s 0 1 * s 1 2 - s 0 2 * s 1 1)

        let expected = [|
            for i, j, k in [ 0, 1, 2; 1, 0, 2; 2, 0, 1 ] ->
                0.5 * triple.Mean[i] ** 2.0 * (cofactor j k / determinant - 1.0 / s i i)
        |]

        close 1e-12 expected (Rate.explain options triple).Divergences

        let whole = [|
            for i, j, k in [ 0, 1, 2; 1, 0, 2; 2, 0, 1 ] ->
                let inflation = s i i * cofactor j k / determinant
                0.5 * (inflation - 1.0 - log inflation)
        |]

        let found = Rate.explain { exact with Ridge = ridge } triple
        close 1e-12 (Array.map2 (+) expected whole) found.Divergences

[<Fact>]
let ``effect sizes that are alike share alike`` () =
    // Equal means, variances and correlations: a common factor and one of its own each.
    let p = 7

    let effects = {
        Mean = Array.create p -0.7
        Factor =
            Array.init p (fun j ->
                Array.init (p + 1) (fun k ->
                    if k = p then 0.5
                    elif k = j then 1.5
                    else 0.0))
    }

    for options in [ Rate.defaults; exact ] do
        let found = Rate.explain options effects
        close 1e-13 (Array.create p (1.0 / float p)) found.Rates
        closeTo 1e-13 0.0 found.DivergenceFromUniform
        closeTo 1e-13 100.0 found.EffectiveSampleSize
        Assert.Equal(1.0 / float p, found.UniformRate)

[<Fact>]
let ``an effect size of mean 0 has no share, and one that has all is ln p from uniform`` () =
    let effects = {
        Mean = [| 0.0; 2.0; 0.0; 0.0 |]
        Factor = [| [| 1.0; 0.5 |]; [| 0.2; 1.0 |]; [| 0.3; 0.4 |]; [| -1.0; 0.1 |] |]
    }

    let found = Rate.explain Rate.defaults effects
    Assert.Equal<float[]>([| 0.0; 1.0; 0.0; 0.0 |], found.Rates)
    closeTo 1e-14 (log 4.0) found.DivergenceFromUniform
    closeTo 1e-14 (100.0 / (1.0 + log 4.0)) found.EffectiveSampleSize

[<Fact>]
let ``shares do not depend on the scale of effect sizes`` () =
    let random = Random 2
    let effects = drawn random 6 4
    let ridge = 1e-3

    let scaled = {
        Mean = effects.Mean |> Array.map ((*) 8.0)
        Factor = effects.Factor |> Array.map (Array.map ((*) 8.0))
    }

    let expected = (Rate.explain { exact with Ridge = ridge } effects).Rates
    close 1e-12 expected (Rate.explain { exact with Ridge = ridge * 64.0 } scaled).Rates

[<Fact>]
let ``both factorisations agree, for single variables and for groups`` () =
    let random = Random 3

    for p, r in [ 30, 5; 40, 19; 25, 12; 600, 100 ] do
        let effects = drawn random p r
        let singles = Array.init p Array.singleton
        let groups = [| [| 0..2 |]; [| 3 |]; [| 4 .. p - 2 |]; [| p - 1 |] |]

        for sets in [ singles; groups ] do
            let by isFull = SetDivergences.findBy (fun _ _ -> isFull) alone 1e-9 sets effects
            let full, lowRank = by true, by false
            relative 1e-9 (full |> Array.map _.Quadratic) (lowRank |> Array.map _.Quadratic)
            relative 1e-9 (full |> Array.map _.Excess) (lowRank |> Array.map _.Excess)

[<Fact>]
let ``results do not depend on threads`` () =
    let effects = drawn (Random 4) 1500 6
    let found threads = (Rate.explain { Rate.defaults with Threads = threads } effects).Divergences
    sameBits (found 1) (found 3)
    let few = drawn (Random 4) 200 150
    let found threads = (Rate.explain { exact with Threads = threads } few).Divergences
    sameBits (found 1) (found 3)

[<Fact>]
let ``draws of a linear function have the effect sizes of its coefficients`` () =
    let random = Random 5
    let data = Array.init 30 (fun _ -> uniform random 6)
    let coefficients = Array.init 50 (fun _ -> uniform random 6)
    let values = coefficients |> Array.map (fun b -> data |> Array.map (inner b))
    let expected = EffectSizes.ofDraws coefficients
    let found = EffectSizes.ofFunctionDraws EffectSizeAnalogue.Projection 1 none data values
    close 1e-13 expected.Mean found.Mean
    close 1e-13 (Array.concat expected.Factor) (Array.concat found.Factor)

[<Fact>]
let ``the pseudo-inverse has the properties that define it`` () =
    // A A⁺A = A, A⁺A A⁺ = A⁺, and both products symmetric; for tall, wide and square matrices of any rank.
    let random = Random 6
    let product (a: float[][]) (b: float[][]) = a |> Array.map (fun row -> Array.transpose b |> Array.map (inner row))

    for rows, columns, rank in [ 9, 4, 4; 9, 4, 2; 4, 9, 4; 4, 9, 3; 6, 6, 5; 700, 3, 3; 5, 1, 1; 3, 3, 0 ] do
        let a =
            product
                (Array.init rows (fun _ -> Array.append (uniform random rank) [| 0.0 |]))
                (Array.init (rank + 1) (fun _ -> uniform random columns))

        let identity i j = if i = j then 1.0 else 0.0

        let inverse =
            PseudoInverse.apply alone rows columns rows (fun row column ->
                if column < columns then a[row].[column] else identity row (column - columns))

        let left, right = product a inverse, product inverse a
        close 1e-13 (Array.concat a) (Array.concat (product left a))
        close 1e-13 (Array.concat inverse) (Array.concat (product right inverse))
        close 1e-13 (Array.concat left) (Array.concat (Array.transpose left))
        close 1e-13 (Array.concat right) (Array.concat (Array.transpose right))

[<Fact>]
let ``many variables and many rows are worked on in parts`` () =
    // 1,100 columns and 600 rows: more than one part of each. Covariances by their definition.
    let random = Random 7
    let n, p, h = 600, 1100, 3
    let data = Array.init n (fun _ -> uniform random p)
    let features = Array.init n (fun _ -> uniform random h)

    let layer = {
        Mean = Array.init h (fun _ -> uniform random 1)
        Variance = Array.init h (fun _ -> [| 0.1 + random.NextDouble() |])
        Bias = [| 3.0 |]
    }

    let effects = EffectSizes.ofLastLayer EffectSizeAnalogue.Covariance 2 none data features layer 0
    let column j = data |> Array.map (fun row -> row[j])

    let covariance (x: float[]) (y: float[]) =
        let xMean, yMean = Array.average x, Array.average y
        Array.fold2 (fun sum x y -> sum + (x - xMean) * (y - yMean)) 0.0 x y / float (n - 1)

    let values = features |> Array.map (fun row -> inner row (layer.Mean |> Array.map Array.head) + 3.0)

    for j in [ 0; 511; 512; 700; 1099 ] do
        closeTo 1e-14 (covariance (column j) values) effects.Mean[j]

        let expected =
            Array.init h (fun k ->
                covariance (column j) (features |> Array.map (fun row -> row[k])) * sqrt layer.Variance[k].[0])

        close 1e-14 expected effects.Factor[j]

[<Fact>]
let ``the covariance in place of the precision ranks otherwise`` () =
    // The worked example of docs/rate.md: the second effect size is the most central by the definition, and the first by
    // alpha from the covariance.
    let effects = {
        Mean = [| 1.0; 1.0; 1.0 |]
        Factor = [| [| 2.0; 0.0; 0.0 |]; [| 0.75; 0.5; 0.0 |]; [| 0.0; 0.75; 1.0 |] |]
    }

    let found = Rate.explain Rate.defaults effects
    Assert.Equal(1, Array.findIndex ((=) (Array.max found.Rates)) found.Rates)
    let s = covariance 1e-9 effects

    let wrong i j k =
        let determinant = s j j * s k k - s j k * s j k
        (s i j * s i j * s k k - 2.0 * s i j * s i k * s j k + s i k * s i k * s j j) / determinant

    let swapped = [| wrong 0 1 2; wrong 1 0 2; wrong 2 0 1 |]
    Assert.Equal(0, Array.findIndex ((=) (Array.max swapped)) swapped)

/// The problem raised, with the argument it names.
let private problem name (work: unit -> RateResult) =
    let found = Assert.Throws<ArgumentException>(fun () -> work () |> ignore)
    Assert.Equal(name, found.ParamName)
    found.Message

[<Fact>]
let ``independent effect sizes have no shares, which is said`` () =
    for p, columns in [ 4, 4; 1200, 3 ] do
        let effects = {
            Mean = Array.create p 1.0
            Factor = Array.init p (fun j -> Array.init columns (fun k -> if j = k then 0.3 + float k else 0.0))
        }

        for options in [ Rate.defaults; exact ] do
            Assert.Contains("diagonal", problem "effects" (fun () -> Rate.explain options effects))

[<Fact>]
let ``effect sizes of mean 0 have no shares of the quadratic divergence`` () =
    let effects = { drawn (Random 8) 4 2 with Mean = Array.zeroCreate 4 }
    Assert.Contains("mean 0", problem "effects" (fun () -> Rate.explain Rate.defaults effects))
    closeTo 1e-14 1.0 (Array.sum (Rate.explain exact effects).Rates)

[<Fact>]
let ``what does not fit is refused`` () =
    let effects = drawn (Random 9) 4 2
    let explain change = fun () -> Rate.explain (change Rate.defaults) effects
    Assert.Contains("0..3", problem "Given" (explain (fun options -> { options with Given = [| 4 |] })))
    Assert.Contains("two at least", problem "Given" (explain (fun options -> { options with Given = [| 0; 1; 2 |] })))
    Assert.Contains("positive", problem "Ridge" (explain (fun options -> { options with Ridge = 0.0 })))
    Assert.Contains("1..1024", problem "Threads" (explain (fun options -> { options with Threads = 0 })))

    let groups = Some { Names = [| "a"; "b" |]; Members = [| [| 0; 1 |]; [| 2 |] |] }
    Assert.Contains("one group", problem "Groups" (explain (fun options -> { options with Groups = groups })))

    let refused name work = problem name (fun () -> work () |> Rate.explain Rate.defaults)
    let rows = [| [| 1.0; 2.0 |]; [| 3.0; 5.0 |] |]
    Assert.Contains("one draw", refused "draws" (fun () -> EffectSizes.ofDraws [| [| 1.0; 2.0 |] |]))
    Assert.Contains("finite", refused "row 1 of draws" (fun () -> EffectSizes.ofDraws [| [| 1.0 |]; [| nan |] |]))
    Assert.Contains("as many", refused "draws" (fun () -> EffectSizes.ofDraws [| [| 1.0 |]; [| 1.0; 2.0 |] |]))
    let covariance = EffectSizeAnalogue.Covariance
    let ofDraws draws = fun () -> EffectSizes.ofFunctionDraws covariance 1 none rows draws
    Assert.Contains("one value for each row", refused "draws" (ofDraws [| [| 1.0 |]; [| 2.0 |] |]))
    let layer = { Mean = [| [| 1.0 |] |]; Variance = [| [| 1.0 |] |]; Bias = [| 0.0 |] }

    let ofLayer change =
        fun () -> EffectSizes.ofLastLayer covariance 1 none rows [| [| 1.0 |]; [| 2.0 |] |] (change layer) 0

    Assert.Contains("negative", refused "Variance" (ofLayer (fun layer -> { layer with Variance = [| [| -1.0 |] |] })))
    Assert.Contains("1 x 1", refused "Mean" (ofLayer (fun layer -> { layer with Mean = [| [| 1.0 |]; [| 2.0 |] |] })))

    Assert.Contains("1 are needed", refused "Bias" (ofLayer (fun layer -> { layer with Bias = [| 0.0; 1.0 |] })))
    |> ignore

[<Fact>]
let ``the computation can be stopped`` () =
    let effects = drawn (Random 10) 1200 6
    use source = new CancellationTokenSource()
    source.Cancel()

    for threads in [ 1; 2 ] do
        let options = { Rate.defaults with Threads = threads; CancellationToken = source.Token }

        Assert.ThrowsAny<OperationCanceledException>(fun () -> Rate.explain options effects |> ignore)
        |> ignore
