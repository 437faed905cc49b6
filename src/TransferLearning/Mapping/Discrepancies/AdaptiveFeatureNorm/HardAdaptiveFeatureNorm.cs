using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Hard adaptive feature norm (HAFN): draws the mean norm of the features to one constant, in source and target alike.
/// </summary>
/// <remarks>
/// <c>(mean_i ||f_i|| - R)^2</c>, summed over the domains (Xu, Li, Yang and Lin 2019, "Larger Norm More Transferable",
/// equation 3): the mean is drawn to R, not each row. Rows of zeros have gradient 0. Costs <c>n d</c>.
/// </remarks>
public sealed record HardAdaptiveFeatureNorm : IObjective
{
    /// <summary>The norm R, positive; well above that of a network trained without. Default 25, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Radius { get; init; } = 25;

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
        return (FeatureNorms.Mean(FeatureNorms.Of(features), weights) - Radius).square().MoveToOuterDisposeScope();
    }
}
