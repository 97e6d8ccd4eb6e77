using System.Globalization;
using System.Text.RegularExpressions;

namespace Interact.Cli;

/// <summary>The background that --background, --samples and --seed say.</summary>
internal static partial class BackgroundChoice
{
    /// <summary>Draws of noise where --samples says nothing.</summary>
    private const int DefaultDraws = 200;

    /// <summary>The files that are read.</summary>
    public static string?[] FilesOf(BackgroundOptions options) =>
        options.Source switch
        {
            null => [],
            { } text when Noise().Match(text) is { Success: true } noise => IsNumber(noise, out _)
                ? []
                : [noise.Groups["deviation"].Value],
            { } text when KMeans().Match(text) is { Success: true } clusters => [clusters.Groups["file"].Value],
            { } file => [file],
        };

    /// <summary>Checks that the options fit the method.</summary>
    /// <exception cref="CommandException">They do not.</exception>
    public static void Check(ExplainOptions options)
    {
        BackgroundOptions own = options.Background;
        string method = $"--method {options.Method.Name()}";

        if (!options.Method.IsExpected())
        {
            string? given =
                own.Source is not null ? "--background"
                : options.Method.HasCoalitions() ? null
                : own.Samples is not null ? "--samples"
                : own.Seed is not null ? "--seed"
                : null;

            if (given is not null)
            {
                throw new CommandException(
                    options.Method.IsComparator()
                        ? $"{method}: {(options.Method.HasCoalitions() ? "it averages over no background" : "it averages over no background and draws nothing")}; leave out {given}"
                        : $"{given}: {method} has one baseline; leave it out, or add --method expected-hessians or expected-gradients"
                );
            }

            return;
        }

        if (options.Run.Baseline is not null)
            throw new CommandException($"--baseline: {method} averages over --background; leave one of them out");

        if (own.Source is null)
        {
            throw new CommandException(
                $"{method}: there are no baselines to average over; add --background FILE, such as --background {options.Run.Data} for the rows that are explained themselves"
            );
        }

        bool isDrawn = own.Samples is not null || Noise().IsMatch(own.Source) || KMeans().IsMatch(own.Source);

        if (own.Seed is not null && !isDrawn)
            throw new CommandException("--seed: nothing is drawn; add --samples N, or leave it out");
    }

    /// <exception cref="CommandException">The background does not fit the rows.</exception>
    /// <exception cref="DataFormatException">A file cannot be read.</exception>
    public static Background Choose(BackgroundOptions options, Run run)
    {
        string text = options.Source!;
        int seed = options.Seed ?? 0;

        if (Noise().Match(text) is { Success: true } noise)
            return NoiseAround(noise, options.Samples ?? DefaultDraws, seed, run);

        CheckForm(text);

        Background whole = KMeans().Match(text) is { Success: true } clusters
            ? Clustered(clusters, seed, run)
            : Background.Rows(Load(text, run));

        return options.Samples is { } samples ? whole.Draw(samples, seed) : whole;
    }

    /// <summary>What is neither a file nor one of the forms.</summary>
    /// <exception cref="CommandException">It is so.</exception>
    private static void CheckForm(string text)
    {
        if (Path.Exists(text) || KMeans().IsMatch(text))
            return;

        string problem =
            text.StartsWith("kmeans:", StringComparison.Ordinal) ? "not a number of clusters and a file"
            : text.StartsWith("noise:", StringComparison.Ordinal) ? "no standard deviation"
            : "no such file";

        throw new CommandException(
            $"--background {text}: {problem}; give a file, kmeans:K:FILE such as kmeans:10:train.csv, or noise:SD such as noise:0.1"
        );
    }

    /// <summary>The background in words, for titles.</summary>
    public static string Describe(BackgroundOptions options) =>
        options.Samples is { } samples && !Noise().IsMatch(options.Source!)
            ? $"{Numbers.Count(samples, "draw")} from background {options.Source}"
            : $"background {options.Source}";

    private static Background NoiseAround(Match match, int samples, int seed, Run run)
    {
        string text = match.Groups["deviation"].Value;

        if (IsNumber(match, out double deviation))
        {
            return deviation > 0 && double.IsFinite(deviation)
                ? Background.Noise(deviation, samples, seed)
                : throw new CommandException(
                    $"--background {match.Value}: that is no standard deviation; give a positive number"
                );
        }

        RowTable table = RowTable.Load(text);

        if (table.Count != 1 || table.ColumnCount != run.Model.InputSize)
        {
            throw new CommandException(
                $"{text}: it has {Numbers.Count(table.Count, "row")} of {Numbers.Count(table.ColumnCount, "column")}; give one row with the standard deviation of each of the {run.Model.InputSize} features"
            );
        }

        return Translated($"--background {match.Value}", () => Background.Noise(table[0], samples, seed));
    }

    private static Background Clustered(Match match, int seed, Run run)
    {
        RowTable rows = Load(match.Groups["file"].Value, run);
        CheckMeans(match.Value, rows[0], run.Model);
        int clusters = Parsing.Integer(match.Groups["count"].Value) ?? int.MaxValue;

        return clusters >= 1 && clusters <= rows.Count
            ? Background.KMeans(rows, clusters, seed)
            : throw new CommandException(
                $"--background {match.Value}: there are {rows.Count} rows; give a number of clusters from 1 to {rows.Count}"
            );
    }

    /// <summary>Checks that means of rows may be rows too, as they may not where those are whole numbers such as ids.</summary>
    /// <exception cref="CommandException">They may not.</exception>
    private static void CheckMeans(string source, double[] row, Model model)
    {
        try
        {
            if (model.StartsInside)
                model.CheckData([.. row.Select(value => value + 0.5)]);
        }
        catch (ArgumentException)
        {
            throw new CommandException(
                $"--background {source}: the centres of clusters are means, which are no rows of whole numbers; give a file of rows"
            );
        }
    }

    private static RowTable Load(string file, Run run)
    {
        RowTable rows = RowTable.Load(file);
        BaselineFile.CheckColumns(file, rows, run.Data, run.Table);

        // Tables of floating inputs are checked as they are read.
        for (int row = 0; run.Model.StartsInside && row < rows.Count; row++)
        {
            double[] values = rows[row];
            RowCheck.Run(file, row, () => run.Model.CheckData(values));
        }

        return rows;
    }

    private static Background Translated(string option, Func<Background> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException problem)
        {
            throw new CommandException($"{option}: {Failure.Reason(problem)}");
        }
    }

    private static bool IsNumber(Match noise, out double deviation) =>
        double.TryParse(
            noise.Groups["deviation"].Value,
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out deviation
        );

    [GeneratedRegex("^noise:(?<deviation>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Noise();

    [GeneratedRegex("^kmeans:(?<count>[0-9]+):(?<file>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex KMeans();
}
