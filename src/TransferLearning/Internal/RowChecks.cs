namespace TransferLearning.Internal;

/// <summary>What shallow stages ask of rows and of their labels.</summary>
internal static class RowChecks
{
    /// <summary>Rows must be vectors, unless an extractor turns them into some.</summary>
    public static void Vectors(ChainPlan plan, bool isExtracted)
    {
        if (!isExtracted && plan.RowShape is { } shape && shape.Count != 1)
        {
            plan.Fault(
                $"works on feature vectors [n, d], but a row has shape {Shape.Text(shape)}: put Flatten() or "
                    + "Frozen(...) before it, or train an extractor first."
            );
        }
    }

    /// <summary>Labels must be classes.</summary>
    public static void Classes(ChainPlan plan)
    {
        if (!plan.Domains.Space.IsClasses)
        {
            plan.Fault($"classifies; the labels are {plan.Domains.Space}.");
        }
    }
}
