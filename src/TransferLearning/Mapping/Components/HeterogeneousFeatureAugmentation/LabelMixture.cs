using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The machine of <see cref="SemiSupervisedFeatureAugmentation"/> for one class after the other: labelings of the
/// unlabeled rows, mixed.
/// </summary>
/// <remarks>Makes everything in its caller's scope.</remarks>
internal sealed class LabelMixture
{
    private const int MaxSteps = 100;

    private readonly Tensor similarities; // K
    private readonly Tensor all; // A = factor K + 1 1'
    private readonly Tensor root;
    private readonly Tensor inverseCosts;
    private readonly long ofSource;
    private readonly long ofTarget;

    /// <summary>Prepares what all classes share.</summary>
    /// <param name="similarities">Both domains' kernels as blocks <c>[n + m + u, n + m + u]</c>.</param>
    /// <param name="factor"><c>1 + lambda</c>.</param>
    /// <param name="inverseCosts">The diagonal D.</param>
    /// <param name="ofSource">How many source rows n.</param>
    /// <param name="ofTarget">How many labeled target rows m.</param>
    public LabelMixture(Tensor similarities, double factor, Tensor inverseCosts, long ofSource, long ofTarget)
    {
        (this.similarities, this.inverseCosts, this.ofSource, this.ofTarget) = (
            similarities,
            inverseCosts,
            ofSource,
            ofTarget
        );
        all = (similarities * factor) + 1;
        var (values, vectors) = linalg.eigh(all);
        root = (vectors * values.clamp_min(0).sqrt()).matmul(vectors.t());
    }

    /// <summary>The norm p.</summary>
    public required double Norm { get; init; }

    /// <summary>The most labelings.</summary>
    public required int Labelings { get; init; }

    /// <summary>The relative change at which steps and labelings end.</summary>
    public required double Tolerance { get; init; }

    /// <summary>
    /// <c>sum_m theta_m (a o y_m) / rho</c> <c>[n + m + u]</c>, and its sum, which is the intercept.
    /// </summary>
    /// <param name="signs">1 and -1 for the labeled rows <c>[n + m]</c>.</param>
    /// <param name="positives">How many unlabeled rows are of the class.</param>
    /// <param name="context">Cancellation and progress.</param>
    public (Tensor Multipliers, Tensor Intercept) Fit(Tensor signs, long positives, FitContext context)
    {
        using var scope = NewDisposeScope();
        var quiet = new FitContext { Cancellation = context.Cancellation };
        var labelings = First(signs, positives, quiet).unsqueeze(1);
        var last = double.PositiveInfinity;
        while (true)
        {
            Canceling.Check();
            var (theta, multipliers, q, value) = Mixed(labelings, quiet);
            var isSettled = Math.Abs(last - value) <= Tolerance * Math.Abs(value);
            last = value;
            var next = isSettled || labelings.shape[1] >= Labelings ? null : Violated(multipliers, signs, positives);
            if (next is null || labelings.eq(next.unsqueeze(1)).all(0).any().item<bool>())
            {
                // The margin: at the optimum every row with a multiplier has it.
                var rho = theta.dot(q) + (multipliers.square() * inverseCosts).sum();
                var weighted = labelings.mv(theta) * multipliers / rho;
                return (weighted.MoveToOuterDisposeScope(), weighted.sum().MoveToOuterDisposeScope());
            }
            labelings = cat([labelings, next.unsqueeze(1)], 1);
        }
    }

    // Theta, a, q and the value for these labelings.
    private (Tensor Theta, Tensor Multipliers, Tensor Squares, double Value) Mixed(Tensor labelings, FitContext context)
    {
        var count = labelings.shape[1];
        var theta = full(count, Math.Pow(1.0 / count, 1 / Norm), float64, all.device);
        var last = double.PositiveInfinity;
        for (var step = 0; ; step++)
        {
            Canceling.Check();
            var mixed = all * (labelings * theta).matmul(labelings.t());
            mixed.diagonal().add_(inverseCosts);
            var multipliers = OnSimplex(mixed, context);
            var signed = labelings * multipliers.unsqueeze(1);
            var q = (signed * all.matmul(signed)).sum(dim: 0).clamp_min(0);
            var value = -0.5 * (theta.dot(q) + (multipliers.square() * inverseCosts).sum()).item<double>();
            if (count == 1 || step == MaxSteps - 1 || Math.Abs(last - value) <= Tolerance * Math.Abs(value))
            {
                return (theta, multipliers, q, value);
            }
            last = value;
            var weights = theta * q.sqrt();
            theta =
                weights.pow(2 / (Norm + 1)) / weights.pow(2 * Norm / (Norm + 1)).sum().pow(1 / Norm).clamp_min(1e-300);
        }
    }

    // The machine on the labeled target rows alone labels the others.
    private Tensor First(Tensor signs, long positives, FitContext context)
    {
        var own = signs.narrow(0, ofSource, ofTarget);
        var labeled = similarities.narrow(0, ofSource, ofTarget).narrow(1, ofSource, ofTarget) + 1;
        var mixed = labeled * own * own.unsqueeze(1);
        mixed.diagonal().add_(inverseCosts.narrow(0, ofSource, ofTarget));
        var signed = OnSimplex(mixed, context) * own;
        var u = all.shape[0] - ofSource - ofTarget;
        var unlabeled = similarities.narrow(0, ofSource + ofTarget, u).narrow(1, ofSource, ofTarget) + 1;
        return cat([signs, Largest(unlabeled.mv(signed).unsqueeze(1), positives).squeeze(1)]);
    }

    // The labeling that is worst for these multipliers, among those along the coordinates of the root, both ways.
    private Tensor Violated(Tensor multipliers, Tensor signs, long positives)
    {
        var along = root * multipliers.unsqueeze(1);
        var labeled = along.narrow(0, 0, signs.shape[0]);
        var unlabeled = along.narrow(0, signs.shape[0], along.shape[0] - signs.shape[0]);
        var given = signs.unsqueeze(0).matmul(labeled).squeeze(0);
        var (up, down) = (Largest(unlabeled, positives), Largest(-unlabeled, positives));
        var values = cat([given + (unlabeled * up).sum(dim: 0), given + (unlabeled * down).sum(dim: 0)]).abs();
        var best = values.argmax();
        return cat([signs, cat([up, down], 1).index_select(1, best.reshape(1)).squeeze(1)]);
    }

    // 1 for the largest rows of each column, -1 for the others.
    private static Tensor Largest(Tensor columns, long positives)
    {
        var labels = full_like(columns, -1);
        return positives == 0
            ? labels
            : labels.scatter_(
                0,
                columns.topk((int)positives, dim: 0).indexes,
                ones_like(columns).narrow(0, 0, positives)
            );
    }

    private static Tensor OnSimplex(Tensor matrix, FitContext context)
    {
        // Scaling moves no minimum, and the program's tolerances are absolute.
        matrix.div_(Math.Max(1, matrix.diagonal().mean().item<double>() * 1e-3));
        return BoxQuadraticProgram.Solve(
            QuadraticForm.Of(matrix),
            zeros(matrix.shape[0], float64, matrix.device),
            1,
            1,
            1,
            context
        );
    }
}
