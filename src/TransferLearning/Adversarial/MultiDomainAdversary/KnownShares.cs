using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Weak supervision by known label shares: the mean prediction of the target's rows is to have the shares that somebody
/// has told, without a single row's label.
/// </summary>
/// <remarks>
/// <c>KL(s || q) = sum_c s_c log(s_c / q_c)</c> with the shares s and the batch's mean probabilities q, both kept at
/// least 1e-7 (Wilson, Doppa and Cook 2020, "Multi-Source Deep Domain Adaptation with Weak Supervision for Time-Series
/// Sensor Data", CoDATS-WS). The mean of few rows strays from the shares by itself; the authors have 64 rows of the
/// target in a step.
/// </remarks>
/// <param name="shares">The share of each class in the target, not negative, of sum 1.</param>
public sealed class KnownShares(IReadOnlyList<double> shares) : IObjective
{
    private const double Least = 1e-7;

    /// <summary>The shares.</summary>
    public IReadOnlyList<double> Shares { get; } = Checked(shares);

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return
        [
            .. plan.OfClasses(),
            .. plan.Target(),
            .. plan.Domains.Space.IsClasses && plan.Domains.Space.Width != Shares.Count
                ? new[]
                {
                    $"shares must be one for each of the {plan.Domains.Space.Width} classes; got {Shares.Count}.",
                }
                : [],
        ];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(step.Target));
    }

    /// <summary>The divergence of some rows' mean prediction from the shares.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        if (scores.shape[1] != Shares.Count)
        {
            throw new ArgumentException(
                $"scores must have a column for each of the {Shares.Count} shares; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        var known = tensor(Shares.ToArray(), scores.dtype, scores.device).clamp_min(Least);
        var mean = scores.softmax(1).mean([0L]).clamp_min(Least);
        return (known * (known / mean).log()).sum().MoveToOuterDisposeScope();
    }

    private static double[] Checked(IReadOnlyList<double> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        return
            shares.Count > 0
            && shares.All(share => double.IsFinite(share) && share >= 0)
            && Math.Abs(shares.Sum() - 1) < 1e-6
            ? [.. shares]
            : throw new ArgumentException(
                $"shares must be one a class, not negative, of sum 1; got {InvariantText.Of(shares)}.",
                nameof(shares)
            );
    }
}
