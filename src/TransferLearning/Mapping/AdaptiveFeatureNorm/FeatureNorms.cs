using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>What the terms of feature norms share.</summary>
internal static class FeatureNorms
{
    /// <summary>The rows' norms <c>[n]</c>, with gradient 0 for rows of zeros.</summary>
    public static Tensor Of(Tensor features) => features.square().sum(1).clamp_min(1e-30).sqrt();

    /// <summary>A term of features, summed over the sources and the target.</summary>
    public static Tensor OverDomains(StepContext step, Func<Tensor, Tensor> term) =>
        step
            .Sources.Select(source => step.Features(source))
            .Append(step.Features(step.Target))
            .Select(term)
            .Aggregate((sum, next) => sum + next);
}
