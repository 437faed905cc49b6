using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Temporal ensembling: a target row must be read as it was read over the steps before, on average.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean_i mean_c (p_ic - Z_ic / (1 - a^k_i))^2</c> for probabilities <c>p_i</c> of this step's look at row i, with
/// its dropout, and the memory <c>Z_i</c>, a constant: each time that the row is read, <c>Z_i = a Z_i + (1 - a) p_i</c>
/// afterwards, k_i of them so far, from <c>Z_i = 0</c>. A row that is read for the first time has nothing to agree
/// with and costs nothing (Laine and Aila 2017, "Temporal Ensembling for Semi-Supervised Learning", algorithm 2). The
/// weight should rise: <see cref="Schedule.GaussianRamp"/> is the paper's.
/// </para>
/// <para>
/// The memory is <c>m C</c> numbers for m target rows and C classes, and is checkpointed. As long as the term's weight
/// is 0 nothing is remembered. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="view">The augmentation of every look, or null for the rows themselves, under dropout alone.</param>
public sealed class TemporalEnsembling(IAugmentation? view = null) : IObjective, ITrainingHook
{
    private Tensor? ensemble; // Z, float64 [m, C]
    private Tensor? counts; // k, int64 [m]
    private Tensor? readings; // p of the step under way, float64 [n, C]

    /// <summary>
    /// The share a of the memory that a further reading leaves, from 0 to below 1. Default 0.6, the authors'; 0 keeps
    /// the last reading alone.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Decay { get; init; } = 0.6;

    /// <summary>
    /// Whether squares are summed over the classes and not averaged, which makes the term C times as strong. Default
    /// false, the authors' program.
    /// </summary>
    public bool SumsClasses { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => view is null ? [] : [view];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var read = step.Scores(view is null ? step.Target : step.View(view, step.Target)).softmax(1);
        if (counts is null)
        {
            return Distance(read, zeros_like(read), ones(read.shape[0], int64, read.device), SumsClasses); // rehearsal
        }
        ensemble ??= zeros(counts.shape[0], read.shape[1], float64, counts.device).DetachFromDisposeScope();
        readings?.Dispose();
        readings = read.detach().to(float64, copy: true).DetachFromDisposeScope();
        var rows = step.Target.Rows.to(ensemble.device);
        var seen = counts.index_select(0, rows);
        var wanted = Corrected(ensemble.index_select(0, rows), seen, Decay);
        return Distance(read, wanted.to(read.device).to(read.dtype), seen.to(read.device), SumsClasses);
    }

    /// <summary>What the memory says of each row: <c>Z_i / (1 - a^k_i)</c>.</summary>
    /// <param name="ensemble">The memory Z <c>[n, C]</c>.</param>
    /// <param name="counts">How often each row was read, int64 <c>[n]</c>.</param>
    /// <param name="decay">The share a of the memory that a further reading leaves.</param>
    /// <returns>
    /// Probabilities <c>[n, C]</c> of sum 1 in each row, 0 in rows that were never read; the caller disposes them.
    /// </returns>
    public static Tensor Corrected(Tensor ensemble, Tensor counts, double decay)
    {
        Guard.Rows(ensemble);
        Guard.Alive(counts);
        Guard.InRange(decay, 0, 1);
        if (!counts.shape.SequenceEqual([ensemble.shape[0]]))
        {
            throw new ArgumentException(
                $"counts must be [{ensemble.shape[0]}], one a row; got {Shape.Of(counts)}.",
                nameof(counts)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // a^0 is 1: a row without a reading is divided by 1 instead.
        var missing = full_like(counts, decay, dtype: ensemble.dtype).pow(counts.to(ensemble.dtype));
        var whole = where(counts.gt(0), 1 - missing, ones_like(missing));
        return (ensemble / whole.unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        counts = zeros(view.Domains.Target.Count, int64).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (readings is null)
        {
            return; // the term has no weight yet
        }
        using var scope = NewDisposeScope();
        if (ensemble!.device_type != readings.device_type)
        {
            using var before = ensemble;
            using var countsBefore = counts!;
            ensemble = before.to(readings.device).DetachFromDisposeScope();
            counts = countsBefore.to(readings.device).DetachFromDisposeScope();
        }
        var rows = step.Target.Rows.to(ensemble.device);
        var next = (ensemble.index_select(0, rows) * Decay) + (readings * (1 - Decay));
        ensemble.index_copy_(0, rows, next);
        counts!.index_copy_(0, rows, counts.index_select(0, rows) + 1);
        readings.Dispose();
        readings = null;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("ensemble", ref ensemble);
        state.Slot("counts", ref counts);
    }

    // Rows that were read before, in a mean over all rows.
    private static Tensor Distance(Tensor read, Tensor wanted, Tensor seen, bool sumsClasses)
    {
        using var scope = NewDisposeScope();
        var squares = (read - wanted).square();
        var rows = sumsClasses ? squares.sum(1) : squares.mean([1L]);
        return (rows * seen.gt(0).to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    private void Forget()
    {
        ensemble?.Dispose();
        counts?.Dispose();
        readings?.Dispose();
        (ensemble, counts, readings) = (null, null, null);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];
}
