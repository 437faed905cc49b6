using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Information maximization: each target prediction is to be sure, and all of them together spread over the classes.
/// </summary>
/// <remarks>
/// <c>1/n sum_i H(p_i) - w H(1/n sum_i p_i)</c> for <c>p = softmax(z)</c>: minus the mutual information of rows and
/// predicted classes where <c>w = 1</c>. The second term keeps the first from predicting one class for everything
/// (Krause, Perona and Gomes 2010; Liang, Hu and Feng 2020, "Do We Really Need to Access the Source Data?" (SHOT),
/// equation 3).
/// </remarks>
public sealed record InformationMaximization : IObjective
{
    /// <summary>The weight w of the diversity, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Diversity { get; init; } = 1;

    /// <summary>
    /// What is added inside the logarithms, not negative. Default 1e-5, as in SHOT's program; 0 is exact.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of(step.Scores(step.Target), Diversity, Epsilon);
    }

    /// <summary>The loss of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="diversity">The weight of the diversity.</param>
    /// <param name="epsilon">What is added inside the logarithms.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, double diversity = 1, double epsilon = 1e-5)
    {
        Guard.Alive(scores);
        Guard.NotNegative(diversity);
        Guard.NotNegative(epsilon);
        using var scope = NewDisposeScope();
        var sure = ScoreEntropy.PerRow(scores, epsilon).mean();
        return (sure - (ScoreEntropy.OfMean(scores, epsilon) * diversity)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
