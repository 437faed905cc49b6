namespace TransferLearning.Training;

/// <summary>The weights of the epoch that scored best so far.</summary>
internal sealed class BestState : IDisposable
{
    private StateBag? kept;
    private double score = double.NegativeInfinity;

    /// <summary>Keeps the present weights where no earlier ones scored as high.</summary>
    public void Keep(double present, Action<StateBag> exchange)
    {
        if (!(present > score)) // NaN is no score
        {
            return;
        }
        kept?.Dispose();
        kept = StateBag.ForSaving();
        exchange(kept);
        score = present;
    }

    /// <summary>Puts the best weights back, where any were kept.</summary>
    public void Restore(Action<StateBag> exchange)
    {
        if (kept is not null)
        {
            exchange(kept.Continue());
        }
    }

    public void Exchange(StateBag state)
    {
        state.Number("best score", ref score);
        if (!state.IsLoading && kept is not null)
        {
            state.Merge("best", kept.Clone(""));
        }
        else if (state.IsLoading && state.Has("best"))
        {
            kept = state.Clone("best");
        }
    }

    public void Dispose() => kept?.Dispose();
}
