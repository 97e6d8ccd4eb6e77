using System.Diagnostics.CodeAnalysis;

namespace Interact;

/// <summary>Checks of how a model is to be read.</summary>
internal static class ModelLoadOptionsGuard
{
    public static void Check([NotNull] this ModelLoadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Limits, nameof(options));

        if (options is { AllInputs: true, Input: not null })
            throw new ArgumentException("Input names one input and AllInputs asks for all; set one.", nameof(options));
    }
}
