using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// The generators' part of the game: <c>a G(D_t(to target(x_s))) + G(D_s(to source(x_t)))</c>, G
/// <see cref="PatchAdversary.Generator"/>.
/// </summary>
internal sealed class TranslationDisguise(TranslationNetworks networks, CriticLoss criterion, double towardTarget)
    : IObjective
{
    public string Name => "ImageTranslation.Disguise";

    public IEnumerable<IPart> Parts => [networks];

    public Tensor Evaluate(StepContext step)
    {
        Tensor Loss(IPatchCritic critic, IFeatureExtractor generator, Tensor images)
        {
            var made = step.Translated(generator, images);
            _ = step.Fakes(generator, images); // the critics see what the generators made before they moved
            return PatchAdversary.Generator(step.PatchJudgment(critic, made), criterion);
        }
        var toTarget = Loss(networks.TargetCritic, networks.ToTarget, step.SourceImages());
        return (toTarget * towardTarget) + Loss(networks.SourceCritic, networks.ToSource, step.Target.Inputs);
    }
}
