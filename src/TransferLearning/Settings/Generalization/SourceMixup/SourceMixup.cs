using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Mixup between sources: every labeled example is mixed with one of another source, and so are their labels.
/// </summary>
/// <remarks>
/// <c>x = l x_i + (1 - l) x_j</c>, <c>y = l y_i + (1 - l) y_j</c> with <c>l ~ Beta(alpha, alpha)</c> drawn for each
/// source and j a row of its partner: sources stand in a random circle, each the partner of the one before it
/// (Gulrajani and Lopez-Paz 2021, "In Search of Lost Domain Generalization", algorithm Mixup; Yan, Song, Li, Zou and
/// Ren 2020). Where the partner's batch is smaller its rows come again. Example weights mix as in
/// <see cref="Mixup"/>. Labeled and unlabeled target rows are left alone.
/// </remarks>
public sealed record SourceMixup : IBatchTransform
{
    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.2, DomainBed's.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.2;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.SeveralSources();

    /// <inheritdoc />
    public StepBatch Apply(StepBatch batch, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Options(this);
        var count = batch.Sources.Count;
        using var generator = key.Child(0).Generator();
        using var drawn = randperm(count, generator: generator);
        var circle = drawn.data<long>().ToArray();
        var mixed = new LabeledBatch[count];
        for (var i = 0; i < count; i++)
        {
            var (one, partner) = (batch.Sources[(int)circle[i]], batch.Sources[(int)circle[(i + 1) % count]]);
            mixed[circle[i]] = Mix(one, partner, MixingShare.Draw(Alpha, key.Child(1).Child(i)));
        }
        return new StepBatch(mixed, batch.Target, batch.LabeledTarget);
    }

    /// <summary>Mixes a batch with another, row by row.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="partner">The other; where it has fewer rows they come again.</param>
    /// <param name="share">The share l of the batch's own rows, from 0 to 1.</param>
    /// <returns>
    /// The mixed batch, of the first one's domain, with class probabilities or values as labels, and mixed weights
    /// where a batch has weights; its tensors belong to the caller's scope.
    /// </returns>
    public static LabeledBatch Mix(LabeledBatch batch, LabeledBatch partner, double share)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(partner);
        Guard.InRange(share, 0, 1);
        var rows = arange(batch.Inputs.shape[0], dtype: int64, device: batch.Inputs.device)
            .remainder(partner.Inputs.shape[0]);
        Tensor Mixed(Tensor own, Tensor other) => (own * share) + (other.index_select(0, rows) * (1 - share));
        var (labels, weights) = SoftLabels.Mixed(batch, partner, Mixed);
        return batch.With(Mixed(batch.Inputs, partner.Inputs), labels, weights);
    }
}
