using TransferLearning.Training;

namespace TransferLearning.Augmentation;

/// <summary>The second of two looks at the same rows.</summary>
internal static class SecondLook
{
    /// <summary>
    /// The second view; where it is the first one again, another draw of it: a step knows views by reference, and would
    /// show the same rows twice.
    /// </summary>
    public static IAugmentation? Apart(IAugmentation? first, IAugmentation? second) =>
        second is not null && ReferenceEquals(first, second) ? new AugmentationSequence(second) : second;
}
