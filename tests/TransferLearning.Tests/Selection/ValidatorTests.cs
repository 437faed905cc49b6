using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Validators on models whose quality is known.</summary>
public sealed class ValidatorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    public static TheoryData<string> Names() =>
        [
            .. typeof(IModelScore)
                .Assembly.GetExportedTypes()
                .Where(type => typeof(IModelScore).IsAssignableFrom(type) && type.IsClass)
                .Select(type => type.Name),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Score_OfAnyModel_IsANumberAndChangesNothing(string name)
    {
        var score = Make(name);
        using var model = Fitted();
        var before = model.Predict(target.Inputs);

        var value = score.Score(model.Extractor, model.Predictor, new DomainSet([source], target));
        var again = score.Score(model.Extractor, model.Predictor, new DomainSet([source], target));

        Assert.True(double.IsFinite(value));
        Assert.Equal(value, again);
        Assert.Equal(before, model.Predict(target.Inputs));
        Assert.False(string.IsNullOrEmpty(score.Name));
    }

    [Fact]
    public void PredictionInformation_OfCollapsedAndOfClearPredictions_TellsThemApart()
    {
        var collapsed = nn.functional.one_hot(zeros(6, int64), 3).to(float64);
        var clear = nn.functional.one_hot(arange(0, 6).remainder(3), 3).to(float64);

        Assert.Equal(0, PredictionEntropy.Of(collapsed), 1e-12);
        Assert.Equal(0, PredictionInformation.Of(collapsed), 1e-12);
        Assert.Equal(Math.Log(3), PredictionInformation.Of(clear), 1e-12);
        Assert.Equal(0, PredictionInformation.Of(full([6, 3], 1.0 / 3, float64)), 1e-12);
        Assert.Equal(1, PredictionNuclearNorm.Of(clear), 1e-12);
        Assert.Equal(Math.Sqrt(1 / 3.0), PredictionNuclearNorm.Of(collapsed), 1e-12);
    }

    [Fact]
    public void SoftNeighborhoodDensity_OverBlocks_IsTheWholeMatrixs()
    {
        var probabilities = Normal([700, 3], seed: 3).softmax(1);
        var unit = nn.functional.normalize(probabilities, dim: 1);
        var logits = (unit.mm(unit.t()) / 0.05).masked_fill(eye(700, dtype: @bool), -20);
        var shares = logits.softmax(1);

        var score = new SoftNeighborhoodDensity().Of(probabilities);

        Assert.Equal(-(shares * (shares + 1e-5).log()).sum(1).mean().item<double>(), score, 1e-9);
    }

    [Fact]
    public void DeepEmbeddedValidation_WeightsAllAlike_IsTheErrorItself()
    {
        var errors = tensor(new double[] { 1, 0, 0, 1 });

        Assert.Equal(0.5, DeepEmbeddedValidation.Risk(ones(4), errors), 1e-12);
        Assert.Throws<ArgumentException>(() => DeepEmbeddedValidation.Risk(ones(3), errors));
    }

    [Fact]
    public void DeepEmbeddedValidation_WeightsAlikeButForRounding_IsTheirErrorItself()
    {
        var errors = arange(1000, dtype: float64).remainder(2);
        var weights = (errors * 2.3e-16) + 1.001;
        Assert.True(weights.max().item<double>() > weights.min().item<double>());

        Assert.Equal(0.5005, DeepEmbeddedValidation.Risk(weights, errors), 1e-9);
        Assert.Equal(0.5, DeepEmbeddedValidation.Risk(weights, errors, RiskNormalization.Standardized), 1e-9);
    }

    [Fact]
    public void DeepEmbeddedValidation_OfRowsThatTheTargetHasMore_CountsTheirErrorsMore()
    {
        // All is of class 0, and the rule says 1 right of 0: it errs where one of the targets lies.
        var rows = linspace(-1, 1, 200, float64).unsqueeze(1);
        var held = new LabeledDomain(rows, zeros(200, int64), space: LabelSpace.Classes(2));
        var labels = rows.squeeze(1).gt(0).to(int64);
        using var rule = new AdaptationBuilder()
            .Learn(new LogisticRegression())
            .Fit(new LabeledDomain(rows, labels), held.WithoutLabels());

        Assert.True(Score(rows[..100]) > Score(rows[100..]) + 0.3, $"{Score(rows[..100])} {Score(rows[100..])}");

        double Score(Tensor there) =>
            new DeepEmbeddedValidation(held) { HasControlVariate = false }.Score(
                rule.Extractor,
                rule.Predictor,
                new DomainSet([held], new UnlabeledDomain(there))
            );
    }

    [Fact]
    public void DeepEmbeddedValidation_OfDomainsFarApart_IsANumber()
    {
        var far = new UnlabeledDomain((source.Inputs * 1e4) + 1e4);
        var held = new LabeledDomain((source.Inputs * 1e4) + 1e4, source.Labels);
        using var model = Fitted();

        var score = new DeepEmbeddedValidation(held).Score(
            model.Extractor,
            model.Predictor,
            new DomainSet([source], far)
        );

        Assert.True(double.IsFinite(score), $"{score}");
    }

    [Fact]
    public void Score_OfAValidator_PassesTheTargetsRowsOnce()
    {
        var extractor = new Counting();

        new PredictionInformation().Score(extractor, new Linear(), new DomainSet([source], target));

        Assert.Equal(target.Count, extractor.Rows);
    }

    [Fact]
    public void CircularValidation_OfARightAndAWrongModel_PrefersTheRightOne()
    {
        using var model = Fitted();
        var domains = new DomainSet([source], target);
        var score = new CircularValidation(() => new AdaptationBuilder().Learn(new LogisticRegression()));

        var right = score.Score(model.Extractor, model.Predictor, domains);
        var wrong = score.Score(model.Extractor, new Turned(model.Predictor), domains);

        Assert.True(right > wrong + 0.3, $"{right} {wrong}");
    }

    [Fact]
    public void CircularValidation_OfAModelThatSaysUnknown_LeavesThoseRowsOut()
    {
        using var model = Fitted();
        var domains = new DomainSet([source], target);
        static AdaptationBuilder Back() => new AdaptationBuilder().Learn(new LogisticRegression());
        var score = new CircularValidation(Back);
        var unsure = new Unsure(model.Predictor, above: 2.15); // half of the rows of class 0

        var value = score.Score(model.Extractor, unsure, domains);

        var classes = unsure.Predict(model.Extractor.Extract(target.Inputs)).argmax(1);
        var known = classes.lt(2).nonzero().squeeze(1);
        Assert.InRange(known.shape[0], 10, target.Count - 10);
        using var back = Back()
            .Fit(
                new LabeledDomain(target.Inputs.index_select(0, known), classes.index_select(0, known)),
                source.WithoutLabels()
            );
        var right = back.PredictClasses(source.Inputs).eq(source.Labels).to(float64).mean().item<double>();
        Assert.Equal(right, value, 1e-12);
        Assert.Equal(0, score.Score(model.Extractor, new Unsure(model.Predictor, above: -100), domains));
    }

    [Fact]
    public void CircularValidation_WhoseWayBackRefusesTheLabels_SaysSoAsAFaultOfTheModel()
    {
        using var model = Fitted();
        var score = new CircularValidation(() => new AdaptationBuilder().Learn(new Refusing()));

        var fault = Assert.Throws<InvalidOperationException>(() =>
            score.Score(model.Extractor, model.Predictor, new DomainSet([source], target))
        );

        Assert.Contains("the way back", fault.Message, StringComparison.Ordinal);
        Assert.Contains("one class is too few", fault.Message, StringComparison.Ordinal);
        // A chain that fits no domain at all is the caller's to mend.
        Assert.Throws<InvalidAdaptationException>(() =>
            new CircularValidation(() => new AdaptationBuilder()).Score(
                model.Extractor,
                model.Predictor,
                new DomainSet([source], target)
            )
        );
    }

    [Fact]
    public void ClusterSilhouette_OfOneClassAlone_IsTheWorst() =>
        Assert.Equal(-1, ClusterSilhouette.Of(rand(5, 2), zeros(5, int64)));

    [Fact]
    public void Score_HeldOutRowsOfOtherLabels_IsRefused()
    {
        using var model = Fitted();
        var domains = new DomainSet([source], target);
        LabeledDomain[] others =
        [
            new(source.Inputs, source.Inputs.select(1, 0).clone()),
            new(source.Inputs, source.Labels, space: LabelSpace.Classes(domains.Space.Width + 1)),
        ];

        foreach (var held in others)
        {
            foreach (var score in new IModelScore[] { new SourceAccuracy(held), new DeepEmbeddedValidation(held) })
            {
                Assert.Throws<ArgumentException>(() => score.Score(model.Extractor, model.Predictor, domains));
            }
        }
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Normal(long[] shape, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, float64, generator: generator);
    }

    private AdaptedModel Fitted() =>
        new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()).Fit(source, target);

    private IModelScore Make(string name) =>
        name switch
        {
            nameof(FeatureDiscrepancy) => new FeatureDiscrepancy(new DeepCorrelationAlignment()),
            nameof(DeepEmbeddedValidation) => new DeepEmbeddedValidation(Toy.Source(seed: 5)),
            nameof(ImportanceWeightedValidation) => new ImportanceWeightedValidation(Toy.Source(seed: 5)),
            nameof(NearestSources) => new NearestSources([Toy.Source(seed: 5)]),
            nameof(SourceAccuracy) => new SourceAccuracy(Toy.Source(seed: 5)),
            nameof(CircularValidation) => new CircularValidation(() =>
                new AdaptationBuilder().Learn(new LogisticRegression())
            ),
            _ => (IModelScore)
                Activator.CreateInstance(
                    typeof(IModelScore).Assembly.GetExportedTypes().Single(type => type.Name == name)
                )!,
        };

    private sealed class Counting : IFeatureExtractor
    {
        public long Rows { get; private set; }

        public Tensor Extract(Tensor inputs)
        {
            Rows += inputs.shape[0];
            return inputs.alias();
        }
    }

    private sealed class Linear : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => features.narrow(1, 0, 2).clone();
    }

    /// <summary>Calls rows unknown whose first feature lies above a number.</summary>
    private sealed class Unsure(ILabelPredictor inner, double above) : ILabelPredictor
    {
        public bool SaysUnknown => true;

        public Tensor Predict(Tensor features)
        {
            var scores = inner.Predict(features);
            var isUnknown = features.select(1, 0).gt(above).unsqueeze(1).to(scores.dtype);
            return cat([scores, scores.amax([1L], keepdim: true) + (2 * isUnknown) - 1], 1);
        }
    }

    private sealed class Refusing : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data) => throw new ArgumentException("one class is too few.");
    }

    /// <summary>Predicts the classes in the opposite order.</summary>
    private sealed class Turned(ILabelPredictor inner) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => inner.Predict(features).flip(1);
    }
}
