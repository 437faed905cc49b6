using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// What ADVENT's critic minimizes: it learns to tell the domains apart by the self-information of their predictions.
/// </summary>
/// <remarks>
/// <c>mean_s w BCE(D(I(z_s)), 1) + mean_t BCE(D(I(z_t)), 0)</c>, the scores constants (Vu et al. 2019, equation 7). The
/// authors' program halves the sum. Source rows weigh by their example weights. Of maps of scores <c>[n, C, h, w]</c>
/// both means are over all that the critic gives, places or patches, each with its row's weight.
/// </remarks>
/// <param name="critic">
/// The critic of self-information <c>[n, C]</c>; maps need one that is an <see cref="IPatchCritic"/> as well, as the
/// part of a convolutional network is.
/// </param>
public sealed class EntropyCritic(IDomainCritic critic) : IObjective, IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <summary>What the critic minimizes. Default <see cref="CriticLoss.CrossEntropy"/>, the paper's.</summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var source = cat([.. step.Sources.Select(batch => step.Scores(batch))]);
        var judged = EntropyAdversary.Judged(step, critic, source.detach());
        return DomainAdversary.Loss(
            judged,
            EntropyAdversary.Judged(step, critic, step.Scores(step.Target).detach()),
            step.SourceWeights() is { } weights ? weights.view([-1, .. judged.shape.Skip(1).Select(_ => 1L)]) : null,
            criterion: Criterion
        );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
