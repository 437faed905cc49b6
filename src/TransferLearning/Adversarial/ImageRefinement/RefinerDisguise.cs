using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Refined images pass for real: <c>G(D(R(x_s)))</c>, G <see cref="PatchAdversary.Generator"/>.</summary>
internal sealed class RefinerDisguise(IFeatureExtractor refiner, IPatchCritic critic, CriticLoss criterion) : IObjective
{
    public string Name => "ImageRefinement.Disguise";

    public IEnumerable<IPart> Parts => [refiner, critic];

    public Tensor Evaluate(StepContext step)
    {
        var refined = step.Translated(refiner, step.SourceImages());
        return PatchAdversary.Generator(step.PatchJudgment(critic, refined), criterion);
    }
}
