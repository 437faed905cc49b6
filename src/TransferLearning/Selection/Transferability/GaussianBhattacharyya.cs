using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>GBC: how little the classes overlap, each taken for a normal distribution.</summary>
/// <remarks>
/// <c>-sum_{c != c'} exp(-D(c, c'))</c> with the Bhattacharyya distance
/// <c>D = 1/8 sum_k (m_k - m'_k)^2 / v_k + 1/2 sum_k log(v_k / sqrt(s_k s'_k))</c> of normal distributions with the
/// classes' means m and variances s by feature, <c>v = (s + s') / 2</c> (Pándy, Agostinelli, Uijlings, Ferrari and
/// Mensink 2022, "Transferability Estimation using Bhattacharyya Class Separability", with diagonal covariances, as in
/// most of its figures). It is not above 0. The paper first brings features to 64 dimensions by principal components.
/// A class of one row counts as one of the variance <see cref="Ridge"/>.
/// </remarks>
public sealed record GaussianBhattacharyya : ITransferabilityScore
{
    /// <summary>
    /// What is added to variances, relative to the mean variance of all features; positive. Default 1e-6.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-6;

    /// <inheritdoc />
    public double Of(Tensor features, Tensor labels)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var rows = LabeledFeatures.Checked(features, labels);
        var spread = rows.var(0, unbiased: false).mean().item<double>();
        var floor = Ridge * (spread > 0 ? spread : 1);
        var classes = LabeledFeatures
            .ByClass(rows, labels)
            .Select(some => (Mean: some.mean([0L]), Variance: some.var(0, unbiased: false) + floor))
            .ToList();
        var means = stack(classes.Select(some => some.Mean));
        var variances = stack(classes.Select(some => some.Variance));
        var logs = variances.log();
        var overlap = 0.0;
        for (long i = 1; i < classes.Count; i++)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            // This class against those before it: each pair once, none with itself.
            var (mean, variance, log) = (Before(means, i), Before(variances, i), Before(logs, i));
            var shared = (variance + variances[i]) / 2;
            var moved = ((mean - means[i]).square() / shared).sum(1) / 8;
            var widened = (shared.log() - ((log + logs[i]) / 2)).sum(1) / 2;
            overlap += (-(moved + widened)).exp().sum().item<double>();
        }
        return -2 * overlap;
    }

    private static Tensor Before(Tensor classes, long i) => classes.narrow(0, 0, i);
}
