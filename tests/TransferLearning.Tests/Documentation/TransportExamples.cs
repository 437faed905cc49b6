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
    private readonly LabeledDomain source = Toy.Source(rows: 160);
    private readonly LabeledDomain secondSource = Toy.Source(rows: 120, seed: 5);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void JointTransportMap()
    {
        using var model = new AdaptationBuilder()
            .Map(new JointTransportMap { Penalty = 0.1, MaxSteps = 20 })
            .Learn(new NearestNeighbor())
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
    public void JointClassProportionOptimalTransport()
    {
        using var model = new AdaptationBuilder()
            .Add(new JointClassProportionOptimalTransport { Regularization = 0.5 })
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void GaussianBarycenterAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new GaussianBarycenterAlignment())
            .Learn(new NearestNeighbor())
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void SubstructuralOptimalTransport()
    {
        using var model = new AdaptationBuilder()
            .Add(new SubstructuralOptimalTransport { TargetParts = 20 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CoOptimalTransport()
    {
        var narrow = source.Inputs.narrow(1, 0, 2);
        using var map = new CoOptimalTransport().Fit(narrow, target.Inputs);
        using var rows = map.Extract(narrow); // in the target's space
        Assert.Equal(target.Inputs.shape[1], rows.shape[1]);
    }

    [Fact]
    public void LinearGromovWassersteinMap()
    {
        var narrow = source.Inputs.narrow(1, 0, 2);
        using var map = new LinearGromovWassersteinMap().Fit(narrow, target.Inputs);
        using var rows = map.Extract(narrow); // in the target's space
        Assert.Equal(target.Inputs.shape[1], rows.shape[1]);
    }

    [Fact]
    public void GromovWassersteinRows()
    {
        var narrow = source.Inputs.narrow(1, 0, 2);
        using var map = new GromovWassersteinMap().Fit(narrow, target.Inputs);
        using var rows = map.Extract(narrow); // in the target's space
        Assert.Equal(target.Inputs.shape[1], rows.shape[1]);
    }

    [Fact]
    public void GromovWassersteinLabels()
    {
        var narrow = new LabeledDomain(source.Inputs.narrow(1, 0, 2), source.Labels, space: source.Space);
        var known = full(target.Count, -1, int64);
        known.narrow(0, 0, 20).copy_(labeledTarget.Labels.narrow(0, 0, 20));

        using var cost = GromovWassersteinMap.ClassCost(narrow.Labels, known); // -1 where it is not known
        var map = new GromovWassersteinMap { Solver = new GromovTransport(StructureShare: 0.5) };
        using var shares = map.Labels(narrow, target.Inputs, cost); // of the classes, [m, classes]

        Assert.InRange(shares.argmax(1).eq(labeledTarget.Labels).to(float64).mean().item<double>(), 0.7, 1);
    }

    [Fact]
    public void PartialShare()
    {
        using var model = new AdaptationBuilder()
            .Map(new OptimalTransport(new PartialTransport(0.9)))
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void NearestBrenierMap()
    {
        using var model = new AdaptationBuilder()
            .Map(
                new NearestBrenierMap
                {
                    MinStretch = 0.8,
                    MaxStretch = 1.2,
                    MaxTurns = 2,
                }
            )
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        Assert.InRange(classes.eq(labeledTarget.Labels).to(float64).mean().item<double>(), 0.8, 1);
    }
}
