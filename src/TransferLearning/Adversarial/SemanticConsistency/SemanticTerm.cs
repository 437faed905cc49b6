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
    private readonly IFeatureExtractor extractor = (asked.Extractor ?? ExtractorChain.Of()).For(DomainId.Source(0));
    private readonly ILabelPredictor predictor = asked.Predictor!;

    public string Name => "ImageTranslation.Semantics";

    public IEnumerable<IPart> Parts => [networks, extractor, predictor];

    public Tensor Evaluate(StepContext step)
    {
        var (source, target) = (step.SourceImages(), step.Target.Inputs);
        var labels = semantics.KeepsPredictions ? Scores(step, source).argmax(1) : Labels(step);
        return SemanticConsistency.Of(
            Scores(step, step.Translated(networks.ToTarget, source)),
            labels,
            Scores(step, step.Translated(networks.ToSource, target)),
            Scores(step, target).detach()
        );
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
}
