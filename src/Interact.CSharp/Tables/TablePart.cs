namespace Interact;

/// <summary>One of the parts of a table, encoded, with what the network says of it.</summary>
public sealed class TablePart
{
    internal TablePart(
        string name,
        Core.Learning.TabularPart inner,
        string[] features,
        double[][] outputs,
        IReadOnlyList<TableMetric> metrics,
        IReadOnlyList<TableMetric> constantMetrics
    )
    {
        Name = name;
        Rows = Array.AsReadOnly(inner.Rows);
        Inputs = new RowTable(inner.Inputs, features);
        Targets = Array.AsReadOnly(inner.Targets);
        Outputs = new RowTable(outputs, null);
        Metrics = metrics;
        ConstantMetrics = constantMetrics;
    }

    /// <summary>"training", "validation" or "test".</summary>
    public string Name { get; }

    /// <summary>The numbers of its rows in the table, from 0, ascending.</summary>
    public IReadOnlyList<int> Rows { get; }

    /// <summary>The encoded rows, which the network takes.</summary>
    public RowTable Inputs { get; }

    /// <summary>Of each row the target, or the index of its class.</summary>
    public IReadOnlyList<double> Targets { get; }

    /// <summary>Of each row the network's output.</summary>
    public RowTable Outputs { get; }

    /// <summary>How well the network tells the targets.</summary>
    public IReadOnlyList<TableMetric> Metrics { get; }

    /// <summary>
    /// How well the best constant does, the shares of classes or the mean of the training part: what the network's are compared with.
    /// </summary>
    public IReadOnlyList<TableMetric> ConstantMetrics { get; }
}
