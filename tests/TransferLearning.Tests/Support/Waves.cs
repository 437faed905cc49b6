using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Small domains of three classes by formula, so that other programs can compute on the same numbers.
/// </summary>
internal static class Waves
{
    /// <summary>
    /// Entry (i, j) is <c>sin(0.7 (i + 1) (j + 2) + 0.3 j)</c>, class i mod 3 moves rows by its number times (1, 0,
    /// 0.5, 0); 12 x 4.
    /// </summary>
    public static LabeledDomain Source()
    {
        var labels = arange(12, dtype: int64).remainder(3);
        var move = tensor([1.0, 0, 0.5, 0], dtype: float64);
        return new LabeledDomain(Of(12, 0.7, 0.3) + (labels.to(float64).unsqueeze(1) * move), labels);
    }

    /// <summary>
    /// Entry (i, j) is <c>sin(0.9 (i + 1) (j + 2) + 0.1 j) + 0.2</c>, moved by (i mod 3) times (0.8, 0.3, 0.5, 0); 9 x
    /// 4.
    /// </summary>
    public static Tensor Target()
    {
        var classes = arange(9, dtype: float64).remainder(3).unsqueeze(1);
        return Of(9, 0.9, 0.1) + (classes * tensor([0.8, 0.3, 0.5, 0], dtype: float64)) + 0.2;
    }

    /// <summary>Entry k, counted row by row, is <c>sin(1.3 k + start) + 0.1 start cos(0.7 k)</c>; n x d.</summary>
    public static Tensor Rows(long n, long d, double start)
    {
        var k = arange(n * d, dtype: float64).reshape(n, d);
        return ((k * 1.3) + start).sin() + ((k * 0.7).cos() * (0.1 * start));
    }

    private static Tensor Of(long rows, double slope, double shift)
    {
        var i = arange(rows, dtype: float64).unsqueeze(1);
        var j = arange(4, dtype: float64);
        return (((i + 1) * (j + 2) * slope) + (j * shift)).sin();
    }
}
