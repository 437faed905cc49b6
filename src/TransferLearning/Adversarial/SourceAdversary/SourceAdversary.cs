using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DANN across sources: a critic learns which source a row comes from, and reversed gradients teach the extractor to
/// hide it.
/// </summary>
/// <remarks>
/// The critic gives one logit a source; the term is the mean over all source rows of the cross-entropy of the source's
/// number, with <c>-lambda</c> times its gradient going to the extractor (Ganin et al. 2016, "Domain-Adversarial
/// Training of Neural Networks"; as the algorithm DANN of Gulrajani and Lopez-Paz 2021, "In Search of Lost Domain
/// Generalization", which alternates steps of critic and network instead). With <see cref="IsConditional"/> the critic
/// reads the label as well and each class of a step weighs alike (Li et al. 2018, "Deep Domain Generalization via
/// Conditional Invariant Adversarial Networks", CDANN). Example weights weigh the rows. No target row is looked at.
/// </remarks>
/// <param name="critic">
/// Features <c>[n, d]</c> to one logit a source, <c>[n, K]</c>; with <see cref="IsConditional"/> it reads the features
/// and the label as one-hot numbers, <c>[n, d + C]</c>. The phase moves it together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default the paper's ramp from 0 to 1, gamma 10.</param>
public sealed class SourceAdversary(ILabelPredictor critic, Schedule? reversal = null) : IObjective, IJudged
{
    private readonly ILabelPredictor critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>Whether the critic reads the label, too, and classes weigh alike. Default false.</summary>
    public bool IsConditional { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) =>
        IsConditional ? [.. plan.SeveralSources(), .. plan.OfClasses()] : plan.SeveralSources();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var seen = GradientReversal.Apply(step.SourceFeatures(), reversal.At(step.Progress));
        var weights = step.SourceWeights();
        if (IsConditional)
        {
            var labels = cat([.. step.Sources.Select(batch => SoftLabels.Of(batch).to(seen.dtype))]);
            seen = cat([seen, labels], 1);
            var ofClasses = Balance(labels);
            weights = weights is null ? ofClasses : weights * ofClasses;
        }
        var judged = step.Scores(critic, seen);
        if (judged.dim() != 2 || judged.shape[1] != step.Sources.Count)
        {
            throw new ArgumentException(
                $"the critic must give one logit a source, [n, {step.Sources.Count}]; it gave "
                    + $"{Shape.Text(judged.shape)}.",
                nameof(step)
            );
        }
        var numbers = step.Sources.Select((batch, i) => full(batch.Inputs.shape[0], i, int64, judged.device));
        return CrossEntropy.Of(judged, cat([.. numbers]), weights);
    }

    /// <summary>Weights by which each class of some rows has the same sum.</summary>
    /// <param name="labels">Class probabilities or one-hot rows <c>[n, C]</c>.</param>
    /// <returns>Weights <c>[n]</c> of mean 1, without gradient; the caller disposes them.</returns>
    public static Tensor Balance(Tensor labels)
    {
        Guard.Rows(labels);
        using var scope = NewDisposeScope();
        var counts = labels.detach().sum(0, keepdim: true);
        var weights = (labels.detach() / counts.clamp_min(1e-12)).sum(1);
        return (weights / weights.mean()).MoveToOuterDisposeScope();
    }
}
