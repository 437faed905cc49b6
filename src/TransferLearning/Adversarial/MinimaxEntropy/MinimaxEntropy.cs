using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// MME: the classifier makes the target's entropy large, which draws its class prototypes to the target; the extractor
/// makes it small, which draws the target's rows to the prototypes.
/// </summary>
/// <remarks>
/// <c>-1/n sum_i H(softmax(C(f_i)))</c> over the target batch, <c>H(p) = -sum_c p_c log(p_c + epsilon)</c>, with minus
/// its gradient going to the extractor (Saito, Kim, Sclaroff, Darrell and Saenko 2019, "Semi-supervised Domain
/// Adaptation via Minimax Entropy"). The classifier is the critic here. It should be a <see cref="CosineClassifier"/>,
/// so that its weights are prototypes, and the labels of both domains hold it.
/// </remarks>
public sealed record MinimaxEntropy : IObjective
{
    /// <summary>What is added inside the logarithm, not negative; 0 is exact. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>The factor of the gradient that the extractor receives, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Reversal { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var reversed = GradientReversal.Apply(step.Features(step.Target), Reversal);
        return Of(step.Scores(step.Predictor, reversed), Epsilon);
    }

    /// <summary>Minus the mean entropy of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="epsilon">What is added inside the logarithm.</param>
    /// <returns>
    /// A scalar from <c>-log C</c> to 0, but for epsilon; differentiable in the scores. The caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor scores, double epsilon = 1e-5)
    {
        Guard.Rows(scores);
        Guard.NotNegative(epsilon);
        using var scope = NewDisposeScope();
        var logs = scores.log_softmax(1);
        var p = logs.exp();
        return (p * (epsilon > 0 ? (p + epsilon).log() : logs)).sum(1).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
