using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Stages that pass the rows through something as it is.</summary>
public sealed class FixedMapTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Flatten_AtTheHead_LetsAChainStartWithImages()
    {
        var (source, target) = (Toy.Images(rows: 64), Toy.Images(rows: 48, seed: 4));
        using var folder = new TemporaryFolder();
        using var model = new AdaptationBuilder()
            .Flatten()
            .Learn(new LogisticRegression())
            .Fit(source, target.WithoutLabels());

        model.Save(folder.File("model"));
        using var again = AdaptedModel.Load(folder.File("model"));

        Assert.Equal([48L, 64L], model.Features(target.Inputs).shape);
        Assert.True(model.Features(target.Inputs).equal(target.Inputs.reshape(48, 64)).all().item<bool>());
        Assert.True(again.Predict(target.Inputs).equal(model.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Flatten_BeforeANetwork_TellsItsPlanTheWidth()
    {
        using var extractor = nn.Linear(63, 8);
        using var predictor = nn.Linear(8, 2);
        var chain = new AdaptationBuilder()
            .Flatten()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Images(rows: 64), Toy.Images(rows: 48).WithoutLabels())
        );

        Assert.Contains("rows of shape [64]", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_AtTheHead_IsPassedOnceInBatchesAndComesBackFromAFile()
    {
        using var network = new Counting();
        var (source, target) = (Toy.Images(rows: 64), Toy.Images(rows: 48, seed: 4));
        using var folder = new TemporaryFolder();
        using var extractor = nn.Linear(144, 8);
        using var predictor = nn.Linear(8, 2);
        var options = new FitOptions { Training = new() { Epochs = 3 } };
        using var model = new AdaptationBuilder()
            .Frozen(network, batchSize: 40)
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target.WithoutLabels(), options);

        // A rehearsal for the source and one for the target; then two batches of each.
        Assert.Equal([2, 2, 40, 24, 40, 8], network.Passed);
        Assert.True(model.Features(target.Inputs).allclose(extractor.call(network.call(target.Inputs))));
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));

        model.Save(folder.File("model"));
        using var fresh = new Counting();
        using var freshExtractor = nn.Linear(144, 8);
        using var freshPredictor = nn.Linear(8, 2);
        using var again = AdaptedModel.Load(folder.File("model"), fresh, freshExtractor, freshPredictor);
        Assert.True(again.Predict(target.Inputs).equal(model.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Frozen_OfOtherRows_IsAFaultOfThePlan()
    {
        using var network = nn.Linear(9, 4);

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Frozen(network)
                .Learn(new LogisticRegression())
                .Fit(Toy.Source(rows: 40), Toy.LabeledTarget(rows: 40).WithoutLabels())
        );

        Assert.Contains(
            "stage 1 (Frozen): the extractor does not accept rows of shape [4]",
            Assert.Single(fault.Faults),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Frozen_WithoutRows_NamesTheArgument()
    {
        using var network = nn.Linear(4, 4);
        Assert.Throws<ArgumentOutOfRangeException>("batchSize", () => new AdaptationBuilder().Frozen(network, 0));
        Assert.Throws<ArgumentNullException>(
            "extractor",
            () => new AdaptationBuilder().Frozen((nn.Module<Tensor, Tensor>)null!)
        );
    }

    public void Dispose() => scope.Dispose();

    /// <summary>A small network that counts the rows of its passes.</summary>
    private sealed class Counting : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> convolution = nn.Conv2d(1, 4, 3);

        public Counting()
            : base(nameof(Counting)) => RegisterComponents();

        public List<long> Passed { get; } = [];

        public override Tensor forward(Tensor input)
        {
            Passed.Add(input.shape[0]);
            return convolution.call(input).flatten(1);
        }
    }
}
