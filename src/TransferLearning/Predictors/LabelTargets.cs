using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>Labels as the numbers that a shallow learner regresses on.</summary>
internal static class LabelTargets
{
    /// <summary>A classifier takes no values.</summary>
    /// <param name="data">The labeled rows.</param>
    /// <param name="learner">The classifier, as the subject of a sentence.</param>
    public static void RefuseValues(LabeledDomain data, string learner)
    {
        if (data.Space.IsValues)
        {
            throw new ArgumentException(
                $"{learner} classifies; the labels are {data.Space}. Use RidgeRegression.",
                nameof(data)
            );
        }
    }

    /// <summary>One-hot rows <c>[n, classes]</c>, 0 and 1 by label <c>[n, k]</c>, or values <c>[n, k]</c>.</summary>
    public static Tensor Of(LabeledDomain data, ScalarType type) => Of(data.Labels, data.Space, type);

    /// <summary>The same for some of a domain's labels.</summary>
    public static Tensor Of(Tensor labels, LabelSpace space, ScalarType type) =>
        space.IsClasses
            ? nn.functional.one_hot(labels, space.Width).to(type)
            : labels.reshape(labels.shape[0], -1).to(type);
}
