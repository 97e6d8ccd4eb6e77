namespace Interact.Core

open System

/// Which output of a model is explained.
type Target =
    /// The element of the flattened output with this index.
    | Index of int
    /// Each row's largest output (the first of several equal ones).
    | Predicted

/// What an explanation of one row achieved. Residuals are absolute.
[<StructuredFormatDisplay("{Summary}")>]
type Certificate = {
    /// Whether the quadrature converged, and residuals and error estimate are at most the tolerance times the row's scale, or at most
    /// what rounding leaves of numbers of that size (1e-14 of |f(x)| + |f(x')| + Σ |parts|), whichever is larger.
    Satisfied: bool
    /// The row's scale: the larger of |f(x) - f(x')| and the largest |attribution|.
    Scale: float
    /// |Σ - (f(x) - f(x'))|: how far the parts are from adding up to the whole.
    CompletenessResidual: float
    /// max_i |Σ_j Γ_ij - IG_i|: how far rows of interactions are from adding up to attributions, which were integrated separately.
    /// None for methods without interactions.
    RowResidual: float option
    /// Estimated quadrature error: for attributions the change to the next finer rule; for interactions what probes of the second
    /// derivatives tell, from integrals known beforehand and from the changes between orders.
    ErrorEstimate: float
    /// Points of the path at which derivatives of the kind the method needs were evaluated for the result: gradients for
    /// attributions, full second derivatives for interactions; of piecewise linear models, which have none, gradients. Where there is no
    /// path: coalitions or sets of features.
    Evaluations: int
    /// Points at which cheaper derivatives were evaluated to find the rule and to check the result.
    Probes: int
    /// Places on the path where the gradient jumps, all of them counted in; None where kinks were not looked for or there are none.
    Kinks: int option
    /// The largest standard error of one number of the result, where it is an average over drawn samples; None where nothing was
    /// drawn. No residual sees it: drawn results add up to the whole as exact ones do.
    StandardError: float option
    /// The quadrature, "gauss-legendre" or "gauss-log"; "exact" where the path was divided at its kinks, or where there is no path and
    /// all coalitions or sets were evaluated; "sampled" where coalitions were drawn; "derivative" for derivatives at the row.
    Method: string
} with

    /// The certificate in a line.
    member this.Summary =
        let verdict = if this.Satisfied then "certified" else "NOT certified"

        let rows =
            this.RowResidual |> Option.map (fun residual -> $", rows {residual:E1}") |> Option.defaultValue ""

        $"{verdict}: completeness {this.CompletenessResidual:E1}{rows}, error {this.ErrorEstimate:E1}; "
        + $"{this.Evaluations} evaluations and {this.Probes} probes ({this.Method})"

    override this.ToString() = this.Summary

/// The explanation of one row.
[<StructuredFormatDisplay("{Summary}")>]
type Explanation = {
    /// Number of the row, from 0.
    Row: int
    /// Index of the explained element of the flattened output.
    Target: int
    /// f(x).
    Value: float
    /// f(x').
    BaselineValue: float
    /// One number a feature (or group): its share of f(x) - f(x').
    Attributions: float[]
    /// One number a pair, symmetric: each off-diagonal pair stands twice, main effects stand on the diagonal. None for methods
    /// without interactions.
    Interactions: float[,] option
    Certificate: Certificate
} with

    /// The pairs with the largest |Γ_ij|, i < j, strongest first: both indices and one cell of the matrix (the pair's whole effect
    /// on the output is twice that). At most as many as asked for; none for methods without interactions.
    member this.Strongest(count: int) : (int * int * float) list =
        match this.Interactions with
        | None -> []
        | Some matrix ->
            [
                for i in 0 .. matrix.GetLength 0 - 1 do
                    for j in i + 1 .. matrix.GetLength 1 - 1 -> i, j, matrix[i, j]
            ]
            |> List.sortByDescending (fun (_, _, value) -> abs value)
            |> List.truncate count

    /// The row, its strongest parts and its certificate, in a few lines.
    member this.Summary =
        let parts =
            match this.Strongest 5 with
            | [] ->
                this.Attributions
                |> Seq.indexed
                |> Seq.sortByDescending (fun (_, value) -> abs value)
                |> Seq.truncate 5
                |> Seq.map (fun (i, value) -> $"  {i, 7}   {value, 12:G5}")
            | pairs -> pairs |> Seq.map (fun (i, j, value) -> $"  {i, 3} x {j, -3} {value, 12:G5}")

        String.concat "\n" [
            $"row {this.Row}, output {this.Target}: f(x) = {this.Value:G6}, f(x') = {this.BaselineValue:G6}"
            yield! parts
            this.Certificate.Summary
        ]

    override this.ToString() = this.Summary

/// Sets of features that act as one. No feature is in two groups.
type Groups = {
    Names: string[]
    /// Flattened feature indices of each group.
    Members: int[][]
}

[<RequireQualifiedAccess>]
module Groups =

    /// Groups for rows of the given length. Features in none of them are gathered in one more group, "(rest)", so that groups
    /// always add up to the whole. Errors: ArgumentException for an index out of range or a feature that stands twice.
    let create (length: int) (groups: (string * int[]) list) : Groups =
        let owner = Array.create<string option> length None

        for name, members in groups do
            for index in members do
                Checks.require (index >= 0 && index < length) (nameof groups) (fun () ->
                    $"group '{name}' names feature {index}; features are numbered 0..{length - 1}.")

                match owner[index] with
                | Some other ->
                    Checks.invalid
                        (nameof groups)
                        $"feature {index} is in group '{other}' and in group '{name}'; it can be in one only."
                | None -> owner[index] <- Some name

        // A name of its own, also where somebody has a group of that name.
        let rec free name = if groups |> List.exists (fun (other, _) -> other = name) then free $"({name})" else name

        let rest = [|
            for i in 0 .. length - 1 do
                if owner[i].IsNone then i
        |]

        let all = if rest.Length = 0 then groups else groups @ [ free "(rest)", rest ]

        { Names = all |> Seq.map fst |> Array.ofSeq; Members = all |> Seq.map snd |> Array.ofSeq }

    /// Groups by a label for each feature, in the order in which the labels appear.
    let private byLabel (shape: Shape) (label: int[] -> 'Label) (name: 'Label -> string) : Groups =
        let labels = Array.zeroCreate<'Label>(Shape.size shape)
        let mutable place = 0

        Shape.iterate shape (fun index ->
            labels[place] <- label index
            place <- place + 1)

        let groups = labels |> Array.indexed |> Array.groupBy snd

        { Names = groups |> Array.map (fst >> name); Members = groups |> Array.map (snd >> Array.map fst) }

    /// One group for each position of a sequence, "token0", "token1" and so on: all elements with one index along the axis before the
    /// last of an input of shape batch x tokens x width (more axes may stand in front).
    /// Error: ArgumentException for a shape of fewer than three axes.
    let tokens (shape: Shape) : Groups =
        Checks.require (shape.Length >= 3) (nameof shape) (fun () ->
            $"an input of shape {Shape.describe shape} has no axis of tokens; batch x tokens x width is needed.")

        byLabel shape (fun index -> index[shape.Length - 2]) (fun token -> $"token{token}")

    /// One group for each patch of an image of shape batch x channels x height x width, over all channels: "patch0.0" is the first row's
    /// first, "patch0.1" the one to its right. Patches at the right and lower edge are smaller where the sizes do not divide.
    /// Errors: ArgumentException for a shape of other than four axes, and unless the patch is at least 1 x 1 and at most the image.
    let patches (height: int) (width: int) (shape: Shape) : Groups =
        Checks.require (shape.Length = 4) (nameof shape) (fun () ->
            $"an input of shape {Shape.describe shape} is no image; batch x channels x height x width is needed.")

        Checks.within (nameof height) 1 shape[2] height
        Checks.within (nameof width) 1 shape[3] width

        byLabel shape (fun index -> struct (index[2] / height, index[3] / width)) (fun struct (row, column) ->
            $"patch{row}.{column}")

/// Raised where a model's value or derivative is NaN or infinite at a row. mend: what would help, in words.
type NotFiniteException(row: int, problem: string, mend: string) =
    inherit ArithmeticException($"row {row}: {problem}; {mend}.")

    /// On the path to the row.
    new(row, problem) = NotFiniteException(row, problem, NotFiniteException.OnPath)

    /// What helps where nothing is known but the path.
    static member internal OnPath =
        "leave the row out, or choose a baseline from which the path stays where the model is defined"

    /// Number of the row, from 0.
    member _.Row = row

    /// What is not finite, and where.
    member internal _.Problem = problem

    /// What would help.
    member internal _.Mend = mend

/// What is done where a model has kinks (ReLU, max and the like), at which its gradient jumps along the path.
[<RequireQualifiedAccess>]
type KinkTreatment =
    /// Kinks are found and counted in exactly, where the model is given as a graph and its path has any.
    | Automatic
    /// The same, but a model whose derivatives come from outside, and which cannot tell where its kinks are, is refused.
    | Exact
    /// Kinks are not looked for: only what quadrature sees is counted, and interactions of networks with kinks are not certified.
    | Ignored

/// How a path method is run.
[<NoEquality; NoComparison>]
type PathOptions = {
    Target: Target
    /// Largest residual and error relative to the row's scale (see Certificate).
    Tolerance: float
    /// Groups to explain instead of single features.
    Groups: Groups option
    Kinks: KinkTreatment
    /// Points of a row's path that may be tried before it is given up as not converged.
    MaxSamples: int
    /// What derivatives are evaluated in. In single precision the values at both ends are still those in double precision, and so is
    /// all that the certificate of interactions rests on: it tells what single precision costs.
    Precision: Precision
    /// Threads that work on the rows of one call together. Results do not depend on it.
    Threads: int
    /// What is taken to work in, results not counted.
    Memory: MemoryBudget
    CancellationToken: System.Threading.CancellationToken
} with

    /// How derivatives are evaluated that may be in the wanted precision.
    member internal this.Evaluation: Evaluation = {
        Precision = this.Precision
        Threads = this.Threads
        Memory = this.Memory
    }

    /// How derivatives are evaluated that a certificate rests on.
    member internal this.CheckingEvaluation = { this.Evaluation with Precision = Precision.Double }

[<RequireQualifiedAccess>]
module PathOptions =

    /// Target predicted, tolerance 1e-6, single features, exact kinks where a model tells them, at most 50,000 points a row, double precision, one thread, half of the free
    /// memory.
    let defaults = {
        Target = Predicted
        Tolerance = 1e-6
        Groups = None
        Kinks = KinkTreatment.Automatic
        MaxSamples = 50_000
        Precision = Precision.Double
        Threads = 1
        Memory = MemoryBudget.Default
        CancellationToken = System.Threading.CancellationToken.None
    }

/// One row to explain, and the baseline its path starts from.
type PathTask = { Row: int; Input: float[]; Baseline: float[] }
