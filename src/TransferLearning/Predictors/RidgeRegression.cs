using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Linear least squares with a squared penalty, weighted; for values, or for classes as one-hot targets.
/// </summary>
/// <remarks>
/// Minimizes <c>sum_i w_i ||x_i W + b - y_i||^2 + penalty s^2 ||W||^2</c>, weights with mean 1; the intercept is not
/// penalized (Hoerl and Kennard 1970). s^2 is the rows' mean squared distance from their mean, so that the penalty
/// means the same in any unit; with <see cref="PenaltyScale.Absolute"/> it is left out, as in scikit-learn. Solved in
/// closed form in float64, in the smaller of the two spaces: <c>d x d</c>, or <c>n x n</c> where n is below d. Rows
/// outside memory are read once, block by block: <c>n d^2</c> operations, <c>d^2</c> memory.
/// </remarks>
/// <param name="Penalty">The penalty, not negative. Default 1.</param>
public sealed record RidgeRegression([property: OptionRange(AtLeast = 0)] double Penalty = 1) : ILabelLearner
{
    private const double Epsilon = 2.220446049250313e-16; // float64's

    /// <summary>Whether the penalty is measured in the rows' total variance s^2. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // A sum of squares tells no label's probability.
        var kind = data.Space.IsClasses ? ScoreKind.Logits : ScoreKind.Values;
        if (data.Rows is not TensorRows)
        {
            var streamed = StreamedRows.Of(data);
            var weight = Solve(streamed.Rows, streamed.Targets, PenaltyFor(streamed.Spread), data.Count);
            return streamed.Predictor(weight, kind);
        }
        Guard.Rows(data.Inputs);
        var rows = WeightedRows.Of(data);
        var w = rows.Weights.unsqueeze(1);
        var y = LabelTargets.Of(data, float64);
        var yMean = (y * w).mean([0L]);
        var root = w.sqrt();
        return rows.Predictor(
            Solve(rows.Centered * root, (y - yMean) * root, PenaltyFor(rows.Spread), data.Count),
            yMean,
            kind
        );
    }

    private double PenaltyFor(double spread) =>
        PenaltyScale == PenaltyScale.Relative ? Penalty * spread * spread : Penalty;

    // Of how many rows the system is tells which of its directions are rounding.
    private static Tensor Solve(Tensor a, Tensor b, double penalty, long rows)
    {
        if (penalty == 0)
        {
            return linalg.pinv(a, rtol: Epsilon * Math.Max(rows, a.shape[1])).matmul(b);
        }
        var isWide = a.shape[0] < a.shape[1];
        var gram = isWide ? a.matmul(a.t()) : a.t().matmul(a);
        gram.diagonal().add_(penalty);
        var factor = linalg.cholesky(gram);
        return isWide ? a.t().matmul(b.cholesky_solve(factor)) : a.t().matmul(b).cholesky_solve(factor);
    }
}
