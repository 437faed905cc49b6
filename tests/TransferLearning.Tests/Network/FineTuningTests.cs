using TorchSharp.Modules;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

public sealed class FineTuningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void BatchSpectralShrinkage_OfFeatures_IsTheSumOfTheirSmallestSquaredSingularValues()
    {
        var features = Random(1, 7, 5).requires_grad_();

        var loss = new BatchSpectralShrinkage { Count = 2 }.Of(features);

        var (_, values, _) = linalg.svd(features, fullMatrices: false);
        Assert.Equal(values.narrow(0, 3, 2).square().sum().item<double>(), loss.item<double>(), 1e-10);
        Assert.True(autograd.grad([loss], [features])[0].isfinite().all().item<bool>());
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new BatchSpectralShrinkage { Count = 6 }.Of(features)
        );
        Assert.Equal("Count", fault.ParamName);
        Assert.Equal(
            0,
            new BatchSpectralShrinkage().Of(cat([features, features.narrow(1, 0, 1)], 1)).item<double>(),
            1e-10
        );
    }

    // A source of 6 rows has steps of 6 rows, whatever the batch size is.
    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void BatchSpectralShrinkage_OfMoreSingularValuesThanADomainHasRows_IsRefusedInThePlan(int count, bool fits)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var term = new BatchSpectralShrinkage { Count = count };

        var thrown = Record.Exception(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(term, 0.001))
                .FitWithoutTarget(
                    [Toy.Source(rows: 6)],
                    new FitOptions { Training = new TrainingOptions { Steps = 1 } }
                )
                .Dispose()
        );

        Assert.Equal(fits, thrown is null);
        Assert.True(fits || thrown!.Message.Contains("Count must be at most 6", StringComparison.Ordinal));
    }

    [Fact]
    public void FeatureMapPenalty_OfAChangedChannel_CountsItByItsAttention()
    {
        var maps = Random(2, 3, 2, 4, 4);
        var changed = maps.clone();
        changed.select(1, 1).add_(0.5);
        var attention = tensor(new[] { 0.25, 0.75 });

        var loss = FeatureMapPenalty.Of(changed, maps, attention).item<double>();

        Assert.Equal(3 * 0.75 * 2 * 0.25 / 2, loss, 1e-12); // 3 rows, a, C and the mean square
        Assert.Equal(3 * 16 * 0.25 / 2, FeatureMapPenalty.Of(changed, maps).item<double>(), 1e-12);
        Assert.Equal(0, FeatureMapPenalty.Of(maps, maps, attention).item<double>());
        Assert.Equal(
            loss / 3 * 2,
            FeatureMapPenalty.Of(changed, maps, attention, tensor(new[] { 2.0, 0, 0 })).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void Attention_OfChannels_IsLargestForTheOneThatTheLossNeeds()
    {
        using var layer = nn.Linear(3, 3, hasBias: false);
        using (no_grad())
        {
            layer.weight!.copy_(eye(3));
        }
        var rows = ones(4, 3);
        Tensor Loss() => (layer.call(rows).matmul(tensor(new float[] { 0, 5, 1 }).unsqueeze(1)) - 6).square().mean();

        var attention = FeatureMapPenalty.Attention(layer.weight!, Loss);

        Assert.Equal(1, attention.argmax().item<long>());
        Assert.Equal(1, attention.sum().item<float>(), 1e-6f);
        var expected = tensor(new[] { 0.0, 25, 1 }) / 5;
        Assert.True(attention.to(float64).allclose(expected.softmax(0), 1e-5));
        Assert.True(layer.weight!.equal(eye(3)).all().item<bool>());
    }

    [Fact]
    public void StochasticNormalization_OfBatchStatisticsAlone_IsBatchNormalization()
    {
        using var plain = nn.BatchNorm2d(3);
        using (no_grad())
        {
            plain.weight!.copy_(tensor(new float[] { 1, 2, 3 }));
        }
        using var stochastic = StochasticNormalization.From(plain, probability: 1);
        var images = Random(3, 4, 3, 5, 5).to(float32) * 2 + 1;

        var (expected, actual) = (plain.call(images), stochastic.call(images));

        Assert.True(actual.allclose(expected, 1e-4, 1e-5));
        plain.eval();
        stochastic.eval();
        Assert.True(stochastic.call(images).allclose(plain.call(images), 1e-4, 1e-5));
        Assert.Throws<ArgumentException>("pretrained", () => StochasticNormalization.From(nn.Linear(2, 2)));
    }

    [Fact]
    public void StochasticNormalization_InTraining_TakesEitherStatisticsChannelByChannel()
    {
        Toy.SeedModules(8);
        using var layer = new StochasticNormalization(200);
        var rows = Random(4, 30, 200).to(float32) + 3;

        var means = layer.call(rows).mean([0L]);

        var isOfBatch = means.abs().lt(0.01);
        Assert.True(means.sub(3).abs().lt(0.8).logical_or(isOfBatch).all().item<bool>());
        Assert.InRange(isOfBatch.to(float32).mean().item<float>(), 0.35, 0.65);
        var fault = Assert.Throws<ArgumentException>(() => layer.call(rows.narrow(0, 0, 1)));
        Assert.Contains("more than one value", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CoTuning_Relationship_IsTheMeanOfEachClassAndEvenWithoutRows()
    {
        var probabilities = tensor(
            new[,]
            {
                { 0.8, 0.2 },
                { 0.4, 0.6 },
                { 0.1, 0.9 },
            }
        );
        var labels = tensor(new long[] { 0, 0, 2 });

        var relationship = CoTuning.Relationship(probabilities, labels, 3, tensor(new[] { 3.0, 1, 5 }));

        Assert.True(
            relationship.allclose(
                tensor(
                    new[,]
                    {
                        { 0.7, 0.3 },
                        { 0.5, 0.5 },
                        { 0.1, 0.9 },
                    }
                ),
                1e-12
            )
        );
    }

    [Fact]
    public void CoTuning_OfAHeadThatKnowsTheClasses_LearnsFromIt()
    {
        Toy.SeedModules(9);
        using var extractor = Toy.Extractor();
        using var oldHead = Toy.Predictor();
        var (source, target) = (Toy.Source(), Toy.LabeledTarget());
        Recipes.FineTune(extractor, oldHead).Fit(source, target.WithoutLabels()).Dispose();
        using var predictor = Toy.Predictor();

        using var model = Recipes.CoTuning(extractor, predictor, oldHead).Fit(source, target.WithoutLabels());

        var accuracy = AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels);
        Assert.True(accuracy.Value >= 0.8, $"{accuracy}");
    }

    [Theory]
    [InlineData("bi-tuning")]
    [InlineData("co-tuning")]
    [InlineData("ewc")]
    [InlineData("si")]
    [InlineData("gradnorm")]
    public void State_OfAStoppedTraining_GoesOnFromTheCheckpoint(string name)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.File("checkpoints")) { EverySteps = 5 };
        byte[]? Run(CheckpointOptions? to = null, int? stopAfter = null, bool isOther = false)
        {
            Toy.SeedModules(3);
            using var head = new ModulePart(() => nn.Linear(8, 4));
            using var average = Toy.Extractor(dropout: 0.3, hasNormalization: true);
            using var ofHead = head.Replica();
            IObjective objective = name switch
            {
                "bi-tuning" => new BiTuning(head, average, ofHead, new Noise(0.2)) { Keys = 7, Momentum = 0.9 },
                "co-tuning" => new CoTuning(head),
                "gradnorm" => new GradientNormalization(average, new CrossEntropy(), new BatchSpectralShrinkage()),
                "ewc" => new ElasticWeightConsolidation(average, head, Toy.Source(rows: 9, seed: isOther ? 5 : 4)),
                _ => new SynapticIntelligence(average),
            };
            using var owned = objective as IDisposable;
            return InterruptedTraining.Run(objective, to, stopAfter);
        }

        var expected = Run();
        Assert.Null(Run(checkpoints, stopAfter: 13));
        var resumed = Run(checkpoints with { Resume = ResumeMode.Required }, isOther: true);

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void LearningWithoutForgetting_OfWhatWasRecorded_IsZeroAndOtherwiseGrows()
    {
        var scores = Random(5, 6, 4).requires_grad_();

        Assert.Equal(0, LearningWithoutForgetting.Of(scores, scores).item<double>(), 1e-12);
        Assert.Equal(0, LearningWithoutForgetting.Of(scores + 3, scores).item<double>(), 1e-12);
        var loss = LearningWithoutForgetting.Of(scores, scores.detach().flip(1), 2);
        Assert.True(loss.item<double>() > 0.01);
        // The paper's cross-entropy of tempered predictions has the same gradient.
        var wanted = (scores.detach().flip(1) / 2).softmax(1);
        var paper = CrossEntropy.Of(scores / 2, wanted);
        Assert.True(autograd.grad([loss], [scores])[0].allclose(autograd.grad([paper], [scores])[0], 1e-10));
    }

    [Fact]
    public void ElasticWeightConsolidation_OfALogisticModel_HasItsFisherInformation()
    {
        // One feature through a layer of one weight per class: F = mean x^2 (1[c = y] - p_c)^2, in the mean over y x^2
        // p_c (1 - p_c).
        using var layer = new ModulePart(() => nn.Linear(1, 2, hasBias: false, dtype: float64));
        var x = linspace(-2, 2, 400, dtype: float64).unsqueeze(1);
        var data = new LabeledDomain(x, arange(400, dtype: int64).remainder(2));
        using var identity = nn.Identity();
        using var term = new ElasticWeightConsolidation(layer, identity.AsPart(), data, rows: 400);
        var weight = (Parameter)layer.Module.parameters().First();
        var p = ((Linear)layer.Module).call(x).softmax(1);
        var fisher = (x.square() * p * (1 - p)).mean([0L]);
        using var predictor = Toy.Predictor();
        var step = StepContext.For(
            new StepBatch([], new UnlabeledBatch(x, DomainId.Target, arange(400, dtype: int64))),
            layer,
            predictor
        );

        Assert.Equal(0, term.Evaluate(step).item<double>());
        using (no_grad())
        {
            weight.add_(1);
        }

        Assert.Equal(fisher.sum().item<double>() / 2, term.Evaluate(step).item<double>(), 0.03);
    }

    [Fact]
    public void ElasticWeightConsolidation_OfAModelThatIsSure_HoldsNothing()
    {
        using var layer = new ModulePart(() => nn.Linear(1, 2, hasBias: false, dtype: float64));
        var weight = (Parameter)layer.Module.parameters().First();
        using (no_grad())
        {
            weight.copy_(tensor(new[] { 500.0, -500 }).unsqueeze(1));
        }
        var data = new LabeledDomain(ones(4, 1, float64), arange(4, dtype: int64).remainder(2));
        using var identity = nn.Identity();
        using var term = new ElasticWeightConsolidation(layer, identity.AsPart(), data);
        using var predictor = Toy.Predictor();
        var step = StepContext.For(
            new StepBatch([], new UnlabeledBatch(data.Inputs, DomainId.Target, arange(4, dtype: int64))),
            layer,
            predictor
        );
        using (no_grad())
        {
            weight.add_(1);
        }

        Assert.Equal(0, term.Evaluate(step).item<double>());
    }

    [Fact]
    public void ElasticWeightConsolidation_RowsOfWeightZero_AreNotDrawn()
    {
        using var layer = new ModulePart(() => nn.Linear(1, 2, hasBias: false, dtype: float64));
        var weight = (Parameter)layer.Module.parameters().First();
        using (no_grad())
        {
            weight.zero_();
        }
        // One of 50 rows weighs anything. At weights of 0 both probabilities are 1/2, and F = x^2 / 4 for either class.
        var isCounted = arange(50).eq(37).to(float64);
        var x = (9 - (7 * isCounted)).unsqueeze(1);
        var data = new LabeledDomain(x, arange(50, dtype: int64).remainder(2)).WithWeights(isCounted);
        using var identity = nn.Identity();
        using var term = new ElasticWeightConsolidation(layer, identity.AsPart(), data, rows: 1);
        using (no_grad())
        {
            weight.add_(tensor([1.0, 3]).unsqueeze(1));
        }

        using var predictor = Toy.Predictor();
        var step = StepContext.For(
            new StepBatch([], new UnlabeledBatch(x, DomainId.Target, arange(50, dtype: int64))),
            layer,
            predictor
        );
        Assert.Equal((1 + 9) / 2.0, term.Evaluate(step).item<double>(), 1e-9); // F = 4 / 4
    }

    [Fact]
    public void EarlierTask_HeldByAPenalty_IsForgottenLess()
    {
        var (first, second, target) = (Toy.Source(seed: 11), Turned(12), Toy.LabeledTarget().WithoutLabels());
        double Forgetting(string name)
        {
            Toy.SeedModules(10);
            using var extractor = Toy.Extractor();
            using var oldHead = Toy.Predictor();
            using var head = Toy.Predictor();
            using var intelligence = new SynapticIntelligence(extractor) { Strength = 3 };
            Recipes.Si(extractor, oldHead, intelligence).Fit(first, target, Options()).Dispose();
            intelligence.Consolidate();
            using var consolidation = new ElasticWeightConsolidation(extractor, oldHead, first) { Strength = 3000 };
            using var recordedExtractor = extractor.Replica();
            using var recordedHead = oldHead.Replica();
            var memory = Rehearsal.Kept(first, 20);
            Tensor Scores() => oldHead.Predict(extractor.Extract(first.Inputs));
            var before = CrossEntropy.Of(Scores(), first.Labels).item<float>();
            var builder = name switch
            {
                "si" => Recipes.Si(extractor, head, intelligence),
                "ewc" => Recipes.Ewc(extractor, head, consolidation),
                "lwf" => Recipes.Lwf(extractor, head, oldHead, recordedExtractor, recordedHead),
                "rehearsal" => Recipes.Rehearsal(extractor, head, memory, oldHead),
                _ => Recipes.FineTune(extractor, head),
            };
            using var model = builder.Fit(second, target, Options());
            Assert.True(AccuracyInterval.Of(model.PredictClasses(second.Inputs), second.Labels).Value > 0.8);
            return CrossEntropy.Of(Scores(), first.Labels).item<float>() - before;
        }

        var free = Forgetting("none");

        Assert.True(free > 0.02, $"nothing is forgotten: {free}");
        foreach (var name in new[] { "si", "ewc", "lwf", "rehearsal" })
        {
            var held = Forgetting(name);
            Assert.True(held < free * 0.6, $"{name} forgets {held} of {free}");
        }
    }

    [Fact]
    public void Kept_RowsOfEachClass_AreAsManyAndOfTheDomain()
    {
        var data = Toy.Source(rows: 50, classes: 3).WithWeights(arange(50, dtype: float32) + 1);

        var kept = Rehearsal.Kept(data, 4);

        Assert.Equal([4L, 4, 4], kept.Labels.bincount(null, 3).data<long>().ToArray());
        var rows = (kept.Weights! - 1).to(int64);
        Assert.True(kept.Inputs.equal(data.Inputs.index_select(0, rows)).all().item<bool>());
        Assert.Equal(50, Rehearsal.Kept(data, 40).Count);
    }

    [Fact]
    public void SynapticIntelligence_Consolidated_KnowsWhatMovedForALowerLoss()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var intelligence = new SynapticIntelligence(extractor);
        Assert.Throws<InvalidOperationException>(intelligence.Consolidate);

        Recipes.Si(extractor, predictor, intelligence).Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels()).Dispose();
        intelligence.Consolidate();

        var importance = intelligence.Importance.Select(it => it.min().item<float>()).ToList();
        Assert.Equal(extractor.Module.parameters().Count(), importance.Count);
        Assert.True(importance.TrueForAll(least => least >= 0));
        Assert.True(intelligence.Importance.Sum(it => it.sum().item<float>()) > 0);
        Assert.Throws<InvalidOperationException>(intelligence.Consolidate);
    }

    [Fact]
    public void LayerTransfer_Frozen_CopiesTheFirstLayersAndHoldsThem()
    {
        Toy.SeedModules(6);
        using var trained = Toy.Extractor();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var transfer = new LayerTransfer(1) { Freezes = true };
        Tensor First(ModulePart part) => part.Module.get_parameter("first.weight")!;
        Tensor Second(ModulePart part) => part.Module.get_parameter("second.weight")!;

        transfer.Copy(trained.Module, extractor.Module);

        Assert.True(First(extractor).equal(First(trained)).all().item<bool>());
        Assert.False(Second(extractor).equal(Second(trained)).all().item<bool>());
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: transfer))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
            .Dispose();
        Assert.True(First(extractor).equal(First(trained)).all().item<bool>());
        var fault = Assert.Throws<ArgumentException>(() => transfer.Copy(Toy.Predictor().Module, extractor.Module));
        Assert.Contains("layers", fault.Message, StringComparison.Ordinal);
        using var other = nn.Sequential(nn.Linear(3, 8));
        Assert.Throws<ArgumentException>("to", () => transfer.Copy(other, extractor.Module));
    }

    [Fact]
    public void Adapters_AtFirst_DoWhatTheLayersDid()
    {
        var rows = Random(6, 5, 4).to(float32);
        var images = Random(7, 2, 3, 6, 6).to(float32);
        using var dense = nn.Linear(4, 3);
        using var convolution = nn.Conv2d(3, 5, 3, stride: 2, padding: 1);
        var (ofRows, ofImages) = (dense.call(rows), convolution.call(images));

        using var lowRank = new LowRankLinear(dense, 2, alpha: 4);
        using var lowRankConvolution = new LowRankConvolution(convolution, 2, stride: 2, padding: 1, alpha: 4);
        using var bottleneck = new BottleneckAdapter(4, 2);

        Assert.True(lowRank.call(rows).allclose(ofRows));
        Assert.True(lowRankConvolution.call(images).allclose(ofImages));
        Assert.True(bottleneck.call(rows).allclose(rows, 0, 1e-4));
        using (no_grad())
        {
            foreach (var added in lowRank.Added.Concat(lowRankConvolution.Added))
            {
                added.add_(rand_like(added));
            }
        }
        var merged = nn.functional.linear(rows, lowRank.MergedWeight(), dense.bias);
        var filters = nn.functional.conv2d(images, lowRankConvolution.MergedWeight(), convolution.bias, [2, 2], [1, 1]);
        Assert.True(lowRank.call(rows).allclose(merged, 1e-4, 1e-5));
        Assert.True(lowRankConvolution.call(images).allclose(filters, 1e-4, 1e-4));
        Assert.False(lowRank.call(rows).allclose(ofRows, 1e-3, 1e-3));
    }

    [Fact]
    public void BottleneckAdapter_OfSetWeights_IsTheFormulaWithTanhsApproximation()
    {
        using var adapter = new BottleneckAdapter(2, 1);
        var rows = tensor(new[] { 1, -2, 0.5f, 1 }).reshape(2, 2);
        float[][] values =
        [
            [1, 0.5f],
            [0.25f],
            [2, -1],
            [0.1f, 0.2f],
        ]; // D, d, U, u
        using (no_grad())
        {
            foreach (var (parameter, value) in adapter.parameters().Zip(values))
            {
                parameter.copy_(tensor(value).reshape(parameter.shape));
            }
        }

        static double Gelu(double x) =>
            0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));
        var (low, high) = (Gelu(0.25), Gelu(1.25)); // 1 - 1 + 0.25, and 0.5 + 0.5 + 0.25
        float[] expected =
        [
            (float)(1 + (2 * low) + 0.1),
            (float)(-2 - low + 0.2),
            (float)(0.5 + (2 * high) + 0.1),
            (float)(1 - high + 0.2),
        ];
        Assert.True(adapter.call(rows).allclose(tensor(expected).reshape(2, 2), 1e-5, 1e-6));
    }

    [Fact]
    public void BottleneckAdapter_AtFirst_IsDrawnFromACutNormalDistribution()
    {
        Toy.SeedModules(3);
        using var adapter = new BottleneckAdapter(300, 100, spread: 0.01);
        var parameters = adapter.parameters().ToList();

        foreach (var weight in parameters.Where(it => it.dim() == 2))
        {
            Assert.True(weight.abs().max().item<float>() <= 0.02001f);
            // A normal distribution that is cut at 2 has a standard deviation of 0.8796.
            Assert.Equal(0.008796f, weight.std().item<float>(), 1e-4f);
            Assert.Equal(0f, weight.mean().item<float>(), 3e-4f);
        }
        Assert.All(parameters.Where(it => it.dim() == 1), bias => Assert.Equal(0, bias.abs().max().item<float>()));
        Assert.Throws<ArgumentOutOfRangeException>("spread", () => new BottleneckAdapter(3, 1, 0));
    }

    [Fact]
    public void AdapterPlan_InATraining_MovesAdaptersAlone()
    {
        Toy.SeedModules(7);
        using var layer = nn.Linear(4, 8);
        using var plain = nn.Linear(8, 8);
        var before = (layer.weight!.clone(), plain.weight!.clone());
        using var adapted = nn.Sequential(
            new LowRankLinear(layer, 2, alpha: 8),
            nn.ReLU(),
            plain,
            new BottleneckAdapter(8, 4)
        );
        using var predictor = nn.Linear(8, 2);
        var target = Toy.LabeledTarget();

        using var model = Recipes.Lora(adapted, predictor).Fit(Toy.Source(), target.WithoutLabels());

        Assert.True(layer.weight!.equal(before.Item1).all().item<bool>());
        Assert.True(plain.weight!.equal(before.Item2).all().item<bool>());
        Assert.True(AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value >= 0.7);
        Assert.Throws<ArgumentException>("module", () => new AdapterPlan().Groups(plain));
    }

    [Fact]
    public void StochasticNormalization_OfALayerWithAnEpsilonOfItsOwn_KeepsIt()
    {
        using var plain = nn.BatchNorm1d(3, eps: 1e-3, momentum: 0.5);
        using (no_grad())
        {
            plain.running_var!.fill_(1e-4);
        }
        using var stochastic = StochasticNormalization.From(plain, probability: 1);
        var rows = Random(3, 6, 3).to(float32);

        _ = (plain.call(rows), stochastic.call(rows));
        plain.eval();
        stochastic.eval();

        Assert.True(stochastic.call(rows).allclose(plain.call(rows), 1e-4, 1e-5));
    }

    // Children: 0 and 2 have parameters, 1 is an activation.
    [Fact]
    public void FreezingPlan_BesideARuleByName_CountsChildrenByTheirPlaces()
    {
        using var network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.Linear(2, 2));
        List<string> Moving(FreezingPlan plan, long epoch) =>
            [
                .. network
                    .named_parameters()
                    .Where(pair =>
                        plan.Groups(network)
                            .Any(group => group.FromEpoch <= epoch && group.Parameters.Contains(pair.parameter))
                    )
                    .Select(pair => pair.name)
                    .Where(name => name.EndsWith("weight", StringComparison.Ordinal)),
            ];

        Assert.Equal(["2.weight", "3.weight"], Moving(FreezingPlan.None.Freeze("0.").FreezeFirst(1), 0));
        Assert.Equal(["0.weight", "2.weight", "3.weight"], Moving(FreezingPlan.None.Rule("0.", 0.1).FreezeFirst(1), 0));
        Assert.Equal(["3.weight"], Moving(FreezingPlan.None.Rule("3.", 1).UnfreezeGradually(1), 0));
        Assert.Equal(["2.weight", "3.weight"], Moving(FreezingPlan.None.Rule("3.", 1).UnfreezeGradually(1), 1));
    }

    [Fact]
    public void LayerTransfer_WhereTheTargetHasNoBias_IsRefused()
    {
        using var from = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2));
        using var to = nn.Sequential(nn.Linear(4, 8, hasBias: false), nn.Linear(8, 2));

        var fault = Assert.Throws<ArgumentException>("to", () => new LayerTransfer(1).Copy(from, to));

        Assert.Contains("'bias'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LowRankConvolution_OfALayerOfOtherGeometry_IsRefused()
    {
        foreach (
            var layer in new[]
            {
                nn.Conv2d(8, 8, 3, padding: 1),
                nn.Conv2d(8, 8, 3, stride: 2),
                nn.Conv2d(8, 8, 3, dilation: 2),
                nn.Conv2d(8, 8, 3, groups: 2),
            }
        )
        {
            using (layer)
            {
                Assert.Throws<ArgumentException>("layer", () => new LowRankConvolution(layer, 2));
            }
        }
    }

    [Fact]
    public void Rehearsal_WithoutASource_Trains()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var before = extractor.Module.parameters().First().clone();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new Rehearsal(Toy.Source(rows: 64))))
            .FitSourceFree(
                Toy.LabeledTarget().WithoutLabels(),
                LabelSpace.Classes(2),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 2, BatchSize = 16 },
                }
            );

        Assert.False(extractor.Module.parameters().First().allclose(before));
    }

    [Fact]
    public void SynapticIntelligence_MovesThatRaisedTheLoss_TakeFromTheSumOfAllTasks()
    {
        using var layer = new ModulePart(() => nn.Linear(1, 1, hasBias: false, dtype: float64));
        var weight = (Parameter)layer.Module.parameters().First();
        using var intelligence = new SynapticIntelligence(layer);
        double AfterTask(double slope, double move)
        {
            intelligence.OnStart(null!);
            layer.Module.zero_grad();
            (weight * slope).sum().backward();
            using (no_grad())
            {
                weight.add_(move);
            }
            intelligence.OnStepped(null!, null!);
            intelligence.Consolidate();
            return Assert.Single(intelligence.Importance).item<double>();
        }

        // -slope move / (move^2 + 0.1), summed; where a task begins the term itself has no slope.
        Assert.Equal(2 / 1.1, AfterTask(2, -1), 1e-12);
        Assert.Equal((2 / 1.1) - (2 / 4.1), AfterTask(1, 2), 1e-12);
        Assert.Equal(0, AfterTask(10, 1), 1e-12);
        Assert.Equal(3 / 1.1, AfterTask(3, -1), 1e-12);
    }

    [Fact]
    public void SynapticIntelligence_WithClippedGradients_IsRefusedInThePlan()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var intelligence = new SynapticIntelligence(extractor);

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(intelligence))
                .FitWithoutTarget(
                    [Toy.Source()],
                    new FitOptions { Training = new TrainingOptions { GradientClipping = 1 } }
                )
        );

        Assert.Contains("GradientClipping", fault.Message, StringComparison.Ordinal);
    }

    // Of the gradients of two phases, or of a phase's repetitions, the last one would be left.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SynapticIntelligence_OfAPartThatMovesTwiceAStep_IsRefusedInThePlan(bool isRepeated)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var intelligence = new SynapticIntelligence(extractor);

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net =>
                    {
                        net.Minimize(new CrossEntropy()).Minimize(intelligence);
                        _ = isRepeated
                            ? net.Main.Repeat(2)
                            : net.Phase(phase => phase.Move(extractor).Minimize(new CrossEntropy())).Main;
                    }
                )
                .FitWithoutTarget([Toy.Source()])
        );

        Assert.Contains("its part moves 2 times", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static FitOptions Options() =>
        new()
        {
            Training = new TrainingOptions { Epochs = 12, Optimizer = p => optim.Adam(p, 0.01) },
        };

    // The classes lie crosswise to those of the first task, and further out.
    private static LabeledDomain Turned(long seed)
    {
        var source = Toy.Source(seed: seed);
        return source.WithInputs(cat([source.Inputs.narrow(1, 0, 2).flip(1) * 2, source.Inputs.narrow(1, 2, 2)], 1));
    }

    private static Tensor Random(long seed, params long[] shape)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, dtype: float64, generator: generator);
    }
}
