namespace Interact.Core.Data

open System
open System.Collections.Generic
open Interact.Core

/// The sentences that say what is wrong with a data file: one line each, with the place and what would mend it.
module internal DataProblem =

    let private longestPiece = 40

    /// Letters beyond the basic plane come as pairs of surrogates and are kept; everything else that is not plain becomes a space.
    let private visible character = if Printable.isPlain character || Char.IsSurrogate character then character else ' '

    /// A piece of the file, cut where it is long.
    let shortened (text: string) = if text.Length <= longestPiece then text else text.Substring(0, longestPiece) + "…"

    /// A piece of the file in quotation marks, cut where it is long.
    let quoted text = $"\"{shortened text}\""

    /// The sentence about a problem of the file as a whole.
    let text (source: string) (problem: string) (mend: string) = String.map visible $"{source}: {problem}; {mend}"

    /// A problem of the file as a whole.
    let ofFile (source: string) (problem: string) (mend: string) : Result<'T, string> = Error(text source problem mend)

    /// A problem at a place in the file.
    let at (source: string) (place: string) (problem: string) (mend: string) : Result<'T, string> =
        ofFile source $"{place}: {problem}" mend

    /// A value that is NaN or infinite, as it is written in the file.
    let notFinite source place written =
        at source place $"{shortened written} is not a finite number" "fill the value in or leave the row out"

    /// A number beyond the range of double, as it is written in the file.
    let tooLarge source place written =
        at source place $"{shortened written} is beyond the largest double, about 1.8e308" "write a smaller number"

    /// A value that is absent.
    let missing source place = at source place "the value is missing" "fill it in or leave the row out"

    /// Two columns of one name, their positions counted from 1; none when all names differ.
    let duplicate (names: string[]) =
        let first = Dictionary<string, int>()

        names
        |> Seq.indexed
        |> Seq.tryPick (fun (index, name) ->
            if first.TryAdd(name, index) then None else Some(name, first[name] + 1, index + 1))
