using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>What the terms of feature norms share.</summary>
internal static class FeatureNorms
{
    /// <summary>The rows' norms <c>[n]</c>, with gradient 0 for rows of zeros.</summary>
    public static Tensor Of(Tensor features) => features.square().sum(1).clamp_min(1e-30).sqrt();

    /// <summary>The mean of numbers of the rows, by their weights in any scale.</summary>
    public static Tensor Mean(Tensor numbers, Tensor? weights) =>
        weights is null ? numbers.mean() : RowShares.Of(numbers, weights).to(numbers.dtype).dot(numbers);

    /// <summary>A term of features and weights, summed over the sources and the target.</summary>
    public static Tensor OverDomains(StepContext step, Func<Tensor, Tensor?, Tensor> term) =>
        step
            .Sources.Select(source => term(step.Features(source), source.Weights))
            .Append(term(step.Features(step.Target), null))
            .Aggregate((sum, next) => sum + next);
}
