using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>LogME: the evidence of a Bayesian linear model on the features, a row's mean in nats.</summary>
/// <remarks>
/// For every class, one against the others, or every column of values y: the evidence of <c>y = F w + noise</c> with
/// <c>w ~ N(0, 1/alpha)</c> and noise of variance <c>1/beta</c>, at the alpha and beta that maximize it, found by
/// MacKay's fixed point from <c>alpha = beta = 1</c> until <c>alpha/beta</c> changes by less than 1 %, 11 times at the
/// most; then the mean over classes or columns (You, Liu, Wang, Long 2021, "LogME: Practical Assessment of Pre-trained
/// Models for Transfer Learning"). Features are not centered, and there is no intercept. The denominators of the
/// authors' program have 1e-5 added (<see cref="Offset"/>); TLLib's have not.
/// </remarks>
public sealed record LogMaximumEvidence : ITransferabilityScore
{
    private const int Rounds = 11;

    /// <summary>What is added to denominators, not negative. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Offset { get; init; } = 1e-5;

    /// <inheritdoc />
    public double Of(Tensor features, Tensor labels)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var rows = LabeledFeatures.Checked(features, labels);
        return Mean(rows, nn.functional.one_hot(labels).to(float64));
    }

    /// <summary>Scores features for values.</summary>
    /// <param name="features">The network's features <c>[n, d]</c>.</param>
    /// <param name="values">The target's values <c>[n]</c> or <c>[n, k]</c>.</param>
    public double OfValues(Tensor features, Tensor values)
    {
        Guard.Options(this);
        Guard.Rows(features, least: 2);
        Guard.Alive(values);
        if (values.dim() is not (1 or 2) || values.shape[0] != features.shape[0])
        {
            throw new ArgumentException(
                $"values must be [n] or [n, k] beside features {Shape.Of(features)}; got {Shape.Of(values)}.",
                nameof(values)
            );
        }
        using var scope = NewDisposeScope();
        return Mean(features.detach().to(float64), values.detach().to(float64).reshape(values.shape[0], -1));
    }

    private double Mean(Tensor features, Tensor columns)
    {
        var (rows, width) = (features.shape[0], features.shape[1]);
        var (spectrum, vectors) = linalg.eigh(features.t().mm(features));
        double[] s = [.. spectrum.clamp_min(0).cpu().data<double>()];
        var projected = vectors.t().mm(features.t().mm(columns));
        var sum = 0.0;
        for (long column = 0; column < columns.shape[1]; column++)
        {
            Canceling.Check();
            using var scope = NewDisposeScope();
            double[] z = [.. projected.select(1, column).contiguous().cpu().data<double>()];
            var square = columns.select(1, column).square().sum().item<double>();
            sum += Evidence(s, z, square, rows, width);
        }
        return sum / columns.shape[1];
    }

    // All in the eigenvectors' coordinates: with w = V m, |y - F w|^2 = |y|^2 - 2 m'z + sum s m^2.
    private double Evidence(double[] s, double[] z, double square, long rows, long width)
    {
        var (alpha, beta, lambda, norm, residual) = (1.0, 1.0, 1.0, 0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var (gamma, products, fitted) = (0.0, 0.0, 0.0);
            norm = 0;
            for (var k = 0; k < s.Length; k++)
            {
                gamma += s[k] / (s[k] + lambda);
                var m = beta * z[k] / (alpha + (beta * s[k]));
                norm += m * m;
                products += m * z[k];
                fitted += s[k] * m * m;
            }
            residual = Math.Max(square - (2 * products) + fitted, 0);
            alpha = gamma / (norm + Offset);
            beta = (rows - gamma) / (residual + Offset);
            var next = alpha / beta;
            var change = Math.Abs(next - lambda) / lambda;
            lambda = next;
            if (change < 0.01)
            {
                break;
            }
        }
        var determinant = s.Sum(value => Math.Log(alpha + (beta * value)));
        var evidence =
            (width / 2.0 * Math.Log(alpha))
            + (rows / 2.0 * Math.Log(beta))
            - (0.5 * determinant)
            - (beta / 2 * (residual + Offset))
            - (alpha / 2 * (norm + Offset))
            - (rows / 2.0 * Math.Log(2 * Math.PI));
        return evidence / rows;
    }
}
