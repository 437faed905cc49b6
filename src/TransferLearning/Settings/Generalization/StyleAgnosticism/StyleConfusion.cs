using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SagNet's adversary: the extractor learns features whose mean and variance tell the classifier of styles nothing.
/// </summary>
/// <remarks>
/// <c>-mean_i 1/C sum_c log softmax(z_i)_c</c> of the classifier of styles on rows as in
/// <see cref="ContentRandomization"/>, drawn anew: least where all classes are alike (Nam, Lee, Park, Yoon and Yoo
/// 2021, "Reducing Domain Gap by Reducing Style Bias"). Let a phase move the extractor alone. Rows are all
/// labeled rows, each alike.
/// </remarks>
/// <param name="style">The classifier of styles.</param>
public sealed class StyleConfusion(ILabelPredictor style) : IObjective
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
        var (features, _) = StyleStatistic.All(step);
        var partners = StyleStatistic.Partners(features, step.NextKey());
        return Of(style.Predict(ContentRandomization.Of(features, partners)));
    }

    /// <summary>How far some predictions are from all classes alike, and the logarithm of their number.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <returns>A scalar, at least <c>log C</c>, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        using var scope = NewDisposeScope();
        return scores.log_softmax(1).mean().neg().MoveToOuterDisposeScope();
    }
}
