using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Keeps classes apart: <c>tr(W'S_w W) / tr(W'S_b W)</c> with the source's scatter within classes and that of the class
/// means, each weighed by its rows.
/// </summary>
public sealed record FisherRatio : ISubspaceObjective
{
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The labels are values.</exception>
    public Func<Tensor, Tensor> For(LabeledDomain source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ClassLabels.Check(source);
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var rows = source.Inputs.to(float64);
        var centered = rows - rows.mean([0L], keepdim: true);
        var counts = classes.sum(dim: 0).unsqueeze(1);
        var means = classes.t().matmul(centered) / counts.clamp_min(1);
        var within = centered - classes.matmul(means);
        var (spread, between) = (within.t().matmul(within), (means * counts).t().matmul(means));
        return w => (w * spread.matmul(w)).sum() / (w * between.matmul(w)).sum().clamp_min(1e-300);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => ClassLabels.Faults(plan);
}
