using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The least-squares kernel classifier of <see cref="ManifoldEmbeddedAlignment"/>; only the gaps change from round to round.</summary>
/// <remarks>
/// With <c>B = (E + manifold) K + shrinkage I</c>, inverted once, and the gaps G, <c>beta = (B + weight G G' K)^(-1) Y</c> is
/// <c>B^-1 Y - weight B^-1 G (I + weight G'K B^-1 G)^-1 G'K B^-1 Y</c> (Woodbury): a system of as many unknowns as there are gaps.
/// </remarks>
internal sealed class StructuralRisk
{
    private readonly Tensor kernel;
    private readonly Tensor inverse;
    private readonly Tensor response; // B^-1 Y
    private readonly double weight;

    public StructuralRisk(Tensor kernel, Tensor sourceClasses, Tensor manifold, double shrinkage, double weight)
    {
        (this.kernel, this.weight) = (kernel, weight);
        var n = sourceClasses.shape[0];
        var system = manifold.matmul(kernel);
        system.narrow(0, 0, n).add_(kernel.narrow(0, 0, n));
        system.diagonal().add_(shrinkage);
        inverse = linalg.inv(system);
        response = inverse.narrow(1, 0, n).matmul(sourceClasses);
    }

    /// <summary>The coefficients beta <c>[n + m, C]</c> for gaps <c>[n + m, r]</c>.</summary>
    public Tensor Minimise(Tensor gaps)
    {
        using var scope = NewDisposeScope();
        var view = gaps.t().matmul(kernel) * weight;
        var pull = inverse.matmul(gaps);
        var small = view.matmul(pull);
        small.diagonal().add_(1);
        return (response - pull.matmul(linalg.solve(small, view.matmul(response)))).MoveToOuterDisposeScope();
    }
}
