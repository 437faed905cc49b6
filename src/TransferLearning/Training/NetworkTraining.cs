using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>The stage that trains a network by objectives and phases.</summary>
/// <remarks>
/// What reads like one list is: a main phase that moves extractor and predictor, further phases in the order in which
/// they are named, transforms of each step's batches, and options. Verbs of single methods are extensions over these
/// few. Modules train where some parameter in them moves and their owner has not put them into evaluation mode;
/// whatever else rests.
/// </remarks>
/// <param name="extractor">The extractor to train.</param>
/// <param name="predictor">The predictor to train.</param>
public sealed class NetworkTraining(IFeatureExtractor extractor, ILabelPredictor predictor) : IAdaptationStage
{
    private readonly List<TrainingPhase> phases = [];
    private readonly List<IBatchTransform> transforms = [];
    private readonly List<IPart> used = [];
    private readonly List<PartOptimization> optimizations = [];
    private TrainingPhase? main;
    private TrainingOptions? options;

    /// <summary>The extractor being trained.</summary>
    public IFeatureExtractor Extractor { get; } = extractor ?? throw new ArgumentNullException(nameof(extractor));

    /// <summary>The predictor being trained.</summary>
    public ILabelPredictor Predictor { get; } = predictor ?? throw new ArgumentNullException(nameof(predictor));

    /// <summary>
    /// The phase that moves extractor and predictor; it takes its place in the order when it is first named.
    /// </summary>
    public TrainingPhase Main
    {
        get
        {
            if (main is null)
            {
                main = new TrainingPhase().Move(Extractor, Predictor);
                phases.Add(main);
            }
            return main;
        }
    }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => TrainingParts.AllParts(this);

    /// <summary>False: an objective that asks for source rows where there are none is refused by itself.</summary>
    public bool NeedsSource => false;

    /// <summary>False: an objective that asks for target rows where there are none is refused by itself.</summary>
    public bool NeedsTarget => false;

    /// <summary>True: the extractor reads the tokens.</summary>
    public bool TakesTokens => true;

    internal IReadOnlyList<TrainingPhase> Phases => phases;

    internal IReadOnlyList<IBatchTransform> Transforms => transforms;

    internal IReadOnlyList<IPart> Used => used;

    internal IReadOnlyList<PartOptimization> Optimizations => optimizations;

    internal TrainingOptions? Options => options;

    /// <summary>Adds a term to the main phase.</summary>
    /// <param name="objective">The term.</param>
    /// <param name="weight">Its weight over progress. Default 1.</param>
    public NetworkTraining Minimize(IObjective objective, Schedule? weight = null)
    {
        Main.Minimize(objective, weight);
        return this;
    }

    /// <summary>Adds a phase of its own: inner critic steps, alternation.</summary>
    public NetworkTraining Phase(Action<TrainingPhase> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var phase = new TrainingPhase();
        phases.Add(phase);
        configure(phase);
        return this;
    }

    /// <summary>Adds a phase ahead of all others named so far: critic steps that come before the network's.</summary>
    public NetworkTraining Before(Action<TrainingPhase> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var phase = new TrainingPhase();
        phases.Insert(0, phase);
        configure(phase);
        return this;
    }

    /// <summary>Adds a change of every step's batches: Mixup, CutMix.</summary>
    public NetworkTraining Augment(IBatchTransform transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        transforms.Add(transform);
        return this;
    }

    /// <summary>Trains this stage by its own options instead of the run's.</summary>
    public NetworkTraining With(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        return this;
    }

    /// <summary>Adds something with state that acts along: a hook, a teacher, a part that no phase moves.</summary>
    public NetworkTraining Use(IPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        used.Add(part);
        return this;
    }

    /// <summary>Gives a part its own optimizer, or a plan of which of its parameters move and how fast.</summary>
    /// <param name="part">A part that some phase moves.</param>
    /// <param name="optimizer">Makes its optimizers; null for the stage's default.</param>
    /// <param name="plan">Groups its parameters; null for one group of all.</param>
    public NetworkTraining Optimize(IPart part, OptimizerFactory? optimizer = null, IParameterPlan? plan = null)
    {
        ArgumentNullException.ThrowIfNull(part);
        optimizations.Add(new PartOptimization(part, optimizer, plan));
        return this;
    }

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var features = TrainingChecks.Run(this, options ?? plan.Options.Training, plan);
        return plan.WithParts(Extractor, Predictor, features?.Shape, features?.Type);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        using var loop = new TrainingLoop(this, options ?? run.Options.Training, state.Domains, run);
        loop.Run();
        return state.With(Extractor, Predictor);
    }
}
