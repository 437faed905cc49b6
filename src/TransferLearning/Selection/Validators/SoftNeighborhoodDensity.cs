using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>SND: how many others the target's rows have near them, by their predictions.</summary>
/// <remarks>
/// Predictions are brought to unit length; every row's similarities to the others become shares by a softmax at
/// <see cref="Temperature"/>, and the score is the mean entropy of the shares in nats (Saito, Kim, Teterwak, Sclaroff,
/// Darrell and Saenko 2021, "Tune it the Right Way: Unsupervised Validation of Domain Adaptation via Soft Neighborhood
/// Density"). High where a row has many neighbors alike: classes stand in dense groups. The authors' program adds 1e-5
/// inside the logarithm (<see cref="Offset"/>). A model that reads all rows as one class is perfect by it. The cost
/// grows with the square of the rows; rows are compared by blocks.
/// </remarks>
public sealed record SoftNeighborhoodDensity : IModelScore
{
    /// <summary>The temperature of the softmax, positive. Default 0.05.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.05;

    /// <summary>What is added inside the logarithm, not negative. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Offset { get; init; } = 1e-5;

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        return Of(TargetPredictions.Of(extractor, predictor, domains).Probabilities);
    }

    /// <summary>The score of some predictions.</summary>
    /// <param name="probabilities">The class probabilities <c>[n, C]</c> of at least 2 rows.</param>
    public double Of(Tensor probabilities)
    {
        Guard.Rows(probabilities, least: 2);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(probabilities.detach().to(float64), dim: 1);
        var sum = 0.0;
        foreach (var (start, count) in RowBlocks.Of(unit.shape[0], unit.shape[0]))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var logits = unit.narrow(0, start, count).mm(unit.t()) / Temperature;
            // A row is no neighbor of itself: its own similarity is the least that there is.
            var own = arange(start, start + count, ScalarType.Int64, unit.device).unsqueeze(1);
            logits = logits.scatter(1, own, full([count, 1], -1 / Temperature, float64, unit.device));
            var shares = logits.softmax(1);
            sum -= (shares * (shares + Offset).clamp_min(double.Epsilon).log()).sum().item<double>();
        }
        return sum / unit.shape[0];
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
