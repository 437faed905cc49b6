using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class ClassifierAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void RandomizedMap_OfManyOutputs_KeepsTheProductOfInnerProducts()
    {
        var (f, p) = (Random(1, 6, 5), Random(2, 6, 3).softmax(1));
        using var map = new RandomizedMultilinearMap(5, 3, 200_000, new RandomKey(3));

        var estimated = map.Of(f, p);

        var exact = MultilinearMap.Of(f, p);
        Assert.Equal([6L, 15L], exact.shape);
        Assert.True(exact.matmul(exact.t()).allclose(f.matmul(f.t()) * p.matmul(p.t()), 1e-12, 1e-12));
        Assert.True(estimated.matmul(estimated.t()).allclose(exact.matmul(exact.t()), 0.05, 0.05));
        Assert.Throws<ArgumentException>(() => map.Of(p, f));
    }

    [Fact]
    public void RandomizedMap_OfThreeLayers_KeepsTheProductOfInnerProducts()
    {
        var (f, g, p) = (Random(1, 6, 5), Random(4, 6, 2), Random(2, 6, 3).softmax(1));
        using var map = new RandomizedMultilinearMap([5, 2], 3, 400_000, new RandomKey(3));

        var estimated = map.OfLayers([f, g.reshape(6, 1, 2)], p);

        var exact = f.matmul(f.t()) * g.matmul(g.t()) * p.matmul(p.t());
        Assert.Equal(2, map.Layers);
        Assert.True(estimated.matmul(estimated.t()).allclose(exact, 0.08, 0.08));
        Assert.Throws<ArgumentException>(() => map.Of(f, p));
    }

    [Fact]
    public void RandomizedMap_OfGivenMatrices_IsTheProductOfTheirImages()
    {
        var (f, g, p) = (Random(1, 4, 5), Random(4, 4, 2), Random(2, 4, 3));
        Tensor[] matrices = [Random(5, 5, 7), Random(6, 2, 7), Random(7, 3, 7)];

        var value = RandomizedMultilinearMap.Of([f, g, p], matrices);

        var expected = f.matmul(matrices[0]) * g.matmul(matrices[1]) * p.matmul(matrices[2]) / Math.Sqrt(7);
        Assert.True(value.allclose(expected, 1e-12, 1e-12));
        Assert.Throws<ArgumentException>(() => RandomizedMultilinearMap.Of([f, g], matrices));
    }

    // The critic sees both links' outputs, and both links get its reversed gradient.
    [Fact]
    public void ConditionalDomainAdversary_OfTwoLayers_IsThatOfTheirJointMap()
    {
        Toy.SeedModules(3);
        using var lower = new ModulePart(() => nn.Sequential(nn.Linear(4, 6), nn.ReLU()));
        using var upper = new ModulePart(() => nn.Linear(6, 8));
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(16, 1));
        using var map = new RandomizedMultilinearMap([6, 8], 2, 16, new RandomKey(2));
        var step = Toy.Step(ExtractorChain.Of(lower, upper), predictor);

        var value = new ConditionalDomainAdversary(critic, map, reversal: 1).Evaluate(step);

        Tensor Judged(Tensor inputs)
        {
            var first = lower.Extract(inputs);
            var second = upper.Extract(first);
            return critic.Judge(map.OfLayers([first, second], predictor.Predict(second).softmax(1))).squeeze(1);
        }
        var expected = DomainAdversary.Loss(Judged(step.Sources[0].Inputs), Judged(step.Target.Inputs));
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-5);
        Tensor[] slopes =
        [
            .. autograd.grad([value], [lower.Module.parameters().First(), upper.Module.parameters().First()]),
        ];
        Assert.All(slopes, slope => Assert.True(slope.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void ConditionalDomainAdversary_OfMoreLayersThanLinks_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(16, 1));
        using var map = new RandomizedMultilinearMap([8, 8], 2, 16);

        var refused = Assert.Throws<ArgumentException>(() =>
            new ConditionalDomainAdversary(critic, map).Evaluate(Toy.Step(extractor, predictor))
        );

        Assert.Contains("2 layers", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EntropyConditioning.None, false)]
    [InlineData(EntropyConditioning.Joint, false)]
    [InlineData(EntropyConditioning.PerDomain, true)]
    public void ConditionalDomainAdversary_OfItsConditioning_ReachesThePredictorByReversedEntropiesAlone(
        EntropyConditioning entropy,
        bool reaches
    )
    {
        using var critic = new ModulePart(() => nn.Linear(16, 1));

        var slopes = Slopes(new ConditionalDomainAdversary(critic, reversal: 1) { Entropy = entropy }, out _);

        Assert.Equal(reaches, slopes is not null && slopes.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void EntropyWeights_OfASureAndAnEvenRow_AreTwoToOneAndAThird()
    {
        var weights = ConditionalDomainAdversary.EntropyWeights(
            tensor(
                new double[,]
                {
                    { 50, 0, 0 },
                    { 0, 0, 0 },
                }
            )
        );

        // 1 + exp(0) and 1 + exp(-ln 3), up to the 1e-5 inside the logarithm.
        Assert.Equal(2 / (1 + (1.0 / 3)), (weights[0] / weights[1]).item<double>(), 1e-4);
        Assert.Equal(1, weights.mean().item<double>(), 1e-12);
    }

    [Fact]
    public void MarginDisparity_Term_MovesExtractorAndAdversaryAgainstEachOther()
    {
        using var adversary = Toy.Predictor();
        var term = new MarginDisparity(adversary, reversal: 0);

        var none = Slopes(term, out var extractors);

        Assert.Null(none);
        Assert.Equal(0, extractors.abs().sum().item<float>());
        Slopes(new MarginDisparity(adversary, reversal: 1), out var reversed);
        Slopes(new MarginDisparity(adversary, reversal: 2), out var doubled);
        Assert.True(reversed.abs().sum().item<float>() > 0);
        Assert.True(doubled.allclose(reversed * 2, 1e-4, 1e-6));
    }

    [Fact]
    public void ClassifierDiscrepancy_OfOneClassifierTwice_IsZeroAndOfOppositeOnesTwoOverC()
    {
        var sure = tensor(
            new double[,]
            {
                { 60, 0 },
                { 0, 60 },
            }
        );

        Assert.Equal(0, ClassifierDiscrepancy.Of(sure, sure).item<double>());
        Assert.Equal(1, ClassifierDiscrepancy.Of(sure, sure.flip(1)).item<double>(), 1e-12);
    }

    [Fact]
    public void OpposeClassifiers_Training_MovesEachPartInItsPhases()
    {
        Toy.SeedModules(5);
        var (extractor, predictor, second) = (Toy.Extractor(), Toy.Predictor(), Toy.Predictor());

        var training = new NetworkTraining(extractor, predictor)
            .Minimize(new CrossEntropy())
            .OpposeClassifiers(second, extractorSteps: 3);

        Assert.Equal(
            [
                [extractor, predictor, second],
                [predictor, second],
                [extractor],
            ],
            training.Phases.Select(phase => phase.Moved.ToArray())
        );
        Assert.Equal([1, 1, 3], training.Phases.Select(phase => phase.Times));
        Assert.Equal(-1, training.Phases[1].Objectives[^1].Weight.At(0));
    }

    [Fact]
    public void SelfInformation_OfMaps_IsThatOfTheirPlacesAndSumsToOneWhereClassesAreEven()
    {
        var maps = Random(4, 8, 3).reshape(2, 3, 2, 2);
        var places = maps.permute(0, 2, 3, 1).reshape(-1, 3);

        var expected = SelfInformation.Of(places).reshape(2, 2, 2, 3).permute(0, 3, 1, 2);

        Assert.True(SelfInformation.Of(maps).allclose(expected, 1e-12, 1e-12));
        Assert.Equal(1, SelfInformation.Of(zeros(1, 5, dtype: float64)).sum().item<double>(), 1e-12);
        Assert.Throws<ArgumentException>(() => SelfInformation.Of(zeros(5, 1)));
    }

    [Fact]
    public void DomainConfusion_OfEvenOdds_IsLeastAndPullsSureRowsBack()
    {
        Assert.Equal(Math.Log(2), DomainConfusion.Of(zeros(3, 2, dtype: float64)).item<double>(), 1e-12);
        var sure = tensor(
                new double[,]
                {
                    { 30, 0 },
                }
            )
            .requires_grad_();
        var slope = autograd.grad([DomainConfusion.Of(sure)], [sure])[0];
        Assert.Equal(0.5, slope[0, 0].item<double>(), 1e-9); // where a reversed gradient would be near 0
    }

    [Fact]
    public void ClassSoftLabels_OfAClassWithoutRows_AddNothingForIt()
    {
        var scores = tensor(
            new double[,]
            {
                { 2, 0, 0 },
                { 0, 2, 0 },
                { 4, 0, 0 },
            }
        );

        var means = ClassSoftLabels.Means(scores, tensor(new long[] { 0, 1, 0 }), 2);

        var p = (scores / 2).softmax(1);
        Assert.True(means[0].allclose((p[0] + p[2]) / 2));
        Assert.True(means[1].allclose(p[1]));
        Assert.Equal(0, means[2].sum().item<double>());
        var some = Random(6, 2, 3);
        Assert.Equal(0, ClassSoftLabels.Of(some, tensor(new long[] { 2, 2 }), means, 2).item<double>());
        Assert.Equal(
            -(means[0] * (some / 2).log_softmax(1)).sum(1).mean().item<double>(),
            ClassSoftLabels.Of(some, tensor(new long[] { 0, 0 }), means, 2).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void ClassSoftLabels_OfMixedLabels_AreMixedLikewise()
    {
        var (scores, means) = (Random(7, 2, 3), Random(8, 3, 3).softmax(1));
        var mixed = tensor(
            new double[,]
            {
                { 0.3, 0, 0.7 },
                { 0, 1, 0 },
            }
        );

        var value = ClassSoftLabels.Of(scores, mixed, means, 2).item<double>();

        var wanted = stack([(means[0] * 0.3) + (means[2] * 0.7), means[1]]);
        Assert.Equal(-(wanted * (scores / 2).log_softmax(1)).sum(1).mean().item<double>(), value, 1e-12);
        Assert.Throws<ArgumentException>(() => ClassSoftLabels.Of(scores, mixed.narrow(1, 0, 2), means, 2));
    }

    [Fact]
    public void ClassSoftLabels_InAPhaseOfTheirOwn_MoveIt()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var before = Toy.Bits(predictor);

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new ClassSoftLabels()))
            .FitFewShot(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                Toy.LabeledTarget(rows: 8, seed: 9),
                new FitOptions { Training = new TrainingOptions { Steps = 1 } }
            )
            .Dispose();

        Assert.NotEqual(before, Toy.Bits(predictor));
    }

    [Fact]
    public void ClassSoftLabels_WithoutLabeledTarget_AreRefusedInThePlan()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    Toy.Extractor(),
                    Toy.Predictor(),
                    net => net.Minimize(new CrossEntropy()).Minimize(new ClassSoftLabels())
                )
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );
        Assert.Contains("FitFewShot", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    // The slopes of a term by the predictor's weights, null where it does not depend on them, and by the extractor's.
    private static Tensor? Slopes(IObjective objective, out Tensor extractors)
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var (source, target) = (Toy.Source(rows: 8), Toy.LabeledTarget(rows: 6));
        var batch = new LabeledBatch(
            source.Inputs,
            source.Labels,
            DomainId.Source(0),
            arange(8, dtype: int64),
            null,
            source.Space
        );
        var all = new StepBatch([batch], new UnlabeledBatch(target.Inputs, DomainId.Target, arange(6, dtype: int64)));
        var value = objective.Evaluate(StepContext.For(all, extractor, predictor, progress: 1));
        var slopes = autograd.grad(
            [value],
            [predictor.Module.parameters().First(), extractor.Module.parameters().First()],
            allow_unused: true
        );
        extractors = slopes[1];
        return slopes[0] is { IsInvalid: false } own ? own : null;
    }

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
