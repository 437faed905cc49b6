using TransferLearning.SelfSupervision;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RotNet (Gidaris et al. 2018): which way an image has been turned is told from its features. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">Features to logits of four turns.</param>
    /// <param name="drawsTurns">Whether each image is turned one way, drawn, and not all four. Default false.</param>
    public static RotationPrediction RotNet(ILabelPredictor head, bool drawsTurns = false) =>
        new(head) { DrawsTurns = drawsTurns };

    /// <inheritdoc cref="RotNet(ILabelPredictor, bool)"/>
    public static RotationPrediction RotNet(nn.Module<Tensor, Tensor> head, bool drawsTurns = false) =>
        RotNet(head.AsPart(), drawsTurns);
}
