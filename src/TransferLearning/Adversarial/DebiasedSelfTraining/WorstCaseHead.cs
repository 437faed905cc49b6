using System.Diagnostics.CodeAnalysis;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DST's worst case: a head that agrees with the predictor on labeled rows and errs as much as it can on target rows;
/// reversed gradients teach the extractor to leave it no room.
/// </summary>
/// <remarks>
/// <c>eta mean_s w CE(z'_s, argmax z_s) - mean_t log(1 - softmax(z'_t)_(argmax z_t) + 1e-6)</c> of the head's scores
/// <c>z'</c>, with <c>-lambda</c> times its gradient going to the extractor (Chen, Jiang, Wang, Wan, Wang and Long
/// 2022, "Debiased Self-Training for Semi-Supervised Learning", equation 7). No gradient reaches the predictor. Source
/// rows weigh by their example weights.
/// </remarks>
/// <param name="head">
/// The worst-case head, of the predictor's kind; the phase moves it together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default a ramp from 0 to 0.1.</param>
[Experimental("TL1001")]
public sealed class WorstCaseHead(ILabelPredictor head, Schedule? reversal = null) : IObjective
{
    private const double Offset = 1e-6;
    private readonly ILabelPredictor head = head ?? throw new ArgumentNullException(nameof(head));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp(height: 0.1);

    /// <summary>The factor eta of the labeled rows, positive. Default 2.</summary>
    [OptionRange(Above = 0)]
    public double LabeledFactor { get; init; } = 2;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var scores = OpposedScores.Of(step, head, reversal.At(step.Progress));
        return Of(
            scores.Source,
            scores.SourceAdversary,
            scores.Target,
            scores.TargetAdversary,
            LabeledFactor,
            step.SourceWeights()
        );
    }

    /// <summary>The head's loss from some scores.</summary>
    /// <param name="source">
    /// The predictor's logits of labeled rows <c>[n, C]</c>; only their largest entry counts.
    /// </param>
    /// <param name="sourceHead">The head's logits of these rows <c>[n, C]</c>.</param>
    /// <param name="target">
    /// The predictor's logits of target rows <c>[m, C]</c>; only their largest entry counts.
    /// </param>
    /// <param name="targetHead">The head's logits of these rows <c>[m, C]</c>.</param>
    /// <param name="labeledFactor">The factor eta of the labeled rows.</param>
    /// <param name="weights">
    /// Weights of the labeled rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <returns>A scalar, differentiable in the head's logits; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor sourceHead,
        Tensor target,
        Tensor targetHead,
        double labeledFactor = 2,
        Tensor? weights = null
    )
    {
        Guard.Pair(source, sourceHead);
        Guard.Pair(target, targetHead);
        Guard.Positive(labeledFactor);
        using var scope = NewDisposeScope();
        var agreement = CrossEntropy.Of(sourceHead, source.argmax(1), weights);
        var agreed = targetHead.softmax(1).gather(1, target.argmax(1, keepdim: true));
        var error = (1 - agreed + Offset).clamp_max(1).log().mean();
        return ((agreement * labeledFactor) - error).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
