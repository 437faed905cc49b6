using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>Entropies of the class probabilities that logits stand for, in nats.</summary>
internal static class ScoreEntropy
{
    /// <summary>
    /// The entropy of every row <c>[n]</c>: <c>-sum_c p log p</c>, exact, or <c>-sum_c p log(p + epsilon)</c>.
    /// </summary>
    public static Tensor PerRow(Tensor scores, double epsilon)
    {
        Check(scores);
        using var scope = NewDisposeScope();
        var logs = scores.log_softmax(1);
        var p = logs.exp();
        return (p * (epsilon > 0 ? (p + epsilon).log() : logs)).sum(1).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The entropy of the mean prediction, a scalar: how evenly the classes are predicted.</summary>
    public static Tensor OfMean(Tensor scores, double epsilon)
    {
        Check(scores);
        using var scope = NewDisposeScope();
        if (epsilon > 0)
        {
            var mean = scores.softmax(1).mean([0L]);
            return (mean * (mean + epsilon).log()).sum().neg().MoveToOuterDisposeScope();
        }
        // From logarithms, so that 0 log 0 is 0 where a class is never predicted, in any dtype.
        var logs = scores.log_softmax(1).logsumexp(0) - Math.Log(scores.shape[0]);
        return (logs.exp() * logs).sum().neg().MoveToOuterDisposeScope();
    }

    private static void Check(Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.dim() != 2)
        {
            throw new ArgumentException($"scores must be logits [n, C]; got {Shape.Of(scores)}.", nameof(scores));
        }
    }
}
