using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// STA's unknown class: the classifier learns it from the target rows that the separator finds least known.
/// </summary>
/// <remarks>
/// <c>mean -log softmax(z)_C</c> over the share of the batch's target rows with the smallest probability of "known", C
/// the last class (Liu, Cao, Long, Wang and Yang 2019, "Separate to Adapt"). Gradients reach classifier and
/// extractor, not the separator.
/// </remarks>
/// <param name="separator">Features to one logit of "known", of <see cref="KnownSeparation"/>.</param>
public sealed class UnknownRows(IDomainCritic separator) : IObjective
{
    private readonly IDomainCritic separator = separator ?? throw new ArgumentNullException(nameof(separator));

    /// <summary>
    /// The share of the batch's rows that count as unknown, at most a half; at least one row is taken. Default 1/16,
    /// the authors' 2 of 32.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 0.5)]
    public double Share { get; init; } = 1.0 / 16;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [separator];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.RoomForUnknown();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of(step.Scores(step.Target), SeparatedAdversary.KnownShares(step, separator), Share);
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="scores">Logits <c>[m, C + 1]</c>.</param>
    /// <param name="known">The rows' probabilities of "known" <c>[m]</c>, constants.</param>
    /// <param name="share">The share of the rows that count as unknown.</param>
    /// <returns>A scalar, not negative, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor known, double share = 1.0 / 16)
    {
        Guard.Rows(scores);
        Guard.Alive(known);
        Guard.Positive(share);
        Guard.InRange(share, 0, 1);
        if (known.dim() != 1 || known.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"known must be one probability a row, [{scores.shape[0]}]; got {Shape.Of(known)}.",
                nameof(known)
            );
        }
        using var scope = NewDisposeScope();
        var count = KnownSeparation.RowsOf(share, scores.shape[0]);
        var least = scores.index_select(0, known.detach().argsort(0).narrow(0, 0, count));
        return least.log_softmax(1).select(1, scores.shape[1] - 1).mean().neg().MoveToOuterDisposeScope();
    }
}
