using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The eigenproblem of <see cref="JointGeometricalAndStatisticalAlignment"/>, with all that does not change from round
/// to round done once.
/// </summary>
/// <remarks>
/// In the axes U of <c>S_w = U s U'</c>, D without M is a block <c>[alpha + beta s, -alpha; -alpha, alpha + mu]</c> for
/// each axis. With its Cholesky factors as coordinates D is <c>I + M</c>, M of C + 1 columns: the problem of
/// <see cref="AlignedComponents"/> with ridge 1.
/// </remarks>
internal sealed class CoupledProjections
{
    private readonly Tensor sourceClasses;
    private readonly Tensor axes;
    private readonly Tensor ownSource; // how coordinates of the first half move source directions,
    private readonly Tensor sharedSource; // those of the second half source directions,
    private readonly Tensor ownTarget; // and those of the second half target directions
    private readonly Tensor sourceRows; // in the axes, as target rows
    private readonly Tensor targetRows;
    private readonly AlignedComponents components;

    public CoupledProjections(Tensor source, Tensor target, Tensor classes, double alpha, double mu, double beta)
    {
        sourceClasses = classes;
        var counts = classes.sum(dim: 0).unsqueeze(1);
        var means = classes.t().matmul(source) / counts.clamp_min(1);
        var within = source - classes.matmul(means);
        (var spread, axes) = linalg.eigh(within.t().matmul(within));
        (sourceRows, targetRows) = (source.matmul(axes), target.matmul(axes));
        var diagonal = alpha + (beta * spread.clamp_min(0));
        ownSource = diagonal.rsqrt();
        ownTarget = (alpha + mu - (alpha * alpha / diagonal)).rsqrt();
        sharedSource = alpha / diagonal * ownTarget;
        var between = (means - source.mean([0L])).matmul(axes) * (counts * beta).sqrt();
        var ofClasses = Coordinates(between, zeros_like(between));
        var centered = targetRows - targetRows.mean([0L]);
        var ofTarget = Coordinates(zeros_like(centered), centered * Math.Sqrt(mu));
        components = AlignedComponents.OfScatter(ofClasses.t().matmul(ofClasses) + ofTarget.t().matmul(ofTarget));
    }

    /// <summary>The projections A and B, <c>[d, k]</c> each.</summary>
    /// <param name="pseudo">The classes that target rows are believed to be of, one-hot <c>[m, C]</c>.</param>
    /// <param name="count">k.</param>
    /// <param name="cancellation">Stops between two products.</param>
    public (Tensor Source, Tensor Target) Solve(Tensor pseudo, int count, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (n, m, classCount) = (sourceRows.shape[0], targetRows.shape[0], sourceClasses.shape[1]);
        var ofDomains = AlignedComponents.MeanGap(n, m, axes.device) * Math.Sqrt(classCount);
        var gaps = cat([ofDomains, ClassMeanAlignment.ClassGaps(sourceClasses, pseudo)], 1);
        gaps /= Math.Sqrt(classCount * ((1.0 / n) + (1.0 / m)));
        var moves = Coordinates(
            gaps.narrow(0, 0, n).t().matmul(sourceRows),
            gaps.narrow(0, n, m).t().matmul(targetRows)
        );
        var (weights, values) = components.Solve(
            moves.t(),
            1,
            count,
            ComponentScale.UnitVariance,
            cancellation: cancellation
        );
        var d = axes.shape[0];
        weights *= values.clamp_min(0).sqrt(); // w' D w = 1
        var (first, second) = (weights.narrow(0, 0, d), weights.narrow(0, d, d));
        var ofSource = (first * ownSource.unsqueeze(1)) + (second * sharedSource.unsqueeze(1));
        return (
            axes.matmul(ofSource).MoveToOuterDisposeScope(),
            axes.matmul(second * ownTarget.unsqueeze(1)).MoveToOuterDisposeScope()
        );
    }

    // Pairs of rows in the axes as rows of the coordinates in which D without M is the identity.
    private Tensor Coordinates(Tensor source, Tensor target) =>
        cat([source * ownSource, (source * sharedSource) + (target * ownTarget)], 1);
}
