namespace TransferLearning.Internal;

/// <summary>
/// The predictors that a fit has made on its way: what the result does not take over is disposed with it, however the
/// fit ends.
/// </summary>
internal sealed class Unfinished : IDisposable
{
    private readonly HashSet<object> made = new(ReferenceEqualityComparer.Instance);

    /// <summary>Takes a predictor in.</summary>
    public ILabelPredictor Add(ILabelPredictor predictor)
    {
        made.Add(predictor);
        return predictor;
    }

    /// <summary>Disposes a predictor that is not needed any longer.</summary>
    public void Drop(ILabelPredictor? predictor)
    {
        if (predictor is not null && made.Remove(predictor))
        {
            (predictor as IDisposable)?.Dispose();
        }
    }

    /// <summary>Leaves a result, and the predictors inside it, to the caller.</summary>
    public T HandOver<T>(T result)
        where T : class, IPart
    {
        made.ExceptWith(result.WithInner());
        return result;
    }

    /// <summary>Disposes what was not handed over.</summary>
    public void Dispose()
    {
        foreach (var left in made.OfType<IDisposable>())
        {
            left.Dispose();
        }
        made.Clear();
    }
}
