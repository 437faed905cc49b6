#pragma warning disable TL1003 // experimental methods are tested, too
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the shallow maps' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ShallowMappingExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 160);
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 8, seed: 9);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void HeterogeneousSpectralMapping_OfPairs()
    {
        var (pairs, otherPairs) = (source.Inputs.narrow(0, 0, 40), labeledTarget.Inputs.narrow(0, 0, 40));
        var (ofSource, ofTarget) = new HeterogeneousSpectralMapping { Components = 2 }.Fit(pairs, otherPairs);
        using var known = ofSource.Extract(source.Inputs);
        using var unknown = ofTarget.Extract(target.Inputs); // in the same space
        Assert.Equal(known.shape[1], unknown.shape[1]);
    }

    [Fact]
    public void HeterogeneousSpectralMapping()
    {
        var narrow = source.WithInputs(source.Inputs.narrow(1, 0, 2));
        using var model = new AdaptationBuilder()
            .Add(new HeterogeneousSpectralMapping { Components = 1 })
            .Learn(new LogisticRegression())
            .FitFewShot(narrow.PadColumns(4), target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void SemiSupervisedFeatureAugmentation()
    {
        var narrow = source.WithInputs(source.Inputs.narrow(1, 0, 2));
        using var machine = new SemiSupervisedFeatureAugmentation { UnlabeledCost = 0.01 }.Classify(
            narrow,
            fewLabeled,
            target.Inputs
        );
        using var scores = machine.Predict(target.Inputs);
        Assert.InRange(scores.argmax(1).eq(labeledTarget.Labels).to(float64).mean().item<double>(), 0.8, 1);
    }

    [Fact]
    public void HeterogeneousFeatureAugmentation()
    {
        var narrow = source.WithInputs(source.Inputs.narrow(1, 0, 2));
        using var model = new AdaptationBuilder()
            .Add(new HeterogeneousFeatureAugmentation())
            .FitFewShot(narrow.PadColumns(4), target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void JointDistributionAdaptation()
    {
        using var model = new AdaptationBuilder()
            .Map(new JointDistributionAdaptation { Components = 3, Rounds = 5 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BalancedDistributionAdaptation()
    {
        using var model = new AdaptationBuilder()
            .Map(new BalancedDistributionAdaptation { WeighsClasses = true, Components = 3 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void JointGeometricalAndStatisticalAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new JointGeometricalAndStatisticalAlignment { Components = 2, SubspaceWeight = 100 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ManifoldEmbeddedDistributionAlignment()
    {
        using var model = new AdaptationBuilder()
            .Add(new ManifoldEmbeddedDistributionAlignment { Components = 2, Rounds = 5 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TransferJointMatching()
    {
        using var model = new AdaptationBuilder()
            .Map(new TransferJointMatching { Kernel = new GaussianKernel(), Components = 4 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void EasyTransferLearning()
    {
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Add(new EasyTransferLearning())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SemiSupervisedTransferComponentAnalysis()
    {
        using var model = new AdaptationBuilder()
            .Map(new SemiSupervisedTransferComponentAnalysis { Components = 4, Scale = ComponentScale.UnitWeights })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void StructuralCorrespondenceLearning()
    {
        using var model = new AdaptationBuilder()
            .Map(new StructuralCorrespondenceLearning { Pivots = 2, Scale = 0.5 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SubspaceAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new SubspaceAlignment { Components = 2 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void GeodesicFlowKernel()
    {
        using var model = new AdaptationBuilder()
            .Map(new GeodesicFlowKernel { Components = 2 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void FeatureAugmentation()
    {
        using var model = new AdaptationBuilder()
            .Map(new FeatureAugmentation())
            .Learn(new LogisticRegression())
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void LocationScale()
    {
        using var model = new AdaptationBuilder()
            .Map(new LocationScale())
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void Standardize()
    {
        using var model = new AdaptationBuilder()
            .Map(new Standardize { PerDomain = true })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void UnitLength()
    {
        using var model = new AdaptationBuilder()
            .Map(new UnitLength())
            .Map(new JointDistributionAdaptation { Components = 3 })
            .Map(new UnitLength())
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void OptimalTransport()
    {
        using var model = new AdaptationBuilder()
            .Map(new OptimalTransport(new GroupLassoTransport(0.05, 0.01)) { NormalizesCost = true })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void JointDistributionOptimalTransport()
    {
        using var model = new AdaptationBuilder()
            .Add(new JointDistributionOptimalTransport { MaxTurns = 5 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MiniBatchTransport()
    {
        using var model = new AdaptationBuilder()
            .Map(new MiniBatchTransport { BatchSize = 64, Passes = 5 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LinearMongeMap()
    {
        using var model = new AdaptationBuilder()
            .Map(new LinearMongeMap())
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void InvariantFeatureSelection()
    {
        using var selection = new InvariantFeatureSelection().Fit(source.Inputs, target.Inputs);
        using var rows = selection.Extract(target.Inputs); // without the features that tell the domains apart
        Assert.InRange(rows.shape[1], 1, 3);
    }

    [Fact]
    public void SourcePrediction()
    {
        using var model = new AdaptationBuilder()
            .Add(new SourcePrediction(new LogisticRegression()))
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void SpectralFeatureAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new SpectralFeatureAlignment { SharedFeatures = 2, Scale = 0.5 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MarginalizedDenoisingAutoencoder()
    {
        using var model = new AdaptationBuilder()
            .Map(new MarginalizedDenoisingAutoencoder { Corruption = 0.2, Layers = 2 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdaptationRegularization()
    {
        using var model = new AdaptationBuilder()
            .Add(new AdaptationRegularization { Loss = ClassifierLoss.Squares, Rounds = 5 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DomainInvariantPartialLeastSquares()
    {
        using var model = new AdaptationBuilder()
            .Map(new DomainInvariantPartialLeastSquares { Components = 2, Penalty = 10 })
            .Learn(new RidgeRegression(0))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ConditionalLocationScale()
    {
        using var model = new AdaptationBuilder()
            .Map(new ConditionalLocationScale())
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TransferSubspaceLearning()
    {
        using var model = new AdaptationBuilder()
            .Map(new TransferSubspaceLearning { Objective = new FisherRatio(), Components = 2 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CentralMomentDiscrepancy()
    {
        using var gap = new CentralMomentDiscrepancy().Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void SlicedWasserstein()
    {
        using var gap = new SlicedWasserstein { Directions = 64 }.Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void WassersteinDistance()
    {
        using var gap = new WassersteinDistance { Power = 2, TakesRoot = true }.Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void EnergyDistance()
    {
        using var gap = new EnergyDistance().Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void FrechetDistance()
    {
        using var gap = new FrechetDistance().Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void LinearDiscrepancy()
    {
        using var gap = new LinearDiscrepancy().Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void SinkhornDivergence()
    {
        using var gap = new SinkhornDivergence { Regularization = 2 }.Between(source.Inputs, target.Inputs);
        Assert.True(gap.item<float>() > 0);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        Assert.InRange(classes.eq(labeledTarget.Labels).to(float64).mean().item<double>(), 0.8, 1);
    }
}
