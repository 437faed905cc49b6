using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// NCE: how much the classes that a pretrained classifier predicts say about the target's classes.
/// </summary>
/// <remarks>
/// <c>-H(Y | Z) = sum_z P(z) sum_y P(y | z) log P(y | z)</c> in nats, of the predicted classes z and the target's y
/// (Tran, Nguyen and Hassner 2019, "Transferability and Hardness of Supervised Classification Tasks"). It is not above
/// 0, and 0 where z determines y.
/// </remarks>
public static class NegativeConditionalEntropy
{
    /// <summary>Scores predicted classes.</summary>
    /// <param name="predicted">The classes that the classifier predicts, int64 <c>[n]</c>.</param>
    /// <param name="labels">The target's class numbers, int64 <c>[n]</c>.</param>
    public static double Of(Tensor predicted, Tensor labels)
    {
        Guard.Alive(predicted);
        Guard.Alive(labels);
        LabeledFeatures.Labels(predicted, labels.numel(), nameof(labels));
        LabeledFeatures.Labels(labels, predicted.shape[0], nameof(predicted));
        using var scope = NewDisposeScope();
        var joint = nn.functional.one_hot(predicted).to(float64).t().mm(nn.functional.one_hot(labels).to(float64));
        var shares = joint / predicted.shape[0];
        var given = joint / joint.sum(dim: 1, keepdim: true).clamp_min(1);
        return (shares * given.clamp_min(double.Epsilon).log()).sum().item<double>();
    }
}
