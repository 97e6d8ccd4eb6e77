namespace Interact.Core

open System
open System.Numerics.Tensors
open Interact.Core.Execution

/// What the divergence of a set of effect sizes is made of.
type internal SetDivergence = {
    /// μᵀ(Λ_JJ - Σ_JJ⁻¹)μ.
    Quadratic: float
    /// tr(Σ_JJΛ_JJ) - k - ln det(Σ_JJΛ_JJ).
    Excess: float
    /// tr(Σ_JJΛ_JJ) - k: 0 where the set and the others are independent.
    Dependence: float
}

/// The Kullback-Leibler divergences of a normal distribution from itself conditioned on a set J of k effect sizes being 0, for each of
/// some sets that divide all of them.
///
/// With Σ = FFᵀ + ridge I, Λ = Σ⁻¹ and Σ_JJ = LLᵀ, everything follows from K = Lᵀ(Λ_JJ - Σ_JJ⁻¹)L, which is 0 for independent sets. Taking
/// the difference would lose what rounding leaves of 1/ridge; instead K = GᵀG with G a square root of Λ times the covariances V_J of J and the
/// others (0 within J), G = Λ^½ V_J L⁻ᵀ. Nothing is squared before: all factors come from reflections of F.
[<RequireQualifiedAccess>]
module internal SetDivergences =

    /// Up to so many effect sizes their covariance is factored, p x p.
    let private mostFull = 1024

    /// Effect sizes that are multiplied with all others at a time.
    let private rowsAtATime = 256

    /// A set: its rows of F and its means.
    type private Block = { Factor: float[][]; Mean: float[] }

    /// An orthogonal rotation of the effect sizes in a set changes nothing, and one of more of them than F has columns leaves as
    /// many: the others are independent noise then.
    let private compressed workers (rank: int) (block: Block) =
        if block.Mean.Length <= rank then
            block
        else
            let triangle = Triangle(rank, 1, 0.0)

            triangle.FoldRows(
                workers,
                block.Mean.Length,
                (fun row column -> if column < rank then block.Factor[row].[column] else block.Mean[row])
            )

            {
                Factor = triangle.Rows |> Array.map (fun row -> Array.sub row 0 rank)
                Mean = triangle.Rows |> Array.map (fun row -> row[rank])
            }

    /// Lᵀ, of Σ_JJ = LLᵀ.
    let private covarianceFactor (sequential: Workers) (ridge: float) (block: Block) =
        let triangle = Triangle(block.Mean.Length, 0, sqrt ridge)
        triangle.Fold(sequential, block.Factor |> Array.map Array.copy)
        triangle

    /// The inner products of rows.
    let private gram (rows: float[][]) =
        let result = Array2D.zeroCreate rows.Length rows.Length

        for i in 0 .. rows.Length - 1 do
            for j in 0..i do
                let product = Vector.dot rows[i] rows[j]
                result[i, j] <- product
                result[j, i] <- product

        result

    /// x - ln(1 + x) for x ≥ 0, also where it is small.
    let private excessOf (x: float) =
        if x > 0.1 then
            x - Math.Log(1.0 + x)
        else
            // The series x²/2 - x³/3 + ...
            let mutable sum = 0.0

            for n in 18..-1..2 do
                sum <- (if n % 2 = 0 then 1.0 else -1.0) / float n + x * sum

            x * x * sum

    /// tr K - ln det(I + K), by an elimination that keeps the pivots' distances from 1 and what is taken off them.
    let private excess (k: float[,]) =
        let n = Array2D.length1 k
        let left = Array2D.copy k
        let taken = Array.zeroCreate<float> n
        let mutable sum = 0.0

        for i in 0 .. n - 1 do
            let pivot = max left[i, i] 0.0
            sum <- sum + taken[i] + excessOf pivot

            for row in i + 1 .. n - 1 do
                let factor = left[row, i] / (1.0 + pivot)
                taken[row] <- taken[row] + factor * left[row, i]

                for column in i + 1 .. n - 1 do
                    left[row, column] <- left[row, column] - factor * left[i, column]

        sum

    /// The divergence from K.
    let private ofForm (factor: Triangle) (mean: float[]) (k: float[,]) =
        let scaled = Array.copy mean
        factor.SolveTransposed scaled
        let n = scaled.Length
        let mutable quadratic = 0.0
        let mutable dependence = 0.0

        for i in 0 .. n - 1 do
            dependence <- dependence + k[i, i]

            for j in 0 .. n - 1 do
                quadratic <- quadratic + scaled[i] * k[i, j] * scaled[j]

        { Quadratic = quadratic; Excess = excess k; Dependence = dependence }

    /// Where each block's effect sizes begin among all.
    let private starts (blocks: Block[]) = blocks |> Array.scan (fun start block -> start + block.Mean.Length) 0

    /// By the factor of Σ itself, R̃ᵀR̃: G = R̃⁻ᵀ V_J L⁻ᵀ.
    let private full workers ridge (blocks: Block[]) =
        let all = blocks |> Array.collect _.Factor
        let starts = starts blocks
        let whole = Triangle(all.Length, 0, sqrt ridge)
        whole.Fold(workers, all |> Array.map Array.copy)
        let result = Array.zeroCreate blocks.Length
        let sequential = { workers with Threads = 1 }

        Workers.forEach workers blocks.Length (fun place ->
            let block = blocks[place]

            let root =
                block.Factor
                |> Array.map (fun own ->
                    let covariances =
                        all
                        |> Array.mapi (fun i other ->
                            if i >= starts[place] && i < starts[place + 1] then 0.0 else Vector.dot own other)

                    whole.SolveTransposed covariances
                    covariances)

            let factor = covarianceFactor sequential ridge block
            factor.SolveTransposedRows root
            result[place] <- gram root |> ofForm factor block.Mean)

        result

    /// The rows LᵀA for rows A.
    let private times (factor: Triangle) (rows: float[][]) =
        rows
        |> Array.mapi (fun i first ->
            let sum = Array.zeroCreate<float> first.Length

            for j in i .. rows.Length - 1 do
                Vector.add factor.Rows[i].[j] rows[j] sum

            sum)

    /// K of one set, from the products of its rows of Y = FR⁻¹ with all, RᵀR = FᵀF + ridge I. The residual of V_J after regression on F has
    /// three parts: √ridge G holds Z L for the others (Z their products with J's rows of Y), (I - H) L - ridge L⁻ᵀ in the set itself
    /// (H the products within J), and √ridge ((FᵀF + ridge I)⁻¹F_Jᵀ L - F_Jᵀ L⁻ᵀ).
    let private lowRankForm
        ridge
        (whole: Triangle)
        (factor: Triangle)
        (block: Block)
        (own: float[][])
        (others: float[][])
        =
        let size = block.Mean.Length
        let products = gram own

        let within =
            Array.init size (fun i -> Array.init size (fun j -> (if i = j then 1.0 else 0.0) - products[i, j]))

        let inverse = Array.init size (fun i -> Array.init size (fun j -> if i = j then 1.0 else 0.0))
        factor.SolveTransposedRows inverse

        let second = times factor within
        Array.iter2 (fun (row: float[]) inverse -> Vector.add -ridge inverse row) second inverse

        let solved =
            own
            |> Array.map (fun y ->
                let x = Array.copy y
                whole.Solve x
                x)

        let third = times factor solved
        let scaled = block.Factor |> Array.map Array.copy
        factor.SolveTransposedRows scaled
        Array.iter2 (fun (row: float[]) scaled -> Vector.add -1.0 scaled row) third scaled

        let first = others |> times factor |> gram
        let second, third = gram second, gram third
        Array2D.init size size (fun i j -> (first[i, j] + second[i, j]) / ridge + third[i, j])

    /// Blocks that are worked on together: as many as fit, or one.
    let private batches (blocks: Block[]) =
        let found = ResizeArray<int * int>()
        let mutable first = 0
        let mutable rows = 0

        for place in 0 .. blocks.Length - 1 do
            let size = blocks[place].Mean.Length

            if rows > 0 && rows + size > rowsAtATime then
                found.Add(first, place - 1)
                first <- place
                rows <- 0

            rows <- rows + size

        found.Add(first, blocks.Length - 1)
        found

    /// By the factor of FᵀF + ridge I, r x r: nothing is p x p.
    let private lowRank workers ridge (blocks: Block[]) =
        let all = blocks |> Array.collect _.Factor
        let p, rank = all.Length, all[0].Length
        let starts = starts blocks
        let whole = Triangle(rank, 0, sqrt ridge)
        whole.FoldRows(workers, p, (fun row column -> all[row].[column]))
        let solved = Array.zeroCreate<float>(p * rank)
        let rowOf j = Array.sub solved (j * rank) rank

        Workers.forEach workers p (fun j ->
            let y = Array.copy all[j]
            whole.SolveTransposed y
            Array.Copy(y, 0, solved, j * rank, rank))

        let height = max rowsAtATime (blocks |> Seq.map _.Mean.Length |> Seq.max)
        let left, right = Node.input "some" [| height; rank |], Node.input "all" [| p; rank |]

        let product = Product.contract { Left = [| 0; 2 |]; Right = [| 1; 2 |]; Output = [| 0; 1 |] } left right

        let plan = Plan.Compile([ left; right ], [ product ], Precision.Double, workers.Threads)
        let some = Array.zeroCreate<float>(height * rank)
        let products = Array.zeroCreate<float>(height * p)
        let result = Array.zeroCreate blocks.Length
        let sequential = { workers with Threads = 1 }

        for first, last in batches blocks do
            let start = starts[first]
            Array.Copy(solved, start * rank, some, 0, (starts[last + 1] - start) * rank)
            plan.Run([| some; solved |], [| products |])

            Workers.forEach workers (last - first + 1) (fun offset ->
                let place = first + offset
                let block = blocks[place]
                let size = block.Mean.Length
                let own = Array.init size (fun i -> rowOf (starts[place] + i))

                let others =
                    Array.init size (fun i ->
                        let row = Array.sub products ((starts[place] - start + i) * p) p
                        Array.Clear(row, starts[place], size)
                        row)

                let factor = covarianceFactor sequential ridge block
                result[place] <- lowRankForm ridge whole factor block own others |> ofForm factor block.Mean)

        result

    /// Whether so many effect sizes are worked on by the factor of FFᵀ + ridge I, or by that of FᵀF + ridge I.
    let private isFull (rank: int) count = count <= max mostFull (2 * rank)

    /// One divergence for each of the sets, which divide the effect sizes; isFull: by which factor, for their number.
    let findBy isFull (workers: Workers) (ridge: float) (sets: int[][]) (effects: EffectSizes) : SetDivergence[] =
        let rank = effects.Factor[0].Length

        let blocks =
            sets
            |> Array.map (fun set ->
                compressed workers rank {
                    Factor = set |> Array.map (fun j -> effects.Factor[j])
                    Mean = set |> Array.map (fun j -> effects.Mean[j])
                })

        let count = blocks |> Array.sumBy _.Mean.Length
        if isFull rank count then full workers ridge blocks else lowRank workers ridge blocks

    /// One divergence for each of the sets, which divide the effect sizes.
    let find = findBy isFull
