namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Onnx

/// One step of a network: what it adds to the draft for a value, and the name of the result.
[<Sealed>]
type Layer(add: NetworkDraft -> string -> string) =
    /// Adds the layer behind a value; the name of its result.
    member _.AddTo(draft: NetworkDraft, input: string) : string = add draft input

/// How a convolution or pooling treats what lies beyond the border.
[<RequireQualifiedAccess>]
type Padding =
    /// Windows lie inside.
    | Valid
    /// Zeros around, so that with a stride of 1 the size stays the same.
    | Same

/// What a convolution computes from each window.
type ConvolutionOptions = {
    /// Number of channels of the result.
    Filters: int
    /// Sizes of the windows, one for each spatial axis.
    Kernel: int list
    /// Distances of neighbouring windows, one for each spatial axis.
    Strides: int list
    Padding: Padding
    HasBias: bool
    Initializer: Initializer
}

/// What layers need of the values before them.
[<RequireQualifiedAccess>]
module internal LayerParts =

    let ints (values: int seq) = AttributeValue.Ints [| for value in values -> int64 value |]

    /// axes: what they are. mend: how to come by them.
    let requireRank (name: string) (rank: int) (axes: string) (mend: string) (shape: int[]) =
        Checks.require (shape.Length = rank) "layers" (fun () ->
            $"{name} needs examples of shape {axes}; what comes before it has shape {Shape.describe shape}. {mend}.")

    let requireImage name (spatial: int) (shape: int[]) =
        let axes =
            match spatial with
            | 1 -> "channels x length"
            | 2 -> "channels x height x width"
            | 3 -> "channels x depth x height x width"
            | _ -> $"channels x {spatial} spatial axes"

        shape
        |> requireRank name (spatial + 1) axes "Give as many sizes as there are spatial axes, or reshape before it"

    let sizes (name: string) (values: int list) =
        Checks.require (not values.IsEmpty) name (fun () -> $"{name} is empty; give one size for each spatial axis.")

        for value in values do
            Checks.within name 1 System.Array.MaxLength value
