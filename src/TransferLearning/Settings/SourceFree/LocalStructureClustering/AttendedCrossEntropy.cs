using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// The cross-entropy of G-SFDA's source training: labeled rows are read under the source's attention and under the
/// target's, and both are to be sparse.
/// </summary>
/// <remarks>
/// <c>CE(h(z m_s), y) + CE(h(z m_t), y) + r (sum m_s + sum m_t) / 2d</c>: z the features before the attention, the
/// outputs of the link before the last of the extractor's chain; m the masks <see cref="DomainAttention.Mask"/>, whose
/// sharpness rises from 1/100 to 100 over the training (Yang, Wang, van de Weijer, Herranz and Jui 2021, "Generalized
/// Source-free Domain Adaptation", equations 5 to 7, constants of the authors' program for Office-Home, in which the
/// sharpness rises within the first batches of each epoch). Later the target learns what the source's mask leaves free.
/// Example weights weigh the rows; the mean over the sources.
/// </remarks>
/// <param name="ofSource">The source's attention, the last link of the extractor's chain.</param>
/// <param name="ofTarget">The target's attention; the phase moves it as well.</param>
public sealed class AttendedCrossEntropy(DomainAttention ofSource, DomainAttention ofTarget) : IObjective
{
    private readonly DomainAttention ofSource = ofSource ?? throw new ArgumentNullException(nameof(ofSource));
    private readonly ModulePart ofTarget = ModulePart.Of(ofTarget ?? throw new ArgumentNullException(nameof(ofTarget)));

    /// <summary>
    /// The weight r of the masks' sizes, not negative. Default 0.15, the authors' for Office-Home; for VisDA 0.75.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Sparsity { get; init; } = 0.15;

    /// <summary>The share of every label that is spread over all classes, from 0 to below 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; } = 0.1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofSource.AsPart(), ofTarget];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var least = 1 / DomainAttention.Sharpness;
        var sharpness = least + ((DomainAttention.Sharpness - least) * step.Progress);
        var masks = new[] { ofSource, (DomainAttention)ofTarget.Module }.Select(it => it.Mask(sharpness)).ToList();
        var losses = new List<Tensor>();
        foreach (var batch in step.Sources)
        {
            Canceling.Check();
            var features = BeforeAttention(step, batch);
            losses.AddRange(
                masks.Select(mask =>
                    CrossEntropy.Of(
                        step.Scores(step.Predictor, features * mask.to(features.dtype)),
                        batch.Labels,
                        batch.Weights,
                        LabelSmoothing
                    )
                )
            );
        }
        var size = (masks[0].mean() + masks[1].mean()) / 2;
        return (
            (stack([.. losses]).sum() / step.Sources.Count) + (size.to(losses[0].dtype) * Sparsity)
        ).MoveToOuterDisposeScope();
    }

    /// <summary>What the link before the last makes of a batch.</summary>
    internal static Tensor BeforeAttention(StepContext step, IBatch batch)
    {
        var layers = step.Layers(batch);
        return layers.Count > 1 && layers[^2].dim() == 2
            ? layers[^2]
            : throw new ArgumentException(
                "the extractor must be a chain whose last link is an attention and whose link before it gives features "
                    + "[n, d]: ExtractorChain.Of(body, attention.AsPart()).",
                nameof(step)
            );
    }
}
