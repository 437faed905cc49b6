using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>MaNo: the norm of the target's predictions, normalized as their logits deserve.</summary>
/// <remarks>
/// Where the mean of <c>-log softmax</c> over rows and classes is above <see cref="Threshold"/>, logits z are taken for
/// sharp and become probabilities by a softmax; else by the gentler <c>1 + z + z^2 / 2</c>, less the row's least,
/// divided by the row's sum. The score is <c>(mean q^p)^(1/p)</c> (Xie, Odonnat, Feofanov, Deng, Zhang and An 2024,
/// "MaNo: Exploiting Matrix Norm for Unsupervised Accuracy Estimation Under Distribution Shifts"). From <c>1/C</c> up
/// to <c>C^(-1/p)</c>. Scores that are no logits count as they are.
/// </remarks>
public sealed record MatrixNormScore : IModelScore
{
    /// <summary>The exponent p, at least 1. Default 4.</summary>
    [OptionRange(AtLeast = 1)]
    public double Exponent { get; init; } = 4;

    /// <summary>The threshold of the mean of <c>-log softmax</c>. Default 5.</summary>
    [OptionRange(AtLeast = 0)]
    public double Threshold { get; init; } = 5;

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        var target = TargetPredictions.Of(extractor, predictor, domains);
        return predictor.ScoreKind == ScoreKind.Logits ? Of(target.Scores) : Norm(target.Probabilities);
    }

    /// <summary>The score of some logits.</summary>
    /// <param name="logits">The logits <c>[n, C]</c>.</param>
    public double Of(Tensor logits)
    {
        Guard.Rows(logits);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var z = logits.detach().to(float64);
        if (-z.log_softmax(1).mean().item<double>() > Threshold)
        {
            return Norm(z.softmax(1));
        }
        var taylor = 1 + z + (z.square() / 2);
        var lifted = taylor - taylor.amin([1L], keepdim: true);
        // A row of equal logits says nothing of any class.
        var sum = lifted.sum(dim: 1, keepdim: true);
        return Norm(where(sum > 0, lifted / sum, full_like(lifted, 1.0 / z.shape[1])));
    }

    private double Norm(Tensor shares) => Math.Pow(shares.pow(Exponent).mean().item<double>(), 1 / Exponent);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
