using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>Linear least squares with a squared penalty, weighted; for values, or for classes as one-hot targets.</summary>
/// <remarks>
/// Minimises <c>sum_i w_i ||x_i W + b - y_i||^2 + penalty ||W||^2</c>, weights with mean 1; the intercept is not penalised (Hoerl and Kennard 1970). Solved
/// in closed form in float64, in the smaller of the two spaces: <c>d x d</c>, or <c>n x n</c> where n is below d.
/// </remarks>
/// <param name="Penalty">The penalty, not negative. Default 1.</param>
public sealed record RidgeRegression(double Penalty = 1) : ILabelLearner
{
    /// <inheritdoc />
    public ILabelPredictor Fit(LabelledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.NotNegative(Penalty);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = data.Inputs.to(float64);
        var y = LabelTargets.Of(data, float64);
        var w = RelativeWeights.Of(data).unsqueeze(1);
        var total = w.sum();
        var xMean = (x * w).sum(dim: 0) / total;
        var yMean = (y * w).sum(dim: 0) / total;
        var root = w.sqrt();
        var (a, b) = ((x - xMean) * root, (y - yMean) * root);
        var weight = Solve(a, b);
        var bias = yMean - xMean.unsqueeze(0).matmul(weight).squeeze(0);
        return new LinearPredictor(weight, bias);
    }

    private Tensor Solve(Tensor a, Tensor b)
    {
        if (Penalty == 0)
        {
            return linalg.pinv(a).matmul(b);
        }
        var isWide = a.shape[0] < a.shape[1];
        var gram = isWide ? a.matmul(a.t()) : a.t().matmul(a);
        gram.diagonal().add_(Penalty);
        var factor = linalg.cholesky(gram);
        return isWide ? a.t().matmul(b.cholesky_solve(factor)) : a.t().matmul(b).cholesky_solve(factor);
    }
}
