using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Weighted self-information: how much each class adds to a prediction's entropy.</summary>
public static class SelfInformation
{
    /// <summary>
    /// <c>I_c = -p_c log2(p_c + 1e-30) / log2 C</c>, whose sum over the classes is the entropy as a share of the
    /// largest (Vu et al. 2019, equations 2 and 3).
    /// </summary>
    /// <param name="scores">Logits <c>[n, C]</c>, or maps of them <c>[n, C, h, w]</c>; C at least 2.</param>
    /// <returns>The same shape, from 0 to below 1, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        Guard.Alive(scores);
        if (scores.dim() < 2 || !scores.is_floating_point() || scores.shape[1] < 2)
        {
            throw new ArgumentException(
                $"scores must be logits [n, C] or [n, C, h, w] of at least 2 classes; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        var p = scores.softmax(1);
        return (p * (p + 1e-30).log() / -Math.Log(scores.shape[1])).MoveToOuterDisposeScope();
    }
}
