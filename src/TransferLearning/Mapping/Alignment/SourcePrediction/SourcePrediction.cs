using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// PRED: what a learner of the sources says of a target row is a further feature for a learner of the target.
/// </summary>
/// <remarks>
/// A predictor f is fitted to the pooled sources; rows become <c>[x, f(x)]</c>, with as many new columns as there are
/// classes or values; the final predictor is fitted to the labeled target rows alone (Daume 2007, "Frustratingly Easy
/// Domain Adaptation", where it is a baseline of that name). f(x) are the predictor's scores, not the class they speak
/// for. Needs labeled target rows; the unlabeled ones are not used. Costs two fits of the learner.
/// </remarks>
/// <param name="Learner">Fits the predictor to labeled target rows.</param>
public sealed record SourcePrediction(ILabelLearner Learner) : IAdaptationStage
{
    /// <summary>Fits the predictor to labeled target rows.</summary>
    public ILabelLearner Learner { get; init; } = Learner ?? throw new ArgumentNullException(nameof(Learner));

    /// <summary>Fits the predictor to the sources; null, the default, takes <see cref="Learner"/>.</summary>
    public ILabelLearner? SourceLearner { get; init; }

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(plan.LabeledTarget());
        return plan.WithRows(null).WithFittedPredictor();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var mapped = embedded.Mapped(run.Fitted("map", () => Fit(embedded.Domains.PooledSources())));
        return mapped.With(null, run.Fitted("predictor", () => Learner.Fit(mapped.Domains.LabeledTarget!)));
    }

    /// <summary>Fits the map alone.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>.</param>
    /// <returns>
    /// The map <c>[., d]</c> to <c>[., d + k]</c>; it holds nothing but its <see cref="PredictedFeatures.Predictor"/>,
    /// which the caller disposes.
    /// </returns>
    public PredictedFeatures Fit(LabeledDomain source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Rows(source.Inputs, name: nameof(source));
        return new PredictedFeatures((SourceLearner ?? Learner).Fit(source));
    }
}
