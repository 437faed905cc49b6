using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The least regularized risk of <see cref="AlignedClassifier"/>; only the gaps change from round to round.
/// </summary>
/// <remarks>
/// <para>
/// For the penalty <c>shrinkage f'K^-1 f + f'(manifold + weight G G') f</c> with the gaps G and <c>f = K beta</c>.
/// Squares give <c>beta = A^-1 Y</c> with <c>A = (E + manifold + weight G G') K + shrinkage I</c>; the hinge
/// <c>beta = A^-1 Y a / 2</c>, there without E in A, for the multipliers <c>0 &lt;= a &lt;= 1</c> that minimize
/// <c>a'(yy' o K A^-1 / 2) a / 2 - sum a</c> over the source's rows, class by class with y = 1 for the class and -1 for
/// the others. There is no intercept, and so no equation that a must keep.
/// </para>
/// <para>
/// <c>B = (E + manifold) K + shrinkage I</c> is inverted once; <c>(B + weight G G'K)^-1 = B^-1 - weight B^-1 G (I +
/// weight G'K B^-1 G)^-1 G'K B^-1</c> (Woodbury): a system of as many unknowns as there are gaps.
/// </para>
/// </remarks>
internal sealed class StructuralRisk
{
    private readonly Tensor kernel;
    private readonly Tensor inverse;
    private readonly Tensor response; // B^-1 Y, or the source's columns of B^-1 for the hinge
    private readonly Tensor? signs; // 1 and -1, [n, C], for the hinge
    private readonly double weight;

    public StructuralRisk(
        Tensor kernel,
        Tensor sourceClasses,
        Tensor manifold,
        double shrinkage,
        double weight,
        ClassifierLoss loss
    )
    {
        (this.kernel, this.weight) = (kernel, weight);
        var n = sourceClasses.shape[0];
        var isHinge = loss == ClassifierLoss.Hinge;
        var system = manifold.matmul(kernel);
        if (!isHinge)
        {
            system.narrow(0, 0, n).add_(kernel.narrow(0, 0, n));
        }
        system.diagonal().add_(shrinkage);
        inverse = linalg.inv(system);
        var ofSource = inverse.narrow(1, 0, n);
        response = isHinge ? ofSource : ofSource.matmul(sourceClasses);
        signs = isHinge ? (2 * sourceClasses) - 1 : null;
    }

    /// <summary>The coefficients beta <c>[n + m, C]</c> for gaps <c>[n + m, r]</c>.</summary>
    public Tensor Minimize(Tensor gaps, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var view = gaps.t().matmul(kernel) * weight;
        var pull = inverse.matmul(gaps);
        var small = view.matmul(pull);
        small.diagonal().add_(1);
        var solved = response - pull.matmul(linalg.solve(small, view.matmul(response)));
        return (
            signs is null ? solved : solved.matmul(Multipliers(solved, signs, cancellation))
        ).MoveToOuterDisposeScope();
    }

    // Y a / 2 of every class, [n, C].
    private Tensor Multipliers(Tensor solved, Tensor signs, CancellationToken cancellation)
    {
        var n = signs.shape[0];
        var image = kernel.narrow(0, 0, n).matmul(solved);
        var form = (image + image.t()) / 4; // symmetric but for rounding
        var columns = new List<Tensor>();
        for (var c = 0; c < signs.shape[1]; c++)
        {
            var y = signs.select(1, c);
            var program = QuadraticForm.Of(form * y * y.unsqueeze(1));
            var run = new FitContext { Cancellation = cancellation };
            columns.Add(BoxQuadraticProgram.Solve(program, ones_like(y), 1, 0, n, run) * y / 2);
        }
        return stack([.. columns], 1);
    }
}
