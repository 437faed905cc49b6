using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>ADDA's second stage: a target extractor of its own learns to pass for the fixed source extractor.</summary>
/// <remarks>
/// After a network was trained on the source, the target's extractor starts as a copy of it. In each step the critic
/// minimizes <c>mean BCE(D(f_s), 1) + mean BCE(D(f_t), 0)</c>, then the target extractor minimizes
/// <c>mean BCE(D(f_t), 1)</c>, labels inverted (Tzeng, Hoffman, Saenko and Darrell 2017, "Adversarial Discriminative
/// Domain Adaptation", equation 9). Source extractor and predictor stay as they are; the model predicts by the target's
/// branch. Of an extractor with a branch for each source each stays, and the target's starts as the first one's.
/// </remarks>
/// <param name="critic">The critic, features to one logit.</param>
/// <param name="target">
/// The target's extractor, of the same architecture as the source's. It starts as a copy of a source extractor that is
/// an <see cref="ITrainable"/>, and beside any other as it was given, with a warning. Null makes a replica, for which
/// the source's must be a <see cref="ModulePart"/> made from a recipe.
/// </param>
public sealed class AdversarialDiscriminativeAdaptation(IDomainCritic critic, ModulePart? target = null)
    : IAdaptationStage
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <summary>How this stage trains; null trains by the run's options. ADDA wants a low rate.</summary>
    public TrainingOptions? Options { get; init; }

    /// <summary>
    /// Makes the critic's optimizer; null takes that of <see cref="Options"/>. A critic that learns faster than the
    /// extractor keeps it from drifting.
    /// </summary>
    public OptimizerFactory? CriticOptimizer { get; init; }

    /// <summary>
    /// What the critic minimizes. Default <see cref="CriticLoss.CrossEntropy"/>, the paper's. The target extractor
    /// minimizes <c>(D - 1)^2</c> of <see cref="CriticLoss.LeastSquares"/> and <c>-D</c> of
    /// <see cref="CriticLoss.Hinge"/>.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => target is null ? [critic] : [critic, target];

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        TrainingChecks.Learns(critic, plan);
        if (plan is not { Extractor: { } extractor, Predictor: { } predictor })
        {
            plan.Fault("starts from a network trained on the source: put Train(...) before it.");
            return plan;
        }
        var sources = Branches(extractor, plan.Domains);
        if (target is null && sources[0] is not ModulePart { IsReplicable: true })
        {
            plan.Fault(NoReplica(sources[0]));
            return plan;
        }
        return Training(sources, target ?? sources[0], predictor).Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var sources = Branches(state.Extractor!, state.Domains);
        var own = target ?? run.Own(Replica(sources[0]));
        if (target is not null && sources[0] is ITrainable trained)
        {
            target.CopyFrom(trained);
        }
        else if (target is not null)
        {
            run.Warn(
                $"the source extractor is a {sources[0].GetType().Name}, whose parameters cannot be copied: the target "
                    + "extractor starts as it was given. Put the source extractor into one module to start from it."
            );
        }
        return Training(sources, own, state.Predictor!).Fit(state, run);
    }

    private NetworkTraining Training(
        IReadOnlyList<IFeatureExtractor> sources,
        IFeatureExtractor own,
        ILabelPredictor predictor
    )
    {
        var training = new NetworkTraining(new PerDomainExtractor(sources, own), predictor)
            .Phase(phase => phase.Move(critic).Minimize(new CriticTerm(critic, Criterion)))
            .Phase(phase => phase.Move(own).Minimize(new DisguiseTerm(critic, Criterion)))
            .Optimize(critic, CriticOptimizer);
        return Options is null ? training : training.With(Options);
    }

    // One that serves all sources, or one for each.
    private static IFeatureExtractor[] Branches(IFeatureExtractor extractor, DomainSet domains)
    {
        IFeatureExtractor[] all = [.. domains.Sources.Select((_, i) => extractor.For(DomainId.Source(i)))];
        return Array.TrueForAll(all, one => ReferenceEquals(one, all[0])) ? [all[0]] : all;
    }

    private static ModulePart Replica(IFeatureExtractor source) =>
        source is ModulePart { IsReplicable: true } part
            ? part.Replica()
            : throw new InvalidOperationException(NoReplica(source));

    private static string NoReplica(IFeatureExtractor source) =>
        $"the source extractor is a {source.GetType().Name} that cannot be replicated: make it with "
        + "new ModulePart(() => new MyModule(...)), or give AdversarialDiscriminativeAdaptation a target extractor.";

    private sealed class CriticTerm(IDomainCritic critic, CriticLoss criterion) : IObjective
    {
        public string Name => "AdversarialDiscriminativeAdaptation.Critic";

        public IEnumerable<IPart> Parts => [critic];

        public Tensor Evaluate(StepContext step) =>
            DomainAdversary.Loss(
                step.Judgment(critic, step.SourceFeatures()),
                step.Judgment(critic, step.Features(step.Target).detach()),
                step.SourceWeights(),
                criterion: criterion
            );
    }

    private sealed class DisguiseTerm(IDomainCritic critic, CriticLoss criterion) : IObjective
    {
        public string Name => "AdversarialDiscriminativeAdaptation.Disguise";

        public IEnumerable<IPart> Parts => [critic];

        public Tensor Evaluate(StepContext step) =>
            PatchAdversary.Generator(step.Judgment(critic, step.Features(step.Target)), criterion);
    }
}
