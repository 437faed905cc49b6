using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages about transport, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class TransportExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabelledDomain source = Toy.Source(rows: 160);
    private readonly LabelledDomain secondSource = Toy.Source(rows: 120, seed: 5);
    private readonly LabelledDomain labelledTarget = Toy.LabelledTarget();

    private UnlabelledDomain target => labelledTarget.WithoutLabels();

    [Fact]
    public void JointTransportMap()
    {
        using var model = new AdaptationBuilder()
            .Map(new JointTransportMap { Penalty = 0.1, MostSteps = 20 })
            .Learn(new NearestNeighbour())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TransportLabelPropagation()
    {
        using var model = new AdaptationBuilder()
            .Add(
                new TransportLabelPropagation(new LogisticRegression(), new EntropicTransport(0.5))
                {
                    KeepsShares = true,
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void GradualSelfTraining()
    {
        using var model = new AdaptationBuilder()
            .Add(new GradualSelfTraining(new LogisticRegression()) { Steps = 5 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void JointProportionTransport()
    {
        using var model = new AdaptationBuilder()
            .Add(new JointProportionTransport { Regularization = 0.5 })
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void GaussianBarycentreAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new GaussianBarycentreAlignment())
            .Learn(new NearestNeighbour())
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void SubstructuralTransport()
    {
        using var model = new AdaptationBuilder()
            .Add(new SubstructuralTransport { TargetParts = 20 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LinearGromovMap()
    {
        var narrow = source.Inputs.narrow(1, 0, 2);
        using var map = new LinearGromovMap().Fit(narrow, target.Inputs);
        using var rows = map.Extract(narrow); // in the target's space
        Assert.Equal(target.Inputs.shape[1], rows.shape[1]);
    }

    [Fact]
    public void NearestBrenierMap()
    {
        using var model = new AdaptationBuilder()
            .Map(
                new NearestBrenierMap
                {
                    LeastStretch = 0.8,
                    MostStretch = 1.2,
                    MostTurns = 2,
                }
            )
            .Learn(new NearestNeighbour())
            .Fit(source, target);
        Reads(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labelledTarget.Inputs);
        Assert.InRange(classes.eq(labelledTarget.Labels).to(float64).mean().item<double>(), 0.8, 1);
    }
}
