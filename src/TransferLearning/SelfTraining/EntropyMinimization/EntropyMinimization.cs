using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Entropy minimization: target predictions are to be sure, so that no class boundary cuts through the target's
/// clusters.
/// </summary>
/// <remarks>
/// <c>1/n sum_i H(softmax(z_i))</c>, <c>H(p) = -sum_c p_c log p_c</c> in nats (Grandvalet and Bengio 2005,
/// "Semi-supervised Learning by Entropy Minimization").
/// </remarks>
public sealed record EntropyMinimization : IObjective
{
    /// <summary>
    /// What is added inside the logarithm, not negative. Default 0, exact; the programs of SHOT and CDAN take 1e-5.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; }

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of(step.Scores(step.Target), Epsilon);
    }

    /// <summary>The mean entropy of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="epsilon">What is added inside the logarithm.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, double epsilon = 0)
    {
        Guard.Alive(scores);
        Guard.NotNegative(epsilon);
        using var scope = NewDisposeScope();
        return ScoreEntropy.PerRow(scores, epsilon).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
