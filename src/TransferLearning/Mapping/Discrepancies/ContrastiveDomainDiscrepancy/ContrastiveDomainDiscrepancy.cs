using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// CDD: pulls the same class of two domains together and pushes different classes apart; the penalty of contrastive
/// adaptation networks (CAN).
/// </summary>
/// <remarks>
/// <para>
/// <c>1/M sum_c D(c, c) - 1/(M (M - 1)) sum_{c != c'} D(c, c')</c> over the M classes at hand,
/// <c>D(c, c') = || mean_{y = c} phi(s) - mean_{y' = c'} phi(t) ||^2</c> with the multi-kernel phi of
/// <see cref="MultiKernelMaximumMeanDiscrepancy"/> (Kang, Jiang, Yang and Hauptmann 2019, "Contrastive Adaptation
/// Network for Unsupervised Domain Adaptation", equations 3 to 5).
/// </para>
/// <para>
/// Before every epoch <see cref="Clustering"/> labels the target. Every step draws a batch of its own, class by class:
/// some classes that both domains have, and as many rows of each. With <see cref="AlignsProbabilities"/> the term is
/// the sum over features and class probabilities. Differentiable in both; costs a pass over the domains an epoch
/// and <c>b^2 (d + C)</c> a step for b drawn rows. The labels are checkpointed. One object serves one training at a
/// time.
/// </para>
/// </remarks>
public sealed class ContrastiveDomainDiscrepancy : IObjective, ITrainingHook
{
    private long[]? targetLabels;
    private ClassRows? rows;

    /// <summary>How target rows get their labels.</summary>
    public SphericalClustering Clustering { get; init; } = new();

    /// <summary>The most classes of a step. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int ClassesPerStep { get; init; } = 10;

    /// <summary>The most rows of a class and domain in a step. Default 3.</summary>
    [OptionRange(AtLeast = 1)]
    public int RowsPerClass { get; init; } = 3;

    /// <summary>Whether the class probabilities are aligned too, as in the paper. Default true.</summary>
    public bool AlignsProbabilities { get; init; } = true;

    /// <summary>The multipliers of the kernels' squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (rows is null)
        {
            // Outside a training nothing is clustered: the step's own batch, read by the predictor.
            return Over(step, step.Sources, step.Target, step.Scores(step.Target).argmax(1));
        }
        if (rows.Draw(ClassesPerStep, RowsPerClass, step.NextKey(), step.Target.Inputs.device) is not { } drawn)
        {
            return zeros([], step.Target.Inputs.dtype, step.Target.Inputs.device);
        }
        return Over(step, drawn.Sources, drawn.Target, drawn.TargetLabels);
    }

    /// <summary>The discrepancy of two labeled samples.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="targetLabels">Their class numbers <c>[m]</c>.</param>
    /// <param name="classes">The number of classes; those that one side lacks do not count.</param>
    /// <param name="weights">
    /// Weights <c>[n]</c> of the source rows, in any scale, or null: class means are weighted.
    /// </param>
    /// <returns>A scalar, 0 without a common class; the caller disposes it.</returns>
    public Tensor Between(
        Tensor source,
        Tensor labels,
        Tensor target,
        Tensor targetLabels,
        long classes,
        Tensor? weights = null
    )
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        Guard.Alive(labels);
        Guard.Alive(targetLabels);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (ofSource, inSource) = Shares(labels, classes, RowShares.Of(source, weights));
        var (ofTarget, inTarget) = Shares(targetLabels, classes, RowShares.Of(target));
        var all = cat([source, target]).to(float64);
        var distances = SquaredDistances.Between(all, all);
        var kernel = new MultiKernelMaximumMeanDiscrepancy { Multipliers = Multipliers }.Kernels(
            distances,
            distances.detach().mean().clamp_min(1e-30)
        );
        var (n, m) = (source.shape[0], target.shape[0]);
        Tensor Within(long start, long count, Tensor shares) =>
            (kernel.narrow(0, start, count).narrow(1, start, count).matmul(shares) * shares).sum(dim: 0);
        var across = ofSource.t().matmul(kernel.narrow(0, 0, n).narrow(1, n, m)).matmul(ofTarget);
        var gaps = Within(0, n, ofSource).unsqueeze(1) + Within(n, m, ofTarget).unsqueeze(0) - (2 * across);
        var common = (inSource * inTarget).detach();
        var (same, pairs) = (common.diag(), common.unsqueeze(1) * common.unsqueeze(0));
        var count = common.sum();
        var intra = (gaps * same).sum() / count.clamp_min(1);
        var inter = (gaps * (pairs - same)).sum() / (count * (count - 1)).clamp_min(1);
        return (intra - inter).to(source.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var domains = view.Domains;
        Tensor Features(IRowSource source, DomainId id) => BatchedPass.Over(source, view.Extractor.For(id));
        var features = domains.Sources.Select((source, i) => Features(source.Rows, DomainId.Source(i)));
        var target = Features(domains.Target.Rows, DomainId.Target);
        var sources = cat([.. features]);
        var labels = cat([.. domains.Sources.Select(source => source.Labels.to(sources.device))]);
        targetLabels = Clustering.Label(sources, labels, target, domains.Space.Width).cpu().data<long>().ToArray();
        rows = new ClassRows(domains, targetLabels);
    }

    /// <inheritdoc />
    public void OnEnd() => rows = null; // the next training may be of other domains

    /// <inheritdoc />
    public void OnResume(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        rows = targetLabels is null ? null : new ClassRows(view.Domains, targetLabels);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        var stored = targetLabels is null ? null : tensor(targetLabels, dtype: int64);
        state.Slot("target labels", ref stored);
        targetLabels = stored?.cpu().data<long>().ToArray();
        stored?.Dispose();
    }

    private Tensor Over(StepContext step, IReadOnlyList<LabeledBatch> sources, UnlabeledBatch target, Tensor labels)
    {
        var terms = sources.Select(source =>
        {
            var classes = source.Space.Width;
            Tensor Gap(Tensor a, Tensor b) => Between(a, source.Labels, b, labels, classes, source.Weights);
            var gap = Gap(step.Features(source), step.Features(target));
            return AlignsProbabilities
                ? gap + Gap(step.Scores(source).softmax(1), step.Scores(target).softmax(1))
                : gap;
        });
        return terms.Aggregate((sum, next) => sum + next) / sources.Count;
    }

    // Each row's share of its class, and whether a class has rows.
    private static (Tensor Shares, Tensor IsPresent) Shares(Tensor labels, long classes, Tensor shares)
    {
        var members = nn.functional.one_hot(labels, classes).to(float64) * shares.unsqueeze(1);
        var masses = members.sum(dim: 0);
        return (members / masses.clamp_min(1e-300), masses.gt(0).to(float64));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
