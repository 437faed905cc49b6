using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// STA's entropy: predictions of target rows are to be sure, the more the likelier the row's class is known.
/// </summary>
/// <remarks>
/// <c>mean_t v H(softmax(z))</c> in nats over known and unknown classes, v the separator's probability of "known", a
/// constant (Liu, Cao, Long, Wang and Yang 2019, "Separate to Adapt").
/// </remarks>
/// <param name="separator">Features to one logit of "known", of <see cref="KnownSeparation"/>.</param>
public sealed class SeparatedEntropy(IDomainCritic separator) : IObjective
{
    private readonly IDomainCritic separator = separator ?? throw new ArgumentNullException(nameof(separator));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [separator];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(step.Target), SeparatedAdversary.KnownShares(step, separator));
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="scores">Logits <c>[m, C + 1]</c>.</param>
    /// <param name="known">The rows' probabilities of "known" <c>[m]</c>, constants.</param>
    /// <returns>A scalar, not negative, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor known)
    {
        Guard.Rows(scores);
        Guard.Alive(known);
        if (known.dim() != 1 || known.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"known must be one probability a row, [{scores.shape[0]}]; got {Shape.Of(known)}.",
                nameof(known)
            );
        }
        using var scope = NewDisposeScope();
        return (RowEntropy.Of(scores) * known.detach().to(scores.dtype)).mean().MoveToOuterDisposeScope();
    }
}
