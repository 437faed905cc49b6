using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>A discrepancy between source and target features, as a penalty.</summary>
/// <remarks>With several sources, the discrepancies of each with the target are averaged.</remarks>
/// <param name="discrepancy">What is measured.</param>
/// <param name="onScores">Whether the predictor's scores are aligned instead of the features.</param>
public sealed class Alignment(IDiscrepancy discrepancy, bool onScores = false) : IObjective
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));

    /// <inheritdoc />
    public string Name => discrepancy.GetType().Name;

    /// <inheritdoc />
    public IEnumerable<object> Parts => [discrepancy];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = Rows(step, step.Target);
        Tensor? total = null;
        foreach (var source in step.Sources)
        {
            var gap = discrepancy.Between(Rows(step, source), target);
            total = total is null ? gap : total + gap;
        }
        return step.Sources.Count == 1 ? total! : total! / step.Sources.Count;
    }

    private Tensor Rows(StepContext step, IBatch batch) => onScores ? step.Scores(batch) : step.Features(batch);
}
