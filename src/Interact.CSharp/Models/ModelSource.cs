namespace Interact;

/// <summary>The file a model was read from.</summary>
/// <param name="File">The name of the file, without its folder.</param>
/// <param name="Sha256">SHA-256 of the file's bytes, in 64 lower-case hexadecimal digits.</param>
public sealed record ModelSource(string File, string Sha256);
