using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>H-score: how much of the features' spread lies between the classes.</summary>
/// <remarks>
/// <c>tr(C^-1 G)</c> of the features' covariance C and that of the rows' class means G, both with n - 1 (Bao, Li,
/// Huang, Zhang, Zheng, Zamir and Guibas 2019, "An Information-Theoretic Approach to Transferability in Task Transfer
/// Learning"). With fewer rows than features C cannot be inverted, and the score says little:
/// <see cref="IsRegularized"/> shrinks C towards a multiple of the identity by Ledoit and Wolf's share a and scores
/// <c>(1 - a) tr(C_a^-1 G)</c> (Ibrahim, Ponomareva and Mazumder 2022, "Newer is Not Always Better"), which is the
/// default. One class alone gives 0.
/// </remarks>
public sealed record HScore : ITransferabilityScore
{
    /// <summary>Whether the covariance is shrunk. Default true.</summary>
    public bool IsRegularized { get; init; } = true;

    /// <inheritdoc />
    public double Of(Tensor features, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var rows = LabeledFeatures.Checked(features, labels);
        rows = rows - rows.mean([0L]);
        var isOfClass = nn.functional.one_hot(labels).to(float64);
        var means = isOfClass.t().mm(rows) / isOfClass.sum(dim: 0).clamp_min(1).unsqueeze(1);
        var between = Statistics.Covariance(means.index_select(0, labels));
        if (!IsRegularized)
        {
            // NumPy's pseudo-inverse with the authors' threshold.
            var inverse = linalg.pinv(Statistics.Covariance(rows), rtol: 1e-15);
            return inverse.mm(between).trace().item<double>();
        }
        var (covariance, share) = LedoitWolf(rows);
        var shrunk = linalg.pinv(covariance, rtol: 1e-15, hermitian: true);
        return (1 - share) * shrunk.mm(between).trace().item<double>();
    }

    /// <summary>Ledoit and Wolf's covariance (2004) of centered rows, with n, and the share of its shrinking.</summary>
    private static (Tensor Covariance, double Share) LedoitWolf(Tensor rows)
    {
        var (n, d) = (rows.shape[0], rows.shape[1]);
        var covariance = rows.t().mm(rows) / n;
        var mean = covariance.trace().item<double>() / d;
        var squares = rows.square();
        var fourth = squares.t().mm(squares).sum().item<double>();
        var second = rows.t().mm(rows).square().sum().item<double>() / ((double)n * n);
        var spread = ((fourth / n) - second) / ((double)d * n);
        var distance = (second - (2 * mean * covariance.trace().item<double>()) + (d * mean * mean)) / d;
        // Of one feature, or of features that are a multiple of the identity, rounding alone is left.
        var share = distance > 1e-12 * second / d ? Math.Clamp(Math.Min(spread, distance) / distance, 0, 1) : 0;
        return ((covariance * (1 - share)) + (eye(d, dtype: float64, device: rows.device) * (share * mean)), share);
    }
}
