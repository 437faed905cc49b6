using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Images come back from the other domain as they were:
/// <c>mean |to source(to target(x_s)) - x_s| + mean |to target(to source(x_t)) - x_t|</c>.
/// </summary>
internal sealed class CycleConsistency(TranslationNetworks networks) : IObjective
{
    public string Name => "ImageTranslation.Cycle";

    public IEnumerable<IPart> Parts => [networks];

    public Tensor Evaluate(StepContext step)
    {
        Tensor Loss(IFeatureExtractor away, IFeatureExtractor back, Tensor images) =>
            ImageSteps.Distance(step.Translated(back, step.Translated(away, images)), images);
        return Loss(networks.ToTarget, networks.ToSource, step.SourceImages())
            + Loss(networks.ToSource, networks.ToTarget, step.Target.Inputs);
    }
}
