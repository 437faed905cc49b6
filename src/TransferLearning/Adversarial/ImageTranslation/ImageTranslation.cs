using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Adversarial;

/// <summary>
/// CycleGAN: source images are made to look like the target's, without pairs; later stages train on them with their
/// labels.
/// </summary>
/// <remarks>
/// <para>
/// Two generators, toward the target and toward the source, minimize
/// <c>a G(D_t(to target(x_s))) + G(D_s(to source(x_t))) + c C + c i I</c>: G what makes made images pass for real,
/// <see cref="PatchAdversary.Generator"/>; C the cycles,
/// <c>mean |to source(to target(x_s)) - x_s| + mean |to target(to source(x_t)) - x_t|</c>; and I the identities,
/// <c>mean |to source(x_s) - x_s| + mean |to target(x_t) - x_t|</c>. Then the critics of the domains minimize
/// <see cref="PatchAdversary.Critic"/> between real images and made ones, of which about half come from a pool of past
/// ones (Zhu, Park, Isola and Efros 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
/// Networks", equations 1 to 3 and section 4).
/// </para>
/// <para>
/// Labels are not looked at, unless <see cref="Semantics"/> ties them: CyCADA. After the stage the source's rows are
/// translated images and the target's are what they were, and the model that comes of the chain reads target images as
/// they are. What stood on the rows, an extractor and a predictor, is dropped. All sources pass one generator.
/// Example weights are refused.
/// </para>
/// </remarks>
/// <param name="networks">The generators and critics. The caller disposes them, after the model.</param>
public sealed class ImageTranslation(TranslationNetworks networks) : IAdaptationStage
{
    private readonly TranslationNetworks networks = networks ?? throw new ArgumentNullException(nameof(networks));

    /// <summary>The weight c of the cycles. Default 10.</summary>
    [OptionRange(AtLeast = 0)]
    public double Cycle { get; init; } = 10;

    /// <summary>
    /// The weight i of the identities as a share of that of the cycles. Default 0.5, the authors' program's; where the
    /// domains' colors are each other's opposites, take 0.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Identity { get; init; } = 0.5;

    /// <summary>The weight a of passing for the target's images. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double TowardTarget { get; init; } = 1;

    /// <summary>
    /// Ties labels to images while they are translated, by the network that an earlier <c>Train(...)</c> has left; null
    /// does not.
    /// </summary>
    public SemanticConsistency? Semantics { get; init; }

    /// <summary>The weight of <see cref="Semantics"/>. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double SemanticWeight { get; init; } = 1;

    /// <summary>What the critics minimize. Default <see cref="CriticLoss.LeastSquares"/>, the authors'.</summary>
    public CriticLoss Criterion { get; init; } = CriticLoss.LeastSquares;

    /// <summary>
    /// How many past images of each domain the critics are shown again; 0 for none. Default 50. Where gradients are
    /// accumulated, the last batch's images enter.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public int PoolSize { get; init; } = 50;

    /// <summary>
    /// How this stage trains; null takes the run's epochs and batches, and the authors' Adam: rate 0.0002, betas 0.5
    /// and 0.999, the rate falling to 0 in the second half.
    /// </summary>
    public TrainingOptions? Options { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [networks];

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ImageStages.Check(plan, Options, networks.ToTarget, networks.ToSource);
        if (Semantics is not null && !plan.HasPredictor)
        {
            plan.Fault("Semantics asks a network trained on the source: put Train(...) before it.");
        }
        if (Semantics is not null && !plan.Domains.Space.IsClasses)
        {
            plan.Fault($"Semantics compares classes, and the labels are {plan.Domains.Space}: leave it out.");
        }
        TrainingChecks.Learns(networks.SourceCritic, plan);
        TrainingChecks.Learns(networks.TargetCritic, plan);
        if (!OptionChecks.Faults(this).Any())
        {
            // What asks the earlier network joins in the fit: a plan has no network.
            TrainingChecks.Run(Training(plan.Domains, null), OptionsOf(plan.Options.Training), plan);
        }
        return plan.WithRows(plan.RowShape, plan.RowType);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        _ = Training(state.Domains, Semantics is null ? null : state)
            .With(OptionsOf(run.Options.Training))
            .Fit(state, run);
        return ImageStages.Translated(state, networks.ToTarget, run.Options.Device);
    }

    private TrainingOptions OptionsOf(TrainingOptions run) => Options ?? ImageStages.Defaults(run);

    // The generators first, as the authors' program does.
    private NetworkTraining Training(DomainSet domains, AdaptationState? asked) =>
        ImageStages
            .Training(networks.ToTarget, domains)
            .Phase(phase =>
            {
                phase
                    .Move(networks.ToTarget, networks.ToSource)
                    .Minimize(new TranslationDisguise(networks, Criterion, TowardTarget))
                    .Minimize(new CycleConsistency(networks), Cycle)
                    .Minimize(new TranslationIdentity(networks), Cycle * Identity);
                if (asked is not null)
                {
                    phase.Minimize(new SemanticTerm(networks, asked, Semantics!), SemanticWeight);
                }
            })
            .Phase(phase =>
                phase
                    .Move(networks.SourceCritic, networks.TargetCritic)
                    .Minimize(Discrimination(isOfTarget: true))
                    .Minimize(Discrimination(isOfTarget: false))
            );

    private PatchDiscrimination Discrimination(bool isOfTarget) =>
        isOfTarget
            ? new(networks.TargetCritic, networks.ToTarget, isOfTarget, Criterion, PoolSize)
            : new(networks.SourceCritic, networks.ToSource, isOfTarget, Criterion, PoolSize);
}
