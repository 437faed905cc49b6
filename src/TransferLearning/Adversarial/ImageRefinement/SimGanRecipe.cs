using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SimGAN (Shrivastava et al. 2017): simulated source images are refined until they look real, then a network
    /// trains on them with their labels.
    /// </summary>
    /// <param name="refiner">
    /// Images to images of the same shape, <c>new ResidualGenerator(1, halvings: 0)</c> for instance.
    /// </param>
    /// <param name="patchCritic">The critic of patches.</param>
    /// <param name="extractor">The extractor, which reads refined images.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="selfRegularization">The weight of staying what it was, per pixel. Default 1.</param>
    /// <param name="refinement">
    /// How the refinement trains; null takes the run's epochs and batches, and the Adam of CycleGAN.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SimGan(
        IFeatureExtractor refiner,
        IPatchCritic patchCritic,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double selfRegularization = 1,
        TrainingOptions? refinement = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder()
            .Add(
                new ImageRefinement(refiner, patchCritic)
                {
                    SelfRegularization = selfRegularization,
                    Options = refinement,
                }
            )
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()));

    /// <inheritdoc cref="SimGan(IFeatureExtractor, IPatchCritic, IFeatureExtractor, ILabelPredictor, double, TrainingOptions?, IObjective?)"/>
    public static AdaptationBuilder SimGan(
        nn.Module<Tensor, Tensor> refiner,
        nn.Module<Tensor, Tensor> patchCritic,
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double selfRegularization = 1,
        TrainingOptions? refinement = null,
        IObjective? loss = null
    ) =>
        SimGan(
            refiner.AsPart(),
            patchCritic.AsPart(),
            extractor.AsPart(),
            predictor.AsPart(),
            selfRegularization,
            refinement,
            loss
        );
}
