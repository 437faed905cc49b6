using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>The entropy of each row's softmax, in nats.</summary>
internal static class RowEntropy
{
    /// <summary><c>-sum_c p log(p + epsilon)</c>, exact for 0, <c>[n]</c>. Opens no scope.</summary>
    public static Tensor Of(Tensor scores, double epsilon = 0)
    {
        var logs = scores.log_softmax(1);
        var p = logs.exp();
        return (p * (epsilon > 0 ? (p + epsilon).log() : logs)).sum(1).neg();
    }
}
