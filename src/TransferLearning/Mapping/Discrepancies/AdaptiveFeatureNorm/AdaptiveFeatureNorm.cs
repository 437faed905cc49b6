using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Stepwise adaptive feature norm (AFN): lets the norms of all features grow, a step at a time, in source and target
/// alike.
/// </summary>
/// <remarks>
/// <c>mean_i (||f_i|| - (||f_i||_const + step))^2</c>, the inner norm held fixed, summed over the domains (Xu, Li, Yang
/// and Lin 2019, "Larger Norm More Transferable", equation 5). Its value is always <c>step^2</c> a domain; only the
/// gradient, <c>-2 step / n f_i / ||f_i||</c>, matters. Rows of zeros have gradient 0.
/// </remarks>
public sealed record AdaptiveFeatureNorm : IObjective
{
    /// <summary>By how much the norms shall grow, positive. Default 1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Step { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return FeatureNorms.OverDomains(step, Of);
    }

    /// <summary>The term of some features.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="weights">Weights <c>[n]</c> of the rows, in any scale, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Of(Tensor features, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Rows(features);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var norms = FeatureNorms.Of(features);
        return FeatureNorms.Mean((norms - (norms.detach() + Step)).square(), weights).MoveToOuterDisposeScope();
    }
}
