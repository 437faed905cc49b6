namespace TransferLearning.Internal;

/// <summary>What shallow stages ask of rows and of their labels.</summary>
internal static class RowChecks
{
    /// <summary>Rows must be vectors, or an extractor's features that are.</summary>
    public static void Vectors(ChainPlan plan)
    {
        if (plan.FeatureShape is { } shape && shape.Count != 1)
        {
            plan.Fault(
                plan.HasExtractor
                    ? $"works on feature vectors [n, d], but the extractor gives features of shape {Shape.Text(shape)} "
                        + "for a row: let it end with nn.Flatten(), for instance."
                    : $"works on feature vectors [n, d], but a row has shape {Shape.Text(shape)}: put Flatten() or "
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
