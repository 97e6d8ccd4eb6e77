namespace Interact;

/// <summary>
/// Which rows of a table stand for all of them. Distances are Euclidean, every column in units of its standard deviation; columns
/// that do not vary count nothing.
/// </summary>
public sealed class Representatives
{
    private readonly string _description;

    private Representatives(Core.Representatives inner, string description)
    {
        Inner = inner;
        _description = description;
        Identity = description;
    }

    /// <summary>All rows.</summary>
    public static Representatives All { get; } = new(Core.Representatives.All, "all");

    internal Core.Representatives Inner { get; }

    /// <summary>The choice in words by which it can be told from others: "drawn:256, seed 3".</summary>
    public string Identity { get; private init; }

    /// <summary>Rows drawn without replacement by a seed; all where there are no more.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">What the draw depends on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static Representatives Drawn(int count, int seed = 0) =>
        new(Core.Representatives.NewDrawn(Positive(count), seed), $"drawn:{count}")
        {
            Identity = $"drawn:{count}, seed {seed}",
        };

    /// <summary>The rows nearest to the column means.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static Representatives NearestToMeans(int count) =>
        new(Core.Representatives.NewNearestToMeans(Positive(count)), $"mean:{count}");

    /// <summary>The rows nearest to the column medians.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static Representatives NearestToMedians(int count) =>
        new(Core.Representatives.NewNearestToMedians(Positive(count)), $"median:{count}");

    /// <summary>The rows nearest to the column minima.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static Representatives NearestToMinima(int count) =>
        new(Core.Representatives.NewNearestToMinima(Positive(count)), $"minimum:{count}");

    /// <summary>The rows nearest to the column maxima.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public static Representatives NearestToMaxima(int count) =>
        new(Core.Representatives.NewNearestToMaxima(Positive(count)), $"maximum:{count}");

    /// <summary>The numbers of the rows chosen, ascending.</summary>
    /// <param name="rows">Rows of one length, such as a <see cref="RowTable"/>; at least one.</param>
    /// <exception cref="ArgumentException">There is no row, or the rows differ in length.</exception>
    public int[] Choose(IEnumerable<double[]> rows) =>
        Core.RepresentativesModule.choose(Inner, Guard.Table(rows, nameof(rows)));

    /// <summary>"all", "drawn:256", "mean:10" and the like.</summary>
    public override string ToString() => _description;

    private static int Positive(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count;
    }
}
