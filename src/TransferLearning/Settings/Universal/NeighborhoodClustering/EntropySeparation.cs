using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// DANCE's entropy separation: target rows of clearly small entropy get a smaller one, those of clearly large entropy a
/// larger one, so that known and unknown rows part.
/// </summary>
/// <remarks>
/// <c>-mean max(|H_i - s log C|, m)</c>, H the entropy of the C classes in nats; rows within the margin m have no
/// gradient (Saito, Kim, Sclaroff and Saenko 2020, "Universal Domain Adaptation through Self-Supervision", equations 6
/// and 7). An entropy lies at most <c>max(s, 1 - s) log C</c> from the middle: with two classes nothing lies beyond the
/// default margin, so give a smaller one.
/// </remarks>
public sealed record EntropySeparation : IObjective
{
    /// <summary>The share s of <c>log C</c> that parts known from unknown, above 0 and below 1. Default 0.5.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Share { get; init; } = 0.5;

    /// <summary>The margin m within which rows are left alone, not negative. Default 0.5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Margin { get; init; } = 0.5;

    /// <summary>What is added inside the logarithm, not negative; 0 is exact. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(step.Target));
    }

    /// <summary>The term of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <returns>A scalar, at most <c>-m</c>, differentiable in the scores; the caller disposes it.</returns>
    public Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var distance = (RowEntropy.Of(scores, Epsilon) - (Share * Math.Log(scores.shape[1]))).abs();
        return distance.clamp_min(Margin).mean().neg().MoveToOuterDisposeScope();
    }
}
