namespace Interact.Core

open Interact.Core.Transform

/// Contextual decomposition of networks that are chains of dense layers. CD(S) is what a set of features gives by itself and together with
/// what the baseline gives; CD({i}) is an attribution, and CD({i, j}) - CD({i}) - CD({j}) the interaction of a pair.
///
/// Every layer's result is divided into three parts: what it is at the baseline, biases included, and what is due to S (β) and to the
/// other features (γ). Affine maps divide by themselves. At an activation σ with argument b at the baseline, the change is divided by
/// its Shapley values of two players, the baseline's part always coming first (Jumelet's way):
/// β ← ½ (σ(b+β) - σ(b) + σ(b+β+γ) - σ(b+γ)), and γ likewise. CD(S) is β at the output.
///
/// CD of all features together is f(x) - f(x'), and of a linear network there are no interactions. The matrix has half of a pair's
/// interaction in each of its two cells and CD({i}) on the diagonal; with more than two features it need not add up to f(x) - f(x'): the
/// certificate tells how far from it it is, and judges that all features together give it.
///
/// Sources: Murdoch, Liu, Yu, "Beyond word importance: contextual decomposition to extract interactions from LSTMs", ICLR 2018; Singh,
/// Murdoch, Yu, "Hierarchical interpretations for neural network predictions", ICLR 2019; Jumelet, Zuidema, Hupkes, "Analysing neural
/// language models: contextual decomposition reveals default reasoning in number and gender assignment", CoNLL 2019.
[<RequireQualifiedAccess>]
module ContextualDecomposition =

    /// Target predicted, single features.
    let defaults = PathOptions.defaults

    /// The three parts of a value: at the baseline, of the set, of the other features.
    type private Parts = { Base: Node; Own: Node; Others: Node }

    let private throughLayer (parts: Parts) (layer: DenseLayer) : Parts =
        let replace (node: Node) (by: Node) result = Graph.substitute [ node, by ] [ result ] |> List.head
        let linear direction = Jvp.apply layer.Input direction layer.Affine

        let mapped = {
            Base = replace layer.Input parts.Base layer.Affine
            Own = linear parts.Own
            Others = linear parts.Others
        }

        if obj.ReferenceEquals(layer.Affine, layer.Activated) then
            mapped
        else
            let activation argument = replace layer.Affine argument layer.Activated
            let subtract a b = Node.elementwise Subtract [ a; b ]
            let half = Node.multiply (Node.scalar 0.5)
            let none = activation mapped.Base
            let own = activation (Node.add mapped.Base mapped.Own)
            let others = activation (Node.add mapped.Base mapped.Others)
            let all = activation (Node.add (Node.add mapped.Base mapped.Own) mapped.Others)

            {
                Base = none
                Own = Node.add (subtract own none) (subtract all others) |> half
                Others = Node.add (subtract others none) (subtract all own) |> half
            }

    /// CD(S) as what a coalition is worth.
    let private graphOf (model: Model) : CoalitionGraph =
        let layers = DenseChain.find model
        let input = layers.Head.Input

        {
            Input = input
            Middle = input
            Outcome =
                fun start whole step ->
                    let others = Node.elementwise Subtract [ whole; step ]
                    let parts = { Base = start; Own = step; Others = others }
                    (layers |> List.fold throughLayer parts).Own
        }

    /// Why a model cannot be decomposed, in words; None where it can.
    let refusal (model: Model) : string option =
        match DenseChain.tryFind model with
        | Ok _ -> None
        | Error problem -> Some problem

    /// Explains several rows; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows and for a model that is not a chain of dense layers, NotFiniteException where the
    /// model is not finite.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        let rows = PathRows.prepare options model tasks
        let graph = graphOf model
        let values = CoalitionValues(options, model, (fun _ -> Some graph))
        let players = values.Players

        /// Every set of one, every set of two, and all.
        let sets = [|
            for i in 0 .. players - 1 do
                yield [| i |]
            for i in 0 .. players - 1 do
                for j in i + 1 .. players - 1 do
                    yield [| i; j |]
            yield [| 0 .. players - 1 |]
        |]

        let write =
            MaskWriter(fun set masks offset ->
                for player in sets[set] do
                    masks[offset + player] <- 1.0)

        rows
        |> Array.map (fun row ->
            options.CancellationToken.ThrowIfCancellationRequested()
            let found = values.Of(row, sets.Length, write)
            let pairs = Array2D.zeroCreate<float> players players

            for set in players .. sets.Length - 2 do
                let i, j = sets[set][0], sets[set][1]
                pairs[i, j] <- found[set] - found[i] - found[j]
                pairs[j, i] <- pairs[i, j]

            let cells = CoalitionMethod.cellsOf players pairs (fun i _ -> found[i])

            Comparator.explanation options row found[.. players - 1] (Some cells) {
                Promise = Incomplete
                Method = "exact"
                Evaluations = sets.Length
                StandardError = None
                Error = abs (found[sets.Length - 1] - (row.Value - row.BaselineValue))
            })

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
