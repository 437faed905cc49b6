using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>The options of one run: seed, device, logging, checkpoints. Immutable.</summary>
public sealed record FitOptions : IPlanned
{
    /// <summary>
    /// The root of all randomness of the run. The same seed gives the same result, bit for bit on the CPU.
    /// </summary>
    /// <remarks>
    /// Modules are initialized before a fit, from the caller's own seed. Dropout draws from libtorch's global
    /// generator, which the loop seeds at each step and restores at the end: two fits at the same time in one process
    /// disturb each other's dropout.
    /// </remarks>
    public long Seed { get; init; }

    /// <summary>Where to compute; null stays where the inputs are.</summary>
    public Device? Device { get; init; }

    /// <summary>How networks are trained, for stages that do not say it themselves.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Where checkpoints go and whether to resume from them; null writes none.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>Who looks on. Observers do not change the result.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>
    /// The processes that share every step of the run's network trainings; null where this one trains alone.
    /// </summary>
    /// <remarks>
    /// A step takes <see cref="TrainingOptions.BatchSize"/> rows however many processes there are: each passes its part
    /// of every batch, and gradients are averaged before the optimizer's step. Parameters start as those of rank 0,
    /// which alone writes checkpoints. Without dropout, random views, stochastic heads and batch normalization the
    /// result is that of one process up to rounding. All other stages are computed by every process.
    /// </remarks>
    public ITrainingGroup? Group { get; init; }

    /// <summary>Where warnings and milestones are logged.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        var (name, count) = Device?.type switch
        {
            TorchSharp.DeviceType.CUDA => ("CUDA", cuda.is_available() ? cuda.device_count() : 0),
            TorchSharp.DeviceType.MPS => ("MPS", mps_is_available() ? 1 : 0),
            _ => ("", int.MaxValue),
        };
        if (Device is not null && Math.Max(0, Device.index) >= count)
        {
            yield return $"Device is {Device}, but libtorch sees {count} {name} device(s) here: reference the "
                + "libtorch package of that backend and look at the driver, or leave Device null.";
        }
        if (Training is null)
        {
            yield return "Training is null; give options, new TrainingOptions() for instance.";
        }
        if (Observers is null || Observers.Any(observer => observer is null))
        {
            yield return "Observers is null or holds a null; give a list of those who look on, [] for none.";
        }
        if (Logger is null)
        {
            yield return "Logger is null; give NullLogger.Instance for none.";
        }
    }
}
