using System.Globalization;

namespace TransferLearning.Evaluation;

/// <summary>How well networks with some copied layers read the task's held-out rows.</summary>
/// <param name="Treatment">Whose layers were copied, and whether they were tuned.</param>
/// <param name="Layers">How many layers were copied.</param>
/// <param name="Fits">
/// The accuracy of each fit, in the order of the seeds, with the interval that the number of rows leaves.
/// </param>
public readonly record struct LayerTransferPoint(
    LayerTreatment Treatment,
    int Layers,
    IReadOnlyList<AccuracyInterval> Fits
)
{
    /// <summary>The mean over the seeds with its 95% interval: over several seeds Student's, of one Wilson's.</summary>
    public AccuracyInterval Accuracy => SeedInterval.Of(Fits);

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Treatment}, {Layers} layer(s): {Accuracy}");
}
