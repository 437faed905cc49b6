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
        FinishedState = checkpointer.Finished(stage);
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
    internal StateBag? FinishedState { get; }

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

    /// <summary>
    /// A fitted part, checked for NaN and infinity. It is in no checkpoint: a resumed run computes it again, to the
    /// same bits, because it follows from the seed.
    /// </summary>
    /// <param name="name">The part's name within the stage, for errors.</param>
    /// <param name="compute">Fits the part; what it draws, it draws by <see cref="Key"/>.</param>
    /// <returns>The part; where it is disposable, the model owns it.</returns>
    public T Fitted<T>(string name, Func<T> compute)
        where T : class, IPart
    {
        ArgumentNullException.ThrowIfNull(compute);
        var part = compute();
        // Parts that a network brought into the composition stay the caller's.
        var own = part.WithInner().Where(inner => inner is (not ITrainable) or ModulePart { IsOfResult: true });
        foreach (var made in own.OfType<IDisposable>())
        {
            Own(made);
        }
        FiniteResults.Check(this, name, part); // what is refused is disposed with the run
        return part;
    }

    /// <summary>A fitted tensor, as <see cref="Fitted{T}"/> takes a part. The model owns it.</summary>
    public Tensor FittedTensor(string name, Func<Tensor> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        using var computed = compute();
        var value = Own(computed.contiguous());
        FiniteResults.Check(this, name, value);
        return value;
    }

    /// <summary>Logs a warning that names the stage.</summary>
    public void Warn(string message) =>
        Options.Logger.LogWarning("stage {Stage} ({Name}): {Message}", Stage + 1, StageName, message);

    internal void Report(double done, long step = 0, long steps = 0, long epoch = 0) =>
        Progress?.Report(new TrainingProgress(Stage, StageName, Stages, done, step, steps, epoch));

    /// <summary>Puts the finished stage into every later checkpoint.</summary>
    internal void Finish(Action<StateBag> exchange)
    {
        if (Checkpointer.IsActive)
        {
            var state = StateBag.ForSaving(); // the checkpointer disposes what is in it
            exchange(state);
            Checkpointer.Finish(Stage, state);
        }
    }

    private sealed class StageProgress(FitRun run) : IProgress<double>
    {
        public void Report(double value) => run.Report(value);
    }
}
