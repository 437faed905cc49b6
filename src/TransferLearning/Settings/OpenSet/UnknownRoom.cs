using TransferLearning.Internal;

namespace TransferLearning.Settings;

/// <summary>What methods need whose classifier has an output for the unknown class.</summary>
internal static class UnknownRoom
{
    /// <summary>The faults of a chain whose last class is not that of unknown rows, which no source row has.</summary>
    public static IEnumerable<string> RoomForUnknown(this ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        List<string> faults = [.. plan.OfClasses()];
        var unknown = plan.Domains.Space.Width - 1;
        using var scope = TorchSharp.torch.NewDisposeScope();
        if (faults.Count == 0 && plan.Domains.Sources.Any(source => source.Labels.eq(unknown).any().ToBoolean()))
        {
            faults.Add(
                $"source rows have the class {unknown}, the last one, which is that of unknown rows: fit with "
                    + "source.WithUnknown(), and give the predictor one output more."
            );
        }
        return faults;
    }
}
