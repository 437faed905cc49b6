using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>A discrepancy between the features of each two sources, as a penalty.</summary>
/// <remarks>
/// <c>2 / (K (K - 1)) sum_{j &lt; k} d(f_j, f_k)</c> for the features of K sources (Gulrajani and Lopez-Paz 2021, "In
/// Search of Lost Domain Generalization", algorithms CORAL and MMD; after Sun and Saenko 2016, and Li, Pan, Wang and
/// Kot 2018, "Domain Generalization with Adversarial Feature Learning"). It goes beside a loss of the labeled rows. A
/// discrepancy weighs the rows of one sample at the most, so that sources with example weights are refused in the plan.
/// </remarks>
/// <param name="discrepancy">What is measured.</param>
/// <param name="onScores">Whether the predictor's scores are aligned instead of the features.</param>
public sealed class SourceAlignment(IDiscrepancy discrepancy, bool onScores = false) : IObjective
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));

    /// <inheritdoc />
    public string Name => $"{nameof(SourceAlignment)} by {discrepancy.GetType().Name}";

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [discrepancy];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.SeveralSources();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Sources.Any(source => source.Weights is not null))
        {
            throw new ArgumentException(
                "sources that are aligned with each other cannot be weighed, and they have example weights: take the "
                    + "weights away.",
                nameof(step)
            );
        }
        return Of(
            discrepancy,
            [.. step.Sources.Select(source => onScores ? step.Scores(source) : step.Features(source))]
        );
    }

    /// <summary>The mean discrepancy of each two samples.</summary>
    /// <param name="discrepancy">What is measured.</param>
    /// <param name="samples">At least two samples of features <c>[n_k, d]</c>.</param>
    /// <returns>A scalar, differentiable in all; the caller disposes it.</returns>
    public static Tensor Of(IDiscrepancy discrepancy, IReadOnlyList<Tensor> samples)
    {
        ArgumentNullException.ThrowIfNull(discrepancy);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples.Count, 2, nameof(samples));
        using var scope = NewDisposeScope();
        var gaps = new List<Tensor>();
        for (var i = 0; i < samples.Count; i++)
        {
            for (var j = i + 1; j < samples.Count; j++)
            {
                gaps.Add(discrepancy.Between(samples[i], samples[j]));
            }
        }
        return stack(gaps).mean().MoveToOuterDisposeScope();
    }
}
