namespace Interact.Cli;

/// <summary>What commands share that explain rows. What is null is as the library has it.</summary>
internal sealed record RunOptions
{
    /// <summary>The ONNX file.</summary>
    public required string Model { get; init; }

    /// <summary>The file of the rows.</summary>
    public required string Data { get; init; }

    /// <summary>What of the model is explained.</summary>
    public ModelLoadOptions Load { get; init; } = new();

    /// <summary>The files of the inputs that are held fixed, as NAME=FILE.</summary>
    public IReadOnlyList<FixedFile> Fixed { get; init; } = [];

    /// <summary>The element of that output.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>"zeros", "mean", "median", "blur:SIGMA", or a file; null for zeros.</summary>
    public string? Baseline { get; init; }

    /// <summary>β of SoftPlus in place of ReLU; null to leave the model as it is.</summary>
    public double? Smooth { get; init; }

    /// <summary>Whether kinks must be counted in exactly; otherwise they are where the model has any.</summary>
    public bool Exact { get; init; }

    /// <summary>The largest relative residual and error of a certified row.</summary>
    public double? Tolerance { get; init; }

    /// <summary>Which rows; null for all.</summary>
    public RowRange? Rows { get; init; }

    /// <summary>On how many threads.</summary>
    public int? Threads { get; init; }

    /// <summary>What derivatives are evaluated in.</summary>
    public Precision Precision { get; init; } = Precision.Double;

    /// <summary>Bytes to work in.</summary>
    public long? Memory { get; init; }
}
