using System.Globalization;

namespace Interact;

/// <summary>
/// Which output of a model is explained. An integer converts to a target by itself: <c>Target = 0</c>.
/// </summary>
public readonly record struct Target
{
    private Target(int index) => Index = index;

    /// <summary>Each row's largest output, the first of several equal ones. The default.</summary>
    public static Target Predicted => default;

    /// <summary>Index into the flattened output; null for <see cref="Predicted"/>.</summary>
    public int? Index { get; }

    /// <summary>The output with an index.</summary>
    /// <param name="index">Index into the flattened output; whether it exists is checked against the model.</param>
    public static implicit operator Target(int index) => new(index);

    /// <summary>The index, or "predicted".</summary>
    public override string ToString() => Index?.ToString(CultureInfo.InvariantCulture) ?? "predicted";
}
