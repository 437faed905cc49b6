using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>BNM as a validator: the nuclear norm of the target's predictions, relative to its largest value.</summary>
/// <remarks>
/// <c>|P|_* / sqrt(n min(n, C))</c>, from above 0 to 1: large where predictions are sure and all classes come up
/// (Musgrave, Belongie and Lim 2022, after Cui et al. 2020).
/// </remarks>
public sealed record PredictionNuclearNorm : IModelScore
{
    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        return Of(TargetPredictions.Of(extractor, predictor, domains).Probabilities);
    }

    /// <summary>The score of some predictions.</summary>
    /// <param name="probabilities">The class probabilities <c>[n, C]</c>.</param>
    public static double Of(Tensor probabilities)
    {
        Guard.Rows(probabilities);
        using var scope = NewDisposeScope();
        var (rows, classes) = (probabilities.shape[0], probabilities.shape[1]);
        var norm = linalg.svdvals(probabilities.detach().to(float64)).sum().item<double>();
        return norm / Math.Sqrt((double)rows * Math.Min(rows, classes));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
