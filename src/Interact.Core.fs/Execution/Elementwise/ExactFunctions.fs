namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System.Runtime.CompilerServices

[<Struct>]
type internal NegateLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Negate x

[<Struct>]
type internal ReciprocalLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Divide('I.Number 1.0, x)

[<Struct>]
type internal AbsLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Abs x

/// -1, 0 or 1; 0 also for -0, and NaN for NaN.
[<Struct>]
type internal SignLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let notAbove = 'I.Select('I.LessThan(x, 'I.Zero), 'I.Number -1.0, 'I.Add(x, 'I.Zero))
            'I.Select('I.LessThan('I.Zero, x), 'I.Number 1.0, notAbove)

[<Struct>]
type internal FloorLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Floor x

[<Struct>]
type internal CeilingLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Ceiling x

/// Halves to even.
[<Struct>]
type internal RoundLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Round x

[<Struct>]
type internal SqrtLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Sqrt x

/// 0 where x < 0, x elsewhere: -0 and NaN stay.
[<Struct>]
type internal ReluLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = 'I.Select('I.LessThan(x, 'I.Zero), 'I.Zero, x)

/// The operand itself.
[<Struct>]
type internal SameLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x = x

[<Struct>]
type internal AddLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Add(x, y)

[<Struct>]
type internal SubtractLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Subtract(x, y)

[<Struct>]
type internal MultiplyLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Multiply(x, y)

[<Struct>]
type internal DivideLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Divide(x, y)

[<Struct>]
type internal MaxLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Max(x, y)

[<Struct>]
type internal MinLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.Min(x, y)

/// 1 where true, 0 elsewhere, also beside NaN.
[<Struct>]
type internal LessLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.And('I.LessThan(x, y), 'I.Number 1.0)

[<Struct>]
type internal LessOrEqualLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.And('I.LessOrEqual(x, y), 'I.Number 1.0)

[<Struct>]
type internal EqualLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IBinary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(x, y) = 'I.And('I.Equal(x, y), 'I.Number 1.0)

/// x where the condition is not 0, also where it is NaN; y elsewhere.
[<Struct>]
type internal SelectLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface ITernary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply(condition, x, y) = 'I.Select('I.Equal(condition, 'I.Zero), y, x)
