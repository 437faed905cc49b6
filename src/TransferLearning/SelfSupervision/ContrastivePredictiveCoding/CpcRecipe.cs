using TransferLearning.SelfSupervision;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CPC (van den Oord et al. 2018): what came so far tells what comes next. An objective for <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="encoder">Inputs to latents in time, or to a map of patches.</param>
    /// <param name="context">Latents to contexts, looking at no later time.</param>
    /// <param name="predictions">Contexts to guesses of the next latents.</param>
    /// <param name="temperature">The temperature. Default 1.</param>
    public static ContrastivePredictiveCoding Cpc(
        IFeatureExtractor encoder,
        IFeatureExtractor context,
        ILabelPredictor predictions,
        double temperature = 1
    ) => new(encoder, context, predictions) { Temperature = temperature };

    /// <inheritdoc cref="Cpc(IFeatureExtractor, IFeatureExtractor, ILabelPredictor, double)"/>
    public static ContrastivePredictiveCoding Cpc(
        nn.Module<Tensor, Tensor> encoder,
        nn.Module<Tensor, Tensor> context,
        nn.Module<Tensor, Tensor> predictions,
        double temperature = 1
    ) => Cpc(encoder.AsPart(), context.AsPart(), predictions.AsPart(), temperature);
}
