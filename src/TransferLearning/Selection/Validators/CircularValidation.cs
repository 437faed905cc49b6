using TransferLearning.Data;
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
/// costs a further fit for each model, and where the model has collapsed to a class, it is that class's share. Target
/// rows that the model calls unknown have no way back and are left out; where fewer than two others stay, the score is
/// 0.
/// </remarks>
/// <param name="chain">
/// Makes the chain of the way back: the same method with new modules, or a plain learner. It is fitted on inputs, with
/// the target as its source. Modules that have no seed of their own draw their first values by that of
/// <see cref="Options"/>.
/// </param>
public sealed class CircularValidation(Func<AdaptationBuilder> chain) : IModelScore
{
    private readonly Func<AdaptationBuilder> chain = chain ?? throw new ArgumentNullException(nameof(chain));

    /// <summary>The options of the fit on the way back, without checkpoints; null for the defaults.</summary>
    public FitOptions? Options { get; init; }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">
    /// The chain of the way back cannot be fitted to the target's rows as the model labels them.
    /// </exception>
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        SeveralFits.RefuseCheckpoints(Options);
        using var scope = NewDisposeScope();
        var source = domains.PooledSources();
        // The model may be elsewhere than the rows.
        var labels = TargetPredictions.Of(extractor, predictor, domains).Scores.argmax(1).to(source.Labels.device);
        if (Labeled(domains, labels) is not { } back)
        {
            return 0;
        }
        using var model = Fitted(back, source.WithoutLabels());
        using var found = model.PredictClasses(source.Inputs);
        return found.to(source.Labels.device).eq(source.Labels).to(float64).mean().item<double>();
    }

    // The target's rows with the model's labels; null where too few are left for a fit.
    private static LabeledDomain? Labeled(DomainSet domains, Tensor labels)
    {
        var rows = domains.Target.Rows;
        var known = labels.lt(domains.Space.Width).nonzero().squeeze(1);
        if (known.shape[0] == rows.Count)
        {
            return new LabeledDomain(rows, labels, space: domains.Space);
        }
        return known.shape[0] < 2
            ? null
            : new LabeledDomain(
                BatchedPass.Read(rows, known.cpu()),
                labels.index_select(0, known),
                space: domains.Space
            );
    }

    private AdaptedModel Fitted(LabeledDomain back, UnlabeledDomain source)
    {
        try
        {
            return SeededChain.Fit(chain, Options?.Seed ?? 0, made => made.Fit(back, source, Options));
        }
        // A chain that fits no labels at all is the caller's fault, one that does not fit these is the model's.
        catch (ArgumentException fault) when (fault is not InvalidAdaptationException)
        {
            throw new InvalidOperationException(
                $"the way back cannot be fitted to the target's rows as the model labels them: {fault.Message}",
                fault
            );
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
