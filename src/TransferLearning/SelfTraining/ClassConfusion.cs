using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// How often two classes are predicted together: <c>p' diag(w) p</c> with rows divided by their sums.
/// </summary>
internal static class ClassConfusion
{
    /// <summary>The matrix <c>[C, C]</c>.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="temperature">What logits are divided by.</param>
    /// <param name="epsilon">What is added inside the entropies' logarithm.</param>
    /// <param name="kept">
    /// Which rows count, <c>[n]</c> of 0 and 1, or null for all; weights are taken over the whole batch.
    /// </param>
    public static Tensor Of(Tensor scores, double temperature, double epsilon, Tensor? kept = null)
    {
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var tempered = scores / temperature;
        Tensor weights;
        using (no_grad())
        {
            weights = ScoreEntropy.PerRow(tempered, epsilon).neg().exp() + 1;
            weights = weights * (scores.shape[0] / weights.sum());
            if (kept is not null)
            {
                weights *= kept;
            }
        }
        var p = tempered.softmax(1);
        var together = (p * weights.unsqueeze(1)).t().matmul(p);
        // A class that no row is read as has an empty row, and keeps it.
        return (together / together.sum(1, keepdim: true).clamp_min(1e-30)).MoveToOuterDisposeScope();
    }
}
