using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MFSAN's first alignment: in each source's branch, that source's features and the target's.</summary>
/// <remarks>
/// <c>1/N sum_j D(H_j(F(s_j)), H_j(F(t)))</c> (Zhu, Zhuang and Wang 2019, equation 3). The predictor must be
/// <see cref="SourceBranches"/>. Costs N discrepancies.
/// </remarks>
public sealed record BranchAlignment : IObjective
{
    /// <summary>
    /// The discrepancy D. Default <see cref="MultiKernelMaximumMeanDiscrepancy"/>, biased: the authors'.
    /// </summary>
    public IDiscrepancy Discrepancy { get; init; } =
        new MultiKernelMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased };

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [Discrepancy];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        var branches = SourceBranches.Of(step);
        ArgumentNullException.ThrowIfNull(Discrepancy);
        return step.Sources.Select(
                    (source, i) =>
                        Alignment.Gap(
                            Discrepancy,
                            branches.Features(step, source, i),
                            branches.Features(step, step.Target, i),
                            source.Weights
                        )
                )
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }
}
