using Interact.Core.Data;

namespace Interact;

/// <summary>Explanations as NumPy arrays; they are described at ExplanationFile.</summary>
internal static class NpzExplanation
{
    /// <summary>What can be held of every row, so that its attributions and interactions need not be.</summary>
    private readonly record struct Summary(
        long Row,
        long Target,
        double Value,
        double BaselineValue,
        Certificate Certificate
    );

    public static void Write(
        Stream stream,
        string folder,
        ExplanationHeader header,
        IEnumerable<AttributionResult> results
    )
    {
        using var attributions = new Spool(folder);
        using var interactions = new Spool(folder);
        var rows = new List<Summary>();
        bool hasInteractions = false;
        bool hasPart = false;

        foreach (AttributionResult result in results)
        {
            rows.Add(new(result.Row, result.Target, result.Value, result.BaselineValue, result.Certificate));
            attributions.Add(result.Attributions.Values);

            if (result is InteractionResult both)
            {
                interactions.Add(both.Interactions.Values);
                hasInteractions = true;
            }
            else if (result is PartialInteractionResult partial)
            {
                interactions.Add(partial.Values);
                hasPart = true;
            }
        }

        int count = rows.Count;
        int features = header.FeatureNames.Count;

        Tuple<string, NpyArray> Array(string name, NpyValues values, params int[] shape) =>
            Tuple.Create(name, new NpyArray(shape, values));

        Tuple<string, NpyArray> Numbers(string name, Func<Summary, double> number) =>
            Array(name, NpyValues.NewFloat64([.. rows.Select(number)]), count);

        Tuple<string, NpyArray> Integers(string name, Func<Summary, long> integer) =>
            Array(name, NpyValues.NewInt64([.. rows.Select(integer)]), count);

        Tuple<string, NpyArray> Text(string name, string? text) => Array(name, NpyValues.NewText([text ?? ""]));

        List<Tuple<string, NpyArray>> arrays =
        [
            Integers("rows", row => row.Row),
            Integers("targets", row => row.Target),
            Numbers("values", row => row.Value),
            Numbers("baselineValues", row => row.BaselineValue),
            Array("satisfied", NpyValues.NewBoolean([.. rows.Select(row => row.Certificate.Satisfied)]), count),
            Numbers("completenessResiduals", row => row.Certificate.CompletenessResidual),
            Numbers("errorEstimates", row => row.Certificate.ErrorEstimate),
            Integers("evaluations", row => row.Certificate.Evaluations),
            Array("methods", NpyValues.NewText([.. rows.Select(row => row.Certificate.Method)]), count),
            Text("method", header.Method),
            Text("model", header.Model?.File),
            Text("sha256", header.Model?.Sha256),
            Array("features", NpyValues.NewText([.. header.FeatureNames]), features),
            Array("attributions", NpyValues.NewFloat64Stream(attributions.Rewind()), count, features),
        ];

        if (rows.Exists(row => row.Certificate.StandardError is not null))
            arrays.Add(Numbers("standardErrors", row => row.Certificate.StandardError ?? 0));

        if (hasInteractions)
        {
            arrays.Add(Numbers("rowResiduals", row => row.Certificate.RowResidual ?? 0));
            arrays.Add(
                Array("interactions", NpyValues.NewFloat64Stream(interactions.Rewind()), count, features, features)
            );
        }

        if (hasPart && header.Part is { } part)
        {
            long[] rowsOf = [.. part.FeaturesAmong(header.FeatureNames)];
            long[] pairs =
            [
                .. part.PairsAmong(header.FeatureNames).SelectMany(pair => new long[] { pair.First, pair.Second }),
            ];
            NpyValues values = NpyValues.NewFloat64Stream(interactions.Rewind());
            arrays.Add(Numbers("rowResiduals", row => row.Certificate.RowResidual ?? 0));

            if (part.IsRows)
            {
                arrays.Add(Array("rowsOf", NpyValues.NewInt64(rowsOf), rowsOf.Length));
                arrays.Add(Array("interactionRows", values, count, rowsOf.Length, features));
            }
            else
            {
                arrays.Add(Array("pairs", NpyValues.NewInt64(pairs), pairs.Length / 2, 2));
                arrays.Add(Array("interactionPairs", values, count, pairs.Length / 2));
            }
        }

        Npz.write(stream, arrays);
    }
}
