using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Keeps neighbors together: <c>tr(W'X'LXW) / tr(W'X'DXW)</c> for the graph of the source's rows X that joins each with
/// its nearest rows, of its own class where labels are classes.
/// </summary>
/// <remarks>
/// Edges weigh <c>exp(-||x_i - x_j||^2 / median)</c>, L is the graph's Laplacian and D its degrees; X is centered by
/// the degrees.
/// </remarks>
/// <param name="Neighbors">
/// How many neighbors a row has, at least 1. Default 5, fewer where there are fewer rows.
/// </param>
public sealed record LocalityPreservation([property: OptionRange(AtLeast = 1)] int Neighbors = 5) : ISubspaceObjective
{
    /// <inheritdoc />
    public Func<Tensor, Tensor> For(LabeledDomain source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Options(this);
        var x = source.Inputs.to(float64);
        var closeness = new GaussianKernel().FixedFor(x).Matrix(x, x);
        if (source.Space.IsClasses)
        {
            closeness *= source.Labels.unsqueeze(1).eq(source.Labels).to(float64);
        }
        var edges = NeighborGraph.Weights(closeness, (int)Math.Min(Neighbors, source.Count - 1));
        var degrees = edges.sum(1, keepdim: true);
        var centered = x - ((x * degrees).sum(dim: 0) / degrees.sum().clamp_min(1e-300));
        var apart = centered.t().matmul(NeighborGraph.Laplacian(edges).matmul(centered));
        var spread = centered.t().matmul(centered * degrees);
        return w => (w * apart.matmul(w)).sum() / (w * spread.matmul(w)).sum().clamp_min(1e-300);
    }
}
