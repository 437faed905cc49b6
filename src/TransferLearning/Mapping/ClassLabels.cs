namespace TransferLearning.Mapping;

/// <summary>What methods that align class by class ask of labels.</summary>
internal static class ClassLabels
{
    /// <summary>The source's labels must be classes.</summary>
    public static void Check(LabeledDomain source)
    {
        if (!source.Space.IsClasses)
        {
            throw new ArgumentException(
                $"class means need class labels; the labels are {source.Space}.",
                nameof(source)
            );
        }
    }
}
