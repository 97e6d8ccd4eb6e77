/// Mutants of model files: what damage, carelessness and malice make of a small valid model.
module internal Interact.Core.Tests.Mutation

open System
open System.Collections.Generic

/// A field of a message: where it begins, where its value begins and ends, its wire type.
[<Struct>]
type private FieldPlace = { Start: int; Value: int; End: int; WireType: int }

/// A number of the wire at a position, and where it ends; None where there is none.
let private tryVarint (bytes: byte[]) (start: int) limit =
    let mutable value = 0UL
    let mutable position = start
    let mutable isDone = false

    while not isDone && position < limit && position - start < 10 do
        value <- value ||| (uint64 (bytes[position] &&& 0x7Fuy) <<< (7 * (position - start)))
        isDone <- bytes[position] < 0x80uy
        position <- position + 1

    if isDone then Some(value, position) else None

/// The fields of what may be a message, and of the messages inside it; none where it is no message.
let private fields (bytes: byte[]) : FieldPlace[] =
    let found = List<FieldPlace>()

    let rec read start limit depth =
        let mine = List<FieldPlace>()
        let mutable position = start
        let mutable isMessage = true

        while isMessage && position < limit do
            let field =
                match tryVarint bytes position limit with
                | Some(tag, value) when tag >= 8UL ->
                    match int (tag &&& 7UL) with
                    | 0 ->
                        tryVarint bytes value limit
                        |> Option.map (fun (_, finish) -> {
                            Start = position
                            Value = value
                            End = finish
                            WireType = 0
                        })
                    | 1 when value + 8 <= limit ->
                        Some { Start = position; Value = value; End = value + 8; WireType = 1 }
                    | 5 when value + 4 <= limit ->
                        Some { Start = position; Value = value; End = value + 4; WireType = 5 }
                    | 2 ->
                        match tryVarint bytes value limit with
                        | Some(length, content) when length <= uint64 (limit - content) ->
                            Some { Start = position; Value = content; End = content + int length; WireType = 2 }
                        | _ -> None
                    | _ -> None
                | _ -> None

            match field with
            | Some field ->
                mine.Add field
                position <- field.End
            | None -> isMessage <- false

        if isMessage then
            found.AddRange mine

            if depth < 12 then
                for field in mine do
                    if field.WireType = 2 then read field.Value field.End (depth + 1)

    read 0 bytes.Length 0
    found.ToArray()

let private encoded (value: uint64) = OnnxBuilder.Field.varint value

let private replaced (bytes: byte[]) start finish (by: byte[]) =
    Array.concat [ bytes[.. start - 1]; by; bytes[finish..] ]

/// Numbers at which something may turn over.
let private awkward = [|
    0UL
    1UL
    2UL
    3UL
    7UL
    31UL
    33UL
    100UL
    255UL
    65536UL
    100_000UL
    0x7FFF_FFFFUL
    0x8000_0000UL
    0xFFFF_FFFFUL
    1UL <<< 40
    uint64 Int64.MaxValue
    uint64 Int64.MinValue
    UInt64.MaxValue
    UInt64.MaxValue - 1UL
|]

let private choose (random: Random) (items: 'T[]) = items[random.Next items.Length]

/// The file with other bytes from start to finish, and the lengths of the messages around them made right, nearly always.
let private spliced (random: Random) (bytes: byte[]) (all: FieldPlace[]) start finish (by: byte[]) =
    let mutable result = replaced bytes start finish by
    let mutable grown = by.Length - (finish - start)

    if random.Next 50 > 0 then
        let around =
            all
            |> Array.filter (fun outer -> outer.WireType = 2 && outer.Value <= start && finish <= outer.End)
            |> Array.sortByDescending _.Start

        // Innermost first: a length may itself become longer.
        for outer in around do
            let _, afterTag = (tryVarint bytes outer.Start bytes.Length).Value
            let length = encoded (uint64 (outer.End - outer.Value + grown))
            result <- replaced result afterTag outer.Value length
            grown <- grown + length.Length - (outer.Value - afterTag)

    result

/// The file with another value of a field.
let private withValue (random: Random) (bytes: byte[]) (all: FieldPlace[]) (field: FieldPlace) (content: byte[]) =
    if field.WireType = 2 then
        // The length stands between the tag and the value.
        let _, afterTag = (tryVarint bytes field.Start bytes.Length).Value
        spliced random bytes all afterTag field.End (Array.append (encoded (uint64 content.Length)) content)
    else
        spliced random bytes all field.Value field.End content

/// One change of a file's fields.
let private changeField (random: Random) (bytes: byte[]) (others: byte[][]) =
    match fields bytes with
    | [||] -> bytes
    | all ->
        let field = choose random all
        let value = bytes[field.Value .. field.End - 1]

        let text = [|
            ""
            "x"
            "y"
            "h"
            "w"
            "a\u001b[2J"
            "../w.bin"
            "Reshape"
            "Loop"
            "If"
            "Tile"
            "perm"
            "axis"
        |]

        match random.Next 8 with
        | 0 when field.WireType = 0 -> withValue random bytes all field (encoded (choose random awkward))
        | 0
        | 1 when field.WireType = 2 ->
            withValue random bytes all field (Text.Encoding.UTF8.GetBytes(choose random text))
        | 1 -> withValue random bytes all field (encoded (choose random awkward))
        | 2 ->
            // Twice, or as often as it takes to be tiresome.
            let whole = bytes[field.Start .. field.End - 1]
            let times = if random.Next 20 = 0 then 200 else 1 + random.Next 3
            spliced random bytes all field.End field.End (Array.concat (Array.replicate times whole))
        | 3 -> spliced random bytes all field.Start field.End [||]
        | 4 ->
            // Another field in its place, of this file or of another.
            let source = if random.Next 2 = 0 then bytes else choose random others

            match fields source |> Array.filter (fun donor -> donor.WireType = field.WireType) with
            | [||] -> bytes
            | donors ->
                let donor = choose random donors
                withValue random bytes all field source[donor.Value .. donor.End - 1]
        | 5 when field.WireType = 2 && value.Length > 0 ->
            withValue random bytes all field value[.. random.Next value.Length - 1]
        | 6 when field.WireType = 2 ->
            withValue random bytes all field (Array.append value (encoded (choose random awkward)))
        | _ ->
            // Another number or wire type.
            let changed = Array.copy bytes
            changed[field.Start] <- changed[field.Start] ^^^ byte (1 <<< random.Next 7)
            changed

/// One change of a file's bytes.
let private changeBytes (random: Random) (bytes: byte[]) (others: byte[][]) =
    if bytes.Length = 0 then
        bytes
    else
        let at = random.Next bytes.Length

        match random.Next 6 with
        | 0 ->
            let changed = Array.copy bytes
            changed[at] <- changed[at] ^^^ byte (1 <<< random.Next 8)
            changed
        | 1 ->
            let changed = Array.copy bytes
            changed[at] <- byte (random.Next 256)
            changed
        | 2 -> bytes[.. at - 1]
        | 3 -> replaced bytes at (min bytes.Length (at + random.Next 8)) [||]
        | 4 -> replaced bytes at at (encoded (choose random awkward))
        | _ ->
            let other = choose random others
            let from = random.Next(max 1 other.Length)
            replaced bytes at (min bytes.Length (at + random.Next 64)) other[from .. from + random.Next 64]

/// A mutant of one of the seeds, the same for the same number.
let mutant (seeds: byte[][]) (number: int) : byte[] =
    let random = Random number
    let mutable bytes = choose random seeds

    let changes = if random.Next 3 > 0 then 1 else 1 + random.Next 5

    for _ in 1..changes do
        bytes <- if random.Next 8 = 0 then changeBytes random bytes seeds else changeField random bytes seeds

    bytes
