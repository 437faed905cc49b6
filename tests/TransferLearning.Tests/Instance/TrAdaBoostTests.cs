using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

public sealed class TrAdaBoostTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Fit_SomeSourceRowsContradictTheTarget_TheirWeightFades(int classes)
    {
        // Half of the source has its labels moved on by one class.
        var (inputs, labels) = Toy.Clouds(200, 1, classes);
        var wrong = cat([labels.narrow(0, 0, 100), (labels.narrow(0, 100, 100) + 1).remainder(classes)]);
        var source = new LabeledDomain(inputs, wrong, space: LabelSpace.Classes(classes));
        var (few, fewLabels) = Toy.Clouds(40, 2, classes);
        var target = new LabeledDomain(few, fewLabels, space: LabelSpace.Classes(classes));

        using var vote = new TrAdaBoost(new LogisticRegression()) { Rounds = 20 }.Fit(source, target);

        Assert.Equal(20, vote.Rounds.Count);
        Assert.True(vote.Rounds[^1].SourceShare < vote.Rounds[0].SourceShare);
        var (test, testLabels) = Toy.Clouds(400, 3, classes);
        Assert.True(vote.Predict(test).argmax(1).eq(testLabels).to(float64).mean().item<double>() > 0.9);
    }

    [Fact]
    public void Fit_RowOfWeightZero_MightAsWellBeMissing()
    {
        var (inputs, labels) = Toy.Clouds(61, 1);
        var source = new LabeledDomain(inputs, labels, cat([ones(60), zeros(1)]));
        var (few, fewLabels) = Toy.Clouds(12, 2);
        var target = new LabeledDomain(few, fewLabels);
        var seen = new List<double>();
        var spy = new Spy(seen);

        using var vote = new TrAdaBoost(spy) { Rounds = 3 }.Fit(source, target);

        Assert.Equal([0.0, 0, 0], seen); // the weight of source row 60 in every round
    }

    [Fact]
    public void Fit_TwoRunsOnTheSameRows_AreTheSame()
    {
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 10));
        var boosting = new TrAdaBoost(new RidgeRegression()) { Rounds = 6 };

        using var first = boosting.Fit(source, target);
        using var second = boosting.Fit(source, target);

        Assert.Equal(first.Rounds, second.Rounds);
    }

    [Fact]
    public void Vote_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 10));
        BoostedVote? vote = new TrAdaBoost(new RidgeRegression()) { Rounds = 5 }.Fit(source, target);
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("vote", ref vote);
            saving.Write(folder.File("vote"));
        }
        using var loading = StateBag.Read(folder.File("vote"));
        BoostedVote? loaded = null;
        loading.Part("vote", ref loaded);

        Assert.True(loaded!.Predict(source.Inputs).equal(vote!.Predict(source.Inputs)).all().item<bool>());
        Assert.Equal(vote.Rounds, loaded.Rounds);
    }

    [Fact]
    public void Plan_WrongSettingsAndNoTargetLabels_ListsBoth()
    {
        var chain = new AdaptationBuilder().Add(new TrAdaBoost(new RidgeRegression()) { Rounds = 0 });

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels())
        );

        Assert.Equal(2, fault.Faults.Count);
    }

    public void Dispose() => scope.Dispose();

    private sealed class Spy(List<double> seen) : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data)
        {
            seen.Add(data.Weights![60].item<float>());
            return new RidgeRegression().Fit(data);
        }
    }
}
