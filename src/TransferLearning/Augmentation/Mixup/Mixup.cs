using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Mixup: every labeled example becomes a mixture of two, and so do their labels.</summary>
/// <remarks>
/// <c>x = l x_i + (1 - l) x_j</c>, <c>y = l y_i + (1 - l) y_j</c>, with <c>l ~ Beta(alpha, alpha)</c> drawn once a
/// batch and j a random permutation (Zhang, Cisse, Dauphin and Lopez-Paz 2018, "mixup: Beyond Empirical Risk
/// Minimization"). Cross-entropy with the mixed label equals the mixture of two cross-entropies. Where examples have
/// weights each keeps its own in that mixture: the weight is <c>w = l w_i + (1 - l) w_j</c> and the label
/// <c>(l w_i y_i + (1 - l) w_j y_j) / w</c>. Mixes within a domain; the target's unlabeled batch is left alone.
/// </remarks>
public sealed record Mixup : IBatchTransform
{
    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.2.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.2;

    /// <inheritdoc />
    public StepBatch Apply(StepBatch batch, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Options(this);
        var number = 0;
        LabeledBatch Mixed(LabeledBatch one) => Mix(one, key.Child(number++));
        return new StepBatch(
            [.. batch.Sources.Select(Mixed)],
            batch.Target,
            batch.LabeledTarget is { } few ? Mixed(few) : null
        );
    }

    /// <summary>Mixes a batch with a permutation of itself.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="permutation">The partner of each row, int64 <c>[n]</c>.</param>
    /// <param name="share">The share l of the row itself, from 0 to 1.</param>
    /// <returns>
    /// The mixed batch with class probabilities or values as labels, and mixed weights where the batch has weights; its
    /// tensors belong to the caller's scope.
    /// </returns>
    public static LabeledBatch Mix(LabeledBatch batch, Tensor permutation, double share)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(permutation);
        var partners = permutation.to(batch.Inputs.device);
        Tensor Mixed(Tensor own, Tensor other) => (own * share) + (other.index_select(0, partners) * (1 - share));
        var (labels, weights) = SoftLabels.Mixed(batch, batch, Mixed);
        return batch.With(Mixed(batch.Inputs, batch.Inputs), labels, weights);
    }

    private LabeledBatch Mix(LabeledBatch batch, RandomKey key)
    {
        using var generator = key.Child(0).Generator();
        using var permutation = randperm(batch.Inputs.shape[0], generator: generator);
        return Mix(batch, permutation, MixingShare.Draw(Alpha, key.Child(1)));
    }
}
