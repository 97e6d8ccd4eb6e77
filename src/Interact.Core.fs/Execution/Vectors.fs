namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.

open System.Runtime.CompilerServices

/// What kernels need of an instruction set: vectors 'V of numbers 'T. A kernel is written once, generic in the instruction set, and
/// compiled anew for each. Addresses are in bytes; loads and stores need no alignment. A mask has all bits of a lane set, or none.
type internal IVectors<'V, 'T when 'T: unmanaged> =
    /// Numbers in a vector.
    static abstract Lanes: int
    static abstract Zero: 'V
    static abstract Repeat: value: 'T -> 'V
    /// A constant in every lane, rounded to 'T.
    static abstract Number: value: float -> 'V
    /// The bits of a constant in every lane, the lower half of them for single precision.
    static abstract Bits: bits: int64 -> 'V
    static abstract Load: address: nativeint -> 'V
    static abstract Store: value: 'V * address: nativeint -> unit
    /// As many numbers of single precision as there are lanes, converted to 'T.
    static abstract LoadSingles: address: nativeint -> 'V
    /// The numbers rounded to single precision.
    static abstract StoreSingles: value: 'V * address: nativeint -> unit
    static abstract Add: 'V * 'V -> 'V
    static abstract Subtract: 'V * 'V -> 'V
    static abstract Multiply: 'V * 'V -> 'V
    static abstract Divide: 'V * 'V -> 'V
    /// x·y + z, rounded once where the instruction set can.
    static abstract MultiplyAdd: x: 'V * y: 'V * z: 'V -> 'V
    static abstract Negate: 'V -> 'V
    static abstract Abs: 'V -> 'V
    static abstract Sqrt: 'V -> 'V
    static abstract Floor: 'V -> 'V
    static abstract Ceiling: 'V -> 'V
    /// To the nearest integer, halves to even.
    static abstract Round: 'V -> 'V
    /// As Math.Max: NaN if either is, and 0 above -0.
    static abstract Max: 'V * 'V -> 'V
    /// As Math.Min.
    static abstract Min: 'V * 'V -> 'V
    /// x·2ⁿ for integers n from -2000 to 2000 (single: -250 to 250), rounded once where x is of the order of 1.
    static abstract Scale: x: 'V * n: 'V -> 'V
    static abstract LessThan: 'V * 'V -> 'V
    static abstract LessOrEqual: 'V * 'V -> 'V
    static abstract Equal: 'V * 'V -> 'V
    /// x where the mask is set, y elsewhere.
    static abstract Select: mask: 'V * x: 'V * y: 'V -> 'V
    /// Whether a mask is set in every lane.
    static abstract All: mask: 'V -> bool
    static abstract And: 'V * 'V -> 'V
    static abstract Or: 'V * 'V -> 'V
    static abstract Xor: 'V * 'V -> 'V
    /// The lanes added as integers.
    static abstract AddBits: 'V * 'V -> 'V
    static abstract ShiftLeft: 'V * count: int -> 'V
    /// Zeros come in from the left.
    static abstract ShiftRight: 'V * count: int -> 'V

/// The number types that kernels exist for.
module internal Numbers =

    /// Whether the type is double precision, the other being single. Known when a kernel is compiled, and free of cost there.
    let inline isDouble<'T> = obj.ReferenceEquals(typeof<'T>, typeof<float>)

    /// A constant for either type.
    let inline choose<'T> (double: float) (single: float) = if isDouble<'T> then double else single

    /// Bits of the significand after the point.
    let inline significandBits<'T> = if isDouble<'T> then 52 else 23

    /// What the exponent's bits exceed the exponent by.
    let inline exponentBias<'T> = if isDouble<'T> then 1023.0 else 127.0

    /// 2 to the number of bits of the significand: numbers from here to its double are the integers, in the lowest bits of the number.
    let inline integers<'T> = if isDouble<'T> then 4503599627370496.0 else 8388608.0

/// Powers of two by bits.
module internal Powers =

    /// 2ⁿ for integers n within the exponents of normal numbers: added to a large constant, the exponent's bits come to stand lowest,
    /// and are shifted into their place.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let ofTwo<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> (n: 'V) : 'V =
        let biased = 'I.Add(n, 'I.Number(Numbers.integers<'T> + Numbers.exponentBias<'T>))
        'I.ShiftLeft(biased, Numbers.significandBits<'T>)

    /// x·2ⁿ in two steps, of which only the second can round.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let scale<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> (x: 'V) (n: 'V) : 'V =
        let half = 'I.Floor('I.Multiply(n, 'I.Number 0.5))
        let scaled = 'I.Multiply(x, ofTwo<'I, 'V, 'T> half)
        'I.Multiply(scaled, ofTwo<'I, 'V, 'T>('I.Subtract(n, half)))
