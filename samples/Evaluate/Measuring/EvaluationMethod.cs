using TransferLearning;

namespace Evaluate.Measuring;

/// <summary>One row of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Fit">Fits a model to a task with a seed.</param>
public sealed record EvaluationMethod(string Name, Func<TaskData, FitOptions, CancellationToken, AdaptedModel> Fit)
{
    /// <summary>A published mean over the table's tasks, or null.</summary>
    public double? Published { get; init; }

    /// <summary>The row with the same learner and no adaptation, where it is not the table's.</summary>
    public string? Baseline { get; init; }

    /// <summary>A method that sees no target label.</summary>
    public static EvaluationMethod Unsupervised(string name, AdaptationBuilder chain) =>
        new(name, (data, options, stop) => chain.Fit(data.Source, data.Target.WithoutLabels(), options, null, stop));

    /// <summary>A method that sees the few labeled target rows.</summary>
    public static EvaluationMethod FewShot(string name, AdaptationBuilder chain) =>
        new(
            name,
            (data, options, stop) =>
                chain.FitFewShot(data.Source, data.Target.WithoutLabels(), Few(data), options, null, stop)
        );

    /// <summary>A learner on the few labeled target rows alone.</summary>
    public static EvaluationMethod TargetAlone(string name, ILabelLearner learner) =>
        new(
            name,
            (data, options, stop) =>
                new AdaptationBuilder().Learn(learner).Fit(Few(data), data.Target.WithoutLabels(), options, null, stop)
        );

    private static LabeledDomain Few(TaskData data) =>
        data.Few ?? throw new InvalidOperationException("the task has no labeled target rows.");
}
