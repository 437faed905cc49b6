using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>MCC: target predictions are not to waver between classes.</summary>
/// <remarks>
/// For <c>p = softmax(z / T)</c> of a batch of n rows: weights
/// <c>w_i = n (1 + exp(-H(p_i))) / sum_j (1 + exp(-H(p_j)))</c>, taken as constants, let sure rows count more;
/// <c>K = p' diag(w) p</c> says how often two classes are predicted together; each row of K is divided by its sum; the
/// loss is the sum of what lies beside the diagonal, over the number of classes (Jin, Wang, Long and Wang 2020,
/// "Minimum Class Confusion for Versatile Domain Adaptation", equations 2 to 6). It needs no domain alignment; the
/// paper takes it for partial and multi-target adaptation as well.
/// </remarks>
public sealed record MinimumClassConfusion : IObjective
{
    private const double Epsilon = 1e-5;

    /// <summary>The temperature T, positive. Default 2.5, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2.5;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of(step.Scores(step.Target), Temperature);
    }

    /// <summary>The confusion of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="temperature">The temperature.</param>
    /// <returns>A scalar from 0 to <c>(C - 1) / C</c>, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, double temperature = 2.5)
    {
        Guard.Alive(scores);
        using var scope = NewDisposeScope();
        var confusion = ClassConfusion.Of(scores, temperature, Epsilon);
        return ((confusion.sum() - confusion.diagonal().sum()) / scores.shape[1]).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
