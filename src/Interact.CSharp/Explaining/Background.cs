using System.Globalization;

namespace Interact;

/// <summary>
/// A distribution of baselines, over which <see cref="Explain"/> averages Expected Gradients and Expected Hessians.
/// </summary>
/// <remarks>
/// The average is exact, over every baseline, unless baselines are drawn: by <see cref="Draw"/>, or as noise. Then certificates
/// carry a standard error.
/// </remarks>
public sealed class Background
{
    private readonly string _description;
    private readonly Lazy<string> _identity;
    private readonly (int Samples, int Seed)? _draws;

    private Background(
        Core.Background inner,
        int? length,
        string description,
        Lazy<string> identity,
        (int Samples, int Seed)? draws = null
    )
    {
        Inner = inner;
        Length = length;
        _description = description;
        _identity = identity;
        _draws = draws;
    }

    /// <summary>How many baselines there are.</summary>
    public int Count => Inner.Count;

    internal Core.Background Inner { get; }

    /// <summary>How many elements each has, where that is known.</summary>
    internal int? Length { get; }

    /// <summary>Whether baselines are noise around what is explained, which may be a tensor inside the model.</summary>
    internal bool IsNoise => Inner.IsSample;

    /// <summary>Adds what tells this background from others.</summary>
    internal void Describe(IDictionary<string, string> settings)
    {
        settings["background"] = _identity.Value;

        if (_draws is not { } draws)
            return;

        settings["samples"] = draws.Samples.ToString(CultureInfo.InvariantCulture);
        settings["seed"] = draws.Seed.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>All rows, equally often.</summary>
    /// <param name="rows">One row at least, each of as many finite elements as a row of the model, such as a RowTable; copied.</param>
    /// <exception cref="ArgumentException">There is no row, or rows differ in length, or an element is not finite.</exception>
    public static Background Rows(IEnumerable<double[]> rows)
    {
        double[][] own = Copy(rows);
        return Of(Core.BackgroundModule.ofRows(own), own, $"{own.Length} rows");
    }

    /// <summary>Rows with weights.</summary>
    /// <param name="rows">As for <see cref="Rows(IEnumerable{double[]})"/>.</param>
    /// <param name="weights">A positive weight for each row; divided by their sum.</param>
    /// <exception cref="ArgumentException">
    /// As for <see cref="Rows(IEnumerable{double[]})"/>, and where weights are not positive or not as many as rows.
    /// </exception>
    public static Background Rows(IEnumerable<double[]> rows, IEnumerable<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[][] own = Copy(rows);
        double[] shares = [.. weights];
        return Of(Core.BackgroundModule.weighted(shares, own), own, $"{own.Length} weighted rows", shares);
    }

    /// <summary>Rows that are made, or read, one by one when they are needed, so that not all are in memory.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="row">
    /// The row with a number, from 0; the same for the same number, and called from several threads, again for every row that
    /// is explained.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is no row.</exception>
    public static Background Generated(int count, Func<int, double[]> row)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(row);
        string description = $"{count} rows";
        return new(Interop.GeneratedBackground(count, row), null, description, new($"{description}, generated"));
    }

    /// <summary>
    /// The centres of clusters of the rows (k-means), each weighted by its share of them: a background that costs less.
    /// </summary>
    /// <param name="rows">As for <see cref="Rows(IEnumerable{double[]})"/>.</param>
    /// <param name="clusters">How many, from 1 to the number of rows; fewer come where rows coincide.</param>
    /// <param name="seed">Where the search for centres starts.</param>
    /// <exception cref="ArgumentException">
    /// As for <see cref="Rows(IEnumerable{double[]})"/>, and for a number of clusters that there cannot be.
    /// </exception>
    public static Background KMeans(IEnumerable<double[]> rows, int clusters, int seed = 0)
    {
        double[][] own = Copy(rows);
        Core.Background inner = Core.BackgroundModule.kMeans(clusters, seed, own);
        return Of(inner, own, $"{inner.Count} clusters of {own.Length} rows", [clusters, seed]);
    }

    /// <summary>Draws of Gaussian noise around each row that is explained, or around the tensor that is.</summary>
    /// <param name="deviation">The standard deviation of every feature, positive.</param>
    /// <param name="samples">How many draws, at least 2.</param>
    /// <param name="seed">Another seed gives other draws.</param>
    /// <exception cref="ArgumentException">The deviation is not positive, or there are fewer than 2 samples.</exception>
    public static Background Noise(double deviation, int samples, int seed = 0) => Noise([deviation], samples, seed);

    /// <summary>Draws of Gaussian noise around each row that is explained, or around the tensor that is.</summary>
    /// <param name="deviations">The standard deviation of each feature; none negative, and one positive at least.</param>
    /// <param name="samples">How many draws, at least 2.</param>
    /// <param name="seed">Another seed gives other draws.</param>
    /// <exception cref="ArgumentException">
    /// A deviation is negative or not finite, or all are 0, or there are fewer than 2 samples.
    /// </exception>
    public static Background Noise(IEnumerable<double> deviations, int samples, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(deviations);
        double[] own = [.. deviations];
        Core.Background inner = Core.BackgroundModule.noise(own, samples, seed);
        int? length = own.Length == 1 ? null : own.Length;
        var identity = new Lazy<string>(() => $"noise {Digest.Of([own])}");
        return new(inner, length, $"{samples} draws of noise", identity, (samples, seed));
    }

    /// <summary>
    /// Baselines drawn from this background in place of the average over all of it: two in each of strata of baselines with similar
    /// outputs. Where there are no more baselines than draws, all are averaged.
    /// </summary>
    /// <param name="samples">How many draws, at least 2.</param>
    /// <param name="seed">Another seed gives other draws.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 samples, or this background is drawn already.</exception>
    public Background Draw(int samples, int seed = 0) =>
        new(
            Core.BackgroundModule.draw(samples, seed, Inner),
            Length,
            $"{samples} draws from {_description}",
            _identity,
            (samples, seed)
        );

    /// <summary>Where the baselines come from, and how many there are.</summary>
    public override string ToString() => _description;

    private static Background Of(Core.Background inner, double[][] rows, string description, params double[] how) =>
        new(inner, rows[0].Length, description, new(() => $"{description} {Digest.Of([.. rows, how])}"));

    private static double[][] Copy(IEnumerable<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);

        // A table hands out copies already.
        double[][] own = rows is RowTable ? [.. rows] : [.. rows.Select(row => row?.ToArray()!)];

        return own.Contains(null!) ? throw new ArgumentException("A background row is null.", nameof(rows)) : own;
    }
}
