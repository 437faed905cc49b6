namespace Evaluate.Tables;

/// <summary>Features that are learned without labels.</summary>
internal static class SelfSupervisedSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new("self-supervised", "Features without labels, on small images", data => [SmallImages.Table(data)]);
}
