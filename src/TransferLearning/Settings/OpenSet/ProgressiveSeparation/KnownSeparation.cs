using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// STA's separation: a critic learns to tell the target rows that are most similar to some known class from those that
/// are least.
/// </summary>
/// <remarks>
/// The similarity of a row is <c>sum_c sigmoid(h_c)</c>, a constant; with the share r of the batch's rows on each side
/// the term is <c>mean_top BCE(G, 1) + mean_bottom BCE(G, 0)</c>, G the critic's logit of "known" (Liu, Cao, Long, Wang
/// and Yang 2019, "Separate to Adapt"). The paper takes the largest sigmoid for the sum, which is
/// <see cref="TakesLargest"/>. No gradient reaches the extractor or the heads.
/// </remarks>
/// <param name="heads">
/// Features to one logit a known class <c>[n, C]</c>, those of <see cref="ClassSimilarity"/>.
/// </param>
/// <param name="separator">Features to one logit, large for rows of known classes; the phase moves it.</param>
public sealed class KnownSeparation(ILabelPredictor heads, IDomainCritic separator) : IObjective
{
    private readonly ILabelPredictor heads = heads ?? throw new ArgumentNullException(nameof(heads));
    private readonly IDomainCritic separator = separator ?? throw new ArgumentNullException(nameof(separator));

    /// <summary>
    /// The share of the batch's rows on each side, at most a half; at least one row is taken. Default 1/16, the
    /// authors' 2 of 32.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 0.5)]
    public double Share { get; init; } = 1.0 / 16;

    /// <summary>
    /// Whether a row's similarity is its largest sigmoid, the paper's. Default false: the sum, the authors' program's.
    /// </summary>
    public bool TakesLargest { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [heads, separator];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var features = step.Features(step.Target).detach();
        Tensor similarity;
        using (no_grad())
        {
            var shares = step.Scores(heads, features).sigmoid();
            similarity = TakesLargest ? shares.amax([1L]) : shares.sum(1);
        }
        return Of(step.Judgment(separator, features), similarity, Share);
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="judged">The separator's logits <c>[m]</c>.</param>
    /// <param name="similarity">The rows' similarity to the known classes <c>[m]</c>, constants.</param>
    /// <param name="share">The share of the rows on each side.</param>
    /// <returns>A scalar, not negative, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor judged, Tensor similarity, double share = 1.0 / 16)
    {
        Guard.Alive(judged);
        Guard.Alive(similarity);
        Guard.Positive(share);
        Guard.InRange(share, 0, 1);
        if (judged.dim() != 1 || judged.shape[0] < 2 || !judged.shape.SequenceEqual(similarity.shape))
        {
            throw new ArgumentException(
                $"judged and similarity must be one number a row, [m], m at least 2; got {Shape.Of(judged)} and "
                    + $"{Shape.Of(similarity)}.",
                nameof(judged)
            );
        }
        using var scope = NewDisposeScope();
        var count = RowsOf(share, judged.shape[0]);
        var order = similarity.detach().argsort(0);
        var least = judged.index_select(0, order.narrow(0, 0, count));
        var most = judged.index_select(0, order.narrow(0, order.shape[0] - count, count));
        return (
            nn.functional.softplus(most.neg()).mean() + nn.functional.softplus(least).mean()
        ).MoveToOuterDisposeScope();
    }

    /// <summary>How many of some rows a share is: one at least, and no more than half of them.</summary>
    internal static long RowsOf(double share, long rows) =>
        Math.Clamp((long)Math.Round(share * rows), 1, Math.Max(1, rows / 2));
}
