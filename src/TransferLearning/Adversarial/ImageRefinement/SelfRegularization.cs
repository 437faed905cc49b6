using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Refined images stay what they were: <c>mean |R(x_s) - x_s|</c>.</summary>
internal sealed class SelfRegularization(IFeatureExtractor refiner) : IObjective
{
    public string Name => "ImageRefinement.SelfRegularization";

    public IEnumerable<IPart> Parts => [refiner];

    public Tensor Evaluate(StepContext step)
    {
        var images = step.SourceImages();
        return ImageSteps.Distance(step.Translated(refiner, images), images);
    }
}
