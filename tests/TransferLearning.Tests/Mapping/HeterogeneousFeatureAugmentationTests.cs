#pragma warning disable TL1003 // experimental methods are tested, too
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Machines on rows of different features, beside their images in a common space.</summary>
public sealed class HeterogeneousFeatureAugmentationTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Plain Python: the paper's program of maps P and Q, a vector of H after the other and their shares in turns, each
    // machine by sequential minimal optimization. After 40 vectors its value is 3.244426, that of the one machine that
    // is solved here 3.244300, and its scores -2.477029, 1.699222 and 0.230418.
    [Fact]
    public void Classify_TenRows_GivesTheScoresThatTheGrowingMetricNears()
    {
        var (source, target) = (Alternating(Waves.Rows(6, 2, 1)), Alternating(Waves.Rows(4, 3, 2.5)));

        var machine = new HeterogeneousFeatureAugmentation
        {
            Kernel = new LinearKernel(),
            SourceCost = 2,
            MetricBound = 3,
        }.Classify(source, target);

        var scores = machine.Predict(Waves.Rows(3, 3, 0.4));
        double[] expected = [-2.47702573, 1.69922628, 0.23041774];
        Assert.All(
            expected.Zip(scores.select(1, 0).data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5)
        );
        Assert.True(scores.select(1, 1).allclose(-scores.select(1, 0), 1e-5, 1e-5));
    }

    // Plain Python: the first labeling by the target's own machine, then the machine of all rows, each by pairs of
    // coordinates of the simplex.
    [Fact]
    public void Classify_OneLabeling_GivesTheScoresOfAnIndependentMachine()
    {
        var (source, target) = (Alternating(Waves.Rows(6, 2, 1)), Alternating(Waves.Rows(4, 3, 2.5)));
        var unlabeled = Waves.Rows(3, 3, 0.4);

        var machine = new SemiSupervisedFeatureAugmentation
        {
            Kernel = new LinearKernel(),
            SourceCost = 2,
            UnlabeledCost = 0.5,
            MetricBound = 3,
            TargetShares = [1.0 / 3, 2.0 / 3],
            Labelings = 1,
        }.Classify(source, target, unlabeled);

        var scores = machine.Predict(unlabeled);
        double[] expected = [-1.48585928, 1.01374234, -0.13093837];
        Assert.All(
            expected.Zip(scores.select(1, 0).data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5)
        );
        Assert.True(scores.select(1, 1).allclose(-scores.select(1, 0), 1e-5, 1e-5));
    }

    // The augmented rows written out, with the rank-one maps that the solution says are best: their machine is the
    // same.
    [Fact]
    public void Classify_ItsOwnMaps_AreBestForTheMachineOfTheAugmentedRows()
    {
        var (source, target) = (Alternating(Waves.Rows(6, 2, 1)), Alternating(Waves.Rows(4, 3, 2.5)));
        var method = new HeterogeneousFeatureAugmentation { Kernel = new LinearKernel(), MetricBound = 3 };
        // Of the machine without maps, at 1 + lambda times the kernel, each domain's own normal.
        var ofTarget = method.Classify(source, target).Coefficients.select(1, 0) / 4;
        var ofSource = method.Classify(target, source).Coefficients.select(1, 0) / 4;
        var (w, v) = (source.Inputs.t().mv(ofSource), target.Inputs.t().mv(ofTarget));
        var length = (w.dot(w) + v.dot(v)).sqrt();
        var (p, q) = (w / length * Math.Sqrt(3), v / length * Math.Sqrt(3));
        var s = cat([source.Inputs.mv(p).unsqueeze(1), source.Inputs, zeros([6, 3], float64)], 1);
        var t = cat([target.Inputs.mv(q).unsqueeze(1), zeros([4, 2], float64), target.Inputs], 1);
        var rows = cat([s, t]);

        // The dual's slopes of these multipliers in the machine of the augmented rows.
        var products = cat([ofSource, ofTarget]);
        var signs = cat([Signs(source), Signs(target)]);
        var gaps = signs - rows.mv(rows.t().mv(products));
        var shares = (products * signs).data<double>().ToArray();
        var all = gaps.data<double>().ToArray();
        var intercept = Enumerable
            .Range(0, 10)
            .Where(i => shares[i] is > 1e-4 and < 1 - 1e-4)
            .Select(i => all[i])
            .Average();
        Assert.All(
            Enumerable.Range(0, 10),
            i =>
            {
                var slack = (all[i] - intercept) * signs[i].ToDouble(); // 1 - y f
                Assert.True(
                    shares[i] < 1e-4 ? slack < 1e-4
                        : shares[i] > 1 - 1e-4 ? slack > -1e-4
                        : Math.Abs(slack) < 1e-4,
                    $"row {i}: multiplier {shares[i]}, slack {slack}"
                );
            }
        );
    }

    [Fact]
    public void Classify_SourceOfMoreColumns_IsTheSameAfterPadding()
    {
        var (source, target) = (Alternating(Waves.Rows(16, 2, 1)), Alternating(Waves.Rows(6, 5, 2.5)));
        var rows = Waves.Rows(9, 5, 0.4);
        var method = new HeterogeneousFeatureAugmentation();

        var plain = method.Classify(source, target).Predict(rows);
        using var model = new AdaptationBuilder()
            .Add(method)
            .FitFewShot(source.PadColumns(5), new UnlabeledDomain(rows), target);

        Assert.True(model.Predict(rows).allclose(plain, 1e-6, 1e-6));
    }

    [Fact]
    public void Classify_WeightsOfRows_MultiplyTheirCosts()
    {
        var (source, target) = (Alternating(Waves.Rows(16, 2, 1)), Alternating(Waves.Rows(6, 3, 2.5)));
        var rows = Waves.Rows(9, 3, 0.4);
        var method = new HeterogeneousFeatureAugmentation { MetricBound = 0 };

        var plain = method.Classify(source, target).Predict(rows);
        var none = cat([ones(12, float64), zeros(4, float64)]);
        var weighted = method.Classify(source.WithWeights(none), target).Predict(rows);
        var fewer = (method with { SourceCost = 16.0 / 12 })
            .Classify(
                new LabeledDomain(source.Inputs.narrow(0, 0, 12), source.Labels.narrow(0, 0, 12), space: source.Space),
                target
            )
            .Predict(rows);

        Assert.True(weighted.allclose(fewer, 1e-6, 1e-6));
        Assert.False(weighted.allclose(plain, 1e-3, 1e-3));
    }

    // Two labeled rows a class, of which one class has seven rows of ten and another one of ten; the shares are known.
    [Fact]
    public void Classify_UnlabeledRowsOfKnownShares_HelpTheMachine()
    {
        var (narrow, labels) = Toy.Clouds(30, 4, classes: 3, features: 2);
        var source = new LabeledDomain(narrow, labels, space: LabelSpace.Classes(3));
        double[] Accuracies(long seed)
        {
            using var generator = new RandomKey(seed + 50).Generator();
            var (clouds, classes) = Toy.Clouds(246, seed, classes: 3, features: 6, angle: 0.8);
            var inputs = clouds + randn([246, 6], generator: generator);
            long[] Rows(long of, int count) => [.. Enumerable.Range(2, 80).Select(i => (3L * i) + of).Take(count)];
            var few = new LabeledDomain(inputs.narrow(0, 0, 6), classes.narrow(0, 0, 6), space: source.Space);
            var taken = tensor([.. Rows(0, 42), .. Rows(1, 12), .. Rows(2, 6)]);
            var (rest, truth) = (inputs.index_select(0, taken), classes.index_select(0, taken));
            double Right(KernelPredictor machine) =>
                machine.Predict(rest).argmax(1).eq(truth).to(float64).mean().item<double>();
            return
            [
                Right(new HeterogeneousFeatureAugmentation().Classify(source, few)),
                Right(
                    new SemiSupervisedFeatureAugmentation
                    {
                        UnlabeledCost = 0.01,
                        TargetShares = [0.7, 0.2, 0.1],
                    }.Classify(source, few, rest)
                ),
            ];
        }

        var runs = Enumerable.Range(1, 3).Select(seed => Accuracies(seed)).ToList();
        var (plain, more) = (runs.Average(run => run[0]), runs.Average(run => run[1]));

        output.WriteLine($"HFA {plain:F3}, SHFA {more:F3}");
        Assert.True(more > plain + 0.04, $"{more} beside {plain}");
    }

    // Amazon's features of a network, twenty images a class, for Webcam's SURF words, three labeled ones a class. The
    // source acts through the intercepts alone.
    [Fact]
    public void Classify_OfficeImagesOfOtherFeatures_IsNearTheTargetsOwnMachine()
    {
        var deep = SharedData.File("office_caltech", "googlenet1024_aw.npz");
        var surf = SharedData.File("office_caltech", "surf800_acw.npz");
        var (sourceRows, sourceLabels) = (NumpyBytes.Read(deep, "amazon_x"), NumpyBytes.Read(deep, "amazon_y"));
        var (rows, labels) = (NumpyBytes.Read(surf, "webcam_x"), NumpyBytes.Read(surf, "webcam_y"));
        Tensor Unit(Tensor some) => some.to(float64) / some.to(float64).norm(1, keepdim: true).clamp_min(1e-12);
        LabeledDomain Domain(Tensor from, Tensor classes, Tensor some) =>
            new(Unit(from).index_select(0, some), classes.index_select(0, some), space: LabelSpace.Classes(10));
        double Accuracy(int ofSource, long seed, Func<LabeledDomain, LabeledDomain, Tensor, ILabelPredictor> learn)
        {
            var (known, _) = Drawn(sourceLabels, ofSource, seed);
            var (few, others) = Drawn(labels, 3, seed + 10);
            var unlabeled = Unit(rows).index_select(0, others);
            return 100
                * learn(Domain(sourceRows, sourceLabels, known), Domain(rows, labels, few), unlabeled)
                    .Predict(unlabeled)
                    .argmax(1)
                    .eq(labels.index_select(0, others))
                    .to(float64)
                    .mean()
                    .item<double>();
        }
        double Mean(Func<LabeledDomain, LabeledDomain, Tensor, ILabelPredictor> learn) =>
            Enumerable.Range(1, 3).Average(seed => Accuracy(20, seed, learn));
        var method = new HeterogeneousFeatureAugmentation();

        var alone = Mean((_, few, _) => method.Classify(few, few));
        var hfa = Mean((source, few, _) => method.Classify(source, few));
        var shfa = Accuracy(
            5,
            1,
            (source, few, unlabeled) =>
                new SemiSupervisedFeatureAugmentation { Labelings = 2, Tolerance = 1e-2 }.Classify(
                    source,
                    few,
                    unlabeled
                )
        );

        output.WriteLine($"few rows alone {alone:F1}, HFA {hfa:F1}, SHFA on the first draw {shfa:F1}");
        Assert.InRange(hfa, 55, 70);
        Assert.True(Math.Abs(hfa - alone) < 2, $"{hfa:F1} beside {alone:F1}");
        Assert.True(shfa > Accuracy(5, 1, (source, few, _) => method.Classify(source, few)), $"{shfa:F1}");
    }

    [Fact]
    public void Classify_FaultyInput_NamesIt()
    {
        var (source, target) = (Alternating(Waves.Rows(6, 2, 1)), Alternating(Waves.Rows(4, 3, 2.5)));
        var method = new HeterogeneousFeatureAugmentation();
        var values = new LabeledDomain(source.Inputs, source.Inputs.select(1, 0));
        var other = new LabeledDomain(target.Inputs, target.Labels, space: LabelSpace.Classes(5));
        Assert.Equal("source", Assert.Throws<ArgumentException>(() => method.Classify(values, target)).ParamName);
        Assert.Equal("target", Assert.Throws<ArgumentException>(() => method.Classify(source, other)).ParamName);
        Assert.Equal(
            "unlabeled",
            Assert
                .Throws<ArgumentException>(() =>
                    new SemiSupervisedFeatureAugmentation().Classify(source, target, source.Inputs)
                )
                .ParamName
        );
        Assert.Equal(
            "TargetShares",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new SemiSupervisedFeatureAugmentation { TargetShares = [0.5, 0.6] }.Classify(
                        source,
                        target,
                        target.Inputs
                    )
                )
                .ParamName
        );
    }

    [Fact]
    public void Plan_SharesOfOtherClasses_IsRefusedBeforeAnythingIsComputed()
    {
        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new SemiSupervisedFeatureAugmentation { TargetShares = [0.5, 0.25, 0.25] })
                .FitFewShot(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels(), Toy.LabeledTarget(4))
        );
        Assert.Contains("TargetShares", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Alternating(Tensor rows) =>
        new(rows, arange(rows.shape[0], dtype: int64).remainder(2), space: LabelSpace.Classes(2));

    private static Tensor Signs(LabeledDomain domain) => 1 - (domain.Labels.to(float64) * 2);

    // So many rows of each class, and the others.
    private static (Tensor Some, Tensor Others) Drawn(Tensor labels, int count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var order = randperm(labels.shape[0], dtype: int64, generator: generator).data<long>().ToArray();
        var classes = labels.data<long>().ToArray();
        var some = order.GroupBy(row => classes[row]).SelectMany(group => group.Take(count)).ToHashSet();
        return (tensor(some.Order().ToArray()), tensor(order.Where(row => !some.Contains(row)).Order().ToArray()));
    }
}
