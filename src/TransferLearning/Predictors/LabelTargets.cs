using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>Labels as the numbers that a shallow learner regresses on.</summary>
internal static class LabelTargets
{
    /// <summary>One-hot rows <c>[n, classes]</c>, 0 and 1 by label <c>[n, k]</c>, or values <c>[n, k]</c>.</summary>
    public static Tensor Of(LabeledDomain data, ScalarType type) =>
        data.Space.IsClasses
            ? nn.functional.one_hot(data.Labels, data.Space.Width).to(type)
            : data.Labels.reshape(data.Count, -1).to(type);
}
