using TransferLearning.SelfSupervision;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SupCon (Khosla et al. 2020): rows of one class nearer to each other than to others. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="view">How rows are looked at, twice each; null for the rows themselves.</param>
    /// <param name="temperature">The temperature. Default 0.1.</param>
    public static SupervisedContrast SupCon(
        ILabelPredictor head,
        IAugmentation? view = null,
        double temperature = 0.1
    ) => new(head, view) { Temperature = temperature };

    /// <inheritdoc cref="SupCon(ILabelPredictor, IAugmentation?, double)"/>
    public static SupervisedContrast SupCon(
        nn.Module<Tensor, Tensor> head,
        IAugmentation? view = null,
        double temperature = 0.1
    ) => SupCon(head.AsPart(), view, temperature);
}
