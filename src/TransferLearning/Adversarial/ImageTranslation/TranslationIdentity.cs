using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A generator leaves images alone that are of its own domain already:
/// <c>mean |to source(x_s) - x_s| + mean |to target(x_t) - x_t|</c>.
/// </summary>
internal sealed class TranslationIdentity(TranslationNetworks networks) : IObjective
{
    public string Name => "ImageTranslation.Identity";

    public IEnumerable<IPart> Parts => [networks];

    public Tensor Evaluate(StepContext step)
    {
        Tensor Loss(IFeatureExtractor generator, Tensor images) =>
            ImageSteps.Distance(step.Translated(generator, images), images);
        return Loss(networks.ToSource, step.SourceImages()) + Loss(networks.ToTarget, step.Target.Inputs);
    }
}
