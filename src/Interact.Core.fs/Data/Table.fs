namespace Interact.Core.Data

/// <summary>
/// A rectangular table of finite numbers read from a file: one row an example, one column an element of the
/// model's input (row-major, without the batch axis).
/// </summary>
/// <remarks>
/// Only the readers of this namespace make tables, so each has at least one row and one column, all rows are of
/// the same length, and no value is NaN or infinite. Integers are held as the nearest double. Neither the table
/// nor its readers change <c>Rows</c> after it is made; callers leave it as it is too.
/// </remarks>
[<Sealed>]
type Table internal (source: string, columns: string[] option, rows: float[][]) =

    /// The file the table was read from, as its reader named it; for messages.
    member _.Source = source

    /// The names of the columns, each given once, where the source has names.
    member _.Columns = columns

    /// The values, <c>RowCount</c> rows of <c>ColumnCount</c> each.
    member _.Rows = rows

    /// The number of rows, at least 1.
    member _.RowCount = rows.Length

    /// The number of columns, at least 1.
    member _.ColumnCount = rows[0].Length
