using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Runs a network training step by step: phases, hooks, observers, checkpoints, in a fixed order.</summary>
internal sealed class TrainingLoop : IDisposable
{
    // The branch of the stage's random key for hooks; steps have others (StepSource).
    private const int HookBranch = 2;

    private readonly NetworkTraining training;
    private readonly TrainingOptions options;
    private readonly DomainSet domains;
    private readonly FitRun run;
    private readonly SharedSteps? shared;
    private readonly StepSource source;
    private readonly PhaseUpdates updates;
    private readonly BestState best = new();
    private readonly List<ITrainable> trainables;
    private readonly List<ICheckpointed> stateful;
    private readonly List<ITrainingHook> hooks;
    private readonly long stepsPerEpoch;
    private readonly long steps;
    private BorrowedModules? borrowed;
    private long modesEpoch = -1;
    private long step;
    private bool isStopped;

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
        // A composition's state is that of its inner parts, which are all listed themselves; a hook has one of its own.
        stateful =
        [
            .. trainables,
            .. parts
                .OfType<ICheckpointed>()
                .Where(part => part is not ITrainable && part is (not IComposite) or ITrainingHook),
        ];
        stateful.AddRange(run.Options.Observers.OfType<ICheckpointed>());
        hooks = [.. parts.OfType<ITrainingHook>()];
        if (device is not null)
        {
            trainables.ForEach(part => part.Module.to(device));
        }
        shared = SharedSteps.Of(run.Options);
        source = new StepSource(training, options, domains, run, shared?.Group, hooks.Count > 0);
        updates = new PhaseUpdates(training, options, run, shared);
        stepsPerEpoch = source.StepsPerEpoch;
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
            while (step < steps && !isStopped)
            {
                Advance();
            }
            updates.Flush();
            updates.WarnIfIdle();
            best.Restore(ExchangeNumbers);
        }
        finally
        {
            updates.End();
            borrowed?.Return();
            hooks.ForEach(hook => hook.OnEnd());
        }
        // A training that ends within an epoch, or by averaged weights, has statistics of its own rows.
        shared?.Buffers(trainables);
        run.Finish(ExchangeParts);
    }

    public void Dispose()
    {
        source.Dispose();
        updates.Dispose();
        best.Dispose();
    }

    private void Prepare(BorrowedModules borrowed)
    {
        var moved = TrainingParts.Trainables(training.Phases.SelectMany(phase => phase.Moved));
        updates.Start(moved);
        foreach (var parameter in trainables.SelectMany(part => part.Module.parameters()))
        {
            parameter.requires_grad = false;
        }
        TrainingWarnings.Give(run, training, options, moved, borrowed);
        updates.WarnIfAsleep((steps - 1) / stepsPerEpoch);
        shared?.Note(run, moved);
    }

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

    /// <summary>One step and what comes with it.</summary>
    private void Advance()
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
            var (epoch, progress) = (step / stepsPerEpoch, (double)step / steps);
            var contexts = source.At(step, progress);
            var values = updates.Step(contexts, step, epoch, progress);
            step++;
            AfterStep(contexts, values);
        }
        var isEpochEnd = step % stepsPerEpoch == 0 || step == steps;
        var score = isEpochEnd ? AfterEpoch() : null;
        if (run.Checkpointer.IsActive && run.Checkpointer.IsDue(step, stepsPerEpoch))
        {
            updates.Flush();
            shared?.Buffers(trainables);
            run.Checkpointer.Save(run.Stage, step, Exchange, score);
        }
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
        borrowed!.Train(updates.Moved, updates.Moving(epoch), updates.AtRest);
        modesEpoch = epoch;
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

    /// <summary>Scores and reports; an observer may stop the training.</summary>
    private double? AfterEpoch()
    {
        updates.Flush();
        shared?.Buffers(trainables);
        var view = View();
        double? score = null;
        Quietly(() =>
        {
            if (options.Validation is { } validation && view.Epoch % options.ValidateEvery == 0)
            {
                var own = validation.Score(training.Extractor, training.Predictor, domains);
                score = shared?.Mean(own) ?? own;
                if (options.RestoreBest)
                {
                    best.Keep(score.Value, ExchangeNumbers);
                }
            }
            var report = new EpochReport(run.Stage, view, score);
            foreach (var observer in run.Options.Observers)
            {
                observer.OnEpoch(report);
            }
            isStopped = shared?.Any(report.IsStopping) ?? report.IsStopping;
        });
        return score;
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
        // A run that ends between this checkpoint and that of the finished stage has been stopped, too.
        long stopped = isStopped ? 1 : 0;
        state.Number("stopped", ref stopped);
        isStopped = stopped != 0;
        ExchangeNumbers(state);
        updates.Exchange(state);
        best.Exchange(state);
    }

    // While the training runs: the parts may be rounded, the numbers behind them are not.
    private void ExchangeNumbers(StateBag state)
    {
        ExchangeParts(state);
        updates.ExchangeMasters(state);
    }

    private void ExchangeParts(StateBag state)
    {
        state.Same("parts", stateful.Count);
        for (var i = 0; i < stateful.Count; i++)
        {
            stateful[i].Exchange(state.Scope($"part{i}"));
        }
    }
}
