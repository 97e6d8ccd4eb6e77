/// Convolutions: windows contracted with weights, and the transpose of that.
module internal Interact.Core.Onnx.ConvolutionOperators

open Interact.Core
open Interact.Core.Onnx.Window

/// Operand and weights with the sizes of the windows, and the number of groups that channels are divided into.
let private operands (context: NodeContext) =
    let x, w = (NodeContext.input 0 context).Node, (NodeContext.input 1 context).Node
    let rank = spatialRank x

    if w.Rank <> x.Rank then
        NodeContext.fail
            $"its weights have shape {Shape.describe w.Shape}, its operand {Shape.describe x.Shape}; as many axes are needed"

    let kernel = w.Shape[2..]

    if Array.contains 0 kernel then
        NodeContext.fail $"its weights have shape {Shape.describe w.Shape}; a window without elements is none"

    match NodeContext.tryInts "kernel_shape" context with
    | Some given when given <> Array.map int64 kernel ->
        NodeContext.fail
            $"attribute 'kernel_shape' does not fit weights of shape {Shape.describe w.Shape}; export the model again"
    | _ -> ()

    let groups = NodeContext.int "group" 1 context

    if groups < 1 || x.Shape[1] % groups <> 0 then
        NodeContext.fail $"{x.Shape[1]} channels cannot be divided into {groups} groups"

    x, w, rank, kernel, groups

let private withBias rank (context: NodeContext) (node: Node) =
    match NodeContext.tryInput 2 context with
    | None -> node
    | Some bias ->
        if bias.Node.Shape <> [| node.Shape[1] |] then
            NodeContext.fail
                $"its bias has shape {Shape.describe bias.Node.Shape}; one number for each of {node.Shape[1]} channels is needed"

        Node.add node (bias.Node |> Node.reshape (Array.append bias.Node.Shape (Array.create rank 1)))

// Labels of axes in contractions; those of the windows and of their places follow.
let private batch, group, channel, feature = 0, 1, 2, 3
let private window i = 4 + 2 * i
let private place i = 5 + 2 * i

let private conv =
    Operator.one 1 "Conv" (fun context ->
        let x, w, rank, kernel, groups = operands context
        let inGroup = x.Shape[1] / groups

        if w.Shape[1] <> inGroup || w.Shape[0] % groups <> 0 then
            NodeContext.fail
                $"weights of shape {Shape.describe w.Shape} do not fit {x.Shape[1]} channels in {groups} groups"

        let axes = slidingAxes x.Shape kernel false context
        let windows = x |> slide axes
        let each label = Array.init rank label

        let sums =
            Product.contract
                {
                    Left =
                        Array.append
                            [| batch; group; channel |]
                            (Array.collect (fun i -> [| window i; place i |]) [| 0 .. rank - 1 |])
                    Right = Array.append [| group; feature; channel |] (each place)
                    Output = Array.append [| batch; group; feature |] (each window)
                }
                (windows |> Node.reshape (Array.concat [ [| x.Shape[0]; groups; inGroup |]; windows.Shape[2..] ]))
                (w |> Node.reshape (Array.concat [ [| groups; w.Shape[0] / groups; inGroup |]; kernel ]))

        sums
        |> Node.reshape (Array.append [| x.Shape[0]; w.Shape[0] |] (axes |> Array.map _.Count))
        |> withBias rank context
        |> Value.real)

/// The windows of a transposed convolution: they slide along its result, one for each element of its operand.
let private resultAxes (shape: Shape) (kernel: int[]) (context: NodeContext) =
    let rank = kernel.Length
    let strides = positive "strides" rank context
    let dilations = positive "dilations" rank context
    let added = padding "output_padding" rank context
    let automatic = autoPad context
    let pads = padding "pads" (2 * rank) context

    let wanted =
        match NodeContext.tryInts "output_shape" context with
        | None -> None
        // Some exporters list batch and channels too.
        | Some sizes when sizes.Length = rank -> Some sizes
        | Some sizes when sizes.Length = rank + 2 -> Some sizes[2..]
        | Some sizes -> NodeContext.fail $"attribute 'output_shape' has {sizes.Length} numbers where {rank} are needed"

    Array.init rank (fun i ->
        let count, stride = shape[i + 2], strides[i]
        let whole = int64 stride * int64 (count - 1) + int64 added[i] + span kernel[i] dilations[i]

        context |> NodeContext.counted (float whole) |> ignore<int>

        /// Padding that leaves so much of the whole.
        let leaving oddAtEnd (size: int64) =
            let total = max 0L (whole - max 0L size)
            size, fst (divided oddAtEnd (int total))

        let size, before =
            match wanted, automatic with
            | Some sizes, Same true -> leaving true sizes[i]
            | Some sizes, _ -> leaving false sizes[i]
            | None, Same oddAtEnd -> leaving oddAtEnd (int64 count * int64 stride)
            | None, Valid -> whole, 0
            | None, Explicit -> whole - int64 pads[i] - int64 pads[i + rank], pads[i]

        if size < 1L then
            NodeContext.fail $"its result would have {size} elements along axis {i + 2}; export the model again"

        {
            Size = context |> NodeContext.counted (float size)
            Kernel = kernel[i]
            Stride = stride
            Dilation = dilations[i]
            Before = before
            After = 0
            Count = count
        })

let private convTranspose =
    Operator.one 1 "ConvTranspose" (fun context ->
        let x, w, rank, kernel, groups = operands context
        let inGroup, features = x.Shape[1] / groups, w.Shape[1]

        if w.Shape[0] <> x.Shape[1] then
            NodeContext.fail $"weights of shape {Shape.describe w.Shape} do not fit {x.Shape[1]} channels"

        let axes = resultAxes x.Shape kernel context
        let each label = Array.init rank label

        let windows =
            Product.contract
                {
                    Left = Array.append [| batch; group; channel |] (each window)
                    Right = Array.append [| group; channel; feature |] (each place)
                    Output =
                        Array.append
                            [| batch; group; feature |]
                            (Array.collect (fun i -> [| window i; place i |]) [| 0 .. rank - 1 |])
                }
                (x |> Node.reshape (Array.concat [ [| x.Shape[0]; groups; inGroup |]; x.Shape[2..] ]))
                (w |> Node.reshape (Array.concat [ [| groups; inGroup; features |]; kernel ]))

        windows
        |> Node.reshape (Array.append [| x.Shape[0]; groups * features |] windows.Shape[3..])
        |> overlay axes
        |> withBias rank context
        |> Value.real)

let table: Operator list = [ conv; convTranspose ]
