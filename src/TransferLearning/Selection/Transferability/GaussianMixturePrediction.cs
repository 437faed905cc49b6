using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// N-LEEP: how well the target's classes follow from the groups that the features form, for networks without a head.
/// </summary>
/// <remarks>
/// Features are brought to the fewest principal components with <see cref="Energy"/> of the variance; a mixture of
/// <see cref="GroupsPerClass"/> normal distributions a class is fitted to them, and LEEP
/// (<see cref="LogExpectedEmpiricalPrediction"/>) is taken of the groups' probabilities in place of a head's (Li, Jia,
/// Sang, Zhu, Green, Wang and Gong 2021, "Ranking Neural Checkpoints"). It is the mean logarithm, as in the paper; code
/// that is in use (SFDA's) takes the mean of the probabilities themselves. Not above 0. With about as many groups as
/// rows every score is high: there are never more than a group for two rows here.
/// </remarks>
public sealed record GaussianMixturePrediction : ITransferabilityScore
{
    /// <summary>The share of the variance that the components keep, above 0 and at most 1. Default 0.8.</summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Energy { get; init; } = 0.8;

    /// <summary>How many groups there are for each class. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int GroupsPerClass { get; init; } = 5;

    /// <summary>
    /// What is added to variances, relative to the mean variance of the components; positive. Default 1e-6.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-6;

    /// <summary>The seed of the mixture's start. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public double Of(Tensor features, Tensor labels)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = Reduced(LabeledFeatures.Checked(features, labels));
        var classes = labels.bincount(null, 0).gt(0).sum().ToInt64();
        var groups = Math.Clamp(GroupsPerClass * classes, 1, rows.shape[0] / 2);
        return LogExpectedEmpiricalPrediction.Of(
            GaussianMixture.Probabilities(rows, groups, Ridge, new RandomKey(Seed)),
            labels
        );
    }

    private Tensor Reduced(Tensor rows)
    {
        var centered = rows - rows.mean([0L]);
        var (vectors, values, _) = linalg.svd(centered, fullMatrices: false);
        var energy = values.square().cumsum(0);
        var wanted = energy[-1] * (Energy * (1 - 1e-12));
        var count = Math.Min(energy.lt(wanted).sum().ToInt64() + 1, values.shape[0]);
        return (vectors * values).narrow(1, 0, count);
    }
}
