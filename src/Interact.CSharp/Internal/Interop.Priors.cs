using Interact.Core.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interact;

/// <content>Priors on attributions and interactions.</content>
internal static partial class Interop
{
    private static PriorTarget Target(PriorOptions options) =>
        options.Target is { } index ? PriorTarget.NewOutput(index) : PriorTarget.TrueClass;

    private static void CheckPrior(PriorOptions options)
    {
        if (options.Target is < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.Target, "The target is not negative.");

        if (options.Samples < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Samples, "At least one sample is drawn.");
    }

    public static Core.Learning.AttributionPriorOptions Prior(AttributionPriorOptions options)
    {
        CheckPrior(options);

        return new(
            Target(options),
            options.Samples,
            ToOption(options.Groups?.Inner.Members),
            ToOption(options.Factors?.ToArray())
        );
    }

    public static Core.Learning.InteractionPriorOptions Prior(InteractionPriorOptions options)
    {
        CheckPrior(options);

        if (options.Smooth is { } beta)
            Guard.Positive(beta, nameof(options));

        return new(Target(options), options.Samples, ToOptional(options.Smooth));
    }

    public static Core.Learning.Penalty GraphPrior(
        double weight,
        IEnumerable<(int First, int Second, double Weight)> edges,
        AttributionPriorOptions options
    ) =>
        AttributionPrior.graph(
            weight,
            ListModule.OfSeq(edges.Select(edge => Tuple.Create(edge.First, edge.Second, edge.Weight))),
            Prior(options)
        );

    public static Core.Learning.Penalty CustomPrior(
        string name,
        double weight,
        Func<Tensor, Tensor> omega,
        AttributionPriorOptions options
    ) => AttributionPrior.custom(name, weight, Prior(options), Traced(omega));

    public static Core.Learning.Penalty CustomPrior(
        string name,
        double weight,
        IEnumerable<(int First, int Second)> pairs,
        Func<Tensor, Tensor> omega,
        InteractionPriorOptions options
    ) => InteractionPrior.custom(name, weight, ToPairs(pairs), Prior(options), Traced(omega));

    public static Core.Learning.Penalty ForbiddenPairs(
        double weight,
        IEnumerable<(int First, int Second)> pairs,
        InteractionPriorOptions options
    ) => InteractionPrior.pairs(weight, ToPairs(pairs), Prior(options));

    public static Core.Learning.Penalty ForbiddenBetween(
        double weight,
        IEnumerable<int> first,
        IEnumerable<int> second,
        InteractionPriorOptions options
    ) => InteractionPrior.between(weight, ListModule.OfSeq(first), ListModule.OfSeq(second), Prior(options));

    private static FSharpList<Tuple<int, int>> ToPairs(IEnumerable<(int First, int Second)> pairs) =>
        ListModule.OfSeq(pairs.Select(pair => Tuple.Create(pair.First, pair.Second)));

    private static FSharpFunc<Core.Tensor, Core.Tensor> Traced(Func<Tensor, Tensor> function) =>
        FuncConvert.FromFunc((Core.Tensor x) => function(new Tensor(x)).Inner);
}
