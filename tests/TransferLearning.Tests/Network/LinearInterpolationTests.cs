using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

public sealed class LinearInterpolationTests : IDisposable
{
    private static readonly double[] Inputs = [1, 2, 3, 4, 5, 6];

    private readonly DisposeScope scope = NewDisposeScope();

    // By x and 3 x: shares of 1/4 and 3/4 give 2.5 x, and are the smallest of all pairs of free factors.
    [Theory]
    [InlineData(2.5, false, 0.25, 0.75)]
    [InlineData(2.5, true, 0.25, 0.75)]
    [InlineData(4.0, false, 0.0, 1.0)] // beyond the target's model
    [InlineData(0.5, false, 1.0, 0.0)] // beyond the source's
    [InlineData(4.0, true, 0.4, 1.2)]
    public void Fit_ValuesOnALine_FindsTheFactors(double slope, bool isFree, double ofSource, double ofTarget)
    {
        var method = new LinearInterpolation(new Given(x => x * 3, ScoreKind.Values))
        {
            SourceLearner = new Given(x => x.alias(), ScoreKind.Values),
            HasFreeFactors = isFree,
        };

        using var predictor = method.Fit(Values(x => x), Values(x => slope * x));

        Assert.Equal(ofSource, predictor.SourceFactor, 1e-12);
        Assert.Equal(ofTarget, predictor.TargetFactor, 1e-12);
        var expected = 2 * (ofSource + (3 * ofTarget));
        Assert.Equal(expected, predictor.Predict(tensor([2.0]).unsqueeze(1)).item<double>(), 1e-12);
        Assert.Equal(ScoreKind.Values, predictor.ScoreKind);
    }

    [Fact]
    public void Fit_FreeFactorsOfALineAndAParabola_AreThoseOfLeastSquares()
    {
        var method = new LinearInterpolation(new Given(x => x * x, ScoreKind.Values))
        {
            SourceLearner = new Given(x => x.alias(), ScoreKind.Values),
            HasFreeFactors = true,
        };

        using var predictor = method.Fit(Values(x => x), Values(x => (2 * x) + (3 * x * x)));

        Assert.Equal(2, predictor.SourceFactor, 1e-9);
        Assert.Equal(3, predictor.TargetFactor, 1e-9);
    }

    [Fact]
    public void Fit_ModelsThatAgree_CountAlike()
    {
        using var predictor = new LinearInterpolation(new Given(x => x * 3, ScoreKind.Values)).Fit(
            Values(x => x),
            Values(x => x)
        );

        Assert.Equal((0.5, 0.5), (predictor.SourceFactor, predictor.TargetFactor));
    }

    // The source says 0.3 + 0.1 x for class 0 by logits, the target 0.9 - 0.1 x by shares of votes.
    [Fact]
    public void Fit_WeightedClasses_MixesProbabilitiesByTheRowsThatAreHeldOut()
    {
        static Tensor Both(Tensor first) => cat([first, 1 - first], 1);
        var learner = new Given(x => Both(0.9 - (x * 0.1)) * 7, ScoreKind.Votes);
        var method = new LinearInterpolation(learner)
        {
            SourceLearner = new Given(x => Both(0.3 + (x * 0.1)).log(), ScoreKind.Logits),
        };
        double[] weights = [1, 2, 1, 0, 3, 1];
        long[] labels = [1, 0, 1, 0, 0, 1];
        var rows = tensor(Inputs).unsqueeze(1);
        var target = new LabeledDomain(rows, tensor(labels), tensor(weights));

        using var predictor = method.Fit(new LabeledDomain(rows, tensor(labels)), target, FitContext.Seeded(5));

        // Two of the five rows that have weight are fitted; the other three give the share.
        Assert.Equal(2, learner.Seen.Length);
        var (pull, size) = (0.0, 0.0);
        for (var i = 0; i < Inputs.Length; i++)
        {
            var (own, other) = (0.3 + (Inputs[i] * 0.1), 0.9 - (Inputs[i] * 0.1));
            var weight = learner.Seen.Contains(Inputs[i]) ? 0 : weights[i];
            pull += weight * (own - other) * (1 - labels[i] - other);
            size += weight * (own - other) * (own - other);
        }
        var share = pull / size;
        Assert.InRange(share, 0.05, 0.95);
        Assert.Equal(share, predictor.SourceFactor, 1e-12);
        Assert.Equal(1 - share, predictor.TargetFactor, 1e-12);
        var mixed = (share * 0.5) + ((1 - share) * 0.7); // of class 0, at x = 2
        var predicted = predictor.Predict(tensor([2.0]).unsqueeze(1));
        Assert.True(predicted.allclose(tensor([mixed, 1 - mixed]).unsqueeze(0), 0, 1e-12));
        Assert.Equal(ScoreKind.Probabilities, predictor.ScoreKind);
    }

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.01, 1)]
    [InlineData(0.99, 5)]
    public void Fit_AnyShare_FitsAndHoldsARowAtLeast(double share, int fitted)
    {
        var learner = new Given(x => x * 3, ScoreKind.Values);
        var method = new LinearInterpolation(learner)
        {
            FittedShare = share,
            SourceLearner = new Given(x => x * 2, ScoreKind.Values),
        };

        method.Fit(Values(x => x), Values(x => x)).Dispose();

        Assert.Equal(fitted, learner.Seen.Length);
    }

    [Fact]
    public void Fit_TurnedClouds_ReadsTheTargetAndComesBackFromAFile()
    {
        var target = Toy.LabeledTarget();
        using var folder = new TemporaryFolder();
        using var model = new AdaptationBuilder()
            .Add(new LinearInterpolation(new LogisticRegression()))
            .FitFewShot(Toy.Source(), target.WithoutLabels(), Toy.LabeledTarget(rows: 40, seed: 9));
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));

        var accuracy = model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>();
        Assert.True(accuracy > 0.8, $"reads {accuracy} of the target");
        Assert.True(model.Predict(target.Inputs).equal(loaded.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_OfWhatItCannotInterpolate_IsRefusedBeforeTheRun()
    {
        static string Fault(LinearInterpolation method, LabeledDomain? few)
        {
            var chain = new AdaptationBuilder().Add(method);
            var (source, target) = (Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels());
            return Assert
                .Throws<InvalidAdaptationException>(() =>
                    few is null ? chain.Fit(source, target) : chain.FitFewShot(source, target, few)
                )
                .Message;
        }
        var plain = new LinearInterpolation(new LogisticRegression());

        Assert.Contains("FitFewShot", Fault(plain, null), StringComparison.Ordinal);
        Assert.Contains("at least 2", Fault(plain, Toy.LabeledTarget(rows: 1)), StringComparison.Ordinal);
        Assert.Contains(
            "values only",
            Fault(plain with { HasFreeFactors = true }, Toy.LabeledTarget(rows: 8)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "FittedShare",
            Fault(plain with { FittedShare = 1 }, Toy.LabeledTarget(rows: 8)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_BadInput_NamesIt()
    {
        var method = new LinearInterpolation(new Given(x => x * 3, ScoreKind.Values));
        var values = Values(x => x);
        var classes = new LabeledDomain(values.Inputs, arange(6, dtype: int64).remainder(2));
        void Names(string name, Action fit) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(fit).ParamName);

        Names("source", () => method.Fit(classes, values));
        Names("target", () => (method with { HasFreeFactors = true }).Fit(classes, classes));
        Names("target", () => method.Fit(values, values.WithWeights(tensor([0.0, 0, 0, 1, 0, 0]))));
        Names("FittedShare", () => (method with { FittedShare = 0 }).Fit(values, values));
        Names("Learner", () => _ = new LinearInterpolation(null!));
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Values(Func<double, double> value) =>
        new(tensor(Inputs).unsqueeze(1), tensor(Inputs.Select(value).ToArray()));

    /// <summary>Remembers the rows that it was fitted to, and answers by a formula.</summary>
    private sealed class Given(Func<Tensor, Tensor> answer, ScoreKind kind) : ILabelLearner, ILabelPredictor
    {
        public double[] Seen { get; private set; } = [];

        public ScoreKind ScoreKind => kind;

        public ILabelPredictor Fit(LabeledDomain data)
        {
            Seen = data.Inputs.data<double>().ToArray();
            return this;
        }

        public Tensor Predict(Tensor features) => answer(features);
    }
}
