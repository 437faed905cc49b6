using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CycleGAN (Zhu et al. 2017): source images are translated into the target's style, then a network trains on them
    /// with their labels.
    /// </summary>
    /// <param name="networks">The generators and critics. The caller disposes them, after the model.</param>
    /// <param name="extractor">The extractor, which reads translated images.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="translation">
    /// How the translation trains; null takes the run's epochs and batches, and the authors' Adam.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder CycleGan(
        TranslationNetworks networks,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        TrainingOptions? translation = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder()
            .Add(new ImageTranslation(networks) { Options = translation })
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()));

    /// <inheritdoc cref="CycleGan(TranslationNetworks, IFeatureExtractor, ILabelPredictor, TrainingOptions?, IObjective?)"/>
    public static AdaptationBuilder CycleGan(
        TranslationNetworks networks,
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        TrainingOptions? translation = null,
        IObjective? loss = null
    ) => CycleGan(networks, extractor.AsPart(), predictor.AsPart(), translation, loss);
}
