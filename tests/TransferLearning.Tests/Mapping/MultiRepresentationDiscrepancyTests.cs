using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>The discrepancy class by class of several representations, and the branches that make them.</summary>
public sealed class MultiRepresentationDiscrepancyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor source = Waves.Rows(9, 5, 0.5);
    private readonly Tensor labels = arange(9, dtype: int64).remainder(3);
    private readonly Tensor target = Waves.Rows(7, 5, 2);
    private readonly Tensor probabilities = Waves.Rows(7, 3, 1).softmax(1);

    [Fact]
    public void Between_KnownSamples_IsNumPysFigure()
    {
        // Class means of kernel values with the target's likeliest classes, in NumPy.
        Assert.Equal(7.156302363242463, Between(source, target, 2, 3).item<double>(), 10);
        Assert.Equal(3.571277938248772, Between(source, target, 5).item<double>(), 10);
    }

    [Fact]
    public void Between_EqualSamplesOfCertainClasses_IsZero()
    {
        var certain = nn.functional.one_hot(labels, 3).to(float64);

        var value = new MultiRepresentationDiscrepancy(2, 3).Between(source, labels, source, certain);

        Assert.Equal(0, value.item<double>(), 12);
    }

    [Fact]
    public void Between_OneColumnMoved_ChangesItsRepresentationAlone()
    {
        var moved = cat([target.narrow(1, 0, 2), target.narrow(1, 2, 3) * 3], 1);

        var first = Between(source.narrow(1, 0, 2), target.narrow(1, 0, 2), 2).item<double>();
        var second = Between(source.narrow(1, 2, 3), moved.narrow(1, 2, 3), 3).item<double>();

        Assert.Equal(first + second, Between(source, moved, 2, 3).item<double>(), 12);
    }

    [Fact]
    public void Between_Gradient_IsThatOfFiniteDifferences()
    {
        // Every representation's mean squared distance is kept: its width carries no gradient.
        var rows = source.clone().requires_grad_();
        var gradient = autograd.grad([Between(rows, target, 2, 3)], [rows])[0];
        var direction = Waves.Rows(9, 5, 3);
        foreach (var (start, width) in new[] { (0, 2), (2, 3) })
        {
            var part = source.narrow(1, start, width);
            var slope = part - cat([part, target.narrow(1, start, width)]).mean([0L]);
            var some = direction.narrow(1, start, width);
            some.sub_(slope * ((some * slope).sum() / slope.square().sum()));
        }
        const double Length = 1e-5;
        var rise =
            (
                Between(source + (direction * Length), target, 2, 3)
                - Between(source - (direction * Length), target, 2, 3)
            ) / (2 * Length);

        Assert.Equal(rise.item<double>(), (gradient * direction).sum().item<double>(), 1e-6);
    }

    [Fact]
    public void Widths_ThatAreNotTheFeatures_AreNamed()
    {
        Assert.Equal("widths", Assert.Throws<ArgumentException>(() => new MultiRepresentationDiscrepancy()).ParamName);
        Assert.Equal("widths", Assert.Throws<ArgumentException>(() => new MultiRepresentationDiscrepancy(0)).ParamName);
        Assert.Equal("source", Assert.Throws<ArgumentException>(() => Between(source, target, 2, 2)).ParamName);
        Assert.Equal("branches", Assert.Throws<ArgumentException>(() => new ParallelBranches()).ParamName);
    }

    [Fact]
    public void ParallelBranches_TwoLayers_StandSideBySide()
    {
        var (first, second) = (nn.Linear(4, 3), nn.Linear(4, 2));
        using var branches = new ParallelBranches(first, second);
        var rows = Waves.Rows(6, 4, 1).to(float32);

        var output = branches.call(rows);

        Assert.True(output.equal(cat([first.call(rows), second.call(rows)], 1)).all().item<bool>());
        Assert.Equal(4, branches.parameters().Count());
    }

    [Fact]
    public void Recipe_AfterTrainingOnTheSource_ReadsTheTarget()
    {
        Toy.SeedModules(5);
        using var extractor = new ModulePart(() =>
            nn.Sequential(
                nn.Linear(4, 8),
                nn.ReLU(),
                new ParallelBranches(nn.Linear(8, 4), nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4)))
            )
        );
        using var predictor = Toy.Predictor();
        var labeled = Toy.LabeledTarget();
        Recipes.FineTune(extractor, predictor).Fit(Toy.Source(), labeled.WithoutLabels()).Dispose();

        using var model = Recipes.Mran(extractor, predictor, [4, 4]).Fit(Toy.Source(), labeled.WithoutLabels());

        var accuracy = Evaluation.AccuracyInterval.Of(model.PredictClasses(labeled.Inputs), labeled.Labels);
        Assert.True(accuracy.Value >= 0.9, $"MRAN reads {accuracy} of the target");
    }

    public void Dispose() => scope.Dispose();

    private Tensor Between(Tensor some, Tensor others, params long[] widths) =>
        new MultiRepresentationDiscrepancy(widths).Between(some, labels, others, probabilities);
}
