namespace Interact.Cli;

/// <summary>The results of any method.</summary>
/// <param name="Header">What they have in common.</param>
/// <param name="Results">The results, computed while they are enumerated.</param>
internal sealed record MethodResults(ExplanationHeader Header, IEnumerable<AttributionResult> Results);

/// <summary>What methods are given, and where each is started.</summary>
internal sealed class MethodRun(
    Run run,
    RowRange rows,
    FeatureGroups? groups,
    ExplainOptions options,
    IProgress<ExplainProgress> progress,
    CancellationToken cancellationToken
)
{
    private readonly Model _model = run.Model;
    private readonly RowTable _table = run.Table;

    /// <summary>Starts the method that is asked for.</summary>
    /// <exception cref="CommandException">The part, or the background, does not fit.</exception>
    /// <exception cref="DataFormatException">A file of the background cannot be read.</exception>
    public MethodResults Start() =>
        options.Method switch
        {
            ExplainMethod.IntegratedHessians => IntegratedHessians(With(new IntegratedHessiansOptions())),
            ExplainMethod.IntegratedGradients => Of(
                Explain.IntegratedGradients(
                    _model,
                    _table,
                    With(new IntegratedGradientsOptions()),
                    progress,
                    cancellationToken
                )
            ),
            ExplainMethod.ExpectedHessians => ExpectedHessians(
                With(new ExpectedHessiansOptions { Background = Background })
            ),
            ExplainMethod.ExpectedGradients => Of(
                Explain.ExpectedGradients(
                    _model,
                    _table,
                    With(new ExpectedGradientsOptions { Background = Background }),
                    progress,
                    cancellationToken
                )
            ),
            _ when options.Method.HasPairs() => Of(Comparators.Interactions()),
            _ => Of(Comparators.Attributions()),
        };

    private Comparators Comparators => new(options, run, rows, groups, progress, cancellationToken);

    private Background Background => BackgroundChoice.Choose(options.Background, run);

    private MethodResults IntegratedHessians(IntegratedHessiansOptions own) =>
        options.Part is { } part
            ? OfPart(part, () => Explain.IntegratedHessiansOf(_model, _table, part, own, progress, cancellationToken))
            : Of(Explain.IntegratedHessians(_model, _table, own, progress, cancellationToken));

    private MethodResults ExpectedHessians(ExpectedHessiansOptions own) =>
        options.Part is { } part
            ? OfPart(part, () => Explain.ExpectedHessiansOf(_model, _table, part, own, progress, cancellationToken))
            : Of(Explain.ExpectedHessians(_model, _table, own, progress, cancellationToken));

    private TOptions With<TOptions>(TOptions defaults)
        where TOptions : PathMethodOptions =>
        (TOptions)((PathMethodOptions)run.Configure(defaults, rows, groups) with { RowNumbers = options.RowNumbers });

    private static MethodResults Of<TResult>(Explanation<TResult> explanation)
        where TResult : AttributionResult => new(explanation.Header, explanation);

    /// <exception cref="CommandException">The part names what does not exist.</exception>
    private static MethodResults OfPart(InteractionPart part, Func<Explanation<PartialInteractionResult>> start)
    {
        try
        {
            return Of(start());
        }
        catch (ArgumentException problem)
        {
            string option = part.IsRows ? "--rows-of" : "--pairs";
            throw new CommandException($"{option}: {Failure.Reason(problem)}");
        }
    }
}
