using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Rows about their weighted mean, in float64, and their spread s, the root of the mean squared distance from it:
/// <c>s^2 = sum_i w_i ||x_i - m||^2 / sum_i w_i</c>, the total variance.
/// </summary>
internal sealed class WeightedRows
{
    private WeightedRows(Tensor centered, Tensor mean, Tensor weights, double spread) =>
        (Centered, Mean, Weights, Spread) = (centered, mean, weights, spread);

    /// <summary>The rows less their mean <c>[n, d]</c>.</summary>
    public Tensor Centered { get; }

    /// <summary>The weighted mean <c>[d]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>The weights <c>[n]</c> relative to their mean.</summary>
    public Tensor Weights { get; }

    /// <summary>s; 1 where all rows coincide.</summary>
    public double Spread { get; }

    /// <summary>Reads a domain; what it makes belongs to the caller's scope.</summary>
    public static WeightedRows Of(LabeledDomain data)
    {
        var x = data.Inputs.to(float64);
        var w = RelativeWeights.Of(data);
        var column = w.unsqueeze(1) / w.shape[0];
        var mean = (x * column).sum(dim: 0);
        var centered = x - mean;
        var variance = (centered.square() * column).sum().item<double>();
        return new WeightedRows(centered, mean, w, variance > 0 ? Math.Sqrt(variance) : 1);
    }

    /// <summary>
    /// The predictor <c>x W + b</c> of rows as they came, from weights W and an intercept for centered rows.
    /// </summary>
    public LinearPredictor Predictor(Tensor weight, Tensor intercept, ScoreKind kind)
    {
        var bias = intercept - Mean.unsqueeze(0).matmul(weight).squeeze(0);
        return new LinearPredictor(weight, bias, kind);
    }
}
