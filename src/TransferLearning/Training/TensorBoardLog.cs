using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>
/// Writes the course of a fit as event files that TensorBoard shows: one of <see cref="FitOptions.Observers"/>.
/// </summary>
/// <remarks>
/// Each objective becomes a curve <c>stage 1/CrossEntropy</c> over steps, before weighting; the validation score
/// becomes <c>stage 1/validation</c>. A resumed fit goes on in a further file of the same folder, which TensorBoard
/// joins. Files are written by TorchSharp's <see cref="SummaryWriter"/>. <c>tensorboard --logdir runs</c> shows all
/// folders below <c>runs</c> side by side.
/// </remarks>
public sealed class TensorBoardLog : ITrainingObserver
{
    private readonly string folder;
    private SummaryWriter? writer;

    /// <summary>A log; its file is made with the first number.</summary>
    /// <param name="folder">Where the event files go; made where it is not there.</param>
    /// <exception cref="ArgumentException">The folder is null or empty.</exception>
    public TensorBoardLog(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = folder;
    }

    /// <summary>
    /// Objectives are written every so many steps; reading them waits for the device. Default 10.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int EverySteps { get; init; } = 10;

    /// <inheritdoc />
    public void OnStep(StepReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Guard.Options(this);
        if (report.Step % EverySteps != 0 && report.Step != report.Steps)
        {
            return;
        }
        var last = new Dictionary<string, double>(StringComparer.Ordinal); // of repeats within the step
        foreach (var (name, value) in report.Objectives)
        {
            last[name] = value;
        }
        foreach (var (name, value) in last)
        {
            Write(report.Stage, name, value, report.Step);
        }
    }

    /// <inheritdoc />
    public void OnEpoch(EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Score is { } score)
        {
            Write(report.Stage, "validation", score, report.View.Step);
        }
    }

    private void Write(int stage, string name, double value, long step)
    {
        writer ??= torch.utils.tensorboard.SummaryWriter(folder);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        writer.add_scalar($"stage {stage + 1}/{name}", (float)value, (int)Math.Min(step, int.MaxValue), now);
    }
}
