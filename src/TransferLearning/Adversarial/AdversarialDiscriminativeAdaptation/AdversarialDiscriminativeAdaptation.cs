using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>ADDA's second stage: a target extractor of its own learns to pass for the fixed source extractor.</summary>
/// <remarks>
/// After a network was trained on the source, the target's extractor starts as a copy of it. In each step the critic
/// minimizes <c>mean BCE(D(f_s), 1) + mean BCE(D(f_t), 0)</c>, then the target extractor minimizes
/// <c>mean BCE(D(f_t), 1)</c>, labels inverted (Tzeng, Hoffman, Saenko and Darrell 2017, "Adversarial Discriminative
/// Domain Adaptation", equation 9). Source extractor and predictor stay as they are; the model predicts by the target's
/// branch.
/// </remarks>
/// <param name="critic">The critic, features to one logit.</param>
/// <param name="target">
/// The target's extractor, of the same architecture as the source's; null makes a replica, for which the source's must
/// be a <see cref="ModulePart"/> made from a recipe.
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
        var source = extractor.For(DomainId.Source(0));
        if (target is null && source is not ModulePart { IsReplicable: true })
        {
            plan.Fault(NoReplica(source));
            return plan;
        }
        return Training(source, target ?? source, predictor).Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var source = state.Extractor!.For(DomainId.Source(0));
        var own = target ?? run.Own(Replica(source));
        if (target is not null && source is ITrainable trained)
        {
            target.CopyFrom(trained);
        }
        return Training(source, own, state.Predictor!).Fit(state, run);
    }

    private NetworkTraining Training(IFeatureExtractor source, IFeatureExtractor own, ILabelPredictor predictor)
    {
        var training = new NetworkTraining(new PerDomainExtractor(source, own), predictor)
            .Phase(phase => phase.Move(critic).Minimize(new CriticTerm(critic)))
            .Phase(phase => phase.Move(own).Minimize(new DisguiseTerm(critic)))
            .Optimize(critic, CriticOptimizer);
        return Options is null ? training : training.With(Options);
    }

    private static ModulePart Replica(IFeatureExtractor source) =>
        source is ModulePart { IsReplicable: true } part
            ? part.Replica()
            : throw new InvalidOperationException(NoReplica(source));

    private static string NoReplica(IFeatureExtractor source) =>
        $"the source extractor is a {source.GetType().Name} that cannot be replicated: make it with "
        + "new ModulePart(() => new MyModule(...)), or give AdversarialDiscriminativeAdaptation a target extractor.";

    private sealed class CriticTerm(IDomainCritic critic) : IObjective
    {
        public string Name => "AdversarialDiscriminativeAdaptation.Critic";

        public IEnumerable<IPart> Parts => [critic];

        public Tensor Evaluate(StepContext step) =>
            DomainAdversary.Loss(
                step.Judgment(critic, step.SourceFeatures()),
                step.Judgment(critic, step.Features(step.Target).detach()),
                step.SourceWeights()
            );
    }

    private sealed class DisguiseTerm(IDomainCritic critic) : IObjective
    {
        public string Name => "AdversarialDiscriminativeAdaptation.Disguise";

        public IEnumerable<IPart> Parts => [critic];

        public Tensor Evaluate(StepContext step) =>
            nn.functional.softplus(step.Judgment(critic, step.Features(step.Target)).neg()).mean();
    }
}
