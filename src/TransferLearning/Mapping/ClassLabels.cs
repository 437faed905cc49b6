namespace TransferLearning.Mapping;

/// <summary>What methods that align class by class ask of labels.</summary>
internal static class ClassLabels
{
    /// <summary>The fault of a plan whose labels are values.</summary>
    public static IEnumerable<string> Faults(ChainPlan plan) =>
        plan.Domains.Space.IsClasses ? [] : [$"class means need class labels; the labels are {plan.Domains.Space}."];

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
