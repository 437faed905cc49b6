using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// CutMix: a rectangle of every labeled image is replaced by the same rectangle of another, and the labels mix by area.
/// </summary>
/// <remarks>
/// The wanted share is <c>l ~ Beta(alpha, alpha)</c>, the center uniform, both drawn once a batch; the label's share is
/// the area that is really left (Yun, Han, Oh, Chun, Choe and Yoo 2019, "CutMix: Regularization Strategy to Train
/// Strong Classifiers with Localizable Features"). Example weights mix as in <see cref="Mixup"/>. Images are
/// <c>[n, channels, height, width]</c>. The target's unlabeled batch is left alone.
/// </remarks>
public sealed record CutMix : IBatchTransform
{
    /// <summary>The parameter of the Beta distribution. Default 1: every share alike.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 1;

    /// <summary>The share of batches that are mixed at all. Default 1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 1;

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

    /// <summary>Pastes a box of each image's partner into it.</summary>
    /// <param name="batch">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="permutation">The partner of each image, int64 <c>[n]</c>.</param>
    /// <param name="box">The rectangle.</param>
    /// <returns>
    /// The mixed batch with class probabilities as labels, and mixed weights where the batch has weights; its tensors
    /// belong to the caller's scope.
    /// </returns>
    public static LabeledBatch Mix(LabeledBatch batch, Tensor permutation, CutMixBox box)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(permutation);
        CheckImages(batch.Inputs);
        var (height, width) = (batch.Inputs.shape[2], batch.Inputs.shape[3]);
        var partners = permutation.to(batch.Inputs.device);
        var images = batch.Inputs.clone();
        Box(images, box).copy_(Box(batch.Inputs, box).index_select(0, partners));
        var share = box.ShareLeft(height, width);
        var (labels, weights) = SoftLabels.Mixed(
            batch,
            batch,
            (own, other) => (own * share) + (other.index_select(0, partners) * (1 - share))
        );
        return batch.With(images, labels, weights);
    }

    private static Tensor Box(Tensor images, CutMixBox box) =>
        images.narrow(2, box.Top, box.Bottom - box.Top).narrow(3, box.Left, box.Right - box.Left);

    private static void CheckImages(Tensor inputs)
    {
        if (inputs.dim() != 4)
        {
            throw new ArgumentException(
                $"CutMix works on images [n, channels, height, width]; got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
    }

    private LabeledBatch Mix(LabeledBatch batch, RandomKey key)
    {
        CheckImages(batch.Inputs);
        var random = key.Child(1).Random();
        if (random.NextDouble() >= Probability)
        {
            return batch;
        }
        using var generator = key.Child(0).Generator();
        using var permutation = randperm(batch.Inputs.shape[0], generator: generator);
        var (height, width) = (batch.Inputs.shape[2], batch.Inputs.shape[3]);
        var share = MixingShare.Draw(Alpha, key.Child(2));
        return Mix(
            batch,
            permutation,
            CutMixBox.Around(height, width, share, random.NextInt64(height), random.NextInt64(width))
        );
    }
}
