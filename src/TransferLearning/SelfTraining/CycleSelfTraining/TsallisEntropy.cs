using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Tsallis entropy of the target's predictions: between entropy (<c>a</c> near 1) and the Gini index (<c>a = 2</c>),
/// which forgives wrong readings more.
/// </summary>
/// <remarks>
/// For <c>p_i = softmax(z_i / T)</c>: <c>(C - sum_c sum_i w_i p_ic^a / sum_i w_i p_ic) / (a - 1)</c>, where
/// <c>w_i = 1 + exp(-H(p_i))</c>, divided by their mean, without gradient: each class counts alike, and for
/// <c>a = 2</c> it is C times the minimum class confusion. Without <see cref="IsBalanced"/>
/// <c>1/n sum_i (1 - sum_c p_ic^a) / (a - 1)</c>, the paper's (Liu, Wang and Long 2021, "Cycle Self-Training for Domain
/// Adaptation", equation 7; there a is learned, in the authors' program it is 1.9).
/// </remarks>
public sealed record TsallisEntropy : IObjective
{
    /// <summary>The index a, above 1. Default 1.9.</summary>
    [OptionRange(Above = 1)]
    public double Index { get; init; } = 1.9;

    /// <summary>The temperature T, positive. Default 2.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2;

    /// <summary>Whether each class counts alike. Default true, the authors' program.</summary>
    public bool IsBalanced { get; init; } = true;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of(step.Scores(step.Target), Index, Temperature, IsBalanced);
    }

    /// <summary>The entropy of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="index">The index a.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="isBalanced">Whether each class counts alike.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, double index = 1.9, double temperature = 2, bool isBalanced = true)
    {
        Guard.Rows(scores);
        Guard.Positive(temperature);
        if (!(index > 1) || double.IsInfinity(index))
        {
            throw new ArgumentOutOfRangeException(
                nameof(index),
                index,
                string.Create(CultureInfo.InvariantCulture, $"index must be above 1; got {index}.")
            );
        }
        using var scope = NewDisposeScope();
        var tempered = scores / temperature;
        var powers = (tempered.log_softmax(1) * index).exp();
        if (!isBalanced)
        {
            return ((1 - powers.sum(1)).mean() / (index - 1)).MoveToOuterDisposeScope();
        }
        var weights = ScoreEntropy.PerRow(tempered.detach(), 0).neg().exp() + 1;
        weights = (weights / weights.mean()).unsqueeze(1);
        var shares = (tempered.softmax(1) * weights).sum(dim: [0L]);
        var kept = ((powers * weights).sum(dim: [0L]) / shares.clamp_min(1e-30)).sum();
        return ((scores.shape[1] - kept) / (index - 1)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
