namespace TransferLearning.Training;

/// <summary>Stops a training whose validation score has not risen for some epochs. Use it with <see cref="TrainingOptions.RestoreBest"/>.</summary>
/// <param name="patience">How many epochs with a score but without a rise are borne.</param>
/// <param name="least">The smallest rise that counts.</param>
public sealed class EarlyStopping(int patience, double least = 0) : ITrainingObserver, ICheckpointed
{
    private long stage = -1;
    private long waited;
    private double best;

    /// <inheritdoc />
    public void OnEpoch(EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Stage != stage)
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
