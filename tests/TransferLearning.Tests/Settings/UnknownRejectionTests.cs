using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class UnknownRejectionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = OpenToy.Source();
    private readonly LabeledDomain target = OpenToy.LabeledTarget();

    [Fact]
    public void Margin_OfEvenAndSureRows_IsOfTheirEntropyAndConfidence()
    {
        var even = full([1, 4], -Math.Log(4), float64);
        var sure = (eye(4, dtype: float64) * 60).log_softmax(1).narrow(0, 0, 1);
        var (entropy, confidence) = (new EntropyRule(0.25), new ConfidenceRule(0.5));
        double Of(IUnknownRule rule, Tensor logs) => rule.Margin(zeros(1, 2), logs).item<double>();

        Assert.Equal(0.75 * Math.Log(4), Of(entropy, even), 1e-12);
        Assert.Equal(-0.25 * Math.Log(4), Of(entropy, sure), 1e-12);
        Assert.Equal(Math.Log(2), Of(confidence, even), 1e-12);
        Assert.Equal(-Math.Log(2), Of(confidence, sure), 1e-12);
    }

    [Fact]
    public void Margin_OfAClassThatCannotBe_IsThatOfTheOthers()
    {
        var logs = tensor(new[] { -Math.Log(2), -Math.Log(2), double.NegativeInfinity }).unsqueeze(0);

        var margin = new EntropyRule(0.5).Margin(zeros(1, 2), logs).item<double>();
        var trust = UniversalAdversary.Transferability(zeros(1, dtype: float64), logs).item<double>();

        Assert.Equal(Math.Log(2) - (0.5 * Math.Log(3)), margin, 1e-12);
        Assert.Equal(0.5 - (Math.Log(2) / Math.Log(3)), trust, 1e-12);
    }

    [Theory]
    [InlineData(ScoreKind.Logits)]
    [InlineData(ScoreKind.Votes)]
    public void Predict_OfAnOpenPredictor_PutsUnknownAboveTheBestClassByTheMargin(ScoreKind kind)
    {
        var known = new Fixed(tensor(new[] { 3.0, 1, 0, 1, 1, 1 }).reshape(2, 3), kind);
        var open = new OpenPredictor(known, new ConfidenceRule(0.6));

        var scores = open.Predict(zeros(2, 1));

        var p = kind == ScoreKind.Logits ? known.Scores.softmax(1) : known.Scores / known.Scores.sum(1, keepdim: true);
        var best = p.amax([1L]);
        Assert.Equal([2L, 4L], scores.shape);
        Assert.True(scores.softmax(1)[.., 3].allclose(scores.softmax(1).narrow(1, 0, 3).amax([1L]) * 0.6 / best));
        Assert.Equal([0L, 3L], scores.argmax(1).data<long>().ToArray());
        Assert.True(open.SaysUnknown);
    }

    [Fact]
    public void Fit_OfARejectingChain_KnowsTheUnknownClassAndKeepsItInItsFile()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain().Fit(source, target.WithoutLabels());
        using var closed = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target.WithoutLabels());
        model.Save(folder.File("open.model"));
        using var loaded = AdaptedModel.Load(folder.File("open.model"));

        var (classes, names) = (model.PredictClasses(target.Inputs), model.PredictClassNames(target.Inputs));

        Assert.Equal(["left", "right", "top", "unknown"], model.Space!.Value.Names);
        Assert.Equal(model.Space, loaded.Space);
        Assert.Equal(classes, loaded.PredictClasses(target.Inputs));
        Assert.Equal(classes.data<long>().Select(c => model.Space.Value.Names[(int)c]), names);
        var isKnown = classes.lt(OpenToy.Known);
        Assert.Equal(closed.PredictClasses(target.Inputs).masked_select(isKnown), classes.masked_select(isKnown));
        Assert.True(OpenSetAccuracy.Of(classes, target.Labels, OpenToy.Known).Harmonic.Value > 0.6);
        Assert.Equal(
            0,
            OpenSetAccuracy.Of(closed.PredictClasses(target.Inputs), target.Labels, OpenToy.Known).Harmonic.Value
        );
    }

    [Fact]
    public void Fit_OfWhatCannotReject_IsRefused()
    {
        void Refuses(AdaptationBuilder chain, LabeledDomain labeled, string why)
        {
            var refused = Assert.Throws<InvalidAdaptationException>(() => chain.Fit(labeled, target.WithoutLabels()));
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
        var named = new LabeledDomain(
            source.Inputs,
            source.Labels,
            space: LabelSpace.Classes(["known", "other", "unknown"])
        );

        Refuses(new AdaptationBuilder().RejectUnknown().Learn(new LogisticRegression()), source, "needs a predictor");
        Refuses(Chain(), named, "another");
        Refuses(
            new AdaptationBuilder().Learn(new RidgeRegression()).RejectUnknown(),
            new LabeledDomain(source.Inputs, source.Labels.to(float32)),
            "is of classes"
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new EntropyRule(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfidenceRule(0));
        Assert.Throws<InvalidOperationException>(() => LabelSpace.Values(1).WithUnknown());
    }

    [Fact]
    public void FitSourceFree_OfARejectingChain_KnowsTheUnknownClass()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        using var model = Recipes
            .Shot(extractor, predictor)
            .RejectUnknown()
            .FitSourceFree(
                target.WithoutLabels(),
                LabelSpace.Classes(2),
                new FitOptions { Training = new TrainingOptions { Steps = 2 } }
            );

        Assert.Equal(LabelSpace.Classes(3), model.Space);
    }

    [Fact]
    public void WithUnknown_OfClasses_AddsALastOne()
    {
        Assert.Equal(LabelSpace.Classes(3), LabelSpace.Classes(2).WithUnknown());
        Assert.Equal(LabelSpace.Classes(["left", "right", "top", "unknown"]), source.WithUnknown().Space);
        Assert.Same(source.Inputs, source.WithUnknown().Inputs);
    }

    public void Dispose() => scope.Dispose();

    private static AdaptationBuilder Chain() =>
        new AdaptationBuilder().Learn(new LogisticRegression()).RejectUnknown(new EntropyRule());

    private sealed class Fixed(Tensor scores, ScoreKind kind) : ILabelPredictor
    {
        public Tensor Scores => scores;

        public ScoreKind ScoreKind => kind;

        public Tensor Predict(Tensor features) => scores.clone();
    }
}
