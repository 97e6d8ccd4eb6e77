namespace Interact.CSharp.Tests;

public class RowTableTests
{
    [Fact]
    public void A_table_has_rows_and_the_names_of_its_columns()
    {
        RowTable table = RowTable.Load(Repository.Sample("rows.csv"));

        Assert.Equal(569, table.Count);
        Assert.Equal(30, table.ColumnCount);
        Assert.Equal("mean radius", table.Columns![0]);
        Assert.Equal(1.1533203125, table[0][0]);
        Assert.Equal(569, table.Count());
        Assert.Throws<ArgumentOutOfRangeException>("index", () => table[569]);
    }

    [Fact]
    public void A_table_without_header_has_no_names()
    {
        using var folder = new TemporaryFolder();

        RowTable table = RowTable.Load(folder.Write("rows.csv", "1,2\n3,4\n"));

        Assert.Null(table.Columns);
        Assert.Equal(
            [
                [1, 2],
                [3, 4],
            ],
            table
        );
    }

    [Fact]
    public void A_table_does_not_change()
    {
        using var folder = new TemporaryFolder();
        RowTable table = RowTable.Load(folder.Write("rows.json", "[[1, 2], [3, 4]]"));

        table[0][0] = 100;
        table.First()[0] = 100;

        Assert.Equal(1, table[0][0]);
    }

    [Fact]
    public void What_cannot_be_read_is_told_in_one_line()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("rows.csv", "a,b\n1,2\n3,four\n");

        var problem = Assert.Throws<DataFormatException>(() => RowTable.Load(path));

        Assert.StartsWith($"{path}: line 3, column 2", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
        Assert.Throws<DataFormatException>(() => RowTable.Load(folder["absent.csv"]));
        Assert.Throws<ArgumentNullException>("path", () => RowTable.Load(null!));
    }
}
