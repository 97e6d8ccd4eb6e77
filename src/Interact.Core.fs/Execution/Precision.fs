namespace Interact.Core

/// The number type that a model and its derivatives are evaluated in.
[<RequireQualifiedAccess>]
type Precision =
    /// 64 bits, 53 of them significant: the default. Certificates are stated at 1e-6 .. 1e-12.
    | Double
    /// 32 bits, 24 of them significant: half the memory and up to twice the speed, at errors around 1e-6 of the largest interaction.
    | Single

[<RequireQualifiedAccess>]
module Precision =

    /// Bytes of a number.
    let size (precision: Precision) =
        match precision with
        | Precision.Double -> sizeof<float>
        | Precision.Single -> sizeof<single>
