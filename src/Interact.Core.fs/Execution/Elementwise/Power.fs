namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System
open System.Runtime.CompilerServices

[<Struct>]
type internal ScalarPower =
    interface IScalar with
        static member Value(x, y) = Math.Pow(x, y)

/// xʸ: where y is -1, 0, ½, 1, 2 or 3 by division, root and products, within 1 ulp; elsewhere by Math.Pow. Double precision.
[<Struct>]
type internal PowerLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) =
            let one = 'I.Number 1.0
            let square = 'I.Multiply(x, x)
            let inline isOf (exponent: float) = 'I.Equal(y, 'I.Number exponent)
            // The root of -0 is -0, but (-0)^½ is 0; that of -∞ is NaN, but (-∞)^½ is ∞.
            let isRoot = 'I.And(isOf 0.5, 'I.LessThan('I.Number Double.NegativeInfinity, x))
            let root = 'I.Sqrt('I.Add(x, 'I.Zero))
            let result = 'I.Select(isOf 2.0, square, root)
            let result = 'I.Select(isOf 3.0, 'I.Multiply(square, x), result)
            let result = 'I.Select(isOf 1.0, x, result)
            let result = 'I.Select(isOf 0.0, one, result)
            let result = 'I.Select(isOf -1.0, 'I.Divide(one, x), result)
            let positive = 'I.Or('I.Or(isOf 1.0, isOf 2.0), 'I.Or(isOf 3.0, isRoot))
            let isInside = 'I.Or(positive, 'I.Or(isOf 0.0, isOf -1.0))
            Outside<ScalarPower, 'I, 'V>.Or(isInside, x, y, result)
