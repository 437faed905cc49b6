using TransferLearning.Augmentation;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

public sealed class MixingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public MixingTests()
    {
        Toy.SeedModules(2);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    [Fact]
    public void ManifoldMixup_AtTheInputs_IsMixupsLoss()
    {
        var step = Step(sources: 1);
        var term = new ManifoldMixup { MixesFeatures = false };

        var value = term.Evaluate(step);

        var (partners, share) = Drawn(Step(sources: 1), 0);
        var mixed = Mixup.Mix(step.Sources[0], partners, share);
        Assert.Equal(Loss(mixed).item<float>(), value.item<float>(), 1e-6f);
    }

    [Fact]
    public void ManifoldMixup_AtTheFeatures_MixesWhatTheStepHasAlready()
    {
        var step = Step(sources: 1);
        var features = step.Features(step.Sources[0]);

        var value = new ManifoldMixup { MixesInputs = false }.Evaluate(step);

        var (partners, share) = Drawn(Step(sources: 1), 0);
        var mixed = (features * share) + (features.index_select(0, partners) * (1 - share));
        var ofInputs = Mixup.Mix(step.Sources[0], partners, share);
        var expected = CrossEntropy.Of(predictor.Predict(mixed), ofInputs.Labels, ofInputs.Weights);
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
    }

    [Fact]
    public void ManifoldMixup_AtALayer_MixesItsOutputAndLeavesNoHook()
    {
        var network = (nn.Module<Tensor, Tensor>)extractor.Module;
        var children = network.children().Cast<nn.Module<Tensor, Tensor>>().ToList();
        var step = Step(sources: 1);
        var before = step.Scores(step.Sources[0]).clone();
        var term = new ManifoldMixup(children[0]) { MixesInputs = false }; // nor the features, where a layer is given

        var value = term.Evaluate(step);

        var (partners, share) = Drawn(Step(sources: 1), 0);
        var hidden = children[0].forward(step.Sources[0].Inputs);
        hidden = (hidden * share) + (hidden.index_select(0, partners) * (1 - share));
        var scores = predictor.Predict(children.Skip(1).Aggregate(hidden, (x, layer) => layer.forward(x)));
        var ofInputs = Mixup.Mix(step.Sources[0], partners, share);
        var expected = CrossEntropy.Of(scores, ofInputs.Labels, ofInputs.Weights);
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
        Assert.True(predictor.Predict(extractor.Extract(step.Sources[0].Inputs)).allclose(before));
    }

    [Fact]
    public void ManifoldMixup_AsItComes_MixesTheFeaturesWhereNoLayerIsGiven()
    {
        using var layer = nn.Linear(2, 2);

        Assert.True(new ManifoldMixup().MixesFeatures);
        Assert.False(new ManifoldMixup(layer).MixesFeatures);
        Assert.True(new ManifoldMixup(layer) { MixesFeatures = true }.MixesFeatures);
    }

    [Fact]
    public void ManifoldMixup_OfSeveralSources_AveragesThemEachWithItsDraw()
    {
        var value = new ManifoldMixup { MixesFeatures = false }.Evaluate(Step(sources: 2));

        var step = Step(sources: 2);
        var terms = step.Sources.Select(source =>
        {
            var (partners, share) = Drawn(step, 0, isNext: true);
            return Loss(Mixup.Mix(source, partners, share)).item<float>();
        });
        Assert.Equal(terms.Average(), value.item<float>(), 1e-6f);
    }

    [Fact]
    public void ManifoldMixup_WithNoLayerOrAForeignOne_SaysSo()
    {
        using var foreign = nn.Linear(2, 2);
        var none = new ManifoldMixup { MixesInputs = false, MixesFeatures = false };
        var other = new ManifoldMixup(foreign) { MixesInputs = false };

        var refused = Assert.Throws<InvalidAdaptationException>(() => Fit(none));
        Assert.Contains("no layer to mix at", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<InvalidAdaptationException>(() => Fit(other));
        Assert.Contains("took no part", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InterDomainMixup_OfAShare_MixesRowsAndLabelsWithTheTargetsReading()
    {
        var step = Step(sources: 1);
        var source = step.Sources[0];
        var readings = tensor(
            new[,]
            {
                { 0.9f, 0.1f },
                { 0.2f, 0.8f },
            }
        );
        var target = stack([full(4, 10f), full(4, 20f)]);

        var mixed = InterDomainMixup.Mix(source, target, readings, tensor(new long[] { 0, 1, 1, 0, 0, 0 }), 0.75);

        Assert.True(mixed.Inputs[1].allclose((source.Inputs[1] * 0.75) + 5));
        var expected = 0.75 * source.Labels[1].eq(1).item<bool>().CompareTo(false) + (0.25 * 0.8);
        Assert.Equal(expected, mixed.Labels[1, 1].item<float>(), 1e-6);
        Assert.Equal(source.Weights, mixed.Weights);
    }

    [Fact]
    public void InterDomainMixup_OfSourcesAlone_KeepsTheSourcesPartTheLarger()
    {
        // All target rows are 0, and what the network reads them as does not matter: it is even at that temperature.
        var value = new InterDomainMixup { Alpha = 0.3, Temperature = 1e9 }.Evaluate(Step(sources: 2, targetFactor: 0));

        var step = Step(sources: 2, targetFactor: 0);
        var terms = step.Sources.Select(source =>
        {
            var share = MixingShareOf(step.NextKey(), 0.3);
            Assert.True(share >= 0.5);
            var labels = (nn.functional.one_hot(source.Labels, 2).to(float32) * share) + ((1 - share) / 2);
            var scores = predictor.Predict(extractor.Extract(source.Inputs * share));
            return CrossEntropy.Of(scores, labels, source.Weights).item<float>();
        });
        Assert.Equal(terms.Average(), value.item<float>(), 1e-6f);
    }

    [Fact]
    public void SimilaritySmoothing_OfEvenSimilarities_IsLabelSmoothing()
    {
        var (scores, labels) = (Random(3, 7, 4), arange(7, dtype: int64).remainder(4));
        var oneHot = nn.functional.one_hot(labels, 4).to(float64);
        var even = full([4, 4], 0.25, float64);

        var value = SimilaritySmoothing.Of(scores, oneHot, even, smoothing: 0.2);

        Assert.Equal(CrossEntropy.Of(scores, labels, labelSmoothing: 0.2).item<double>(), value.item<double>(), 1e-12);
    }

    [Fact]
    public void SimilaritySmoothing_OfTokens_SmoothsAsOfNumbers()
    {
        using var words = nn.Embedding(5, 2);
        var (rows, labels) = (arange(4, dtype: int64), tensor(new long[] { 0, 1, 1, 0 }));
        var batch = new LabeledBatch(rows, labels, DomainId.Source(0), rows, null, LabelSpace.Classes(2));
        var step = StepContext.For(new StepBatch([batch], null), words.AsPart(), nn.Identity().AsPart());
        using var similarities = tensor(new[] { 0f, 1, 1, 0 }).reshape(2, 2);

        var value = new SimilaritySmoothing(similarities) { Smoothing = 0.2 }.Evaluate(step);

        var oneHot = nn.functional.one_hot(labels, 2).to(float32);
        var expected = CrossEntropy.Of(words.call(rows), (oneHot * 0.8) + (oneHot.flip(1) * 0.2));
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
    }

    [Fact]
    public void Shares_OfAnAlphaNearNothing_AreNumbersThatFavorNeither()
    {
        double[] drawn =
        [
            .. Enumerable.Range(0, 1000).Select(number => MixingShare.Draw(1e-4, new RandomKey(3).Child(number))),
        ];

        Assert.All(drawn, share => Assert.InRange(share, 0, 1));
        Assert.Equal(0.5, drawn.Average(), 0.08); // five standard deviations of the mean of coin tosses
        var images = new AugMix { Alpha = 1e-4 }.Apply(Toy.Images(rows: 16).Inputs / 2, new RandomKey(4));
        Assert.True(images.isfinite().all().item<bool>());
    }

    [Fact]
    public void SimilaritySmoothing_Similarities_FollowAnglesAndLeaveTheClassItselfOut()
    {
        var vectors = tensor(
            new double[,]
            {
                { 2, 0 },
                { 1, 1 },
                { 0, 3 },
            }
        );

        var similarities = SimilaritySmoothing.Similarities(vectors, temperature: 0.5);

        Assert.Equal([0, 0, 0], similarities.diagonal().data<double>());
        Assert.True(similarities.sum(1).allclose(ones(3, float64)));
        var (near, far) = (Math.Exp(Math.Sqrt(0.5) / 0.5), 1.0);
        Assert.Equal(near / (near + far), similarities[0, 1].item<double>(), 1e-12);
        Assert.Equal(0.5, similarities[1, 0].item<double>(), 1e-12);
    }

    [Fact]
    public void SimilaritySmoothing_OfAStep_AveragesSourcesAndHonorsWeights()
    {
        using var similarities = tensor(
            new[,]
            {
                { 0f, 1f },
                { 1f, 0f },
            }
        );
        var step = Step(sources: 2);
        var classWeights = new TargetClassWeights();

        var value = new SimilaritySmoothing(similarities) { Weights = classWeights, Smoothing = 0.2 }.Evaluate(step);

        var terms = step.Sources.Select(source =>
        {
            var oneHot = nn.functional.one_hot(source.Labels, 2).to(float32);
            var labels = (oneHot * 0.8) + (oneHot.flip(1) * 0.2);
            var weights = source.Weights! * step.Weights(classWeights, source);
            return CrossEntropy.Of(step.Scores(source), labels, weights).item<float>();
        });
        Assert.Equal(terms.Average(), value.item<float>(), 1e-6f);
        Assert.Throws<ArgumentException>(() => new SimilaritySmoothing(eye(3)).Evaluate(step));
        Assert.Throws<ArgumentException>(() => new SimilaritySmoothing(ones(2, 3)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mixing_WithSmoothingClassWeightsExampleWeightsAndTwoSources_IsTheWeightedMeanOfMixedLosses(bool isCut)
    {
        // The order of a training: mix, then weigh and smooth.
        var batch = Step(sources: 2, isImages: isCut).Batch;
        IBatchTransform transform = isCut ? new CutMix() : new Mixup { Alpha = 1 };
        var network = isCut ? Flat() : extractor;
        var mixed = transform.Apply(batch, new RandomKey(6));
        var step = StepContext.For(mixed, network, predictor);
        var classWeights = new TargetClassWeights();

        var value = new CrossEntropy { Weights = classWeights, LabelSmoothing = 0.1 }.Evaluate(step);

        var ofClasses = classWeights.Of(step.Scores(step.Target));
        var terms = mixed.Sources.Select(source =>
        {
            Assert.True(source.Labels.is_floating_point());
            Assert.True(source.Labels.sum(1).allclose(ones(6)));
            Assert.Equal(1, source.Weights!.mean().item<float>(), 1e-6); // the mean of the batch's own
            var logs = predictor.Predict(network.Extract(source.Inputs)).log_softmax(1);
            var smoothed = (source.Labels * 0.9) + 0.05;
            var weights = source.Weights! * source.Labels.matmul(ofClasses);
            return (weights * (smoothed * logs).sum(1)).mean().neg().item<float>();
        });
        Assert.Equal(terms.Average(), value.item<float>(), 1e-6f);
        Assert.Contains(mixed.Sources, source => (source.Labels * (1 - source.Labels)).sum().item<float>() > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mixing_OfWeightedRows_IsTheMixtureOfBothLossesByTheirOwnWeights(bool isCut)
    {
        var source = Step(sources: 1, isImages: true).Sources[0];
        var partners = tensor(new long[] { 1, 2, 3, 4, 5, 0 });
        var given = tensor(new[] { 0f, 0, 1.5f, 1.5f, 1, 2 });
        var batch = source.With(source.Inputs, source.Labels, given);
        var scores = Random(7, 6, 2).to(float32);

        // A box of 2 x 2 of 4 x 4 pixels leaves three quarters.
        var mixed = isCut ? CutMix.Mix(batch, partners, new CutMixBox(0, 2, 1, 3)) : Mixup.Mix(batch, partners, 0.75);

        Tensor Cost(Tensor rows) =>
            CrossEntropy.PerRow(scores, source.Labels.index_select(0, rows)) * given.index_select(0, rows);
        var expected = ((Cost(arange(6, dtype: int64)) * 0.75) + (Cost(partners) * 0.25)).mean();
        var value = CrossEntropy.Of(scores, mixed.Labels, mixed.Weights);
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
        Assert.Equal([0, 0.375f, 1.5f, 1.375f, 1.25f, 1.5f], mixed.Weights!.data<float>());
        // Of a pair whose partner weighs 0 the own label is left, and the partner's where the row weighs 0 itself.
        var oneHot = nn.functional.one_hot(source.Labels, 2).to(float32);
        Assert.True(mixed.Labels[5].allclose(oneHot[5]));
        Assert.True(mixed.Labels[1].allclose(oneHot[2]));
        Assert.True(mixed.Labels[0].allclose((oneHot[0] * 0.75) + (oneHot[1] * 0.25)));
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static double MixingShareOf(RandomKey key, double alpha)
    {
        var share = MathNet.Numerics.Distributions.Beta.Sample(key.Child(0).Random(), alpha, alpha);
        return Math.Max(share, 1 - share);
    }

    private static (Tensor Partners, double Share) Drawn(StepContext step, long number, bool isNext = false)
    {
        var key = isNext ? step.NextKey() : new RandomKey(0).Child(number);
        using var generator = key.Child(0).Generator();
        var share = MathNet.Numerics.Distributions.Beta.Sample(key.Child(1).Random(), 2, 2);
        return (randperm(6, generator: generator), share);
    }

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    private static ModulePart Flat() => new(() => nn.Sequential(nn.Flatten(), nn.Linear(16, 8)));

    private StepContext Step(int sources, double targetFactor = 1, bool isImages = false)
    {
        var rows = arange(6, dtype: int64);
        Tensor Shaped(Tensor inputs) => isImages ? inputs.repeat(1, 4).view(-1, 1, 4, 4) : inputs;
        LabeledBatch Source(int i)
        {
            var domain = Toy.Source(rows: 6, seed: 10 + i);
            var weights = tensor(new[] { 0f, 0.5f, 1, 1, 1.5f, 2 });
            return new(Shaped(domain.Inputs), domain.Labels, DomainId.Source(i), rows, weights, domain.Space);
        }
        var target = Shaped(Toy.LabeledTarget(rows: 6).Inputs * targetFactor);
        var batch = new StepBatch(
            [.. Enumerable.Range(0, sources).Select(Source)],
            new UnlabeledBatch(target, DomainId.Target, rows)
        );
        return StepContext.For(batch, extractor, predictor);
    }

    private Tensor Loss(LabeledBatch batch) =>
        CrossEntropy.Of(predictor.Predict(extractor.Extract(batch.Inputs)), batch.Labels, batch.Weights);

    private void Fit(IObjective term) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(term))
            .Fit(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels())
            .Dispose();
}
