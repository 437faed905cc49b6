using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Finds values that are not finite: at once on the CPU, in bunches elsewhere, so that the device is not made to wait
/// each step.
/// </summary>
internal sealed class LossWatch(Func<string?> lastCheckpoint) : IDisposable
{
    private const int Bunch = 50;

    private readonly List<(string Name, long Step, Tensor Value)> waiting = [];

    /// <summary>Looks at a value, or puts it by for the next <see cref="Flush"/>.</summary>
    public void See(string name, long step, Tensor value)
    {
        if (value.device.type == TorchSharp.DeviceType.CPU)
        {
            if (!IsFinite(value))
            {
                throw new DivergenceException(name, step, lastCheckpoint());
            }
            return;
        }
        waiting.Add((name, step, value.detach().DetachFromDisposeScope()));
        if (waiting.Count >= Bunch)
        {
            Flush();
        }
    }

    /// <summary>
    /// Looks at everything put by, with one copy to the host where all is well. Called before anything is written or
    /// scored.
    /// </summary>
    public void Flush()
    {
        var bad = AllAreFinite() ? -1 : waiting.FindIndex(value => !IsFinite(value.Value));
        var found = bad < 0 ? default : waiting[bad];
        Dispose();
        if (bad >= 0)
        {
            throw new DivergenceException(found.Name, found.Step, lastCheckpoint());
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, value) in waiting)
        {
            value.Dispose();
        }
        waiting.Clear();
    }

    private bool AllAreFinite()
    {
        if (waiting.Count == 0)
        {
            return true;
        }
        using var scope = NewDisposeScope();
        return stack([.. waiting.Select(one => one.Value.reshape([]).to(float64))]).isfinite().all().item<bool>();
    }

    private static bool IsFinite(Tensor value)
    {
        using var scope = NewDisposeScope();
        return double.IsFinite(value.detach().to(float64).item<double>());
    }
}
