using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Entropies of probabilities, in nats.</summary>
internal static class Entropies
{
    /// <summary>The entropy of every row <c>[n]</c>, 0 log 0 counting as 0.</summary>
    public static Tensor Of(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        var p = probabilities.detach().to(float64);
        return (p * p.clamp_min(double.Epsilon).log()).sum(1).neg().MoveToOuterDisposeScope();
    }
}
