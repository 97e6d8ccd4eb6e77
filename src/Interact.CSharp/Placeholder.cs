namespace Interact;

/// <summary>Stands in until the first type of the facade is written.</summary>
internal static class Placeholder
{
    /// <summary>The name of the library.</summary>
    public const string Name = "Interact";
}
