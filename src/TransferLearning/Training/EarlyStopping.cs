using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>
/// Stops a training whose validation score has not risen for some epochs: one of <see cref="FitOptions.Observers"/>,
/// for trainings with <see cref="TrainingOptions.Validation"/>; goes with <see cref="TrainingOptions.RestoreBest"/>.
/// </summary>
public sealed class EarlyStopping : ITrainingObserver, ICheckpointed
{
    private readonly int patience;
    private readonly double least;
    private long stage = -1;
    private long waited;
    private double best;

    /// <summary>Stops after some epochs without a rise.</summary>
    /// <param name="patience">How many epochs with a score but without a rise are borne, at least 1.</param>
    /// <param name="least">The smallest rise that counts, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of its range.</exception>
    public EarlyStopping(int patience, double least = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        Guard.NotNegative(least);
        (this.patience, this.least) = (patience, least);
    }

    /// <inheritdoc />
    public void OnEpoch(EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        // The first epoch is that of another fit, where the same object serves several.
        if (report.Stage != stage || report.View.Epoch <= 1)
        {
            (stage, waited, best) = (report.Stage, 0, double.NegativeInfinity);
        }
        if (report.Score is not { } score)
        {
            return;
        }
        (best, waited) = score > best + least ? (score, 0) : (best, waited + 1);
        if (waited >= patience)
        {
            report.Stop();
        }
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("stage", ref stage);
        state.Number("waited", ref waited);
        state.Number("best", ref best);
    }
}
