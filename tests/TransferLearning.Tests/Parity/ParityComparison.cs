using static TorchSharp.torch;

namespace TransferLearning.Tests.Parity;

/// <summary>
/// Compares tensors at a fixture's tolerance: <c>|x - reference| &lt;= absolute + relative |reference|</c>.
/// </summary>
internal static class ParityComparison
{
    /// <summary>The first disagreement in words, or null.</summary>
    public static string? Difference(
        string name,
        Tensor actual,
        Tensor expected,
        double relative,
        double absolute,
        string? rule
    )
    {
        using var scope = NewDisposeScope();
        var x = actual.detach().to(float64).cpu();
        var reference = expected.to(float64);
        if (x.numel() == 1 && reference.numel() == 1)
        {
            x = x.reshape(reference.shape);
        }
        if (!x.shape.SequenceEqual(reference.shape))
        {
            return $"{name}: shape [{string.Join(", ", x.shape)}], expected [{string.Join(", ", reference.shape)}]";
        }
        if (rule is not null && rule.Contains("per-column sign", StringComparison.Ordinal))
        {
            x *= sign((x * reference).sum(dim: 0, keepdim: true));
        }
        else if (rule is not null && rule.Contains("row and column signs", StringComparison.Ordinal))
        {
            (x, reference) = (x.abs(), reference.abs());
        }
        var excess = (x - reference).abs() - (absolute + (relative * reference.abs()));
        if (excess.numel() == 0 || (!excess.isnan().any().item<bool>() && excess.max().ToDouble() <= 0))
        {
            return null;
        }
        var worst = excess.reshape(-1).nan_to_num(double.MaxValue).argmax().ToInt64();
        var (got, wanted) = (x.reshape(-1)[worst].ToDouble(), reference.reshape(-1)[worst].ToDouble());
        return $"{name}: {got:R}, expected {wanted:R} (entry {worst})";
    }
}
