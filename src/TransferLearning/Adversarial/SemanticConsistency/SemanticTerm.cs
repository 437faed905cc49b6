using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary><see cref="SemanticConsistency"/> as a term of the generators' phase.</summary>
/// <param name="networks">The generators.</param>
/// <param name="asked">Where the fixed network stands on the rows.</param>
/// <param name="semantics">Which labels source images keep.</param>
internal sealed class SemanticTerm(TranslationNetworks networks, AdaptationState asked, SemanticConsistency semantics)
    : IObjective
{
    private readonly IFeatureExtractor extractor = OfAllSources(asked);
    private readonly ILabelPredictor predictor = asked.Predictor!;

    public string Name => "ImageTranslation.Semantics";

    public IEnumerable<IPart> Parts => [networks, extractor, predictor];

    public Tensor Evaluate(StepContext step)
    {
        var (source, target) = (step.SourceImages(), step.Target.Inputs);
        var labels = semantics.KeepsPredictions ? Scores(step, source).argmax(1) : Labels(step);
        var images = step.Translated(networks.ToTarget, source);
        var scores = Scores(step, images);
        if (images.requires_grad && !scores.requires_grad)
        {
            throw new InvalidOperationException(
                $"Semantics needs a network that passes gradients, and {predictor.GetType().Name} passes none: put "
                    + "Train(...) right before the translation."
            );
        }
        return SemanticConsistency.Of(
            scores,
            labels,
            Scores(step, step.Translated(networks.ToSource, target)),
            Scores(step, target).detach()
        );
    }

    // Images of all domains pass one network: that of the sources.
    private static IFeatureExtractor OfAllSources(AdaptationState asked)
    {
        var whole = asked.Extractor ?? ExtractorChain.Of();
        var first = whole.For(DomainId.Source(0));
        for (var i = 1; i < asked.Domains.Sources.Count; i++)
        {
            if (!ReferenceEquals(whole.For(DomainId.Source(i)), first))
            {
                throw new InvalidOperationException(
                    "Semantics asks one network for all sources, and the one before has a branch for each: train an "
                        + "extractor without branches before the translation."
                );
            }
        }
        return first;
    }

    private static Tensor Labels(StepContext step) =>
        step.Sources is [var only] ? only.Labels : cat([.. step.Sources.Select(source => source.Labels)]);

    private Tensor Scores(StepContext step, Tensor images)
    {
        var scores = step.Scores(predictor, step.Features(extractor, images));
        return predictor.ScoreKind == ScoreKind.Logits
            ? scores
            : Probabilities.Of(scores, predictor.ScoreKind).clamp_min(1e-12).log();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
