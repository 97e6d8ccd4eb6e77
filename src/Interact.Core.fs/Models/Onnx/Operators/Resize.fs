/// Space that grows and shrinks: Resize and its forerunner, and blocks of space exchanged for channels.
module internal Interact.Core.Onnx.ResizeOperators

open System
open Interact.Core
open Interact.Core.Onnx.Interpolation

let private reals i what context =
    NodeContext.tryInput i context
    |> Option.bind (fun value ->
        match Value.tryConstant value with
        | Some [||] -> None
        | Some values -> Some values
        | None ->
            NodeContext.fail $"its {what} (operand {i}) depend on the model's input; only constants can be imported")

/// Number of elements that a scale leads to, in single precision as exporters and runtimes compute it.
let private scaledCount context (size: int) (scale: float) =
    if not (scale > 0.0 && scale <= float Single.MaxValue) then
        NodeContext.fail $"scale {scale} is not possible; export the model again"

    context |> NodeContext.counted (float (floor (float32 size * float32 scale)))

/// Count and scale for each of the axes: from scales, or from sizes, which a policy may take as bounds.
let private counts context (sizes: int[]) (scales: float[] option) (wanted: int64[] option) policy : (int * float)[] =
    let checkLength length =
        if length <> sizes.Length then
            NodeContext.fail $"{length} scales or sizes were given for {sizes.Length} axes; export the model again"

    match scales, wanted with
    | Some scales, None ->
        checkLength scales.Length
        Array.map2 (fun size scale -> scaledCount context size scale, scale) sizes scales
    | None, Some wanted ->
        checkLength wanted.Length

        if wanted |> Array.exists (fun size -> size < 0L) then
            NodeContext.fail "one of its sizes is negative; export the model again"

        let counted size = context |> NodeContext.counted size

        let quotients = Array.map2 (fun size (count: int64) -> float count / float size) sizes wanted

        match policy with
        | "stretch" -> Array.map2 (fun (count: int64) scale -> counted (float count), scale) wanted quotients
        | "not_larger"
        | "not_smaller" ->
            let scale = if policy = "not_larger" then Array.min quotients else Array.max quotients

            sizes
            |> Array.map (fun size -> counted (Math.Round(scale * float size, MidpointRounding.AwayFromZero)), scale)
        | other -> NodeContext.fail $"attribute 'keep_aspect_ratio_policy' is {Quote.name other}, which is not known"
    | Some _, Some _ -> NodeContext.fail "it has both scales and sizes; export the model again"
    | None, None -> NodeContext.fail "it has neither scales nor sizes; export the model again"

let private rounding context =
    match NodeContext.string "nearest_mode" "round_prefer_floor" context with
    | "round_prefer_floor" -> Rounding.HalfDown
    | "round_prefer_ceil" -> Rounding.HalfUp
    | "floor" -> Rounding.Floor
    | "ceil" -> Rounding.Ceiling
    | other -> NodeContext.fail $"attribute 'nearest_mode' is {Quote.name other}, which is not known"

let private kernel rounding context =
    match NodeContext.string "mode" "nearest" context with
    | "nearest" -> Kernel.Nearest rounding
    // "bilinear" is from before version 9.
    | "linear"
    | "bilinear" -> Kernel.Linear
    | "cubic" -> Kernel.Cubic(NodeContext.float "cubic_coeff_a" -0.75 context)
    | other -> NodeContext.fail $"attribute 'mode' is {Quote.name other}; nearest, linear and cubic are known"

let private coordinates (roi: float[] option) count i context =
    match NodeContext.string "coordinate_transformation_mode" "half_pixel" context with
    | "half_pixel" -> Coordinates.HalfPixel
    | "half_pixel_symmetric" -> Coordinates.HalfPixelSymmetric
    | "pytorch_half_pixel" -> Coordinates.PytorchHalfPixel
    | "align_corners" -> Coordinates.AlignCorners
    | "asymmetric" -> Coordinates.Asymmetric
    | "tf_crop_and_resize" ->
        match roi with
        | Some ends when ends.Length = 2 * count && Array.forall Double.IsFinite ends ->
            Coordinates.Crop(ends[i], ends[i + count])
        | _ -> NodeContext.fail $"its region (operand 1) must have {2 * count} finite numbers"
    | other -> NodeContext.fail $"attribute 'coordinate_transformation_mode' is {Quote.name other}, which is not known"

/// The node with the given axes resampled; `value` takes the place of what lies beyond a crop.
let private resampled context (value: float) (axes: (int * Resampling) list) (node: Node) =
    for axis, resampling in axes do
        if resampling.Size = 0 && resampling.Count > 0 then
            NodeContext.fail $"axis {axis} of shape {Shape.describe node.Shape} has nothing to resample"

    let inside = axes |> List.fold (fun node (axis, resampling) -> along context axis resampling node) node

    if value = 0.0 then
        inside
    else
        // 1 inside of the crop, 0 beyond.
        let mask =
            axes
            |> List.map (fun (axis, resampling) ->
                Node.constant
                    (Array.init node.Rank (fun i -> if i = axis then resampling.Count else 1))
                    (Array.init resampling.Count (fun i -> if isInside resampling i then 1.0 else 0.0)))
            |> List.fold Node.multiply (Node.scalar 1.0)

        let beyond = Node.elementwise Subtract [ Node.scalar 1.0; mask ]
        Node.add inside (Node.multiply (Node.scalar value) beyond)

/// Resampling by scales, as attribute or operand, before version 11: all axes from the first on.
let private byScales since name scales =
    Operator.unary since name (fun context x ->
        let kernel = kernel Rounding.AwayFromScale context

        let axes =
            counts context x.Shape (scales context) None "stretch"
            |> Array.mapi (fun axis (count, scale) ->
                axis,
                {
                    Size = x.Shape[axis]
                    Count = count
                    Scale = scale
                    Coordinates = Coordinates.Asymmetric
                    Kernel = kernel
                    Antialias = false
                    ExcludesOutside = false
                })

        x |> resampled context 0.0 (List.ofArray axes))

let private resize =
    Operator.unary 11 "Resize" (fun context x ->
        let chosen =
            match NodeContext.tryInts "axes" context with
            | None -> [| 0 .. x.Rank - 1 |]
            | Some given ->
                let axes = given |> Array.map (NodeContext.longAxis x.Rank)

                if (Array.distinct axes).Length < axes.Length then
                    NodeContext.fail "attribute 'axes' lists an axis twice; export the model again"

                axes

        let sizes = chosen |> Array.map (fun axis -> x.Shape[axis])
        let roi = reals 1 "ends of the region" context
        let scales = reals 2 "scales" context

        let wanted =
            NodeContext.tryIntegers 3 "sizes" context |> Option.filter (fun values -> values.Length > 0)

        let policy = NodeContext.string "keep_aspect_ratio_policy" "stretch" context
        let kernel = kernel (rounding context) context

        let axes =
            counts context sizes scales wanted policy
            |> Array.mapi (fun i (count, scale) ->
                chosen[i],
                {
                    Size = sizes[i]
                    Count = count
                    Scale = scale
                    Coordinates = coordinates roi chosen.Length i context
                    Kernel = kernel
                    Antialias = NodeContext.flag "antialias" false context
                    ExcludesOutside = NodeContext.flag "exclude_outside" false context
                })

        x |> resampled context (NodeContext.float "extrapolation_value" 0.0 context) (List.ofArray axes))

/// Block size and the sizes of an image of batch x channels x height x width.
let private blocks (x: Node) context =
    let block = NodeContext.int "blocksize" 0 context

    if x.Rank <> 4 then
        NodeContext.fail $"its operand has shape {Shape.describe x.Shape}; batch, channels, height and width are needed"

    if block < 1 then NodeContext.fail $"attribute 'blocksize' is {block}; it must be positive"

    block, x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]

let private depthToSpace =
    Operator.unary 1 "DepthToSpace" (fun context x ->
        let block, batch, channels, height, width = blocks x context
        let rest = channels / (Checked.(*) block block)

        if rest * block * block <> channels then
            NodeContext.fail $"{channels} channels cannot be divided into blocks of {block} x {block}"

        let apart, order =
            match NodeContext.string "mode" "DCR" context with
            | "DCR" -> [| batch; block; block; rest; height; width |], [| 0; 3; 4; 1; 5; 2 |]
            | "CRD" -> [| batch; rest; block; block; height; width |], [| 0; 1; 4; 2; 5; 3 |]
            | other -> NodeContext.fail $"attribute 'mode' is {Quote.name other}; DCR and CRD are known"

        x
        |> Node.reshape apart
        |> Node.transpose order
        |> Node.reshape [| batch; rest; height * block; width * block |])

let private spaceToDepth =
    Operator.unary 1 "SpaceToDepth" (fun context x ->
        let block, batch, channels, height, width = blocks x context

        if height % block <> 0 || width % block <> 0 then
            NodeContext.fail $"{height} x {width} elements cannot be divided into blocks of {block} x {block}"

        x
        |> Node.reshape [| batch; channels; height / block; block; width / block; block |]
        |> Node.transpose [| 0; 3; 5; 1; 2; 4 |]
        |> Node.reshape [| batch; channels * block * block; height / block; width / block |])

let private floats name context =
    match NodeContext.tryValue name context with
    | Some(AttributeValue.Floats values) -> Some(values |> Array.map float)
    | Some _ -> NodeContext.fail $"attribute '{name}' is not a list of numbers; export the model again"
    | None -> None

let table: Operator list = [
    byScales 7 "Upsample" (floats "scales")
    byScales 9 "Upsample" (reals 1 "scales")
    byScales 10 "Resize" (reals 1 "scales")
    resize
    depthToSpace
    spaceToDepth
]
