using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>The joint discrepancy behind layers that oppose it.</summary>
public sealed class AdversarialJointMaximumMeanDiscrepancyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Layer ofFeatures = new(Waves.Rows(5, 4, 0.3).requires_grad_());
    private readonly Layer ofProbabilities = new(Waves.Rows(2, 3, 0.7).requires_grad_());
    private readonly (Tensor, Tensor) source = (Waves.Rows(6, 4, 0.5).requires_grad_(), Waves.Rows(6, 3, 1).softmax(1));
    private readonly (Tensor, Tensor) target = (Waves.Rows(6, 4, 2).requires_grad_(), Waves.Rows(6, 3, 3).softmax(1));

    [Fact]
    public void Between_LinearLayers_IsTorchsFigureWithTheLayersGradientTurnedRound()
    {
        var value = new AdversarialJointMaximumMeanDiscrepancy(ofFeatures, ofProbabilities).Between(source, target);
        var slopes = autograd.grad([value], [source.Item1, target.Item1, ofFeatures.Weight, ofProbabilities.Weight]);

        // Equation 11 with linear layers, differentiated by PyTorch in double: its gradients are those of the
        // discrepancy itself.
        Assert.Equal(-1.0428220920033766, value.item<double>(), 10);
        Assert.Equal(0.0005151510257770902, slopes[0][1, 2].item<double>(), 10);
        Assert.Equal(0.1495948759526677, slopes[1].norm().item<double>(), 10);
        Assert.Equal(0.041534218695363945, slopes[2][1, 2].item<double>(), 10);
        Assert.Equal(0.05955236902816625, slopes[3][1, 2].item<double>(), 10);
    }

    [Fact]
    public void Between_Identities_IsTheJointDiscrepancyBitForBit()
    {
        var plain = new JointMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased };
        var opposed = new AdversarialJointMaximumMeanDiscrepancy(
            new Layer(eye(4, 4, float64)),
            new Layer(eye(3, 3, float64))
        )
        {
            Discrepancy = plain,
        };

        Assert.Equal(plain.Between(source, target).item<double>(), opposed.Between(source, target).item<double>());
        Assert.Equal(0, opposed.Between(source, source).item<double>(), 12);
    }

    [Fact]
    public void Descent_OfTheLayers_MakesTheDiscrepancyLarger()
    {
        var objective = new AdversarialJointMaximumMeanDiscrepancy(ofFeatures, ofProbabilities);
        var before = objective.Between(source, target);
        var slope = autograd.grad([before], [ofFeatures.Weight])[0];

        var after = new AdversarialJointMaximumMeanDiscrepancy(
            new Layer(ofFeatures.Weight - (slope * (1e-3 / slope.norm()))),
            ofProbabilities
        ).Between(source, target);

        Assert.True(after.item<double>() > before.item<double>());
    }

    [Fact]
    public void Recipe_WithItsDefaults_ReadsTheTarget()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var features = new ModulePart(() => nn.Linear(8, 8));
        using var probabilities = new ModulePart(() => nn.Linear(2, 2));
        var labeled = Toy.LabeledTarget();
        var before = Toy.Bits(features, probabilities);

        using var model = Recipes
            .JanA(extractor, predictor, features, probabilities)
            .Fit([Toy.Source(), Toy.Source(seed: 7)], labeled.WithoutLabels());

        var accuracy = Evaluation.AccuracyInterval.Of(model.PredictClasses(labeled.Inputs), labeled.Labels);
        Assert.True(accuracy.Value >= 0.7, $"JAN-A reads {accuracy} of the target");
        Assert.NotEqual(before, Toy.Bits(features, probabilities));
    }

    public void Dispose() => scope.Dispose();

    private sealed class Layer(Tensor weight) : IFeatureExtractor
    {
        public Tensor Weight { get; } = weight;

        public Tensor Extract(Tensor inputs) => inputs.matmul(Weight.t());
    }
}
