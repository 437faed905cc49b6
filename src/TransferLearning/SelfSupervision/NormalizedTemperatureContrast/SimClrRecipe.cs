using TransferLearning.SelfSupervision;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SimCLR (Chen et al. 2020): two views of a row nearer to each other than to other rows. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    /// <param name="temperature">The temperature. Default 0.1.</param>
    public static NormalizedTemperatureContrast SimClr(
        ILabelPredictor head,
        IAugmentation first,
        IAugmentation? second = null,
        double temperature = 0.1
    ) => new(head, first, second) { Temperature = temperature };

    /// <inheritdoc cref="SimClr(ILabelPredictor, IAugmentation, IAugmentation?, double)"/>
    public static NormalizedTemperatureContrast SimClr(
        nn.Module<Tensor, Tensor> head,
        IAugmentation first,
        IAugmentation? second = null,
        double temperature = 0.1
    ) => SimClr(head.AsPart(), first, second, temperature);
}
