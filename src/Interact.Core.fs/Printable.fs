/// Which characters of a foreign text may stand in a message: what breaks a line, steers a terminal or cannot be seen may not.
module internal Interact.Core.Printable

open System
open System.Globalization

/// Whether a terminal shows the character as itself.
let isPlain (character: char) =
    match Char.GetUnicodeCategory character with
    | UnicodeCategory.Control
    | UnicodeCategory.Format
    | UnicodeCategory.Surrogate
    | UnicodeCategory.PrivateUse
    | UnicodeCategory.OtherNotAssigned
    | UnicodeCategory.LineSeparator
    | UnicodeCategory.ParagraphSeparator -> false
    | _ -> true
