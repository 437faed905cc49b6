using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// STA's alignment: domain-adversarial training whose target rows weigh by how likely they are of a known class.
/// </summary>
/// <remarks>
/// <c>mean_s w BCE(D, 1) + mean_t v BCE(D, 0)</c>, minus its gradient to the extractor, v the separator's probability
/// of "known", a constant and not divided by its mean (Liu, Cao, Long, Wang and Yang 2019, "Separate to Adapt"). Source
/// rows weigh by their example weights; several sources count together as "source".
/// </remarks>
/// <param name="critic">The critic that opposes the extractor; moved together with it.</param>
/// <param name="separator">Features to one logit of "known", of <see cref="KnownSeparation"/>.</param>
/// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
public sealed class SeparatedAdversary(IDomainCritic critic, IDomainCritic separator, Schedule? reversal = null)
    : IObjective,
        IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly IDomainCritic separator = separator ?? throw new ArgumentNullException(nameof(separator));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic, separator];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (sources, target) = (step.SourceFeatures(), step.Features(step.Target));
        var known = KnownShares(step, separator);
        var opposed = ReversedGradient.Of(cat([sources, target]), reversal.At(step.Progress));
        var judged = step.Judgment(critic, opposed);
        var count = sources.shape[0];
        return Of(
            judged.narrow(0, 0, count),
            judged.narrow(0, count, judged.shape[0] - count),
            known,
            step.SourceWeights()
        );
    }

    /// <summary>The critic's loss from its logits.</summary>
    /// <param name="source">Logits of source rows <c>[n]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m]</c>.</param>
    /// <param name="known">The target rows' probabilities of "known" <c>[m]</c>, constants.</param>
    /// <param name="sourceWeights">Weights of the source rows <c>[n]</c>, or null.</param>
    /// <returns>A scalar, not negative, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor target, Tensor known, Tensor? sourceWeights = null)
    {
        Guard.Alive(source);
        Guard.Alive(target);
        Guard.Alive(known);
        Guard.AliveOrNull(sourceWeights);
        if (target.dim() != 1 || !target.shape.SequenceEqual(known.shape))
        {
            throw new ArgumentException(
                $"known must be one probability for each of the target's logits {Shape.Text(target.shape)}; got "
                    + $"{Shape.Of(known)}.",
                nameof(known)
            );
        }
        using var scope = NewDisposeScope();
        var ofSource = nn.functional.softplus(source.neg());
        if (sourceWeights is not null)
        {
            ofSource *= sourceWeights.detach().to(ofSource.dtype);
        }
        var ofTarget = nn.functional.softplus(target) * known.detach().to(target.dtype);
        return (ofSource.mean() + ofTarget.mean()).MoveToOuterDisposeScope();
    }

    /// <summary>The separator's probability of "known" of each target row, without gradient. Opens no scope.</summary>
    internal static Tensor KnownShares(StepContext step, IDomainCritic separator)
    {
        using var quiet = no_grad();
        return step.Judgment(separator, step.Features(step.Target)).sigmoid();
    }
}
