using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Averaged weights: extractor and predictor end as the mean of what they were over the last part of the training.
/// </summary>
/// <remarks>
/// From <see cref="Start"/> on every <see cref="Every"/>-th step adds to the mean of each parameter and of each buffer
/// of a floating dtype, each step alike (Izmailov, Podoprikhin, Garipov, Vetrov and Wilson 2018, "Averaging Weights
/// Leads to Wider Optima and Better Generalization"; every step as in Cha et al. 2021, "SWAD: Domain Generalization by
/// Seeking Flat Minima", whose choice of first and last step by a validation loss is not part of it). The mean is put
/// into the modules when the training ends, early as well; validation scores see the weights as they are. Where the
/// best state is restored, the mean is that of the steps up to it. It needs one more copy of the weights, which is in
/// checkpoints. A constant learning rate suits it better than one that falls to 0.
/// </remarks>
public sealed class WeightAveraging : ITrainingHook
{
    private readonly List<Tensor?> averages = [];
    private IReadOnlyList<ITrainable> parts = [];
    private long count;

    /// <summary>The share of training after which weights are averaged, from 0 to below 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Start { get; init; } = 0.5;

    /// <summary>Every how many steps the weights are added. Default 1, SWAD's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Every { get; init; } = 1;

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Forget();
        Begin(view);
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view) => Begin(view);

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Progress > Start && view.Step % Every == 0)
        {
            Add();
        }
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        Put();
        Forget();
        parts = [];
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
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

    private void Begin(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        parts = TrainingParts.Trainables([view.Extractor, view.Predictor]);
    }

    // Asked for anew each time: modules that change their dtype get other tensors.
    private Tensor[] Followed() =>
        [
            .. parts
                .SelectMany(part => part.Module.parameters().Cast<Tensor>().Concat(part.Module.buffers()))
                .Where(tensor => tensor.is_floating_point())
                .Distinct<Tensor>(ReferenceEqualityComparer.Instance),
        ];

    private void Add()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var followed = Followed();
        count++;
        for (var i = 0; i < followed.Length; i++)
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

    private void Put()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (now, average) in Followed().Zip(averages))
        {
            now.copy_(average!);
        }
    }

    private void Forget()
    {
        averages.ForEach(average => average?.Dispose());
        averages.Clear();
        count = 0;
    }
}
