using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Labels beside scores.</summary>
internal static class RowLabels
{
    /// <summary>
    /// Class numbers <c>[n]</c> as one-hot rows, or class probabilities as they are, <c>[n, C]</c> of the scores'
    /// dtype. Opens no scope.
    /// </summary>
    public static Tensor Of(Tensor labels, Tensor scores)
    {
        var isSoft = labels.is_floating_point();
        var fits = isSoft
            ? labels.shape.SequenceEqual(scores.shape)
            : labels.dim() == 1 && labels.shape[0] == scores.shape[0];
        if (!fits)
        {
            throw new ArgumentException(
                $"labels must be class numbers [{scores.shape[0]}] or probabilities {Shape.Text(scores.shape)}; got "
                    + $"{Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        return isSoft ? labels.to(scores.dtype) : nn.functional.one_hot(labels, scores.shape[1]).to(scores.dtype);
    }
}
