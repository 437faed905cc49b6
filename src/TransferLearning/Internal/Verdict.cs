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

    /// <summary>
    /// The logits of patches, in the critic's shape; one without a row for each image is refused, because its means
    /// would be over something else.
    /// </summary>
    public static Tensor Of(IPatchCritic critic, Tensor images)
    {
        var logits = critic.Judge(images);
        return logits.dim() >= 1 && logits.shape[0] == images.shape[0] && logits.numel() > 0
            ? logits
            : throw new ArgumentException(
                $"a critic of patches gives logits for each image, [{images.shape[0]}, 1, h, w] here; this one, a "
                    + $"{critic.GetType().Name}, gave {Shape.Text(logits.shape)}.",
                nameof(critic)
            );
    }
}
