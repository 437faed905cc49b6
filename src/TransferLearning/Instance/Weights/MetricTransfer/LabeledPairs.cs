using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Pairs of rows with a sign: 1 where their classes agree, -1 where they do not.</summary>
/// <param name="First">Row numbers <c>[p]</c>.</param>
/// <param name="Second">Row numbers <c>[p]</c>, none its first.</param>
/// <param name="Sign">Signs, float64 <c>[p]</c>.</param>
internal readonly record struct LabeledPairs(Tensor First, Tensor Second, Tensor Sign)
{
    /// <summary>
    /// All pairs, or as many as are wanted, half of each sign where there are enough. Opens no scope.
    /// </summary>
    public static LabeledPairs Of(Tensor labels, int most, RandomKey key)
    {
        var n = labels.shape[0];
        var isAll = n * (n - 1) / 2 <= most;
        var (first, second) = isAll ? Every(n, labels.device) : Drawn(labels, most, key);
        var isSame = labels.index_select(0, first).eq(labels.index_select(0, second));
        return new LabeledPairs(first, second, (isSame.to(float64) * 2) - 1);
    }

    private static (Tensor First, Tensor Second) Every(long n, Device device)
    {
        var rows = arange(n, dtype: int64, device: device);
        var upper = (rows.unsqueeze(0) > rows.unsqueeze(1)).nonzero();
        return (upper.select(1, 0), upper.select(1, 1));
    }

    // Four times as many draws as are wanted leave enough of the rarer sign unless there are a great many classes.
    private static (Tensor First, Tensor Second) Drawn(Tensor labels, int most, RandomKey key)
    {
        using var generator = key.Generator();
        var n = labels.shape[0];
        var draws = rand([4L * most, 2], dtype: float64, generator: generator).to(labels.device);
        var rows = (draws * n).to(int64).clamp_max(n - 1);
        var (a, b) = (rows.select(1, 0), rows.select(1, 1));
        var isSame = labels.index_select(0, a).eq(labels.index_select(0, b));
        Tensor Some(Tensor isWanted)
        {
            var places = isWanted.nonzero().squeeze(1);
            return places.narrow(0, 0, Math.Min(places.shape[0], most / 2));
        }
        var kept = cat([Some(isSame.logical_and(a.ne(b))), Some(isSame.logical_not())]);
        return (a.index_select(0, kept), b.index_select(0, kept));
    }
}
