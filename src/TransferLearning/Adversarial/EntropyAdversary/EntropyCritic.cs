using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// What ADVENT's critic minimizes: it learns to tell the domains apart by the self-information of their predictions.
/// </summary>
/// <remarks>
/// <c>mean_s w BCE(D(I(z_s)), 1) + mean_t BCE(D(I(z_t)), 0)</c>, the scores constants (Vu et al. 2019, equation 7). The
/// authors' program halves the sum. Source rows weigh by their example weights.
/// </remarks>
/// <param name="critic">The critic of self-information <c>[n, C]</c>.</param>
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
        Tensor Judged(Tensor scores) => step.Judgment(critic, SelfInformation.Of(scores.detach()));
        return DomainAdversary.Loss(
            Judged(source),
            Judged(step.Scores(step.Target)),
            step.SourceWeights(),
            criterion: Criterion
        );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
