using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>What a critic says of some rows: one logit each.</summary>
internal static class Verdict
{
    /// <summary>
    /// The logits <c>[n]</c>; a critic with more outputs, one a class for instance, is refused, because its further
    /// columns would count as further rows.
    /// </summary>
    public static Tensor Of(IDomainCritic critic, Tensor features)
    {
        var logits = critic.Judge(features);
        var rows = features.shape[0];
        return logits.dim() is 1 or 2 && logits.shape[0] == rows && logits.numel() == rows
            ? logits.reshape(-1)
            : throw new ArgumentException(
                $"a critic gives one logit a row, [{rows}] or [{rows}, 1] here; this one, a "
                    + $"{critic.GetType().Name}, gave {Shape.Text(logits.shape)}. End it with a layer of one output.",
                nameof(critic)
            );
    }
}
