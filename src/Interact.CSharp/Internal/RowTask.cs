namespace Interact;

/// <summary>A row to explain, with the model that holds what is fixed for it.</summary>
internal readonly record struct RowTask(Core.Model Model, Core.PathTask Task)
{
    /// <summary>Works on rows together as far as they follow each other with the same model.</summary>
    public static TResult[] Together<TResult>(RowTask[] tasks, Func<Core.Model, Core.PathTask[], TResult[]> work)
    {
        var results = new List<TResult>(tasks.Length);
        int start = 0;

        for (int end = 1; end <= tasks.Length; end++)
        {
            if (end < tasks.Length && ReferenceEquals(tasks[end].Model, tasks[start].Model))
                continue;

            results.AddRange(work(tasks[start].Model, [.. tasks[start..end].Select(task => task.Task)]));
            start = end;
        }

        return [.. results];
    }
}
