using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Rows about their weighted mean, in float64, and their spread s, the root of the mean squared distance from it:
/// <c>s^2 = sum_i w_i ||x_i - m||^2 / sum_i w_i</c>, the total variance.
/// </summary>
internal sealed class WeightedRows
{
    private readonly ScalarType type;

    private WeightedRows(Tensor centered, Tensor mean, Tensor weights, double spread, ScalarType type) =>
        (Centered, Mean, Weights, Spread, this.type) = (centered, mean, weights, spread, type);

    /// <summary>The rows less their mean <c>[n, d]</c>.</summary>
    public Tensor Centered { get; }

    /// <summary>The weighted mean <c>[d]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>The weights <c>[n]</c> as they came, or ones.</summary>
    public Tensor Weights { get; }

    /// <summary>s; 1 where all rows coincide.</summary>
    public double Spread { get; }

    /// <summary>Reads a domain; what it makes belongs to the caller's scope.</summary>
    public static WeightedRows Of(LabelledDomain data)
    {
        var x = data.Inputs.to(float64);
        var w = (data.Weights ?? ones(data.Count, device: x.device)).to(float64);
        var share = (w / w.sum()).unsqueeze(1);
        var mean = (x * share).sum(dim: 0);
        var centered = x - mean;
        var variance = (centered.square() * share).sum().item<double>();
        return new WeightedRows(centered, mean, w, variance > 0 ? Math.Sqrt(variance) : 1, data.Inputs.dtype);
    }

    /// <summary>The predictor <c>x W + b</c> of rows as they came, from weights W and an intercept for centered rows.</summary>
    public LinearPredictor Predictor(Tensor weight, Tensor intercept)
    {
        var bias = intercept - Mean.unsqueeze(0).matmul(weight).squeeze(0);
        return new LinearPredictor(weight.to(type), bias.to(type));
    }
}
