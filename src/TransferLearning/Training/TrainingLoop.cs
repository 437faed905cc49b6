using Microsoft.Extensions.Logging;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Runs a network training step by step: phases, hooks, observers, checkpoints, in a fixed order.</summary>
internal sealed class TrainingLoop : IDisposable
{
    // The branches of the stage's random key.
    private const int SamplerBranch = 0;
    private const int StepBranch = 1;
    private const int HookBranch = 2;
    private const int TransformBranch = -2;

    // The branch of a step's key, or of a batch's, for what one of several processes draws by itself.
    private const int OwnBranch = -1;

    private readonly NetworkTraining training;
    private readonly TrainingOptions options;
    private readonly DomainSet domains;
    private readonly FitRun run;
    private readonly SharedSteps? shared;
    private readonly bool takesWhole;
    private readonly BatchSampler sampler;
    private readonly LossWatch watch;
    private readonly List<ITrainable> trainables;
    private readonly List<ICheckpointed> stateful;
    private readonly List<ITrainingHook> hooks;
    private readonly List<PartOptimizer> optimizers = [];
    private readonly List<ActivePhase> phases = [];
    private readonly long stepsPerEpoch;
    private readonly long steps;
    private BorrowedModules? borrowed;
    private readonly LossScale? scale;
    private MasterWeights? masters;
    private StateBag? best;
    private double bestScore = double.NegativeInfinity;
    private ActivePhase? active;
    private long activeEpoch = -1;
    private long modesEpoch = -1;
    private long step;

    public TrainingLoop(NetworkTraining training, TrainingOptions options, DomainSet domains, FitRun run)
    {
        (this.training, this.options, this.domains, this.run) = (training, options, domains, run);
        var device = run.Options.Device;
        var parts = TrainingParts
            .AllParts(training)
            .SelectMany(part => part.WithInner())
            .Distinct<IPart>(ReferenceEqualityComparer.Instance)
            .ToList();
        trainables = TrainingParts.Trainables(parts);
        // A composition's state is that of its inner parts, which are all listed themselves.
        stateful =
        [
            .. trainables,
            .. parts.OfType<ICheckpointed>().Where(part => part is not ITrainable and not IComposite),
        ];
        stateful.AddRange(run.Options.Observers.OfType<ICheckpointed>());
        hooks = [.. parts.OfType<ITrainingHook>()];
        if (device is not null)
        {
            trainables.ForEach(part => part.Module.to(device));
        }
        shared = SharedSteps.Of(run.Options);
        takesWhole =
            shared is not null
            && (
                training.Transforms.Count > 0
                || hooks.Count > 0
                || training.Phases.SelectMany(phase => phase.Objectives).Any(term => IsGathered(term.Objective))
            );
        sampler = new BatchSampler(
            domains,
            options,
            run.Key.Child(SamplerBranch),
            device,
            takesWhole ? null : shared?.Group
        );
        watch = new LossWatch(() => run.Checkpointer.LastPath);
        scale = options.Precision == Precision.Float16 ? new LossScale() : null;
        stepsPerEpoch = Math.Max(1, sampler.StepsPerEpoch / options.GradientAccumulation);
        steps = options.Steps ?? (options.Epochs * stepsPerEpoch);
    }

    public void Run()
    {
        if (run.FinishedState is { } finished)
        {
            ExchangeParts(finished);
            trainables.ForEach(part => Modes.Rest(part.Module));
            run.Finish(ExchangeParts);
            return;
        }
        using var stageScope = NewDisposeScope();
        using var pause = shared is null ? null : Canceling.Paused();
        using var globalRandomness = new GlobalRandomness();
        try
        {
            Start();
            while (step < steps && !Advance()) { }
            watch.Flush();
            WarnIfIdle();
            if (options.RestoreBest && best is not null)
            {
                ExchangeNumbers(best.Continue());
            }
        }
        finally
        {
            masters?.Dispose();
            masters = null;
            borrowed?.Return();
            hooks.ForEach(hook => hook.OnEnd());
        }
        // A training that ends within an epoch, or by averaged weights, has statistics of its own rows.
        shared?.Buffers(trainables);
        run.Finish(ExchangeParts);
    }

    public void Dispose()
    {
        sampler.Dispose();
        watch.Dispose();
        best?.Dispose();
        optimizers.ForEach(optimizer => optimizer.Dispose());
    }

    private void Prepare(BorrowedModules borrowed)
    {
        var moved = TrainingParts.Trainables(training.Phases.SelectMany(phase => phase.Moved));
        if (options.Precision != Precision.AsData)
        {
            masters = new MasterWeights(moved, scale is null ? bfloat16 : float16);
        }
        foreach (var part in moved)
        {
            optimizers.Add(PartOptimizer.Of(part, training, options, masters));
        }
        foreach (var phase in training.Phases)
        {
            var inside = TrainingParts.Trainables(phase.Moved);
            phases.Add(
                new ActivePhase(
                    phase,
                    [.. optimizers.Where(optimizer => inside.Contains(optimizer.Part))],
                    [.. phase.Moved.SelectMany(part => part.WithInner())]
                )
            );
        }
        foreach (var parameter in trainables.SelectMany(part => part.Module.parameters()))
        {
            parameter.requires_grad = false;
        }
        if (options.Validation is null && run.Options.Observers.OfType<EarlyStopping>().Any())
        {
            run.Warn(
                "early stopping waits for a validation score, and this training has none: it takes all its epochs. "
                    + "Give its TrainingOptions a Validation."
            );
        }
        foreach (var part in moved.Where(part => ModelsInUse.Contains(part.Module)))
        {
            run.Warn(
                $"the module {part.Module.GetName()} belongs to a model that an earlier fit returned: that model "
                    + "changes with this training. Give each fit modules of its own, or dispose the earlier model "
                    + "first."
            );
        }
        foreach (var critic in TrainingParts.Critics(training).Where(critic => !Moves(moved, critic)))
        {
            run.Warn(
                $"no phase moves the critic {critic.GetType().Name}, so it stays as it is and the network learns "
                    + "to please it: move it (Move(critic)), where that is not meant."
            );
        }
        shared?.Note(run, moved);
        foreach (var part in moved.Where(borrowed.IsResting))
        {
            run.Warn(
                $"the module {part.Module.GetName()} is trained in evaluation mode, as it was given: dropout does "
                    + "not act and batch statistics stay. Call train() on it before the fit where that is not meant."
            );
        }
    }

    private static bool Moves(List<ITrainable> moved, IDomainCritic critic) =>
        TrainingParts.Trainables([critic]).Intersect(moved).Any();

    private void Start()
    {
        borrowed = new BorrowedModules(trainables);
        shared?.Agree(
            "the sizes of data and networks",
            steps,
            stepsPerEpoch,
            trainables.Count,
            trainables.Sum(part => part.Module.parameters().Sum(parameter => parameter.numel()))
        );
        if (run.Checkpointer.Interrupted(run.Stage) is not { } interrupted)
        {
            shared?.Start(trainables);
            // Hooks begin with the exact weights, before they are rounded.
            var view = View();
            Quietly(() => hooks.ForEach(hook => hook.OnStart(view)));
            Prepare(borrowed);
            return;
        }
        Prepare(borrowed);
        Exchange(interrupted);
        run.Options.Logger.LogInformation(
            "stage {Stage}: going on from step {Step} of {Steps}",
            run.Stage + 1,
            step,
            steps
        );
        var resumed = View();
        Quietly(() => hooks.ForEach(hook => hook.OnResume(resumed)));
    }

    /// <summary>One step and what comes with it; true where training ends early.</summary>
    private bool Advance()
    {
        if (shared is null)
        {
            Canceling.Check();
        }
        else
        {
            shared.CheckCanceled();
        }
        if (step % stepsPerEpoch == 0)
        {
            var view = View();
            GlobalRandomness.Seed(view.Key.Child(-1));
            Quietly(() => hooks.ForEach(hook => hook.OnEpoch(view)));
        }
        SetModes();
        using (var stepScope = NewDisposeScope())
        {
            var (contexts, values) = Step();
            step++;
            AfterStep(contexts, values);
        }
        var isEpochEnd = step % stepsPerEpoch == 0 || step == steps;
        var (score, isStopping) = isEpochEnd ? AfterEpoch() : (null, false);
        if (run.Checkpointer.IsActive && run.Checkpointer.IsDue(step, stepsPerEpoch))
        {
            watch.Flush();
            shared?.Buffers(trainables);
            run.Checkpointer.Save(run.Stage, step, Exchange, score);
        }
        return isStopping;
    }

    // What a plan keeps frozen until a later epoch rests until then.
    private void SetModes()
    {
        var epoch = step / stepsPerEpoch;
        if (epoch == modesEpoch)
        {
            borrowed!.Keep();
            return;
        }
        borrowed!.Train(
            optimizers.Select(optimizer => optimizer.Part),
            optimizers.SelectMany(optimizer => optimizer.Moving(epoch))
        );
        modesEpoch = epoch;
    }

    private (StepContext[] Contexts, List<(string, Tensor)> Values) Step()
    {
        var key = run.Key.Child(StepBranch).Child(step);
        GlobalRandomness.Seed(OwnKey(key));
        var progress = (double)step / steps;
        var contexts = new StepContext[options.GradientAccumulation];
        for (var i = 0; i < contexts.Length; i++)
        {
            contexts[i] = Context((step * contexts.Length) + i, key.Child(i), progress);
        }
        var rate = options.LearningRate.At(progress);
        optimizers.ForEach(optimizer => optimizer.SetRate(rate));
        var values = new List<(string, Tensor)>();
        foreach (var phase in phases)
        {
            Activate(phase);
            for (var time = 0; time < phase.Description.Times; time++)
            {
                Descend(phase, contexts, progress, values);
            }
        }
        return (contexts, values);
    }

    private StepContext Context(long draw, RandomKey key, double progress)
    {
        var batch = sampler.At(draw);
        for (var i = 0; i < training.Transforms.Count; i++)
        {
            batch = training.Transforms[i].Apply(batch, key.Child(TransformBranch - i));
        }
        batch = options.ChannelsLast ? batch.WithChannelsLast() : batch;
        var own = takesWhole ? batch.Part(shared!.Group.Rank, shared.Group.Size) : batch;
        var context = new StepContext(
            own,
            training.Extractor,
            training.Predictor,
            progress,
            OwnKey(key),
            options.Passes
        );
        return takesWhole ? context.WithWhole(batch, key, shared!.Group) : context;
    }

    // What a process draws for its own rows alone.
    private RandomKey OwnKey(RandomKey key) => shared is null ? key : key.Child(OwnBranch).Child(shared.Group.Rank);

    private static bool IsGathered(IObjective objective) => objective.Split == BatchSplit.Gathered;

    private void Descend(ActivePhase phase, StepContext[] contexts, double progress, List<(string, Tensor)> values)
    {
        phase.Optimizers.ForEach(optimizer => optimizer.Part.Module.zero_grad());
        var factor = (scale?.Factor ?? 1) / contexts.Length;
        var hasGradient = false;
        var first = values.Count;
        foreach (var context in contexts)
        {
            context.Enter(phase.Parts);
            var total = Total(phase, context, progress, values);
            if (total is { requires_grad: true })
            {
                hasGradient = true;
                (factor == 1 ? total : total.Times(factor)).backward();
            }
            context.Leave();
        }
        var rounded = phase.Optimizers.SelectMany(optimizer => optimizer.Parameters).ToList();
        masters?.TakeGradients(rounded);
        var parameters = masters?.Of(rounded).ToList() ?? rounded;
        if (shared is not null && values.Count > first)
        {
            shared.Gradients(parameters, values, first);
            foreach (var (name, mean) in values[first..])
            {
                watch.See(name, step + 1, mean);
            }
        }
        if (scale is not null && !IsUnscaled(rounded, parameters))
        {
            // As if there had been no gradient: hooks that look for one find none.
            phase.Optimizers.ForEach(optimizer => optimizer.Part.Module.zero_grad());
            run.Options.Logger.LogDebug(
                "step {Step}: a float16 gradient overflows, and its update is left out; the factor is {Factor} now",
                step + 1,
                scale.Factor
            );
            return;
        }
        phase.HasGradient |= hasGradient;
        if (options.GradientClipping is { } largest)
        {
            GradientClipping.Clip(parameters, largest);
        }
        var epoch = step / stepsPerEpoch;
        foreach (var optimizer in phase.Optimizers)
        {
            optimizer.Step(epoch);
            masters?.GiveValues(optimizer.Parameters);
        }
    }

    private bool IsUnscaled(List<Parameter> rounded, List<Parameter> parameters)
    {
        var factor = scale!.Factor;
        try
        {
            if (!scale.Unscale(parameters))
            {
                return false;
            }
        }
        catch (OverflowException)
        {
            throw new DivergenceException("gradient in float16", step + 1, run.Checkpointer.LastPath);
        }
        using var scope = NewDisposeScope();
        foreach (var gradient in rounded.Select(parameter => parameter.grad).OfType<Tensor>())
        {
            gradient.TimesInPlace(1 / factor);
        }
        return true;
    }

    private void WarnIfIdle()
    {
        foreach (var phase in phases.Where(phase => !phase.HasGradient))
        {
            var names = string.Join(", ", phase.Description.Objectives.Select(term => term.Objective.Name));
            run.Warn(
                $"a phase has moved nothing: in no step had its objective(s) {names} a gradient for what it "
                    + "moves. Their weights may be 0 throughout, something cuts the graph, or float16 gradients "
                    + "overflowed in every step."
            );
        }
    }

    private Tensor? Total(ActivePhase phase, StepContext context, double progress, List<(string, Tensor)> values)
    {
        Tensor? total = null;
        foreach (var (objective, schedule) in phase.Description.Objectives)
        {
            var weight = schedule.At(progress);
            if (weight == 0)
            {
                continue;
            }
            var value = objective.Evaluate(IsGathered(objective) ? context.Whole : context);
            if (shared is null)
            {
                watch.See(objective.Name, step + 1, value);
            }
            values.Add((objective.Name, value));
            var term = weight == 1 ? value : value.Times(weight);
            total = total is null ? term : total.Plus(term);
        }
        return total;
    }

    private void Activate(ActivePhase phase)
    {
        var epoch = step / stepsPerEpoch;
        if (ReferenceEquals(active, phase) && activeEpoch == epoch)
        {
            return;
        }
        foreach (var optimizer in optimizers)
        {
            optimizer.Wake(phase.Optimizers.Contains(optimizer), epoch);
        }
        (active, activeEpoch) = (phase, epoch);
    }

    private void AfterStep(StepContext[] contexts, List<(string, Tensor)> values)
    {
        using var quiet = no_grad();
        var view = View();
        foreach (var hook in hooks)
        {
            hook.OnStepped(view, contexts[^1].Whole);
        }
        var epoch = ((step - 1) / stepsPerEpoch) + 1;
        if (run.Options.Observers.Count > 0)
        {
            var report = new StepReport(run.Stage, step, steps, epoch, values);
            foreach (var observer in run.Options.Observers)
            {
                observer.OnStep(report);
            }
        }
        Telemetry.Step(run.Stage + 1);
        run.Report((double)step / steps, step, steps, epoch);
    }

    private (double? Score, bool IsStopping) AfterEpoch()
    {
        watch.Flush();
        shared?.Buffers(trainables);
        var view = View();
        double? score = null;
        var isStopping = false;
        Quietly(() =>
        {
            if (options.Validation is { } validation && view.Epoch % options.ValidateEvery == 0)
            {
                var own = validation.Score(training.Extractor, training.Predictor, domains);
                score = shared?.Mean(own) ?? own;
                KeepIfBest(score.Value);
            }
            var report = new EpochReport(run.Stage, view, score);
            foreach (var observer in run.Options.Observers)
            {
                observer.OnEpoch(report);
            }
            isStopping = shared?.Any(report.IsStopping) ?? report.IsStopping;
        });
        return (score, isStopping);
    }

    private void KeepIfBest(double score)
    {
        if (!options.RestoreBest || score <= bestScore)
        {
            return;
        }
        best?.Dispose();
        best = StateBag.ForSaving();
        ExchangeNumbers(best);
        bestScore = score;
    }

    /// <summary>
    /// Runs something without gradients and with every part in evaluation mode; what it forgets is disposed.
    /// </summary>
    private void Quietly(Action action)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of([.. trainables]);
        action();
    }

    private TrainingView View() =>
        new(
            domains,
            training.Extractor,
            training.Predictor,
            step,
            step / stepsPerEpoch,
            (double)step / steps,
            run.Key.Child(HookBranch).Child(step)
        );

    private void Exchange(StateBag state)
    {
        state.Same("steps", steps);
        state.Number("step", ref step);
        ExchangeNumbers(state);
        for (var i = 0; i < optimizers.Count; i++)
        {
            optimizers[i].Exchange(state.Scope($"optimizer{i}"));
        }
        scale?.Exchange(state.Scope("loss scale"));
        state.Number("best score", ref bestScore);
        if (!state.IsLoading && best is not null)
        {
            state.Merge("best", best.Clone(""));
        }
        else if (state.IsLoading && state.Has("best"))
        {
            best = state.Clone("best");
        }
    }

    // While the training runs: the parts may be rounded, the numbers behind them are not.
    private void ExchangeNumbers(StateBag state)
    {
        ExchangeParts(state);
        masters?.Exchange(state.Scope("masters"));
    }

    private void ExchangeParts(StateBag state)
    {
        state.Same("parts", stateful.Count);
        for (var i = 0; i < stateful.Count; i++)
        {
            stateful[i].Exchange(state.Scope($"part{i}"));
        }
    }

    private sealed class ActivePhase(TrainingPhase description, List<PartOptimizer> optimizers, HashSet<object> parts)
    {
        public TrainingPhase Description { get; } = description;

        public List<PartOptimizer> Optimizers { get; } = optimizers;

        public bool HasGradient { get; set; }

        public HashSet<object> Parts { get; } = new(parts, ReferenceEqualityComparer.Instance);
    }
}
