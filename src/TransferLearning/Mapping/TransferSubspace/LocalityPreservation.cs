using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Keeps neighbours together: <c>tr(W'X'LXW) / tr(W'X'DXW)</c> for the graph of the source's rows X that joins each with its nearest rows, of its own class where labels are classes.</summary>
/// <remarks>
/// Edges weigh <c>exp(-||x_i - x_j||^2 / median)</c>, L is the graph's Laplacian and D its degrees; X is centred by the degrees.
/// </remarks>
/// <param name="Neighbours">How many neighbours a row has, at least 1. Default 5, fewer where there are fewer rows.</param>
public sealed record LocalityPreservation(int Neighbours = 5) : ISubspaceObjective
{
    /// <inheritdoc />
    public Func<Tensor, Tensor> For(LabelledDomain source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(Neighbours, 1);
        var x = source.Inputs.to(float64);
        var closeness = new GaussianKernel().FixedFor(x).Matrix(x, x);
        if (source.Space.IsClasses)
        {
            closeness *= source.Labels.unsqueeze(1).eq(source.Labels).to(float64);
        }
        var edges = NeighbourGraph.Weights(closeness, (int)Math.Min(Neighbours, source.Count - 1));
        var degrees = edges.sum(1, keepdim: true);
        var centred = x - ((x * degrees).sum(dim: 0) / degrees.sum().clamp_min(1e-300));
        var apart = centred.t().matmul(NeighbourGraph.Laplacian(edges).matmul(centred));
        var spread = centred.t().matmul(centred * degrees);
        return w => (w * apart.matmul(w)).sum() / (w * spread.matmul(w)).sum().clamp_min(1e-300);
    }
}
