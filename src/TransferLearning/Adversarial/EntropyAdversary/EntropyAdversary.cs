using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>ADVENT: target predictions are to look, by their self-information, as if they were the source's.</summary>
/// <remarks>
/// <c>mean_t BCE(D(I(z_t)), 1)</c> with the <see cref="SelfInformation"/> I of the scores (Vu, Jain, Bucher, Cord and
/// Pérez 2019, "ADVENT: Adversarial Entropy Minimization for Domain Adaptation in Semantic Segmentation", equation 8).
/// It lowers the target's entropy indirectly: a network is sure on the source. <see cref="EntropyCritic"/> teaches the
/// critic. Of another <see cref="Criterion"/> the term is <c>(D - 1)^2</c> or <c>-D</c>. Of maps of scores
/// <c>[n, C, h, w]</c> the mean is over all that the critic gives, places or patches.
/// </remarks>
/// <param name="critic">
/// The critic of self-information <c>[n, C]</c>; a phase that minimizes this term does not move it. Maps need one that
/// is an <see cref="IPatchCritic"/> as well, as the part of a convolutional network is.
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
        var judged = Judged(step, critic, step.Scores(step.Target));
        return PatchAdversary.Generator(judged, Criterion);
    }

    /// <summary>The critic's logits of some scores' self-information, <c>[n]</c> or those of maps.</summary>
    internal static Tensor Judged(StepContext step, IDomainCritic critic, Tensor scores)
    {
        var information = SelfInformation.Of(scores);
        if (information.dim() == 2)
        {
            return step.Judgment(critic, information);
        }
        return critic is IPatchCritic ofPlaces
            ? step.PatchJudgment(ofPlaces, information)
            : throw new ArgumentException(
                $"scores are maps {Shape.Text(scores.shape)}, whose critic gives logits of places: it must be an "
                    + $"IPatchCritic as well; a {critic.GetType().Name} is none. Take a module's AsPart().",
                nameof(critic)
            );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
