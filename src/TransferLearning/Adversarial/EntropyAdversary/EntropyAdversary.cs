using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>ADVENT: target predictions are to look, by their self-information, as if they were the source's.</summary>
/// <remarks>
/// <c>mean_t BCE(D(I(z_t)), 1)</c> with the <see cref="SelfInformation"/> I of the scores (Vu, Jain, Bucher, Cord and
/// Pérez 2019, "ADVENT: Adversarial Entropy Minimization for Domain Adaptation in Semantic Segmentation", equation 8).
/// It lowers the target's entropy indirectly: a network is sure on the source. <see cref="EntropyCritic"/> teaches the
/// critic.
/// </remarks>
/// <param name="critic">
/// The critic of self-information <c>[n, C]</c>; a phase that minimizes this term does not move it.
/// </param>
public sealed class EntropyAdversary(IDomainCritic critic) : IObjective
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var judged = step.Judgment(critic, SelfInformation.Of(step.Scores(step.Target)));
        return nn.functional.softplus(judged.neg()).mean();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
