using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The rounds of <see cref="DomainInvariantPartialLeastSquares"/>, on sums of products alone.</summary>
/// <remarks>
/// Taking <c>t = X w</c> out of X and Y leaves <c>X'X - s pp'</c>, <c>X'Y - s pc'</c> and <c>Y'Y - s cc'</c> with
/// <c>s = t't</c> and the loadings <c>p = X't / s</c>, <c>c = Y't / s</c>. Its tensors live in the caller's scope.
/// </remarks>
internal sealed class LatentVariables
{
    private const double Negligible = 1e-10;

    private readonly long sourceCount;
    private readonly long targetCount;
    private readonly double? penalty;
    private readonly Tensor ofSource; // X'X
    private readonly Tensor ofTarget; // T'T
    private readonly Tensor together; // X'Y
    private readonly Tensor responses; // Y'Y
    private readonly double first; // the length of X'u in the first round
    private readonly List<(Tensor Direction, Tensor Source, Tensor Target)> found = [];

    public LatentVariables(Tensor source, Tensor labels, Tensor target, double? penalty)
    {
        (sourceCount, targetCount, this.penalty) = (source.shape[0], target.shape[0], penalty);
        (ofSource, ofTarget) = (source.t().matmul(source), target.t().matmul(target));
        (together, responses) = (source.t().matmul(labels), labels.t().matmul(labels));
        first = linalg.svdvals(together).max().item<double>();
        if (!(first > 0))
        {
            throw new ArgumentException(
                "no feature goes with the labels: rows or labels are constant.",
                nameof(source)
            );
        }
    }

    /// <summary>The map of centered source rows to their scores, <c>W (P'W)^(-1)</c>.</summary>
    public Tensor SourceRotation() => Rotation(found.Select(round => round.Source));

    /// <summary>The same of target rows, by their own loadings.</summary>
    public Tensor TargetRotation() => Rotation(found.Select(round => round.Target));

    /// <summary>Finds the next direction; false where the labels have nothing left to explain.</summary>
    public bool Next()
    {
        using var scope = NewDisposeScope();
        var (_, lengths, combinations) = linalg.svd(together, fullMatrices: false);
        if (lengths[0].item<double>() <= Negligible * first)
        {
            return false;
        }
        var q = combinations[0];
        var (pull, size) = (together.mv(q), responses.mv(q).dot(q).item<double>()); // X'u and u'u
        var gap = Gap();
        var system = gap * (penalty ?? Balance(gap, pull, size));
        system.diagonal().add_(size);
        var w = linalg.solve(system, pull);
        w /= w.norm() * w.gather(0, w.abs().argmax(0, keepdim: true)).sign();
        var image = ofSource.mv(w);
        var s = w.dot(image);
        var (p, c) = (image / s, together.t().mv(w) / s);
        ofSource.sub_(p.unsqueeze(1) * image);
        together.sub_(image.unsqueeze(1) * c);
        responses.sub_(c.unsqueeze(1) * c * s);
        var targetImage = ofTarget.mv(w);
        var spread = w.dot(targetImage).item<double>();
        // A target that does not vary along w has the score 0 whatever its loading.
        var loading = spread > 0 ? targetImage / spread : w.clone();
        ofTarget.sub_(loading.unsqueeze(1) * targetImage);
        found.Add((w.MoveToOuterDisposeScope(), p.MoveToOuterDisposeScope(), loading.MoveToOuterDisposeScope()));
        return true;
    }

    private Tensor Rotation(IEnumerable<Tensor> loadings)
    {
        var w = stack([.. found.Select(round => round.Direction)], 1);
        var p = stack([.. loadings], 0);
        return linalg.solve(p.matmul(w).t(), w.t()).t();
    }

    // The gap of the covariances with its eigenvalues made positive.
    private Tensor Gap()
    {
        var (values, vectors) = linalg.eigh((ofSource / sourceCount) - (ofTarget / targetCount));
        return (vectors * values.abs()).matmul(vectors.t());
    }

    private double Balance(Tensor gap, Tensor pull, double size)
    {
        var w = pull / pull.norm();
        var misfit = (ofSource.trace() - (2 * pull.dot(w)) + size).item<double>();
        var apart = w.dot(gap.mv(w)).item<double>();
        return apart > 0 ? Math.Max(0, misfit) / apart : 0;
    }
}
