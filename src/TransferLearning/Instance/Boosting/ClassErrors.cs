using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>What the boosting of classifiers shares.</summary>
internal static class ClassErrors
{
    /// <summary>1 for every row that a predictor misreads and 0 for the others, float64 <c>[n]</c>.</summary>
    public static Tensor Wrong(ILabelPredictor predictor, LabeledDomain data) =>
        predictor.Predict(data.Inputs).argmax(1).ne(data.Labels).to(float64);

    /// <summary>The weights that boosting starts from, float64 <c>[n]</c>: the domain's own, or ones.</summary>
    public static Tensor Initial(LabeledDomain data) =>
        (data.Weights ?? ones(data.Count, device: data.Inputs.device)).to(float64);

    /// <summary>
    /// Half the log odds of being right: a round's vote. Errors count as at least 1e-10 away from 0 and 1.
    /// </summary>
    public static double Vote(double error)
    {
        var kept = Math.Clamp(error, 1e-10, 1 - 1e-10);
        return 0.5 * Math.Log((1 - kept) / kept);
    }

    /// <summary>Faults of a chain that boosts a classifier.</summary>
    public static ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(plan.LabeledTarget());
        RowChecks.Classes(plan);
        return plan.WithFittedPredictor();
    }

    /// <summary>Refuses labels that are values or of several label spaces, and rows of different widths.</summary>
    public static void Check(IReadOnlyList<LabeledDomain> sources, LabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(target);
        if (sources.Count == 0)
        {
            throw new ArgumentException("at least one source is needed.", nameof(sources));
        }
        foreach (var source in sources)
        {
            Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(sources), targetName: nameof(target));
            if (!source.Space.IsClasses || source.Space != target.Space)
            {
                throw new ArgumentException(
                    $"labels must be classes, of one LabelSpace in all domains; got {source.Space} and {target.Space}. "
                        + "A domain that lacks the highest class says it with space:.",
                    nameof(sources)
                );
            }
        }
    }
}
