using Microsoft.Extensions.Logging;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// One run of a chain, as a stage sees it: options, randomness, ownership of results, and what an earlier run left.
/// </summary>
public sealed class FitRun
{
    private readonly List<IDisposable> owned;
    private readonly StateBag remembered = StateBag.ForSaving();
    private readonly StateBag? finished;

    internal FitRun(
        FitOptions options,
        Checkpointer checkpointer,
        List<IDisposable> owned,
        int stage,
        int stages,
        string name
    )
    {
        (Options, Checkpointer, this.owned, Stage, Stages, StageName) = (
            options,
            checkpointer,
            owned,
            stage,
            stages,
            name
        );
        finished = checkpointer.Finished(stage);
        Key = new RandomKey(options.Seed).Child(stage);
    }

    /// <summary>The options of the run.</summary>
    public FitOptions Options { get; }

    /// <summary>The root of this stage's randomness.</summary>
    public RandomKey Key { get; }

    /// <summary>Stops the run between two steps.</summary>
    public CancellationToken Cancellation { get; internal init; }

    /// <summary>The stage's place in the chain, from 0.</summary>
    public int Stage { get; }

    internal IProgress<TrainingProgress>? Progress { get; init; }

    internal string StageName { get; }

    internal int Stages { get; }

    internal Checkpointer Checkpointer { get; }

    /// <summary>The stage's state from an earlier run that finished it, or null.</summary>
    internal StateBag? FinishedState => finished;

    /// <summary>Randomness, cancellation, log and progress, for a shallow fit.</summary>
    public FitContext Context =>
        new()
        {
            Key = Key,
            Cancellation = Cancellation,
            Logger = Options.Logger,
            Progress = Progress is null ? null : new StageProgress(this),
        };

    /// <summary>Hands a result over to the model, which disposes it; on an exception the run does.</summary>
    public T Own<T>(T thing)
        where T : IDisposable
    {
        if (thing is Tensor tensor)
        {
            tensor.DetachFromDisposeScope();
        }
        owned.Add(thing);
        return thing;
    }

    /// <summary>A fitted part: computed, or rebuilt where the checkpoint of an earlier run holds this stage.</summary>
    /// <param name="name">The part's name within the stage.</param>
    /// <param name="compute">Fits the part.</param>
    /// <returns>The part; where it is disposable, the model owns it.</returns>
    public T Remember<T>(string name, Func<T> compute)
        where T : class, IPart
    {
        ArgumentNullException.ThrowIfNull(compute);
        T? part = null;
        if (finished is null)
        {
            part = compute();
            FiniteResults.Check(this, name, part);
        }
        else
        {
            finished.Part(name, ref part);
        }
        if (Checkpointer.IsActive)
        {
            remembered.Part(name, ref part);
        }
        // Parts that a network brought into the composition stay the caller's.
        var own = part.WithInner().Where(inner => inner is (not ITrainable) or ModulePart { IsOfResult: true });
        foreach (var made in own.OfType<IDisposable>())
        {
            Own(made);
        }
        return part!;
    }

    /// <summary>A fitted tensor: computed, or taken from the checkpoint. The model owns it.</summary>
    public Tensor RememberTensor(string name, Func<Tensor> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        Tensor? value = null;
        if (finished is null)
        {
            // Contiguous at once, so that a fresh and a resumed run go on from the same memory layout, hence the same
            // bits.
            using var computed = compute();
            value = computed.contiguous();
            FiniteResults.Check(this, name, value);
        }
        else
        {
            finished.Slot(name, ref value);
        }
        if (Checkpointer.IsActive)
        {
            remembered.Slot(name, ref value);
        }
        return Own(value!);
    }

    /// <summary>Logs a warning that names the stage.</summary>
    public void Warn(string message) =>
        Options.Logger.LogWarning("stage {Stage} ({Name}): {Message}", Stage + 1, StageName, message);

    internal void Report(double done, long step = 0, long steps = 0, long epoch = 0) =>
        Progress?.Report(new TrainingProgress(Stage, StageName, Stages, done, step, steps, epoch));

    /// <summary>Puts the finished stage into every later checkpoint.</summary>
    internal void Finish(Action<StateBag>? exchange)
    {
        if (Checkpointer.IsActive)
        {
            exchange?.Invoke(remembered);
            Checkpointer.Finish(Stage, remembered);
        }
    }

    private sealed class StageProgress(FitRun run) : IProgress<double>
    {
        public void Report(double value) => run.Report(value);
    }
}
