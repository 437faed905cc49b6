using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Errors of held-out source rows with the density ratios of their features; both belong to the caller's scope.
/// </summary>
/// <param name="Weights">How much likelier each row's features are the target's than the source's, <c>[n]</c>.</param>
/// <param name="Errors">1 where the model errs, else 0, float64 <c>[n]</c>.</param>
internal readonly record struct DensityRatios(Tensor Weights, Tensor Errors)
{
    private const double MaxLogRatio = 50;

    /// <summary>
    /// A logistic regression on the features of the sources' rows and of the target's gives
    /// <c>w = n_s / n_t p(target) / p(source)</c>, up to <c>exp(50)</c>.
    /// </summary>
    public static DensityRatios Of(
        LabeledDomain validation,
        LogisticRegression learner,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        DomainSet domains
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = domains.Through(extractor);
        var held = BatchedPass.Over(validation.Rows, extractor.For(DomainId.Source(0)));
        var errors = predictor.Predict(held).argmax(1).ne(validation.Labels.to(held.device)).to(float64);
        var source = cat([.. features.Sources.Select(some => some.Inputs)]);
        var weights = Ratios(learner, source, features.Target.Inputs, held);
        return new DensityRatios(weights.MoveToOuterDisposeScope(), errors.MoveToOuterDisposeScope());
    }

    private static Tensor Ratios(LogisticRegression learner, Tensor source, Tensor target, Tensor rows)
    {
        var labels = cat([zeros(source.shape[0], int64, source.device), ones(target.shape[0], int64, source.device)]);
        var both = new LabeledDomain(cat([source, target]), labels, space: LabelSpace.Classes(2));
        var classifier = (LinearPredictor)learner.Fit(both);
        using (classifier)
        {
            var logits = classifier.Predict(rows).to(float64);
            // Of domains that hardly overlap the ratio leaves every number behind: infinity times no error is none.
            var odds = (logits.select(1, 1) - logits.select(1, 0)).clamp_max(MaxLogRatio).exp();
            return odds * ((double)source.shape[0] / target.shape[0]);
        }
    }
}
