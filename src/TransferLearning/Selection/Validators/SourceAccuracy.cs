using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>The accuracy on held-out source rows: what is known for sure, and says nothing of the target.</summary>
/// <param name="validation">Labeled source rows that the model did not learn from.</param>
public sealed class SourceAccuracy(LabeledDomain validation) : IModelScore
{
    private readonly LabeledDomain validation = validation ?? throw new ArgumentNullException(nameof(validation));

    /// <inheritdoc />
    public bool NeedsTarget => false;

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(domains);
        LabeledFeatures.HeldOut(validation, domains);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = BatchedPass.Over(validation.Rows, extractor.For(DomainId.Source(0)));
        return predictor
            .Predict(features)
            .argmax(1)
            .eq(validation.Labels.to(features.device))
            .to(float64)
            .mean()
            .item<double>();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
