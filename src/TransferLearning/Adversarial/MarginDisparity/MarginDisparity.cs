using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// MDD: an adversarial classifier agrees with the predictor on the source and disagrees on the target, by a margin;
/// reversed gradients teach the extractor to leave it no room.
/// </summary>
/// <remarks>
/// <para>
/// With the predictor's classes <c>h = argmax z</c> and the adversary's scores <c>z'</c> the disparity is <c>-gamma
/// mean_s w CE(z'_s, h_s) + mean_t log(1 - softmax(z'_t)_h + 1e-6)</c> (Zhang, Liu, Long and Jordan 2019, "Bridging
/// Theory and Algorithm for Domain Adaptation", equations 29 and 30; gamma is the exponential of the paper's margin).
/// The term is minus the disparity, which the adversary minimizes, with <c>-lambda</c> times its gradient going to the
/// extractor. No gradient reaches the predictor.
/// </para>
/// <para>Source rows weigh by their example weights; several sources count together as "source".</para>
/// </remarks>
/// <param name="adversary">
/// The adversarial classifier, of the predictor's kind; the phase moves it together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default a ramp from 0 to 0.1, the authors' height.</param>
public sealed class MarginDisparity(ILabelPredictor adversary, Schedule? reversal = null) : IObjective, IJudged
{
    private const double Offset = 1e-6;
    private readonly ILabelPredictor adversary = adversary ?? throw new ArgumentNullException(nameof(adversary));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp(height: 0.1);

    /// <summary>
    /// The factor gamma of the source's part, positive. Default 4, the authors' for most of their tasks.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 4;

    IReadOnlyList<IPart> IJudged.Critics => [adversary];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [adversary];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var scores = OpposedScores.Of(step, adversary, reversal.At(step.Progress));
        return Of(
                scores.Source,
                scores.SourceAdversary,
                scores.Target,
                scores.TargetAdversary,
                Margin,
                step.SourceWeights()
            )
            .neg();
    }

    /// <summary>The disparity of some scores.</summary>
    /// <param name="source">
    /// The predictor's logits of source rows <c>[n, C]</c>; only their largest entry counts.
    /// </param>
    /// <param name="sourceAdversary">The adversary's logits of these rows <c>[n, C]</c>.</param>
    /// <param name="target">
    /// The predictor's logits of target rows <c>[m, C]</c>; only their largest entry counts.
    /// </param>
    /// <param name="targetAdversary">The adversary's logits of these rows <c>[m, C]</c>.</param>
    /// <param name="margin">The factor gamma of the source's part.</param>
    /// <param name="weights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <returns>
    /// A scalar, not positive but for rounding, differentiable in the adversary's logits; the caller disposes it.
    /// </returns>
    public static Tensor Of(
        Tensor source,
        Tensor sourceAdversary,
        Tensor target,
        Tensor targetAdversary,
        double margin = 4,
        Tensor? weights = null
    )
    {
        Guard.Pair(source, sourceAdversary);
        Guard.Pair(target, targetAdversary);
        Guard.Positive(margin);
        using var scope = NewDisposeScope();
        var agreement = CrossEntropy.Of(sourceAdversary, source.argmax(1), weights);
        var agreed = targetAdversary.softmax(1).gather(1, target.argmax(1, keepdim: true));
        var disagreement = (1 - agreed + Offset).clamp_max(1).log().mean();
        return (disagreement - (agreement * margin)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
