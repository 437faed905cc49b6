using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// What ETN's auxiliary classifier minimizes: it learns the source's classes, and to give target rows to none of them.
/// </summary>
/// <remarks>
/// <para>
/// With the leaky probabilities p of <see cref="LeakyCritic"/> and <c>d = sum_c p_c</c>: <c>mean_s w sum_c BCE(p_c,
/// y_c) + f (mean_s w BCE(d, 1) + mean_t BCE(d, 0))</c> (Cao, You, Long, Wang and Yang 2019, "Learning to Transfer
/// Examples for Partial Domain Adaptation"; the factor f is that of the authors' program). No
/// gradient reaches the extractor.
/// </para>
/// <para>
/// The classifier's <see cref="LeakyCritic"/> under <see cref="CriticWeighting"/> with
/// <see cref="CriticWeighting.IsBounded"/> gives the method's weights <c>1 - d</c>, divided by their mean over the
/// batch. Several sources count together. Source rows weigh by their example weights.
/// </para>
/// </remarks>
/// <param name="classes">The auxiliary classifier, features to <c>[n, C]</c>; the phase moves it.</param>
public sealed class ExampleTransfer(ILabelPredictor classes) : IObjective
{
    private readonly ILabelPredictor classes = classes ?? throw new ArgumentNullException(nameof(classes));

    /// <summary>The factor f of the domains' terms, not negative. Default 10, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double DomainFactor { get; init; } = 10;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [classes];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor Scores(IBatch batch)
        {
            var scores = step.Scores(classes, step.Features(batch).detach());
            var width = step.Sources[0].Space.Width;
            return scores.dim() == 2 && scores.shape[1] == width
                ? scores
                : throw new ArgumentException(
                    $"the auxiliary classifier gives {Shape.Text(scores.shape)} for {step.Sources[0].Space}: end it "
                        + $"with {width} outputs.",
                    nameof(step)
                );
        }
        var source = cat([.. step.Sources.Select(Scores)]);
        var labels = cat([.. step.Sources.Select(batch => Shares(batch.Labels, source))]);
        return Of(source, Scores(step.Target), labels, DomainFactor, step.SourceWeights());
    }

    /// <summary>The term of some scores.</summary>
    /// <param name="source">Scores of source rows <c>[n, C]</c>.</param>
    /// <param name="target">Scores of target rows <c>[m, C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="domainFactor">The factor f of the domains' terms.</param>
    /// <param name="weights">Weights of the source rows <c>[n]</c>, or null. Means are over rows.</param>
    /// <returns>A scalar, not negative, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor target,
        Tensor labels,
        double domainFactor = 10,
        Tensor? weights = null
    )
    {
        Guard.Pair(source, target);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        Guard.NotNegative(domainFactor);
        var fits = labels.is_floating_point()
            ? labels.shape.SequenceEqual(source.shape)
            : labels.dim() == 1 && labels.shape[0] == source.shape[0];
        if (!fits)
        {
            throw new ArgumentException(
                $"labels must be class numbers [{source.shape[0]}] or probabilities {Shape.Text(source.shape)}; got "
                    + $"{Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = (LeakyCritic.Logits(source), LeakyCritic.Logits(target));
        var rows = OfClasses(source, Shares(labels, source)) + (nn.functional.softplus(ofSource.neg()) * domainFactor);
        var weighed = weights is null ? rows : rows * weights.detach().to(rows.dtype);
        return (weighed.mean() + (nn.functional.softplus(ofTarget).mean() * domainFactor)).MoveToOuterDisposeScope();
    }

    // sum_c BCE(p_c, y_c) of each row. Where p_c may be near 1, which only the largest is, log(1 - p_c) is taken from
    // the other classes and the leak, because rounding would leave nothing of it.
    private static Tensor OfClasses(Tensor scores, Tensor labels)
    {
        var leak = full_like(scores.narrow(1, 0, 1), Math.Log(scores.shape[1]));
        var total = cat([scores, leak], 1).logsumexp(1, keepdim: true);
        var logs = scores - total;
        var isTop = nn.functional.one_hot(scores.detach().argmax(1), scores.shape[1]).to(@bool);
        var others = cat([scores.masked_fill(isTop, double.NegativeInfinity), leak], 1).logsumexp(1, keepdim: true);
        var rest = where(isTop, others - total, logs.masked_fill(isTop, -1).exp().neg().log1p());
        return ((labels * logs) + ((1 - labels) * rest)).sum(1).neg();
    }

    private static Tensor Shares(Tensor labels, Tensor scores) =>
        (labels.is_floating_point() ? labels : nn.functional.one_hot(labels, scores.shape[1])).to(scores.dtype);
}
