namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Onnx

/// Layers over the spatial axes of channels.
[<RequireQualifiedAccess>]
module internal Convolution =

    let private padding (padding: Padding) =
        match padding with
        | Padding.Valid -> []
        | Padding.Same -> [ "auto_pad", AttributeValue.String "SAME_UPPER" ]

    let defaults (filters: int) (kernel: int list) : ConvolutionOptions = {
        Filters = filters
        Kernel = kernel
        Strides = kernel |> List.map (fun _ -> 1)
        Padding = Padding.Same
        HasBias = true
        Initializer = Initializer.GlorotUniform
    }

    let create (options: ConvolutionOptions) : Layer =
        Checks.within "Filters" 1 System.Array.MaxLength options.Filters
        LayerParts.sizes "Kernel" options.Kernel
        LayerParts.sizes "Strides" options.Strides

        Checks.require (options.Strides.Length = options.Kernel.Length) "Strides" (fun () ->
            $"Strides has {options.Strides.Length} numbers and Kernel {options.Kernel.Length}; give one of each for every spatial axis.")

        Layer(fun draft x ->
            let name = draft.NewName "convolution"
            let shape = draft.ShapeOf x
            LayerParts.requireImage name options.Kernel.Length shape
            let window = List.fold (*) 1 options.Kernel
            let fanIn, fanOut = shape[0] * window, options.Filters * window
            let weights = [| options.Filters; shape[0]; yield! options.Kernel |]
            let weight = draft.Parameter($"{name}.weight", weights, fanIn, fanOut, options.Initializer)

            let operands =
                if options.HasBias then
                    [ x; weight; draft.Parameter($"{name}.bias", [| options.Filters |], 1, 1, Initializer.Zeros) ]
                else
                    [ x; weight ]

            let attributes = [
                "kernel_shape", LayerParts.ints options.Kernel
                "strides", LayerParts.ints options.Strides
            ]

            draft.Apply("Conv", name, operands, attributes @ padding options.Padding))

    let pooling kind operator (window: int list) : Layer =
        LayerParts.sizes (nameof window) window

        Layer(fun draft x ->
            let name = draft.NewName kind
            LayerParts.requireImage name window.Length (draft.ShapeOf x)

            draft.Apply(
                operator,
                name,
                [ x ],
                [ "kernel_shape", LayerParts.ints window; "strides", LayerParts.ints window ]
            ))

    let globalAveragePooling: Layer =
        Layer(fun draft x ->
            let name = draft.NewName "global_average_pooling"
            let shape = draft.ShapeOf x

            Checks.require (shape.Length >= 2) "layers" (fun () ->
                $"{name} needs channels and spatial axes; what comes before it has shape {Shape.describe shape}. Leave it out.")

            let means = draft.Apply("GlobalAveragePool", $"{name}.means", [ x ], [])
            draft.Apply("Flatten", name, [ means ], [ "axis", AttributeValue.Int 1L ]))
