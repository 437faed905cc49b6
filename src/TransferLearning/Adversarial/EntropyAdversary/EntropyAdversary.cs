using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>ADVENT: target predictions are to look, by their self-information, as if they were the source's.</summary>
/// <remarks>
/// <c>mean_t BCE(D(I(z_t)), 1)</c> with the <see cref="SelfInformation"/> I of the scores (Vu, Jain, Bucher, Cord and
/// Pérez 2019, "ADVENT: Adversarial Entropy Minimization for Domain Adaptation in Semantic Segmentation", equation 8).
/// It lowers the target's entropy indirectly: a network is sure on the source. <see cref="EntropyCritic"/> teaches the
/// critic. Of another <see cref="Criterion"/> the term is <c>(D - 1)^2</c> or <c>-D</c>.
/// </remarks>
/// <param name="critic">
/// The critic of self-information <c>[n, C]</c>; a phase that minimizes this term does not move it.
/// </param>
public sealed class EntropyAdversary(IDomainCritic critic) : IObjective, IJudged
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
        var judged = step.Judgment(critic, SelfInformation.Of(step.Scores(step.Target)));
        return PatchAdversary.Generator(judged, Criterion);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
