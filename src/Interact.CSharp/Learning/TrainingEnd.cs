namespace Interact;

/// <summary>Why training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>The loss of the validation data had not become better for as many epochs as patience lasts.</summary>
    StoppedEarly,

    /// <summary>The loss was not finite in the last epoch of the history.</summary>
    Diverged,
}
