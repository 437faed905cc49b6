using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>Self-ensembling's class balance: over a target batch, classes are to be predicted equally often.</summary>
/// <remarks>
/// <c>1/C sum_c BCE(m_c, 1/C)</c> for the mean prediction <c>m = 1/n sum_i softmax(z_i)</c>,
/// <c>BCE(m, t) = -t log m - (1 - t) log(1 - m)</c> (French, Mackiewicz and Fisher 2018, "Self-Ensembling for Visual
/// Domain Adaptation", section 3.4). It keeps a mean teacher from a collapse into one class, and is wrong where the
/// target's classes are not balanced.
/// </remarks>
public sealed record ClassBalance : IObjective
{
    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(step.Target));
    }

    /// <summary>The imbalance of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        using var scope = NewDisposeScope();
        var mean = scores.softmax(1).mean([0L]);
        return nn
            .functional.binary_cross_entropy(mean, full_like(mean, 1.0 / scores.shape[1]))
            .MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
