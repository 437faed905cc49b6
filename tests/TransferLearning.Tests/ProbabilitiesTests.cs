using System.Reflection;
using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

public sealed class ProbabilitiesTests : IDisposable
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type> Predictors() =>
        [
            .. Exported.Where(type =>
                type is { IsInterface: false, IsAbstract: false } && typeof(ILabelPredictor).IsAssignableFrom(type)
            ),
        ];

    public static TheoryData<Type> Learners() =>
        [
            .. Exported.Where(type =>
                typeof(ILabelLearner).IsAssignableFrom(type) && PlainMethods.Shortest(type) is not null
            ),
        ];

    [Theory]
    [MemberData(nameof(Predictors))]
    public void Predictor_DeclaresTheKindOfItsScores(Type type) =>
        Assert.NotNull(type.GetProperty(nameof(ILabelPredictor.ScoreKind), typeof(ScoreKind)));

    [Theory]
    [MemberData(nameof(Learners))]
    public void Learner_OfClasses_GivesProbabilitiesThatAgreeWithItsScores(Type type)
    {
        var learner = PlainMethods.Make<ILabelLearner>(type);
        var rows = Toy.LabeledTarget(rows: 50, classes: 3).Inputs;

        var predictor = learner.Fit(Toy.Source(rows: 90, classes: 3));
        using var owned = predictor as IDisposable;
        var probabilities = predictor.PredictProbabilities(rows);

        Assert.NotEqual(ScoreKind.Values, predictor.ScoreKind);
        Assert.Equal([50L, 3L], probabilities.shape);
        Assert.True(probabilities.ge(0).all().item<bool>() && probabilities.le(1).all().item<bool>());
        Assert.True(probabilities.sum(dim: 1).allclose(ones(50)));
        Assert.True(probabilities.argmax(1).equal(predictor.Predict(rows).argmax(1)).all().item<bool>());
    }

    [Theory]
    [InlineData(ScoreKind.Logits, 0.0, 0.0, 0.6931471805599453, 0.25, 0.25, 0.5)]
    [InlineData(ScoreKind.Votes, 1.0, 3.0, 4.0, 0.125, 0.375, 0.5)]
    [InlineData(ScoreKind.Votes, -1.0, 0.0, 2.0, 0.0, 0.25, 0.75)]
    [InlineData(ScoreKind.Votes, 0.0, 0.0, 0.0, 1.0 / 3, 1.0 / 3, 1.0 / 3)]
    [InlineData(ScoreKind.Probabilities, 0.2, 0.3, 0.5, 0.2, 0.3, 0.5)]
    public void Scores_OfAKind_AreBroughtToProbabilities(
        ScoreKind kind,
        double a,
        double b,
        double c,
        double p,
        double q,
        double r
    ) => Assert.True(Probabilities.Of(tensor([a, b, c]).unsqueeze(0), kind).allclose(tensor([p, q, r]).unsqueeze(0)));

    [Fact]
    public void Values_HaveNoProbabilities()
    {
        var rows = Toy.Source(rows: 40).Inputs;
        var data = new LabeledDomain(rows, rows.select(1, 0));
        ILabelLearner[] learners = [new RidgeRegression(), new NearestNeighbor(), new DecisionTree()];
        foreach (var predictor in learners.Select(learner => learner.Fit(data)))
        {
            using var owned = predictor as IDisposable;
            Assert.Equal(ScoreKind.Values, predictor.ScoreKind);
            var fault = Assert.Throws<InvalidOperationException>(() => predictor.PredictProbabilities(rows));
            Assert.Contains("Predict", fault.Message, StringComparison.Ordinal);
        }
        using var model = new AdaptationBuilder().Learn(new RidgeRegression()).Fit(data, new UnlabeledDomain(rows));
        Assert.Throws<InvalidOperationException>(() => model.PredictProbabilities(rows));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Model_OfVotes_KeepsTheirKindInItsFile(ScalarType type)
    {
        var (source, target) = (Toy.Source(rows: 90), Toy.LabeledTarget(rows: 50));
        var rows = target.Inputs.to(type);
        using var folder = new TemporaryFolder();
        using var model = new AdaptationBuilder()
            .Learn(new NearestNeighbor(Neighbors: 4))
            .Fit(new LabeledDomain(source.Inputs.to(type), source.Labels), new UnlabeledDomain(rows));

        var probabilities = model.PredictProbabilities(rows);
        model.Save(folder.File("model"));
        using var again = AdaptedModel.Load(folder.File("model"));

        Assert.Equal(type, probabilities.dtype);
        Assert.True((probabilities * 4).allclose((probabilities * 4).round(), atol: 1e-5)); // shares of four neighbors
        Assert.True(again.PredictProbabilities(rows).equal(probabilities).all().item<bool>());
    }

    [Fact]
    public void TreeOfValues_ComesBackAsValues()
    {
        var rows = Toy.Source(rows: 40).Inputs;
        using var folder = new TemporaryFolder();
        foreach (var learner in new ILabelLearner[] { new DecisionTree(), new RidgeRegression() })
        {
            var predictor = learner.Fit(new LabeledDomain(rows, rows.select(1, 0)));
            using (var saving = StateBag.ForSaving())
            {
                saving.Part("predictor", ref predictor!);
                saving.Write(folder.File("predictor"));
            }
            using var loading = StateBag.Read(folder.File("predictor"));
            ILabelPredictor? loaded = null;
            loading.Part("predictor", ref loaded);
            Assert.Equal(ScoreKind.Values, loaded!.ScoreKind);
            ((IDisposable)loaded).Dispose();
            ((IDisposable)predictor).Dispose();
        }
    }

    [Fact]
    public void LabelShift_OfVotes_CountsThemAsShares()
    {
        var source = Toy.Source(rows: 200);
        // 30 rows of class 0 and 60 of class 1, as they are in the source.
        var rows = cat([
            source.Inputs[source.Labels.eq(0)].narrow(0, 0, 30),
            source.Inputs[source.Labels.eq(1)].narrow(0, 0, 60),
        ]);
        var weighting = new MaximumLikelihoodLabelShift { Classifier = new NearestNeighbor() };

        using var weights = weighting.Weigh(source, new UnlabeledDomain(rows), FitContext.Seeded(1));

        // Softmax of one vote would leave every row 27 % of doubt and the shares near a half.
        Assert.Equal(
            2.0,
            (weights[source.Labels.eq(1)].mean() / weights[source.Labels.eq(0)].mean()).item<float>(),
            1e-3
        );
    }

    public void Dispose() => scope.Dispose();
}
