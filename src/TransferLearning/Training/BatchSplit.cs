namespace TransferLearning.Training;

/// <summary>How an objective is computed where several processes share a step's rows.</summary>
public enum BatchSplit
{
    /// <summary>
    /// On the rows of all processes: their features are gathered, and the value is that of the whole step. Right for
    /// every objective that reads rows by its <see cref="StepContext"/>; costs a message for each pass that it asks
    /// for.
    /// </summary>
    Gathered,

    /// <summary>
    /// As the mean of its values over equal parts of each batch, because that is its value over the whole: a mean over
    /// rows, or a penalty on parameters alone. Each process computes its own part and no features travel.
    /// </summary>
    Mean,

    /// <summary>
    /// Not at all: it differentiates within the step, or reads rows past the step. The plan refuses it by name.
    /// </summary>
    Refused,
}
