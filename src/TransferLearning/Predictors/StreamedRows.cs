using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// What weighted least squares takes from labeled rows, gathered over one pass of them however many there are.
/// </summary>
/// <remarks>
/// The rows <c>sqrt(w_i) (1, x_i, y_i)</c>, one below the other, are <c>Q R</c>, and R is all that is kept: a block of
/// rows below the R of those before has the R of all (Golub and Van Loan, "Matrix Computations", section 5.2). Its
/// first row holds the means; what is below are rows about their means that have the same products, <c>X'X</c> and
/// <c>X'Y</c>, and no digits are lost by squaring. Memory: <c>(1 + d + k)^2</c> and a block of rows.
/// </remarks>
internal sealed class StreamedRows
{
    // Below this share of the mean's square the variance of a feature is rounding.
    private const double Rounding = 1e-26;

    private StreamedRows(Tensor factor, long width)
    {
        var targets = factor.shape[1] - 1 - width;
        var means = factor[0] / factor[0, 0];
        (Mean, TargetMean) = (means.narrow(0, 1, width), means.narrow(0, 1 + width, targets));
        var below = factor.narrow(0, 1, factor.shape[0] - 1);
        var (rows, weight) = (below.narrow(1, 1, width), factor[0, 0].square());
        // Of a feature that does not vary nothing is left, whatever the reflections leave of it.
        var varies = rows.square().sum(dim: 0) > Mean.square() * weight * Rounding;
        (Rows, Targets) = (rows * varies.to(float64), below.narrow(1, 1 + width, targets));
        var variance = (Rows.square().sum() / weight).item<double>();
        Spread = variance > 0 ? Math.Sqrt(variance) : 1;
    }

    /// <summary>The rows' weighted mean <c>[d]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>The targets' weighted mean <c>[k]</c>.</summary>
    public Tensor TargetMean { get; }

    /// <summary>Rows <c>[r, d]</c> with the products of the weighted rows less their mean.</summary>
    public Tensor Rows { get; }

    /// <summary>Targets <c>[r, k]</c> that belong to them.</summary>
    public Tensor Targets { get; }

    /// <summary>The root of the rows' mean squared distance from their mean; 1 where all rows coincide.</summary>
    public double Spread { get; }

    /// <summary>Reads a domain; what it makes belongs to the caller's scope.</summary>
    public static StreamedRows Of(LabeledDomain data)
    {
        var (width, _) = RowShape.Of(data.Rows);
        var roots = RelativeWeights.Of(data).sqrt().unsqueeze(1);
        Tensor? factor = null;
        // Shorter blocks than the factor is would make its renewal the larger part of the work.
        var columns = 1 + width + data.Space.Width;
        var length = Math.Max(columns, RowBlocks.Length(3 * columns));
        for (long start = 0; start < data.Count; start += length)
        {
            var count = Math.Min(length, data.Count - start);
            Canceling.Check();
            using var pass = NewDisposeScope();
            var rows = BatchedPass.Read(data.Rows, start, count).to(float64);
            Guard.Fitted(rows, width);
            var y = LabelTargets.Of(data.Labels.narrow(0, start, count), data.Space, float64);
            var root = roots.narrow(0, start, count).to(rows.device);
            var block = cat([root, rows * root, y.to(rows.device) * root], 1);
            var all = factor is null ? block : cat([factor, block]);
            factor?.Dispose();
            factor = linalg.qr(all, linalg.QRMode.R).R.MoveToOuterDisposeScope();
        }
        return new StreamedRows(factor!, width);
    }

    /// <summary>The predictor of rows as they came, from weights W for rows and targets about their means.</summary>
    public LinearPredictor Predictor(Tensor weight, ScoreKind kind) =>
        new(weight, TargetMean - Mean.unsqueeze(0).matmul(weight).squeeze(0), kind);
}
