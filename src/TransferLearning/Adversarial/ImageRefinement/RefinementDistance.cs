using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Refined images stay what they were: <c>mean |R(x_s) - x_s|</c>.</summary>
internal sealed class RefinementDistance(IFeatureExtractor refiner) : IObjective
{
    public string Name => "ImageRefinement.Distance";

    public IEnumerable<IPart> Parts => [refiner];

    public Tensor Evaluate(StepContext step)
    {
        var images = step.SourceImages();
        return ImageSteps.Distance(step.Translated(refiner, images), images);
    }
}
