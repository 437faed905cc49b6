using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SagNet's style: a second classifier reads rows that have kept their mean and variance alone, and learns what these
/// tell of the classes.
/// </summary>
/// <remarks>
/// Cross-entropy of the classifier on rows with their own mean and variance and the content of another row, a constant,
/// drawn from all labeled rows (Nam, Lee, Park, Yoon and Yoo 2021, "Reducing Domain Gap by Reducing Style Bias"). Let a
/// phase move the classifier alone. <see cref="StyleConfusion"/> goes against it. The labeled batches' means are
/// averaged.
/// </remarks>
/// <param name="style">The classifier of styles, of the predictor's input and output; its phase moves it.</param>
public sealed class ContentRandomization(ILabelPredictor style) : IObjective
{
    private readonly ILabelPredictor style = style ?? throw new ArgumentNullException(nameof(style));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [style];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (features, batches) = StyleStatistic.All(step);
        var scores = style
            .Predict(Of(features, StyleStatistic.Partners(features, step.NextKey())))
            .split([.. batches.Select(batch => batch.Inputs.shape[0])]);
        return stack([.. batches.Zip(scores, (batch, own) => CrossEntropy.Of(own, batch.Labels, batch.Weights))])
            .mean();
    }

    /// <summary>Rows of their own style and others' content.</summary>
    /// <param name="rows">Features <c>[n, d]</c>, or channels over places <c>[n, c, ...]</c>.</param>
    /// <param name="partners">The row that each row's content is of, int64 <c>[n]</c>.</param>
    /// <returns>
    /// The rows in their shape, differentiable in means and variances alone; the caller disposes them.
    /// </returns>
    public static Tensor Of(Tensor rows, Tensor partners)
    {
        StyleStatistic.Check(rows, partners);
        using var scope = NewDisposeScope();
        var (content, mean, variance) = StyleStatistic.Of(rows);
        var others = content.detach().index_select(0, partners);
        return StyleStatistic.Rows(others, mean, variance, rows).MoveToOuterDisposeScope();
    }
}
