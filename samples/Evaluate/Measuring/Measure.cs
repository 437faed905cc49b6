namespace Evaluate.Measuring;

/// <summary>What a table counts.</summary>
public enum Measure
{
    /// <summary>The share of rows read rightly, in per cent.</summary>
    Accuracy,

    /// <summary>The share of rows read wrongly, in per cent.</summary>
    Error,

    /// <summary>The root of the mean squared difference, in the labels' unit.</summary>
    RootMeanSquare,

    /// <summary>The mean absolute difference, in the labels' unit times that of the task.</summary>
    MeanAbsolute,

    /// <summary>
    /// The harmonic mean of the accuracy of known classes and of the share of unknown rows called unknown, in per cent.
    /// </summary>
    HarmonicScore,

    /// <summary>
    /// The harmonic mean of the mean accuracy of the classes that the source shows and of those that it does not, in
    /// per cent.
    /// </summary>
    GeneralizedScore,
}
