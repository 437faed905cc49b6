using TransferLearning.Training;

namespace TransferLearning.Internal;

/// <summary>Counts of rows that a plan knows.</summary>
internal static class PlanCounts
{
    /// <summary>Rows of all sources.</summary>
    public static long SourceRows(this ChainPlan plan) => plan.Domains.Sources.Sum(source => source.Count);

    /// <summary>Rows of all sources and of the target.</summary>
    public static long Rows(this ChainPlan plan) => plan.SourceRows() + plan.Domains.Target.Count;

    /// <summary>The most rows that a learner of the present stage can be fitted to.</summary>
    public static long LearnedRows(this ChainPlan plan) =>
        (plan.Current is LearningStage ? plan.SourceRows() : plan.Rows()) + (plan.Domains.LabeledTarget?.Count ?? 0);

    /// <summary>The rows of each sample that a weighting of the present stage weighs: each source by itself, or all together.</summary>
    public static IEnumerable<long> WeighedRows(this ChainPlan plan) =>
        plan.Current is WeightingStage ? plan.Domains.Sources.Select(source => source.Count) : [plan.SourceRows()];
}
