namespace Interact;

/// <summary>How well a part of a table is told.</summary>
/// <param name="Kind">The measure.</param>
/// <param name="Value">Its value; NaN where it is not defined, as the ROC-AUC of rows of one class.</param>
public sealed record TableMetric(TableMetricKind Kind, double Value);
