using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// mSDA: layers that rebuild rows of which features were struck out, fitted in closed form over all ways to strike.
/// </summary>
/// <remarks>
/// <para>
/// Each feature is set to 0 with probability p, the constant 1 beside them never. The linear map W from struck rows
/// back to whole ones of least expected squared error is <c>W = P (Q + ridge I)^(-1)</c>, with <c>S = sum x x'</c> over
/// the rows of both domains, <c>q = (1 - p, ..., 1 - p, 1)</c>, <c>P_ij = S_ij q_j</c>, <c>Q_ij = S_ij q_i q_j</c> and
/// <c>Q_ii = S_ii q_i</c>. A layer is <c>h = tanh(W x)</c>, the next one is fitted to h in the same way, and rows map
/// to <c>[x, h_1, ..., h_L]</c> (Chen, Xu, Weinberger and Sha 2012, "Marginalized Denoising Autoencoders for Domain
/// Adaptation").
/// </para>
/// <para>
/// A feature that one domain lacks is rebuilt from those that go with it in the other. Labels are not used. Costs
/// <c>n d^2 + d^3</c> operations a layer and d^2 memory: each layer reads the rows once, block by block, from wherever
/// they lie.
/// </para>
/// </remarks>
public sealed record MarginalizedDenoisingAutoencoder : IFeatureMapping
{
    /// <summary>The probability p that a feature is struck out, above 0 and below 1. Default 0.5.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Corruption { get; init; } = 0.5;

    /// <summary>How many layers L, at least 1. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int Layers { get; init; } = 1;

    /// <summary>
    /// The ridge, positive, against features that are 0 everywhere. Default 1e-5, as in the authors' program.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-5;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the hyperbolic tangent bends the same in any unit.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width * (Layers + 1);

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        return Fit([.. domains.Sources.Select(source => source.Rows), domains.Target.Rows], context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., (L + 1) d]</c>; the caller disposes its layers.</returns>
    public IFeatureExtractor Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        using var canceling = Canceling.By(context);
        return Fit([new TensorRows(source), new TensorRows(target)], context ?? new());
    }

    private IFeatureExtractor Fit(IReadOnlyList<IRowSource> domains, FitContext context)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (width, _) = RowShape.Of(domains[0]);
        var unit = RowUnit.Of(PenaltyScale, null, domains, context);
        var found = new List<(Tensor Matrix, Tensor Offset)>();
        for (var layer = 0; layer < Layers; layer++)
        {
            context.Report((double)layer / Layers);
            Tensor Hidden(Tensor rows) =>
                found.Aggregate(rows.to(float64) / unit, (h, next) => (h.matmul(next.Matrix) + next.Offset).tanh());
            found.Add(Rebuilding(Moments.Of(domains, Hidden, width, context: context)));
        }
        var layers = found.Select(layer => new DenoisedLayer(new AffineMap(layer.Matrix, layer.Offset)));
        if (unit == 1)
        {
            return ExtractorChain.Of([.. layers]);
        }
        var scaling = full_like(found[0].Offset, 1 / unit);
        return ExtractorChain.Of([new DiagonalMap(scaling, zeros_like(scaling)), .. layers]);
    }

    // W without its last column, turned, and that column.
    private (Tensor Matrix, Tensor Offset) Rebuilding(Moments moments)
    {
        var d = moments.Mean.shape[0];
        var sums = (moments.Mean * moments.Count).unsqueeze(1);
        var whole = cat([moments.Gram, sums], 1); // S without its last row
        var s = cat([whole, cat([sums.t(), full([1, 1], (double)moments.Count, float64, sums.device)], 1)]);
        var stays = full([d + 1], 1 - Corruption, float64, sums.device);
        stays.narrow(0, d, 1).fill_(1);
        var q = s * stays * stays.unsqueeze(1);
        q.diagonal().copy_(s.diagonal() * stays).add_(Ridge);
        var turned = (whole * stays).t().cholesky_solve(linalg.cholesky(q)); // W'
        return (turned.narrow(0, 0, d), turned.select(0, d));
    }
}
