using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How far predicted values lie from the true ones.</summary>
/// <remarks>
/// Over n rows of k columns: <c>Rmse = sqrt(mean (v - y)^2)</c> and <c>Mae = mean |v - y|</c>, means over all entries;
/// <c>R2 = 1 - sum (v - y)^2 / sum (y - mean y)^2</c> in each column, averaged over the columns. A column of constant
/// values has no R2 of its own: it counts 1 where every prediction is exact and 0 elsewhere, as in scikit-learn.
/// Computed in float64.
/// </remarks>
/// <param name="Rmse">The root of the mean squared error, in the values' unit.</param>
/// <param name="Mae">The mean absolute error, in the values' unit.</param>
/// <param name="R2">The coefficient of determination: 1 is exact, 0 as good as the mean, negative is worse.</param>
/// <param name="Count">How many rows there were.</param>
public readonly record struct RegressionMetrics(double Rmse, double Mae, double R2, long Count)
{
    /// <summary>Measures some predictions.</summary>
    /// <param name="predicted">Predicted values, <c>[n]</c> or <c>[n, k]</c>.</param>
    /// <param name="values">True values, <c>[n]</c> or <c>[n, k]</c>; <c>[n]</c> goes with <c>[n, 1]</c>.</param>
    /// <exception cref="ArgumentException">The shapes do not go together, or there is no row.</exception>
    public static RegressionMetrics Of(Tensor predicted, Tensor values)
    {
        Guard.Alive(predicted);
        Guard.Alive(values);
        using var scope = NewDisposeScope();
        var (guess, truth) = (Columns(predicted), Columns(values).to(predicted.device));
        if (values.numel() == 0 || !guess.shape.SequenceEqual(truth.shape))
        {
            throw new ArgumentException(
                $"values must be [n] or [n, k] as the predictions are, at least one row; got {Shape.Of(values)} "
                    + $"beside {Shape.Of(predicted)}.",
                nameof(values)
            );
        }
        var error = guess - truth;
        var left = error.square().sum([0L]);
        var spread = (truth - truth.mean([0L], true)).square().sum([0L]);
        var isConstant = truth.amax([0L]).eq(truth.amin([0L]));
        var explained = where(isConstant, left.eq(0).to(float64), 1 - (left / spread));
        return new RegressionMetrics(
            Math.Sqrt(error.square().mean().ToDouble()),
            error.abs().mean().ToDouble(),
            explained.mean().ToDouble(),
            truth.shape[0]
        );
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"RMSE {Rmse:G4}, MAE {Mae:G4}, R2 {R2:F3} of {Count}"
        );

    private static Tensor Columns(Tensor values) => (values.dim() == 1 ? values.unsqueeze(1) : values).to(float64);
}
