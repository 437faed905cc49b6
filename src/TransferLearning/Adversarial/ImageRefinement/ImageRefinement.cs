using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Adversarial;

/// <summary>
/// SimGAN: a refiner makes simulated source images look real, and changes them as little as it can; later stages train
/// on them with their labels.
/// </summary>
/// <remarks>
/// <para>
/// In each step the refiner R minimizes <c>G(D(R(x_s))) + l mean |R(x_s) - x_s|</c> as often as
/// <see cref="RefinerSteps"/> says, G <see cref="PatchAdversary.Generator"/>, and then the critic
/// <see cref="PatchAdversary.Critic"/> between target images and refined ones, of which about half come from a pool of
/// past ones (Shrivastava, Pfister, Tuzel, Susskind, Wang and Webb 2017, "Learning from Simulated and Unsupervised
/// Images through Adversarial Training", equations 1 to 6 and algorithm 1). Where the paper sums over patches and
/// pixels, here are means, so that l does not depend on their number; and where the paper keeps halves of batches in
/// its pool, here each image is drawn by itself, as CycleGAN's authors do.
/// </para>
/// <para>
/// After the stage the source's rows are refined images and the target's are what they were, and the model that comes
/// of the chain reads target images as they are. What stood on the rows is dropped. All sources pass one refiner.
/// Example weights are refused.
/// </para>
/// </remarks>
/// <param name="refiner">Makes refined images of source images, in the same shape. It goes into the model.</param>
/// <param name="critic">Judges what looks real, patch by patch.</param>
public sealed class ImageRefinement(IFeatureExtractor refiner, IPatchCritic critic) : IAdaptationStage
{
    private readonly IFeatureExtractor refiner = refiner ?? throw new ArgumentNullException(nameof(refiner));
    private readonly IPatchCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <summary>
    /// The weight l of staying what it was, per pixel. Default 1; the more, the less is refined. The paper chooses it
    /// for each data set.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double SelfRegularization { get; init; } = 1;

    /// <summary>
    /// The weight of passing for real over progress. Default 1; <c>Schedule.From(0.1, 1)</c> begins with the refiner
    /// that changes nothing, as the paper does for 1,000 steps.
    /// </summary>
    public Schedule Disguise { get; init; } = 1.0;

    /// <summary>
    /// How often the refiner moves for each move of the critic, on the same images each time; the paper draws new ones.
    /// Default 2.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int RefinerSteps { get; init; } = 2;

    /// <summary>What the critic minimizes. Default <see cref="CriticLoss.CrossEntropy"/>, the paper's.</summary>
    public CriticLoss Criterion { get; init; } = CriticLoss.CrossEntropy;

    /// <summary>How many past refined images the critic is shown again; 0 for none. Default 50.</summary>
    [OptionRange(AtLeast = 0)]
    public int PoolSize { get; init; } = 50;

    /// <summary>
    /// How this stage trains; null takes the run's epochs and batches, and the Adam of <see cref="ImageTranslation"/>.
    /// </summary>
    public TrainingOptions? Options { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [refiner, critic];

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ImageStages.Check(plan, Options, refiner);
        TrainingChecks.Learns(critic, plan);
        if (!OptionChecks.Faults(this).Any())
        {
            TrainingChecks.Run(Training(plan.Domains), OptionsOf(plan.Options.Training), plan);
        }
        return plan.WithRows(plan.RowShape, plan.RowType);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        _ = Training(state.Domains).With(OptionsOf(run.Options.Training)).Fit(state, run);
        return ImageStages.Translated(state, refiner, run.Options.Device);
    }

    private TrainingOptions OptionsOf(TrainingOptions run) => Options ?? ImageStages.Defaults(run);

    private NetworkTraining Training(DomainSet domains) =>
        ImageStages
            .Training(refiner, domains)
            .Phase(phase =>
                phase
                    .Move(refiner)
                    .Minimize(new RefinementDistance(refiner), SelfRegularization)
                    .Minimize(new RefinerDisguise(refiner, critic, Criterion), Disguise)
                    .Repeat(RefinerSteps)
            )
            .Phase(phase =>
                phase
                    .Move(critic)
                    .Minimize(new PatchDiscrimination(critic, refiner, isOfTarget: true, Criterion, PoolSize))
            );
}
