/// Checks of a caller's arguments: each raises an ArgumentException that names the argument, the value and what is allowed.
module internal Interact.Core.Checks

open System

/// Raises an ArgumentException for the named argument.
let invalid (name: string) (message: string) : 'T = raise (ArgumentException(message, name))

/// The condition must hold, or the message says what is wrong with the named argument.
let require (condition: bool) (name: string) (message: unit -> string) = if not condition then invalid name (message ())

/// The value must be positive and finite.
let positive (name: string) (value: float) =
    require (value > 0.0 && Double.IsFinite value) name (fun () ->
        $"{name} is {value}; it must be positive and finite.")

/// The value must lie between two bounds, both included.
let within (name: string) (low: int) (high: int) (value: int) =
    require (value >= low && value <= high) name (fun () -> $"{name} is {value}; it must lie in {low}..{high}.")

/// The axes must be those of an array with so many axes, each at most once.
let axes (name: string) (rank: int) (axes: int[]) =
    for axis in axes do
        require (axis >= 0 && axis < rank) name (fun () ->
            $"{name} holds {axis}; the operand's axes are numbered from 0, and it has {rank}.")

    require (Array.distinct axes = axes) name (fun () -> $"{name} holds an axis twice: %A{axes}.")

/// The axis must be one of an array with so many axes.
let axis (name: string) (rank: int) (axis: int) =
    require (axis >= 0 && axis < rank) name (fun () ->
        $"{name} is {axis}; the operand's axes are numbered from 0, and it has {rank}.")

/// The array must have the given length. Allocates nothing where it has.
let length (name: string) (expected: int) (values: 'T[]) =
    if values.Length <> expected then
        invalid name $"{name} has {values.Length} elements; {expected} are needed."

/// Every element must be finite.
let finite (name: string) (values: float[]) =
    match Array.tryFindIndex (Double.IsFinite >> not) values with
    | Some index -> invalid name $"{name}[{index}] is {values[index]}; every element must be finite."
    | None -> ()
