using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Circular (reverse) validation: the way back. A chain learns from the target, labeled by the model, and is judged on
/// the source's own labels.
/// </summary>
/// <remarks>
/// The score is the accuracy of that second model on the sources (Zhong, Fan, Yang, Verscheure and Ren 2010, "Cross
/// Validation Framework to Choose Amongst Models and Datasets for Transfer Learning"; Bruzzone and Marconcini 2010). It
/// costs a further fit for each model, and where the model has collapsed to a class, it is that class's share.
/// </remarks>
/// <param name="chain">
/// Makes the chain of the way back: the same method with new modules, or a plain learner. It is fitted on inputs, with
/// the target as its source.
/// </param>
public sealed class CircularValidation(Func<AdaptationBuilder> chain) : IModelScore
{
    private readonly Func<AdaptationBuilder> chain = chain ?? throw new ArgumentNullException(nameof(chain));

    /// <summary>The options of the fit on the way back, without checkpoints; null for the defaults.</summary>
    public FitOptions? Options { get; init; }

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        SeveralFits.RefuseCheckpoints(Options);
        using var scope = NewDisposeScope();
        var labels = TargetPredictions.Of(extractor, predictor, domains).Scores.argmax(1);
        var source = domains.PooledSources();
        var back = new LabeledDomain(domains.Target.Rows, labels, space: domains.Space);
        using var model = chain().Fit(back, source.WithoutLabels(), Options);
        using var found = model.PredictClasses(source.Inputs);
        return found.eq(source.Labels).to(float64).mean().item<double>();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
