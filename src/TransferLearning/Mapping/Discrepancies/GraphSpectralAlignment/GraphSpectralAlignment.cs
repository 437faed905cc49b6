using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Graph spectral alignment: the distance of the two samples' shapes, each seen as a graph, by the eigenvalues of their
/// Laplacians; the alignment of SPA.
/// </summary>
/// <remarks>
/// <c>|| lambda(L_s) - lambda(L_t) ||_2</c> with the eigenvalues in order and <c>L = I - D^(-1/2) A D^(-1/2)</c> of the
/// rows' complete graph with the edges A and their sums D, which has the eigenvalues of <c>I - D^(-1) A</c> (Xiao,
/// Wang, Jin, Feng, Chen, Huang and Zhao 2023, "SPA: A Graph Spectral Alignment Perspective for Domain Adaptation"). It
/// compares how the rows of a sample lie to each other, not where: a turned, moved or stretched sample has the same
/// spectrum. The authors' program takes singular values of <c>D^(-1) A</c> instead. Differentiable in both samples;
/// costs <c>n^2 d + n^3</c>. Computed in float64.
/// </remarks>
public sealed record GraphSpectralAlignment : IDiscrepancy
{
    /// <summary>What edges weigh. Default distances, the authors'.</summary>
    public GraphEdges Edges { get; init; } = GraphEdges.Distance;

    /// <inheritdoc />
    /// <exception cref="ArgumentException">
    /// The samples differ in size: their spectra then have no common length.
    /// </exception>
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        if (source.shape[0] != target.shape[0])
        {
            throw new ArgumentException(
                $"spectra are compared value by value and need samples of one size; got {source.shape[0]} and "
                    + $"{target.shape[0]}. Use equal batch sizes.",
                nameof(target)
            );
        }
        MeanEmbedding.CheckMemory(nameof(GraphSpectralAlignment), source, 8, float64);
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var width = MeanEmbedding.MeanSquaredDistance(cat([s, t]).detach()).clamp_min(1e-300);
        var gap = Spectrum(s, width) - Spectrum(t, width);
        // Spectra that agree have slope 0.
        return gap.square().sum().clamp_min(1e-30).sqrt().to(source.dtype).MoveToOuterDisposeScope();
    }

    private Tensor Spectrum(Tensor rows, Tensor width)
    {
        var distances = SquaredDistances.Between(rows, rows);
        var isEdge = 1 - eye(rows.shape[0], rows.shape[0], rows.dtype, rows.device);
        var weights =
            (Edges == GraphEdges.Distance ? distances.clamp_min(1e-30).sqrt() : (distances / (-2 * width)).exp())
            * isEdge;
        return linalg.eigvalsh(NeighborGraph.NormalizedLaplacian(weights));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.EqualBatches();
}
