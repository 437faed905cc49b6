using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// One step, for observers. Reading a value copies it from the device; what nobody reads costs nothing.
/// </summary>
public sealed class StepReport
{
    private readonly IReadOnlyList<(string Name, Tensor Value)> values;

    internal StepReport(int stage, long step, long steps, long epoch, IReadOnlyList<(string, Tensor)> values) =>
        (Stage, Step, Steps, Epoch, this.values) = (stage, step, steps, epoch, values);

    /// <summary>The stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>The step just finished, from 1.</summary>
    public long Step { get; }

    /// <summary>How many steps the stage has.</summary>
    public long Steps { get; }

    /// <summary>The epoch of the step, from 1.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Every objective that was evaluated, by name, with its value before weighting; repeats appear in order.
    /// </summary>
    public IEnumerable<(string Name, double Value)> Objectives => values.Select(pair => (pair.Name, Read(pair.Value)));

    private static double Read(Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.to(float64).item<double>();
    }
}
