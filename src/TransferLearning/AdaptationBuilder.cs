using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Composes an adaptation from stages and runs it.</summary>
/// <remarks>The order of the verbs is the order of the work. A builder may be fitted any number of times.</remarks>
public sealed class AdaptationBuilder
{
    private readonly List<IAdaptationStage> stages = [];

    /// <summary>Whether a stage was given modules, which dropout and other draws of libtorch may go with.</summary>
    internal bool TrainsModules => stages.Exists(stage => TrainingParts.Trainables(stage.Parts).Count > 0);

    /// <summary>Adds any stage; what is a weighting or a map as well goes in as the stage that it is.</summary>
    [OverloadResolutionPriority(1)]
    public AdaptationBuilder Add(IAdaptationStage stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stages.Add(stage);
        return this;
    }

    /// <summary>Adds a weighting, as <see cref="Weight"/> does.</summary>
    public AdaptationBuilder Add(IInstanceWeighting weighting) => Weight(weighting);

    /// <summary>Adds a map, as <see cref="Map"/> does.</summary>
    public AdaptationBuilder Add(IFeatureMapping mapping) => Map(mapping);

    /// <summary>Adds a shallow learner, as <see cref="Learn"/> does.</summary>
    public AdaptationBuilder Add(ILabelLearner learner) => Learn(learner);

    /// <summary>Trains a network: see <see cref="NetworkTraining"/> for its verbs.</summary>
    /// <param name="extractor">The extractor to train.</param>
    /// <param name="predictor">The predictor to train.</param>
    /// <param name="configure">Names the objectives.</param>
    public AdaptationBuilder Train(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Action<NetworkTraining> configure
    )
    {
        ArgumentNullException.ThrowIfNull(configure);
        var training = new NetworkTraining(extractor, predictor);
        configure(training);
        return Add(training);
    }

    /// <inheritdoc cref="Train(IFeatureExtractor, ILabelPredictor, Action{NetworkTraining})"/>
    public AdaptationBuilder Train(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Action<NetworkTraining> configure
    ) => Train(extractor.AsPart(), predictor.AsPart(), configure);

    /// <summary>
    /// Weighs the source examples so that they resemble the target. After a network, weighing works on its features.
    /// The new weights stand in the place of those that the examples had.
    /// </summary>
    public AdaptationBuilder Weight(IInstanceWeighting weighting) => Add(new WeightingStage(weighting));

    /// <summary>Maps the rows into another representation. After a network, the map works on its features.</summary>
    public AdaptationBuilder Map(IFeatureMapping mapping) => Add(new MappingStage(mapping));

    /// <summary>
    /// Makes a vector of each row, whatever its shape: <c>[n, ...]</c> to <c>[n, d]</c>. Shallow stages can then work
    /// on images.
    /// </summary>
    public AdaptationBuilder Flatten() =>
        Add(new FixedMapStage(nameof(Flatten), new FlatRows(), BatchedPass.RowsAtOnce));

    /// <summary>
    /// Passes the rows through an extractor that nobody trains, a pretrained network for instance. The features are
    /// computed once, in batches, without gradients and in evaluation mode, and kept; later stages work on them.
    /// </summary>
    /// <param name="extractor">The extractor; it goes into the model, and its modules go to the fit's device.</param>
    /// <param name="batchSize">The most rows that pass at a time; large rows pass in fewer.</param>
    public AdaptationBuilder Frozen(IFeatureExtractor extractor, long batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Add(new FixedMapStage(nameof(Frozen), extractor, batchSize));
    }

    /// <inheritdoc cref="Frozen(IFeatureExtractor, long)"/>
    public AdaptationBuilder Frozen(nn.Module<Tensor, Tensor> extractor, long batchSize = 256) =>
        Frozen(extractor.AsPart(), batchSize);

    /// <summary>Fits a shallow predictor to the labeled rows. After a network, it works on its features.</summary>
    public AdaptationBuilder Learn(ILabelLearner learner) => Add(new LearningStage(learner));

    /// <summary>Fits with one labeled source and an unlabeled target.</summary>
    /// <remarks>
    /// The caller's modules end in evaluation mode and on the fit's device. A layer that was in evaluation mode before
    /// stays there throughout: its dropout does not act, its statistics do not move. A further fit trains what the fit
    /// before had put to rest; to hold a layer back then, call <c>train()</c> on the whole and <c>eval()</c> on the
    /// layer. Gradients, and which parameters take any, are given back as they were. Inputs, labels and weights are
    /// data: no gradient reaches them, whatever graph they carry. Training works inside the caller's <c>no_grad</c> and
    /// <c>inference_mode</c>, except on modules that were made inside the latter.
    /// </remarks>
    /// <param name="source">Labeled examples.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Seed, device, training, checkpoints; null for the defaults.</param>
    /// <param name="progress">Hears how far the run is.</param>
    /// <param name="cancellationToken">Stops the run between two steps; the last checkpoint stays.</param>
    /// <returns>The adapted model; the caller disposes it.</returns>
    /// <exception cref="InvalidAdaptationException">
    /// The chain, the domains or the options do not fit together; every fault is listed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// A domain's inputs, labels or weights have been disposed; the message names them.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled; its last checkpoint stays.</exception>
    /// <exception cref="DivergenceException">An objective was NaN or infinite.</exception>
    public AdaptedModel Fit(
        LabeledDomain source,
        UnlabeledDomain target,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Fit([source], target, options, progress, cancellationToken);

    /// <summary>Fits with several labeled sources and an unlabeled target.</summary>
    /// <inheritdoc cref="Fit(LabeledDomain, UnlabeledDomain, FitOptions?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public AdaptedModel Fit(
        IReadOnlyList<LabeledDomain> sources,
        UnlabeledDomain target,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        return Run(new DomainSet(sources, target), options, progress, cancellationToken);
    }

    /// <summary>Fits with a few labeled target examples besides the unlabeled target.</summary>
    /// <inheritdoc cref="Fit(LabeledDomain, UnlabeledDomain, FitOptions?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public AdaptedModel FitFewShot(
        LabeledDomain source,
        UnlabeledDomain target,
        LabeledDomain labeledTarget,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => FitFewShot([source], target, labeledTarget, options, progress, cancellationToken);

    /// <summary>Fits with several sources and a few labeled target examples besides the unlabeled target.</summary>
    /// <inheritdoc cref="Fit(LabeledDomain, UnlabeledDomain, FitOptions?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public AdaptedModel FitFewShot(
        IReadOnlyList<LabeledDomain> sources,
        UnlabeledDomain target,
        LabeledDomain labeledTarget,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(labeledTarget);
        return Run(new DomainSet(sources, target, labeledTarget), options, progress, cancellationToken);
    }

    /// <summary>
    /// Fits with the unlabeled target alone: source-free adaptation of networks that are trained already.
    /// </summary>
    /// <remarks>
    /// The chain's <c>Train(...)</c> starts from the given extractor and predictor as they are, by objectives of the
    /// target alone (<c>Recipes.Shot</c>, entropies, consistencies). What asks for source rows is refused before
    /// anything is computed. An epoch is one pass over the target.
    /// </remarks>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="space">
    /// What the predictor's scores mean: <c>model.Space</c> of the model that the networks come from, or
    /// <c>LabelSpace.Classes(10)</c>.
    /// </param>
    /// <param name="options">Seed, device, training, checkpoints; null for the defaults.</param>
    /// <param name="progress">Hears how far the run is.</param>
    /// <param name="cancellationToken">Stops the run between two steps; the last checkpoint stays.</param>
    /// <returns>The adapted model; the caller disposes it.</returns>
    /// <exception cref="InvalidAdaptationException">
    /// The chain, the target or the options do not fit together; every fault is listed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The target's inputs have been disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled; its last checkpoint stays.</exception>
    /// <exception cref="DivergenceException">An objective was NaN or infinite.</exception>
    public AdaptedModel FitSourceFree(
        UnlabeledDomain target,
        LabelSpace space,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        return Run(new DomainSet([], target) { SourceFreeSpace = space }, options, progress, cancellationToken);
    }

    /// <summary>
    /// Fits with labeled sources alone: domain generalization, for a target that nobody has seen yet.
    /// </summary>
    /// <remarks>
    /// The chain's <c>Train(...)</c> takes objectives of the sources alone (<c>Recipes.Erm</c>, <c>Recipes.VRex</c>,
    /// <c>Recipes.GroupDro</c>). What asks for target rows is refused before anything is computed, and so is an
    /// extractor that keeps a branch for the target. An epoch is one pass over the largest source; the others are
    /// cycled. The model predicts for rows of any domain.
    /// </remarks>
    /// <param name="sources">Labeled examples of one domain or, better, several.</param>
    /// <param name="options">Seed, device, training, checkpoints; null for the defaults.</param>
    /// <param name="progress">Hears how far the run is.</param>
    /// <param name="cancellationToken">Stops the run between two steps; the last checkpoint stays.</param>
    /// <returns>The fitted model; the caller disposes it.</returns>
    /// <exception cref="InvalidAdaptationException">
    /// The chain, the sources or the options do not fit together; every fault is listed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// A source's inputs, labels or weights have been disposed; the message names them.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled; its last checkpoint stays.</exception>
    /// <exception cref="DivergenceException">An objective was NaN or infinite.</exception>
    public AdaptedModel FitWithoutTarget(
        IReadOnlyList<LabeledDomain> sources,
        FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Run(new DomainSet(sources), options, progress, cancellationToken);

    private AdaptedModel Run(
        DomainSet domains,
        FitOptions? given,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    ) => Telemetry.Fit(() => Fitted(domains, given ?? new FitOptions(), progress, cancellation));

    private AdaptedModel Fitted(
        DomainSet domains,
        FitOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        CheckArguments(domains);
        DomainChecks.Alive(domains);
        using var canceling = Canceling.By(cancellation);
        using var recording = new Recording();
        using var scope = NewDisposeScope();
        domains = DomainMoves.AsData(domains);
        var facts = CheckChain(domains, options);
        var owned = new List<IDisposable>();
        var shared = SharedSteps.Of(options);
        try
        {
            var device = options.Device ?? BatchedPass.Read(domains.SampleRows, 0, 1).device;
            // It reads all data, and only some runs ask for it.
            var fingerprint = new Lazy<string>(() => Fingerprint.Of(stages, domains, options));
            using var checkpointer = new Checkpointer(options, stages.Count, device, () => fingerprint.Value);
            shared?.AgreeOnRun(fingerprint.Value, options, checkpointer.Origin);
            checkpointer.ExchangeInitial(stages);
            var state = new AdaptationState(
                RelativeWeights.Of(options.Device is null ? domains : DomainMoves.To(domains, device))
            )
            {
                Cancellation = cancellation,
            };
            for (var i = 0; i < stages.Count; i++)
            {
                if (shared is null)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
                else
                {
                    shared.CheckCanceled();
                }
                var (stage, before) = (stages[i], state);
                var run = new FitRun(options, checkpointer, owned, i, stages.Count, stage.Name)
                {
                    Cancellation = cancellation,
                    Progress = progress,
                };
                options.Logger.LogInformation(
                    run.FinishedState is null
                        ? "stage {Stage} of {Stages}: {Name}"
                        : "stage {Stage} of {Stages}: {Name} is taken from the checkpoint, nothing is computed",
                    i + 1,
                    stages.Count,
                    stage.Name
                );
                if (domains.LabeledTarget is { } few && !stage.TakesLabeledTarget)
                {
                    run.Warn(
                        $"it learns from the sources' labels alone: the {few.Count} labeled target rows change nothing "
                            + "that it makes. Learners, boosting and networks take them."
                    );
                }
                using var warnings = RunWarnings.To(run.Warn);
                try
                {
                    state = Telemetry.Stage(i + 1, stage.Name, () => stage.Fit(before, run));
                }
                catch (RowsNotInMemoryException fault)
                {
                    throw new InvalidOperationException($"stage {i + 1} ({stage.Name}): {fault.Message}", fault);
                }
                FiniteResults.Check(run, state);
                if (i == stages.Count - 1)
                {
                    TargetCollapse.Look(run, state);
                }
            }
            return new AdaptedModel(state.Path, state.Predictor!, owned)
            {
                FittedOn = device,
                Facts = facts with
                {
                    Space = state.Predictor!.SaysUnknown ? domains.Space.WithUnknown() : domains.Space,
                },
            };
        }
        catch (Exception fault)
        {
            owned.ForEach(thing => thing.Dispose());
            shared?.Left(fault);
            throw;
        }
    }

    private static void CheckArguments(DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(domains.Sources, "sources");
        if (
            (domains.Sources.Count == 0 && domains.SourceFreeSpace is null)
            || domains.Sources.Any(source => source is null)
        )
        {
            throw new ArgumentException("at least one labeled source is needed, and none may be null.", "sources");
        }
    }

    /// <summary>Throws what is wrong, or returns what a model will know of the rows and labels.</summary>
    private FitFacts CheckChain(DomainSet domains, FitOptions options)
    {
        var faults = new List<string>();
        faults.AddRange(ShardedRows.Faults(domains, options));
        faults.AddRange(DomainChecks.Faults(domains));
        faults.AddRange(DomainChecks.DeviceFaults(domains, options.Device));
        using var scope = NewDisposeScope();
        var row = faults.Count == 0 ? BatchedPass.Read(domains.SampleRows, 0, 1) : null;
        var rowShape = row?.shape[1..] ?? [];
        var plan = new ChainPlan(domains, row is null ? null : rowShape, options, faults) { RowType = row?.dtype };
        plan.Check(options);
        if (options.Training is null)
        {
            throw new InvalidAdaptationException(faults, plan.Causes); // no stage plans without it
        }
        if (stages.Count == 0)
        {
            plan.Fault("the chain has no stage: add at least one, Train(...) or Learn(...) for instance.");
        }
        for (var i = 0; i < stages.Count; i++)
        {
            plan = plan.At(i, stages[i]);
            if (domains.Sources.Count == 0 && stages[i].NeedsSource)
            {
                plan.Fault("works on source rows, and this fit has none: leave the stage out, or fit with a source.");
                continue;
            }
            if (!domains.HasTarget && stages[i].NeedsTarget)
            {
                plan.Fault("works on target rows, and this fit has none: leave the stage out, or fit with a target.");
                continue;
            }
            if (plan.RowsAreTokens && !plan.HasExtractor && !stages[i].TakesTokens)
            {
                plan.Fault(
                    $"works on numbers, and the rows are {plan.RowType} tokens: put Frozen(extractor) or Train(...) "
                        + "before it, or convert rows that are numbers to a floating dtype."
                );
                plan = plan.WithRows(null);
                continue;
            }
            plan.Check(stages[i]);
            plan = stages[i].Plan(plan);
        }
        if (!plan.HasPredictor && faults.Count == 0)
        {
            faults.Add("no stage supplies a label predictor: end the chain with Learn(...) or Train(...).");
        }
        if (faults.Count > 0)
        {
            throw new InvalidAdaptationException(faults, plan.Causes);
        }
        return new FitFacts
        {
            RowShape = rowShape,
            RowType = row!.dtype,
            Space = domains.Space,
            ValuesAreFlat =
                !domains.Space.IsClasses
                && domains.Labeled.Any()
                && domains.Labeled.All(pair => pair.Domain.Labels.dim() == 1),
        };
    }
}
