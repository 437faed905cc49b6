using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// IB: the variance of the features within each source, so that the representation keeps no more than the labels need.
/// </summary>
/// <remarks>
/// <c>1/K sum_k 1/d sum_j var_k(f_j)</c> with variances divided by <c>n - 1</c>: a bound on the features' entropy as if
/// they were Gaussian (Ahuja et al. 2021, "Invariance Principle Meets Information Bottleneck for Out-of-Distribution
/// Generalization", section 4). Example weights weigh means and variances. It goes beside a loss of the labeled rows,
/// alone (IB-ERM) or with <see cref="InvariantRisk"/> (IB-IRM).
/// </remarks>
public sealed record InformationBottleneck : IObjective
{
    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return stack([.. step.Sources.Select(batch => Of(step.Features(batch), batch.Weights))]).mean();
    }

    /// <summary>The mean variance of some features.</summary>
    /// <param name="features">Features <c>[n, d]</c>, n at least 2.</param>
    /// <param name="weights">Row weights <c>[n]</c> in any scale, or null.</param>
    /// <returns>A scalar, differentiable in the features; the caller disposes it.</returns>
    public static Tensor Of(Tensor features, Tensor? weights = null)
    {
        Guard.Rows(features, 2);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var shares = RowShares.Of(features, weights);
        var centered = features.to(float64) - RowShares.Mean(features.to(float64), shares);
        var variance = shares.unsqueeze(0).matmul(centered.square()) / RowShares.OfPairs(shares);
        return variance.mean().to(features.dtype).MoveToOuterDisposeScope();
    }
}
