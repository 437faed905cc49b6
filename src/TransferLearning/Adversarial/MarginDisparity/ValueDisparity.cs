using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// MDD for values: an adversarial regressor agrees with the predictor on the source and disagrees on the target;
/// reversed gradients teach the extractor to leave it no room.
/// </summary>
/// <remarks>
/// The disparity is <c>-gamma mean_s w mean_k |y'_s - y_s| + mean_t mean_k |y'_t - y_t|</c> of the adversary's values
/// <c>y'</c> and the predictor's <c>y</c>, constants (Zhang, Liu, Long and Jordan 2019, as TLLib writes it for
/// regression). The term is minus the disparity, which the adversary minimizes, with <c>-lambda</c> times its gradient
/// going to the extractor. Values should have a spread near 1: their unit scales the term. Source rows weigh by their
/// example weights.
/// </remarks>
/// <param name="adversary">
/// The adversarial regressor, of the predictor's kind; the phase moves it together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default a ramp from 0 to 0.1.</param>
public sealed class ValueDisparity(ILabelPredictor adversary, Schedule? reversal = null) : IObjective, IJudged
{
    private readonly ILabelPredictor adversary = adversary ?? throw new ArgumentNullException(nameof(adversary));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp(height: 0.1);

    /// <summary>The factor gamma of the source's part, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 1;

    IReadOnlyList<IPart> IJudged.Critics => [adversary];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [adversary];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var values = OpposedScores.Of(step, adversary, reversal.At(step.Progress));
        return Of(
                values.Source,
                values.SourceAdversary,
                values.Target,
                values.TargetAdversary,
                Margin,
                step.SourceWeights()
            )
            .neg();
    }

    /// <summary>The disparity of some values.</summary>
    /// <param name="source">The predictor's values of source rows <c>[n, k]</c>; taken as constants.</param>
    /// <param name="sourceAdversary">The adversary's values of these rows <c>[n, k]</c>.</param>
    /// <param name="target">The predictor's values of target rows <c>[m, k]</c>; taken as constants.</param>
    /// <param name="targetAdversary">The adversary's values of these rows <c>[m, k]</c>.</param>
    /// <param name="margin">The factor gamma of the source's part.</param>
    /// <param name="weights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <returns>A scalar, differentiable in the adversary's values; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor sourceAdversary,
        Tensor target,
        Tensor targetAdversary,
        double margin = 1,
        Tensor? weights = null
    )
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, sourceAdversary);
        Guard.Pair(target, targetAdversary);
        Guard.Positive(margin);
        using var scope = NewDisposeScope();
        var rows = (sourceAdversary - source.detach()).abs().mean([1L]);
        var agreement = (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean();
        var disagreement = (targetAdversary - target.detach()).abs().mean();
        return (disagreement - (agreement * margin)).MoveToOuterDisposeScope();
    }
}
