namespace Interact.Cli;

/// <summary>The report of `inspect` for people.</summary>
internal static class InspectRendering
{
    private const string Nothing = "none";

    public static void Show(Screen screen, ModelInspection inspection, Model? model)
    {
        var table = new Table(new Column("property"), new Column("value"));
        table.Add("file", inspection.Source.File);
        table.Add("sha256", inspection.Source.Sha256);
        table.Add("producer", inspection.Producer.Length > 0 ? inspection.Producer : "unknown");
        table.Add("operator sets", Lines(inspection.OperatorSets.Select(Describe)));
        table.Add("inputs", Lines(inspection.Inputs.Select(port => port.ToString())));
        table.Add("outputs", Lines(inspection.Outputs.Select(port => port.ToString())));
        table.Add("operators", Lines(inspection.Operators.Select(Describe)));
        table.Add("parameters", Numbers.Count(inspection.Parameters));
        table.Add("kinks", Kinks(inspection));
        table.Add("warnings", Lines(inspection.Warnings));
        table.Add("problems", Lines(inspection.Problems.Select(problem => problem.ToString())));
        table.Add("explained", model is null ? Nothing : Explained(model));
        table.Add("explainable", Explainable(inspection, model));
        screen.Show(table);
    }

    private static string Describe(OperatorSet set) =>
        $"{(set.Domain.Length == 0 ? "ai.onnx" : set.Domain)} {set.Version}";

    private static string Describe(OperatorCount count) => $"{count.Operator}: {Numbers.Count(count.Count, "node")}";

    /// <summary>Operators whose value jumps, not only its slope.</summary>
    private static readonly string[] Jumping =
    [
        "ArgMax",
        "ArgMin",
        "Ceil",
        "Floor",
        "Hardmax",
        "Mod",
        "OneHot",
        "Round",
        "Sign",
        "ThresholdedRelu",
    ];

    private static string Kinks(ModelInspection inspection)
    {
        ILookup<bool, OperatorCount> kinks = inspection.Kinks.ToLookup(count => Jumping.Contains(count.Operator));
        List<string> told = [];

        if (kinks[false].ToList() is { Count: > 0 } bends)
            told.Add(
                $"{Advice.Describe(bends)}: the slope jumps there; explain finds these places on every path and counts them in exactly"
            );

        if (kinks[true].ToList() is { Count: > 0 } jumps)
            told.Add(
                $"{Advice.Describe(jumps)}: the value jumps there; a row whose output jumps on its path is not certified"
            );

        return told.Count == 0 ? $"{Nothing}: second derivatives tell all of the model's curvature" : Lines(told);
    }

    /// <summary>What of a row is explained: its name, its shape, and how many features it has.</summary>
    private static string Explained(Model model)
    {
        string kind = model.StartsInside ? "tensor " : "";
        string shape = model.InputShape.Count == 0 ? "scalar" : string.Join(" x ", model.InputShape);
        string features = $"{kind}'{model.InputName}': {shape}, {Numbers.Count(model.InputSize, "feature")}";

        return model.StartsInside
            ? $"{features}; a row of data has {Numbers.Count(model.RowSize, "column")}, of the input it is computed from"
            : features;
    }

    private static string Explainable(ModelInspection inspection, Model? model)
    {
        if (model is null)
            return $"{Marks.Failed} no: {Numbers.Count(inspection.Problems.Count, "problem")}";

        string outputs =
            model.OutputSize == 1
                ? "one number a row"
                : $"{model.OutputSize} numbers a row (--target 0 to {model.OutputSize - 1})";

        string held =
            model.HeldInputs.Count == 0
                ? ""
                : $", with {string.Join(", ", model.HeldInputs.Select(name => $"'{name}'"))} held fixed (--fix)";

        string unit = model.StartsInside ? "feature" : "column";
        return $"{Marks.Passed} yes: {Numbers.Count(model.InputSize, unit)} of '{model.InputName}' to {outputs} of '{inspection.ExplainedOutput}'{held}";
    }

    private static string Lines(IEnumerable<string> texts)
    {
        string lines = string.Join('\n', texts.Select(Plain.Line));
        return lines.Length > 0 ? lines : Nothing;
    }
}
