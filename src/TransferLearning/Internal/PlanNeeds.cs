using TransferLearning.Training;

namespace TransferLearning.Internal;

/// <summary>Counts of rows that a plan knows, and needs that several methods have.</summary>
internal static class PlanNeeds
{
    /// <summary>Rows of all sources.</summary>
    public static long SourceRows(this ChainPlan plan) => plan.Domains.Sources.Sum(source => source.Count);

    /// <summary>Rows of all sources and of the target.</summary>
    public static long Rows(this ChainPlan plan) =>
        plan.SourceRows() + (plan.Domains.HasTarget ? plan.Domains.Target.Count : 0);

    /// <summary>The most rows that a learner of the present stage can be fitted to.</summary>
    public static long LearnedRows(this ChainPlan plan) =>
        (plan.Current is LearningStage ? plan.SourceRows() : plan.Rows()) + (plan.Domains.LabeledTarget?.Count ?? 0);

    /// <summary>
    /// The rows of each sample that a weighting of the present stage weighs: each source by itself, or all together.
    /// </summary>
    public static IEnumerable<long> WeighedRows(this ChainPlan plan) =>
        plan.Current is WeightingStage ? plan.Domains.Sources.Select(source => source.Count) : [plan.SourceRows()];

    /// <summary>The rows that a step of the present training takes of each source.</summary>
    public static IEnumerable<long> SourceBatches(this ChainPlan plan) =>
        plan.Domains.Sources.Select(source => Math.Min(plan.Training.BatchSize, source.Count));

    /// <summary>The rows that a step of the present training takes of the labeled target examples.</summary>
    public static IEnumerable<long> FewBatch(this ChainPlan plan) =>
        plan.Domains.LabeledTarget is { } few ? [Math.Min(plan.Training.BatchSize, few.Count)] : [];

    /// <summary>The rows that a step of the present training takes of the target.</summary>
    public static IEnumerable<long> TargetBatch(this ChainPlan plan) =>
        plan.Domains.HasTarget
            ? [Math.Min(plan.Training.TargetBatchSize ?? plan.Training.BatchSize, plan.Domains.Target.Count)]
            : [];

    /// <summary>The fault of a chain without labeled target rows.</summary>
    public static IEnumerable<string> LabeledTarget(this ChainPlan plan) =>
        plan.Domains.LabeledTarget is null ? ["needs labeled target rows: call FitFewShot(...)."] : [];

    /// <summary>The fault of a chain without labeled rows.</summary>
    public static IEnumerable<string> LabeledRows(this ChainPlan plan) =>
        plan.Domains.Labeled.Any() ? [] : ["needs labeled rows, and this fit has none: fit with a source."];

    /// <summary>The fault of a chain without target rows.</summary>
    public static IEnumerable<string> Target(this ChainPlan plan) =>
        plan.Domains.HasTarget ? [] : ["needs target rows, and this fit has none: leave it out, or fit with a target."];

    /// <summary>The fault of a chain whose sources cannot be compared with each other.</summary>
    public static IEnumerable<string> SeveralSources(this ChainPlan plan) =>
        plan.Domains.Sources.Count > 1
            ? []
            : [$"compares sources with each other, and this fit has {plan.Domains.Sources.Count}: give at least 2."];

    /// <summary>The fault of a training whose steps take several batches, of which a hook sees the last.</summary>
    public static IEnumerable<string> OneBatchAStep(this ChainPlan plan) =>
        plan.Training.GradientAccumulation > 1
            ? ["remembers the rows of one batch a step: GradientAccumulation must be 1."]
            : [];

    /// <summary>The fault of a chain whose labels are not classes.</summary>
    public static IEnumerable<string> OfClasses(this ChainPlan plan) =>
        plan.Domains.Space.IsClasses ? [] : [$"is of classes; the labels are {plan.Domains.Space}."];

    /// <summary>The fault of a chain that hands labels on in shares, where a label is given or not.</summary>
    public static IEnumerable<string> OfClassesOrValues(this ChainPlan plan) =>
        plan.Domains.Space.IsMultiLabel
            ? [$"carries classes or values over; the labels are {plan.Domains.Space}: map the features instead."]
            : [];

    /// <summary>
    /// The fault of an extractor with a branch for the target in a chain whose rows would not train that branch.
    /// </summary>
    public static IEnumerable<string> OneBranch(this ChainPlan plan, IFeatureExtractor extractor) =>
        plan.Domains.HasTarget
            ? []
            : extractor
                .WithInner()
                .Where(part => part is IDomainSpecific and not (ExtractorChain or TappedExtractor))
                .Select(part =>
                    $"the extractor {part.GetType().Name} keeps a branch for the target, and this fit has no target "
                    + "rows to train it by: take an extractor that serves every domain alike, or fit with a target."
                )
                .Take(1);

    /// <summary>
    /// The fault of a network training whose steps hold fewer rows of one domain than of another; nothing elsewhere.
    /// </summary>
    public static IEnumerable<string> EqualBatches(this ChainPlan plan)
    {
        if (plan.Current is not NetworkTraining || !plan.Domains.HasTarget)
        {
            return [];
        }
        var (ofSources, ofTarget) = (plan.Training.BatchSize, plan.Training.TargetBatchSize ?? plan.Training.BatchSize);
        var target = Math.Min(ofTarget, plan.Domains.Target.Count);
        return plan
            .Domains.Sources.Select(source => Math.Min(ofSources, source.Count))
            .Where(source => source != target)
            .Distinct()
            .Select(source =>
                $"needs as many source as target rows in a step; there are {source} and {target}. Give BatchSize "
                + "and TargetBatchSize one value that no domain falls short of."
            );
    }
}
