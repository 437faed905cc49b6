namespace TransferLearning.Selection;

/// <summary>Which pairs of target rows a <see cref="MixedSampleConsistency"/> mixes.</summary>
public enum MixedPairs
{
    /// <summary>Rows that the model reads as different classes: where its boundaries lie.</summary>
    Between,

    /// <summary>Rows that it reads as one class: whether the class is one piece.</summary>
    Within,
}
