using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.ZeroShot;

public sealed class ZeroShotTests : IDisposable
{
    private static readonly Dictionary<string, Func<ClassDescriptions, IZeroShotLearner>> Learners = new(
        StringComparer.Ordinal
    )
    {
        ["ALE"] = it => new AttributeEmbedding(it),
        ["ALE of 4 components"] = it => new AttributeEmbedding(it) { Components = 4 },
        ["ConSE"] = it => new ConvexSemanticCombination(it),
        ["DAP"] = it => new DirectAttributePrediction(it),
        ["DAP of neighbors"] = it => new DirectAttributePrediction(it, new NearestNeighbor(3)),
        ["DeViSE"] = it => new VisualSemanticEmbedding(it),
        ["ESZSL"] = it => new EmbarrassinglySimpleZeroShot(it),
        ["IAP"] = it => new IndirectAttributePrediction(it),
        ["SAE"] = it => new SemanticAutoencoder(it),
        ["SAE among features"] = it => new SemanticAutoencoder(it) { ComparesFeatures = true },
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names() => [.. Learners.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OfSeenClasses_ReadsRowsOfClassesThatItNeverSaw(string name)
    {
        var unseen = Described.Unseen();

        using var model = new AdaptationBuilder().Learn(Made(name)).Fit(Described.Source(), unseen.WithoutLabels());

        var accuracy = AccuracyInterval.Of(model.PredictClasses(unseen.Inputs), unseen.Labels);
        Assert.True(accuracy.Value >= 0.9, $"{name} reads {accuracy} of the unseen classes");
        var scores = model.Predict(unseen.Inputs);
        Assert.True(scores.narrow(1, 0, Described.Seen).isneginf().all().item<bool>());
        Assert.True(scores.narrow(1, Described.Seen, 2).isfinite().all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_WithoutAPenalty_ScoresAllClassesAlikeInBothDtypesAndFromAFile(string name)
    {
        var (source, all) = (Described.Source(), Described.All());
        using var folder = new TemporaryFolder();
        using var model = new AdaptationBuilder().Learn(Made(name).WithSeenPenalty(0)).Fit(source, all.WithoutLabels());
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));
        var wide = Made(name).WithSeenPenalty(0).Fit(source.WithInputs(source.Inputs.to(float64)));

        var scores = model.Predict(all.Inputs);

        Assert.True(scores.isfinite().all().item<bool>());
        Assert.True(scores.equal(loaded.Predict(all.Inputs)).all().item<bool>());
        Assert.True(wide.Predict(all.Inputs.to(float64)).allclose(scores.to(float64), 1e-3, 1e-3));
        Assert.Equal((ScalarType.Float32, 12L), (scores.dtype, scores.shape[1]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OfRowsWithoutWeight_DoesNotLookAtThem(string name)
    {
        var source = Described.Source();
        var weights = arange(source.Count).remainder(5).gt(0).to(float32);
        var changed = where(weights.gt(0).unsqueeze(1), source.Inputs, Described.Unseen(source.Count).Inputs);
        var rows = Described.Unseen().Inputs;
        Tensor Scores(Tensor inputs, Tensor? of) =>
            Made(name).WithSeenPenalty(0).Fit(source.WithInputs(inputs).WithWeights(of)).Predict(rows);

        var scores = Scores(source.Inputs, weights);

        Assert.True(scores.allclose(Scores(changed, weights), 1e-4, 1e-4));
        Assert.True(scores.allclose(Scores(changed, weights * 1000), 1e-4, 1e-4));
        Assert.False(scores.allclose(Scores(changed, null), 1e-3, 1e-3));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OfOtherClassesThanDescribed_SaysWhatToDo(string name)
    {
        var (source, target) = (Described.Source(), Described.Unseen().WithoutLabels());
        var fewer = new LabeledDomain(source.Inputs, source.Labels);

        var fault = Assert.Throws<ArgumentException>(() => Made(name).Fit(fewer));
        Assert.Contains("LabelSpace.Classes(12)", fault.Message, StringComparison.Ordinal);
        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Learn(Made(name)).Fit(fewer, target)
        );
        Assert.Contains("LabelSpace.Classes(12)", refused.Message, StringComparison.Ordinal);
        fault = Assert.Throws<ArgumentException>(() => Made(name).Fit(Described.All()));
        Assert.Contains("all 12 are seen", fault.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => Made(name).Fit(source).Predict(zeros(2, 3)));
    }

    [Theory]
    [InlineData("DAP")]
    [InlineData("IAP")]
    public void Fit_OfRealAttributes_AsksForBinaryOnes(string name)
    {
        var halves = new ClassDescriptions(Described.Classes().Vectors / 2);

        var fault = Assert.Throws<ArgumentException>(() => Learners[name](halves).Fit(Described.Source()));

        Assert.Contains("Binary()", fault.Message, StringComparison.Ordinal);
        Assert.True(halves.Binary(0.3).Vectors.equal(Described.Classes().Vectors).all().item<bool>());
        Assert.True(halves.Binary().Vectors.equal(Described.Classes().Vectors).all().item<bool>());
    }

    [Fact]
    public void ConvexSemanticCombination_OfALionlikeTigerlikeRow_IsALiger()
    {
        string[] animals = ["lion", "tiger", "liger", "wolf"];
        using var generator = new RandomKey(4).Generator();
        var words = randn([3, 50], dtype: float64, generator: generator); // lion, tiger, wolf
        var liger = (words[0] + words[1] + (randn([50], dtype: float64, generator: generator) * 0.3)) / 2;
        var descriptions = stack([words[0], words[1], liger, words[2]]);
        var learner = new ConvexSemanticCombination(
            new ClassDescriptions(descriptions),
            new Fixed(
                tensor(
                    new[,]
                    {
                        { 0.55, 0.45 },
                    }
                )
            )
        );
        var data = new LabeledDomain(
            eye(2, dtype: float64),
            arange(2, dtype: int64),
            space: LabelSpace.Classes(animals)
        );

        var scores = learner.WithSeenPenalty(0).Fit(data).Predict(zeros(1, 2, dtype: float64));

        Assert.Equal("liger", animals[scores.argmax(1).item<long>()]); // ahead of the lion itself
        var expected = nn.functional.cosine_similarity(
            ((words[0] * 0.55) + (words[1] * 0.45)).unsqueeze(0),
            descriptions,
            1
        );
        Assert.True(scores.squeeze(0).allclose(expected, 1e-12));
    }

    [Fact]
    public void SemanticAutoencoder_Solution_IsWhereTheSlopeOfItsErrorVanishes()
    {
        using var generator = new RandomKey(5).Generator();
        var (x, s) = (
            randn([30, 6], dtype: float64, generator: generator),
            randn([30, 4], dtype: float64, generator: generator)
        );
        const double Balance = 0.7;
        var w = SemanticAutoencoder.Solve(x, s, Balance).requires_grad_();

        var error = (x - s.matmul(w)).square().sum() + ((x.matmul(w.t()) - s).square().sum() * Balance);

        var slope = autograd.grad([error], [w])[0];
        Assert.True(slope.abs().max().item<double>() < 1e-9 * error.item<double>());
    }

    [Fact]
    public void SemanticAutoencoder_OfFeaturesAndDescriptionsOfOtherUnits_ScoresAlike()
    {
        var (source, rows) = (Described.Source(), Described.Unseen().Inputs.to(float64));
        var wide = source.WithInputs(source.Inputs.to(float64));
        var others = new ClassDescriptions(Described.Classes().Vectors * 30);

        var scores = new SemanticAutoencoder(Described.Classes()).Fit(wide).Predict(rows);
        var scaled = new SemanticAutoencoder(others).Fit(wide.WithInputs(wide.Inputs * 255)).Predict(rows * 255);

        Assert.True(scores.narrow(1, Described.Seen, 2).allclose(scaled.narrow(1, Described.Seen, 2), 1e-9));
    }

    [Fact]
    public void EmbarrassinglySimple_Solution_IsWhereTheSlopeOfItsErrorVanishes()
    {
        using var generator = new RandomKey(6).Generator();
        Tensor Random(long n, long d) => randn([n, d], dtype: float64, generator: generator);
        var (x, y, s) = (Random(20, 6), Random(20, 5), Random(5, 4));
        var w = EmbarrassinglySimpleZeroShot.Solve(x, y, s, 0.5, 2).requires_grad_();

        // Equation 5 of the paper with its beta = gamma lambda.
        var error =
            (x.matmul(w).matmul(s.t()) - y).square().sum()
            + (w.matmul(s.t()).square().sum() * 0.5)
            + (x.matmul(w).square().sum() * 2)
            + w.square().sum();

        Assert.True(autograd.grad([error], [w])[0].abs().max().item<double>() < 1e-9);
        Assert.True(
            EmbarrassinglySimpleZeroShot
                .Solve(x.narrow(0, 0, 3), y.narrow(0, 0, 3), s)
                .allclose(
                    EmbarrassinglySimpleZeroShot.Solve(
                        cat([x.narrow(0, 0, 3), zeros(9, 6, dtype: float64)]),
                        cat([y.narrow(0, 0, 3), zeros(9, 5, dtype: float64)]),
                        s
                    )
                )
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RankingDescent_Slope_IsThatOfItsLoss(bool weighsRanks)
    {
        using var generator = new RandomKey(7).Generator();
        var scores = randn([9, 5], dtype: float64, generator: generator).requires_grad_();
        var weights = rand(9, dtype: float64, generator: generator);
        var labels = arange(9, dtype: int64).remainder(5);
        var descent = new RankingDescent
        {
            Margin = 0.4,
            Rate = 1,
            Epochs = 1,
            BatchSize = 1,
            WeighsRanks = weighsRanks,
        };

        var slope = descent.Slope(scores.detach(), labels, weights);

        var expected = autograd.grad([descent.Loss(scores, labels, weights)], [scores])[0];
        Assert.True(slope.allclose(expected, 1e-12));
        Assert.True(slope.abs().sum().item<double>() > 0.1);
    }

    [Fact]
    public void VisualSemanticEmbedding_Loss_IsTheSumOfViolations()
    {
        var scores = tensor(
            new[,]
            {
                { 0.5, 0.45, 0.1 },
                { 0.2, 0.9, 0.85 },
            }
        );

        var loss = VisualSemanticEmbedding.Loss(scores, tensor(new long[] { 0, 2 }), 0.1).item<double>();

        Assert.Equal((0.05 + 0.15) / 2, loss, 1e-12);
    }

    [Fact]
    public void DirectAttributePrediction_OfAnAttributeThatAllSeenClassesHave_CountsItForNothing()
    {
        var vectors = Described.Classes().Vectors;
        var shared = cat([vectors, ones(12, 1)], 1);
        shared[11, 6] = 0; // only an unseen class lacks it
        var (source, rows) = (Described.Source(), Described.Unseen().Inputs);

        var scores = new DirectAttributePrediction(new ClassDescriptions(shared)).Fit(source).Predict(rows);

        var expected = new DirectAttributePrediction(Described.Classes()).Fit(source).Predict(rows);
        Assert.True(scores.narrow(1, Described.Seen, 2).allclose(expected.narrow(1, Described.Seen, 2), 1e-5, 1e-5));
    }

    [Fact]
    public void DirectAttributePrediction_OfSureProbabilities_StaysFinite()
    {
        var sure = tensor(
            new[,]
            {
                { 1.0, 0 },
            }
        );

        var scores = DirectAttributePrediction.Scores(
            sure,
            tensor(
                new[,]
                {
                    { 1.0, 0 },
                    { 0, 1 },
                }
            ),
            full(2, 0.5, float64)
        );

        Assert.True(scores.isfinite().all().item<bool>());
        Assert.Equal(2 * Math.Log(2), scores[0, 0].item<double>(), 1e-9);
    }

    [Fact]
    public void DirectAttributePrediction_OfPriorsThatAreNone_IsRefused()
    {
        Tensor[] others = [tensor(new[] { 0.5, 1 }), tensor(new[] { 0.0, 0.5 }), full(3, 0.5, float64)];
        foreach (var priors in others)
        {
            Assert.Throws<ArgumentException>(
                "priors",
                () => DirectAttributePrediction.Scores(ones(1, 2), ones(2, 2), priors)
            );
        }
    }

    public void Dispose() => scope.Dispose();

    private static IZeroShotLearner Made(string name) => Learners[name](Described.Classes());

    /// <summary>A classifier that always says the same.</summary>
    private sealed class Fixed(Tensor probabilities) : ILabelLearner, ILabelPredictor
    {
        public ScoreKind ScoreKind => ScoreKind.Probabilities;

        public ILabelPredictor Fit(LabeledDomain data) => this;

        public Tensor Predict(Tensor features) => probabilities.alias();
    }
}
