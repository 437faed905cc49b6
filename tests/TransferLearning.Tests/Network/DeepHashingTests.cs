using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Codes of bits (DAH, DHN), searches among them, and alignment at several layers.</summary>
public sealed class DeepHashingTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor codes = Waves.Rows(7, 5, 0.5);
    private readonly Tensor target = Waves.Rows(4, 5, 2);
    private readonly Tensor labels = tensor(new long[] { 0, 1, 2, 0, 1, 0, 2 });

    [Theory]
    [InlineData(10, 77.52669999921069)]
    [InlineData(1, 46.04070131813051)]
    public void OfPairs_KnownCodes_IsTheSumOverPairs(double weight, double expected)
    {
        // Pair by pair in plain Python.
        Assert.Equal(expected, DeepHashing.OfPairs(codes, labels, weight).item<double>(), 1e-11);
    }

    [Fact]
    public void OfPairs_ThreeCodesByHand_IsTheirLikelihood()
    {
        var three = tensor(
            new[,]
            {
                { 1.0, 1 },
                { 1, -1 },
                { -1, -1 },
            }
        );
        // Half the inner products are 0 (one class), -1 and 0 (two classes).
        var expected = 2 * ((10 * Math.Log(2)) + Math.Log(1 + Math.Exp(-1)) + Math.Log(2));

        var value = DeepHashing.OfPairs(three, tensor(new long[] { 0, 0, 1 })).item<double>();

        Assert.Equal(expected, value, 1e-12);
        Assert.Equal(0, DeepHashing.OfPairs(three.narrow(0, 0, 1), zeros(1, int64)).item<double>());
    }

    [Fact]
    public void OfTarget_KnownCodes_IsTheEntropyOfClassLikelihoods()
    {
        Assert.Equal(4.17706856901709, DeepHashing.OfTarget(target, codes, labels, 3).item<double>(), 1e-11);
        // A class without rows has no share.
        Assert.Equal(4.17706856901709, DeepHashing.OfTarget(target, codes, labels, 9).item<double>(), 1e-11);
    }

    [Fact]
    public void OfTarget_BetweenTwoOppositeCodes_IsTheEntropyByHand()
    {
        var two = tensor(
            new[,]
            {
                { 1.0, 1 },
                { -1, -1 },
            }
        );
        var p = 1 / (1 + Math.Exp(-4)); // products 2 and -2

        var value = DeepHashing.OfTarget(two.narrow(0, 0, 1), two, tensor(new long[] { 0, 1 }), 2).item<double>();

        Assert.Equal(-(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p)), value, 1e-12);
    }

    [Fact]
    public void OfSigns_KnownCodes_IsTheDistanceFromThem()
    {
        Assert.Equal(7.9796477497284615, DeepHashing.OfSigns(codes).item<double>(), 1e-12);
        Assert.Equal(0, DeepHashing.OfSigns(HashCodes.Signs(codes)).item<double>());
        Assert.Equal(3, DeepHashing.OfSigns(zeros(1, 3, float64)).item<double>());
    }

    [Theory]
    [InlineData(false, 1.106674913018979)]
    [InlineData(true, 1.3732230500016682)]
    public void PairwiseHashing_KnownCodes_IsTheFormula(bool balances, double expected)
    {
        var value = new PairwiseHashing { BalancesPairs = balances }
            .Of(codes, labels)
            .item<double>();

        Assert.Equal(expected, value, 1e-12);
        Assert.Equal(0.10467738777776595, PairwiseHashing.OfSigns(codes).item<double>(), 1e-12);
    }

    [Theory]
    [InlineData("pairs")]
    [InlineData("target")]
    [InlineData("codes")]
    [InlineData("signs")]
    [InlineData("pairwise")]
    public void Terms_Gradient_IsThatOfFiniteDifferences(string name)
    {
        var start = name == "target" ? target : codes;
        Tensor At(Tensor rows) =>
            name switch
            {
                "pairs" => DeepHashing.OfPairs(rows, labels),
                "target" => DeepHashing.OfTarget(rows, codes, labels, 3),
                "codes" => DeepHashing.OfTarget(target, rows, labels, 3),
                "signs" => DeepHashing.OfSigns(rows),
                _ => new PairwiseHashing { BalancesPairs = true }.Of(rows, labels),
            };
        var rows = start.clone().requires_grad_();
        var gradient = autograd.grad([At(rows)], [rows])[0];
        var direction = Waves.Rows(start.shape[0], 5, 3);
        const double Length = 1e-6;

        var rise = (At(start + (direction * Length)) - At(start - (direction * Length))) / (2 * Length);

        Assert.Equal(rise.item<double>(), (gradient * direction).sum().item<double>(), 1e-6);
    }

    [Fact]
    public void Terms_OfLargeCodes_AreFiniteAndSoAreTheirSlopes()
    {
        var (some, others) = ((codes * 1e4).requires_grad_(), (target * 1e4).requires_grad_());

        var value =
            DeepHashing.OfPairs(some, labels)
            + DeepHashing.OfTarget(others, some, labels, 4)
            + new PairwiseHashing().Of(some, labels);

        Assert.True(value.isfinite().item<bool>());
        Assert.All(autograd.grad([value], [some, others]), slope => Assert.True(slope.isfinite().all().item<bool>()));
    }

    [Fact]
    public void Evaluate_OfTheStepsOwnBatches_IsTheSumOfTheTermsPerRow()
    {
        using var extractor = new ModulePart(() => nn.Linear(4, 8));
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor);
        var (source, own) = (step.Features(step.Sources[0]), step.Features(step.Target));
        var of = new DeepHashing
        {
            RowsPerClass = null,
            SimilarWeight = 3,
            EntropyWeight = 0.5,
            QuantizationWeight = 0.2,
        };
        var expected =
            DeepHashing.OfPairs(source, step.Sources[0].Labels, 3)
            + (0.5 * DeepHashing.OfTarget(own, source, step.Sources[0].Labels, 2))
            + (0.2 * DeepHashing.OfSigns(cat([source, own])));

        Assert.Equal((expected / 14).item<float>(), of.Evaluate(step).item<float>(), 1e-5);
        Assert.Throws<ArgumentException>("step", () => of.Evaluate(Toy.Step(extractor, predictor, weights: ones(8))));
    }

    [Fact]
    public void LayerAlignment_OfAChain_IsTheSumOverItsLinks()
    {
        using var lower = new ModulePart(() => nn.Sequential(nn.Linear(4, 6), nn.ReLU()));
        using var upper = new ModulePart(() => nn.Linear(6, 8));
        using var predictor = Toy.Predictor();
        var step = Toy.Step(ExtractorChain.Of(lower, upper), predictor);
        var discrepancy = new MultiKernelMaximumMeanDiscrepancy();
        Tensor Gap(int link) => discrepancy.Between(step.Layers(step.Sources[0])[link], step.Layers(step.Target)[link]);

        var both = new LayerAlignment(discrepancy).Evaluate(step).item<float>();
        var first = new LayerAlignment(discrepancy, [0]).Evaluate(step).item<float>();

        Assert.Equal((Gap(0) + Gap(1)).item<float>(), both, 1e-6);
        Assert.Equal(Gap(0).item<float>(), first, 1e-6);
        Assert.NotEqual(both, first);
        Assert.Throws<ArgumentException>("step", () => new LayerAlignment(discrepancy, [2]).Evaluate(step));
        Assert.Throws<ArgumentException>("links", () => new LayerAlignment(discrepancy, [-1]));
    }

    [Fact]
    public void HashCodes_Distances_CountTheBitsThatDiffer()
    {
        var rows = tensor(
            new[,]
            {
                { 0.2, -0.1, 0.9 },
                { -0.2, -0.1, 0.9 },
                { 0.0, -5, 1 },
                { -1, 1, -1 },
            }
        );

        Assert.Equal([0L, 1, 0, 3], HashCodes.Distances(rows.narrow(0, 0, 1), rows).data<long>().ToArray());
        Assert.Equal([0L, 2, 1], HashCodes.Nearest(rows.narrow(0, 0, 1), rows, 3).data<long>().ToArray());
        Assert.Equal([1.0, -1, 1], HashCodes.Signs(rows)[2].data<double>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>("count", () => HashCodes.Nearest(rows, rows, 5));
    }

    [Fact]
    public void CodeLikelihood_KnownCodes_ScoresTheLogarithmsOfMeanLikelihoods()
    {
        var data = new LabeledDomain(codes, labels, space: LabelSpace.Classes(4));
        using var read = (CodePredictor)new CodeLikelihood().Fit(data);

        var scores = read.Predict(target);

        Assert.Equal(5, read.Bits);
        Assert.Equal(1.9718086280084883, scores[0, 0].item<double>(), 1e-12);
        Assert.Equal(0.9279796157929163, scores[1, 1].item<double>(), 1e-12);
        Assert.Equal(0.9752572246771424, scores[3, 2].item<double>(), 1e-12);
        Assert.Equal(0, scores.softmax(1)[0, 3].item<double>()); // no row of the class
    }

    [Fact]
    public void CodeLikelihood_WithWeightsAndOfSigns_IsThatOfTheRowsRepeatedAndOfTheBits()
    {
        var weighted = new LabeledDomain(codes, labels, tensor(new[] { 2.0, 1, 0, 1, 1, 1, 1 }));
        var rows = tensor(new long[] { 0, 0, 1, 3, 4, 5, 6 });
        var repeated = new LabeledDomain(codes.index_select(0, rows), labels.index_select(0, rows));
        var signs = new LabeledDomain(HashCodes.Signs(codes), labels);

        var (a, b) = (new CodeLikelihood().Fit(weighted), new CodeLikelihood().Fit(repeated));
        var (c, d) = (
            new CodeLikelihood { IsBinary = true }.Fit(new LabeledDomain(codes, labels)),
            new CodeLikelihood().Fit(signs)
        );

        Assert.True(a.Predict(target).allclose(b.Predict(target), 1e-12));
        Assert.True(c.Predict(target).allclose(d.Predict(HashCodes.Signs(target)), 1e-12));
    }

    [Fact]
    public void HashLayer_OfAnyFeatures_GivesNumbersBetweenMinusOneAndOne()
    {
        Toy.SeedModules(1);
        using var hash = new HashLayer(5, 16);
        using var plain = new HashLayer(5, 16, normalizes: false);

        var made = hash.call(codes.to(float32) * 100);

        Assert.Equal([7L, 16], made.shape);
        Assert.True(made.abs().max().item<float>() <= 1);
        Assert.True(made.std().item<float>() > 0.3); // normalized, whatever the unit
        Assert.Equal(4, hash.parameters().Count());
        Assert.Equal(2, plain.parameters().Count());
        Assert.Throws<ArgumentException>("input", () => hash.call(ones(2, 4)));
    }

    [Fact]
    public void BadInput_IsNamed()
    {
        void Names(string name, Action compute) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(compute).ParamName);

        Names("labels", () => DeepHashing.OfPairs(codes, labels.narrow(0, 0, 3)));
        Names("labels", () => DeepHashing.OfTarget(target, codes, ones(7, float64), 3));
        Names("codes", () => DeepHashing.OfTarget(target, codes.narrow(1, 0, 4), labels, 3));
        Names("similarWeight", () => DeepHashing.OfPairs(codes, labels, 0));
        Names("labels", () => new PairwiseHashing().Of(codes, ones(7, 3)));
        Names("bits", () => new HashLayer(3, 0));
        Names("data", () => new CodeLikelihood().Fit(new LabeledDomain(codes, codes)));
        Names("classes", () => Recipes.Dah(Toy.Extractor(), Toy.Predictor(), 0));
    }

    [Fact]
    public void Recipe_WithoutTarget_SaysThatItNeedsOne()
    {
        using var extractor = Toy.Extractor();
        using var hash = new HashLayer(8, 4);

        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.Dah(extractor, hash.AsPart(), 2).FitWithoutTarget([Toy.Source()])
        );

        Assert.Contains("needs target rows", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_Resumed_EndsWithTheSameBits()
    {
        using var folder = new TemporaryFolder();
        DeepHashing Made() => new() { RowsPerClass = 3 };
        var expected = InterruptedTraining.Run(Made());

        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        Assert.Null(InterruptedTraining.Run(Made(), checkpoints, stopAfter: 8));
        var resumed = InterruptedTraining.Run(Made(), checkpoints with { Resume = ResumeMode.IfPresent });

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void Recipe_OnDigits_FindsTheTargetsClassBetterThanCodesOfTheSourceAlone()
    {
        var alone = Mean(2, (extractor, hash) => OfSourceAlone(extractor, hash));
        var adapted = Mean(2, (extractor, hash) => Recipes.Dah(extractor, hash, 10));

        output.WriteLine($"source alone {alone}, DAH {adapted}");
        Assert.True(adapted.Map >= alone.Map + 0.02, $"DAH {adapted}, the source alone {alone}");
        Assert.True(adapted.Read >= alone.Read + 0.02, $"DAH {adapted}, the source alone {alone}");
    }

    [LongFact]
    public void Recipes_OnDigitsOverThreeSeeds_StandAsOnThePage()
    {
        var alone = Mean(3, (extractor, hash) => OfSourceAlone(extractor, hash));
        var pairwise = Mean(3, (extractor, hash) => Recipes.Dhn(extractor, hash, 10));
        var adapted = Mean(3, (extractor, hash) => Recipes.Dah(extractor, hash, 10));
        var strong = Mean(3, (extractor, hash) => Recipes.Dah(extractor, hash, 10, 73.5));

        output.WriteLine($"source alone {alone}, DHN {pairwise}, DAH {adapted}, at weight 73.5 {strong}");
        Assert.True(adapted.Map >= alone.Map + 0.03, $"DAH {adapted}, the source alone {alone}");
        Assert.True(adapted.Map >= pairwise.Map + 0.03, $"DAH {adapted}, DHN {pairwise}");
        Assert.True(adapted.Binary >= alone.Binary + 0.03, $"DAH {adapted}, the source alone {alone}");
    }

    private static AdaptationBuilder OfSourceAlone(ModulePart extractor, ModulePart hash) =>
        Recipes.Dah(extractor, hash, 10, 0, new DeepHashing { EntropyWeight = 0 });

    private static (double Map, double Read, double Binary) Mean(
        int seeds,
        Func<ModulePart, ModulePart, AdaptationBuilder> recipe
    )
    {
        var all = Enumerable.Range(1, seeds).Select(seed => Measured(seed, recipe)).ToList();
        return (all.Average(it => it.Map), all.Average(it => it.Read), all.Average(it => it.Binary));
    }

    // The precision of searches among the source's bits, and the accuracy of labels by codes and by bits.
    private static (double Map, double Read, double Binary) Measured(
        int seed,
        Func<ModulePart, ModulePart, AdaptationBuilder> recipe
    )
    {
        using var inner = NewDisposeScope();
        Toy.SeedModules(seed);
        using var extractor = new ModulePart(() =>
            nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
        );
        using var hash = new ModulePart(() => new HashLayer(64, 32));
        var (source, target) = (SmallDigits.Source, SmallDigits.Target);
        using var model = recipe(extractor, hash)
            .Fit(
                source,
                target.WithoutLabels(),
                new FitOptions
                {
                    Seed = seed,
                    Training = new TrainingOptions
                    {
                        Steps = 300,
                        BatchSize = 64,
                        Optimizer = p => optim.Adam(p, 0.002),
                    },
                }
            );
        var known = model.Features(source.Inputs, DomainId.Source(0));
        var queries = model.Features(target.Inputs);
        var similarities = HashCodes.Distances(queries, known).neg();
        var precision = RetrievalPrecision.Of(similarities, target.Labels, source.Labels, k: 10);
        var binary = new CodeLikelihood { IsBinary = true }.Fit(source.WithInputs(known));
        double Accuracy(Tensor scores) => AccuracyInterval.Of(scores, target.Labels).Value;
        return (
            precision.MeanAveragePrecision,
            Accuracy(model.Predict(target.Inputs)),
            Accuracy(binary.Predict(queries))
        );
    }

    public void Dispose() => scope.Dispose();
}
