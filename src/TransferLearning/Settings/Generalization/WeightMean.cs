using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>The mean of some tensors over several moments, and how many these are.</summary>
internal sealed class WeightMean : IDisposable
{
    private readonly List<Tensor?> averages = [];
    private long count;

    /// <summary>How many moments the mean is of.</summary>
    public long Count => count;

    /// <summary>
    /// What a mean follows: parameters, and buffers of a floating dtype. Asked for anew each time: modules that change
    /// their dtype get other tensors.
    /// </summary>
    public static Tensor[] Followed(IEnumerable<ITrainable> parts) =>
        [
            .. parts
                .SelectMany(part => part.Module.parameters().Cast<Tensor>().Concat(part.Module.buffers()))
                .Where(tensor => tensor.is_floating_point())
                .Distinct<Tensor>(ReferenceEqualityComparer.Instance),
        ];

    /// <summary>Takes in the present values, as one moment.</summary>
    public void Add(IReadOnlyList<Tensor> followed)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        count++;
        for (var i = 0; i < followed.Count; i++)
        {
            var now = followed[i].detach();
            var wide = now.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? now.to(float32) : now;
            if (i == averages.Count)
            {
                averages.Add(wide.clone().DetachFromDisposeScope());
            }
            else
            {
                averages[i]!.lerp_(wide, tensor(1.0 / count, wide.dtype, wide.device));
            }
        }
    }

    /// <summary>Takes in another mean, as one moment.</summary>
    public void Add(WeightMean other) => Add([.. other.averages.Select(average => average!)]);

    /// <summary>Puts the mean into the tensors.</summary>
    public void Put(IReadOnlyList<Tensor> followed)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (now, average) in followed.Zip(averages))
        {
            now.copy_(average!);
        }
    }

    /// <summary>Saves or loads the mean.</summary>
    public void Exchange(StateBag state)
    {
        state.Number("count", ref count);
        long kept = averages.Count;
        state.Number("kept", ref kept);
        while (averages.Count < kept)
        {
            averages.Add(null);
        }
        while (averages.Count > kept)
        {
            averages[^1]?.Dispose();
            averages.RemoveAt(averages.Count - 1);
        }
        for (var i = 0; i < kept; i++)
        {
            var average = averages[i];
            state.Slot($"average{i}", ref average);
            averages[i] = average;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Dispose()
    {
        averages.ForEach(average => average?.Dispose());
        averages.Clear();
        count = 0;
    }
}
