using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class SemiSupervisedTests : IDisposable
{
    private static readonly double[,] SourceLogits =
    {
        { 2, 0 },
        { 0, 1 },
    };
    private static readonly double[,] TargetLogits =
    {
        { 3, 0 },
        { 0.2, 0 },
    };
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void KnowledgeDistillation_OfATeacherThatFindsAllAlike_IsLabelSmoothing()
    {
        var (scores, labels) = (Random(1, 9, 4), arange(9, dtype: int64).remainder(4));
        const double Share = 0.3;

        var even = KnowledgeDistillation.Of(scores, zeros_like(scores), temperature: 1);
        var composed = (CrossEntropy.Of(scores, labels) * (1 - Share)) + (even * Share);

        var smoothed = CrossEntropy.Of(scores, labels, labelSmoothing: Share);
        Assert.Equal(smoothed.item<double>() - (Share * Math.Log(4)), composed.item<double>(), 1e-12);
    }

    [Fact]
    public void VirtualAdversarialTraining_OfALinearNetwork_GoesAlongTheDifferenceOfItsWeights()
    {
        var weights = Random(2, 5, 2);
        var (rows, noise) = (Random(3, 7, 5), Random(4, 7, 5));

        var change = VirtualAdversarialTraining.Perturbation(x => x.matmul(weights), rows, noise, 1e-5, 0.7);

        var along = weights.select(1, 0) - weights.select(1, 1);
        var cosines = change.matmul(along) / (along.norm() * 0.7);
        Assert.True(change.norm(1).allclose(full(7, 0.7, float64), 1e-9));
        Assert.True(cosines.abs().allclose(ones(7, float64), 1e-4));
    }

    [Fact]
    public void VirtualAdversarialTraining_Step_LeavesModesAsTheyWere()
    {
        using var extractor = Toy.Extractor(dropout: 0.5, hasNormalization: true);
        using var predictor = Toy.Predictor();
        extractor.Module.train();
        var target = Toy.LabeledTarget(rows: 6);
        var batch = new StepBatch([], new UnlabeledBatch(target.Inputs, DomainId.Target, arange(6, dtype: int64)));
        var before = Toy.Bits(extractor);

        var value = new VirtualAdversarialTraining().Evaluate(StepContext.For(batch, extractor, predictor));

        Assert.True(value.item<float>() > 0);
        Assert.True(extractor.Module.training);
        Assert.Equal(before, Toy.Bits(extractor)); // running statistics among them
    }

    [Fact]
    public void FixMatch_AtTheThresholdItself_Counts()
    {
        var weak = zeros(1, 2, dtype: float64); // a confidence of 0.5
        var strong = tensor(
            new double[,]
            {
                { 1, 0 },
            }
        );

        Assert.Equal(
            CrossEntropy.Of(strong, zeros(1, int64)).item<double>(),
            FixMatch.Of(weak, strong, 0.5).item<double>(),
            1e-12
        );
        Assert.Equal(0, FixMatch.Of(weak, strong, 0.51).item<double>());
    }

    [Fact]
    public void FlexMatch_Training_RemembersSureReadingsAndStartsWithNone()
    {
        Toy.SeedModules(5);
        var term = new FlexMatch(new Noise(0.1)) { Threshold = 0.6 };
        var seen = new Seen(term);

        using var model = new AdaptationBuilder()
            .Train(
                Toy.Extractor(),
                Toy.Predictor(),
                net => net.Minimize(new CrossEntropy()).Minimize(term, Schedule.From(0.5, 1)).Use(seen)
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 400, BatchSize = 40 },
                }
            );

        Assert.Equal(80, seen.Unread[0]);
        Assert.True(seen.Unread[^1] < 20, $"{seen.Unread[^1]} of 80 rows were never read surely");
    }

    [Fact]
    public void FlexMatch_OfAReadingAtTheThresholdItself_RemembersIt()
    {
        double[,] rows =
        {
            { 0, 0 }, // a confidence of 0.5
            { 0, 3 },
        };
        var step = LogitSteps.Of(rows, rows);
        var view = LogitSteps.View(step);
        var term = new FlexMatch(new LogitSteps.Scaled(1)) { Threshold = 0.5 };

        term.OnStart(view);
        term.OnStepped(view, step);
        using var last = LogitSteps.Kept(term, "last");
        term.OnEnd();

        Assert.DoesNotContain(-1, last.data<long>().ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AdaMatch_OverSteps_AlignsByItsAverages(bool isEvaluated)
    {
        var term = new AdaMatch(new LogitSteps.Scaled(0.5))
        {
            Threshold = 0.8,
            Momentum = 0.9,
            Window = 2,
        };
        var step = LogitSteps.Of(SourceLogits, TargetLogits);
        var view = LogitSteps.View(step);
        // Of the strong view, as class 0 and as class 1.
        var (first, second) = (Math.Log(1 + Math.Exp(-1.5)), Math.Log(1 + Math.Exp(0.1)));

        term.OnStart(view);
        if (isEvaluated)
        {
            // Aligned, the rows are read by 0.925 and 0.570; 0.8 of the source's mean confidence is 0.645.
            Assert.Equal(first / 2, term.Evaluate(step).item<double>(), 1e-12);
        }
        term.OnStepped(view, step);
        var value = term.Evaluate(LogitSteps.Of(SourceLogits, TargetLogits)).item<double>();
        using var average = LogitSteps.Kept(term, "average");
        using var means = LogitSteps.Kept(term, "means");
        term.OnEnd();

        // By 0.876 and 0.700 now.
        Assert.Equal((first + second) / 2, value, 1e-12);
        var ofSource = ((1 / (1 + Math.Exp(-2))) + (1 / (1 + Math.Exp(1)))) / 2;
        var ofTarget = ((1 / (1 + Math.Exp(-3))) + (1 / (1 + Math.Exp(-0.2)))) / 2;
        Assert.Equal(0.45 + (0.1 * ofSource), average[0].item<double>(), 1e-12);
        Assert.Equal([0.5, 0.5], means[0].data<double>().ToArray());
        Assert.Equal(ofTarget, means[1, 0].item<double>(), 1e-12);
    }

    [Fact]
    public void AdaMatch_WithoutMomentumAndOfOneBatch_AlignsByTheStepsMeans()
    {
        var term = new AdaMatch(new LogitSteps.Scaled(0.5))
        {
            Threshold = 0.8,
            Momentum = 0,
            Window = 1,
        };

        var value = term.Evaluate(LogitSteps.Of(SourceLogits, TargetLogits)).item<double>();

        var rows = tensor(TargetLogits);
        Assert.Equal(AdaMatch.Of(tensor(SourceLogits), rows, rows * 0.5, 0.8).item<double>(), value, 1e-12);
        Assert.Equal((Math.Log(1 + Math.Exp(-1.5)) + Math.Log(1 + Math.Exp(0.1))) / 2, value, 1e-12);
    }

    [Fact]
    public void ViewCrossEntropy_OfTwoViews_IsTheirMean()
    {
        double[,] source =
        {
            { 2, 0 },
            { 0, 1 },
        };
        var step = LogitSteps.Of(source, source, weights: tensor(new[] { 0.5, 1.5 }));

        var value = new ViewCrossEntropy(new LogitSteps.Scaled(2), new LogitSteps.Scaled(0.5)).Evaluate(step);

        // 0.4338731600 of the weak view and 0.0997334903 of the strong one.
        Assert.Equal(0.26680332514, value.item<double>(), 1e-9);
    }

    [Fact]
    public void AdaMatch_OfAPreferredClass_LabelsInTheSourcesShares()
    {
        // The source is even and the target's network prefers class 0; aligned, the second row is of class 1.
        var source = tensor(
            new double[,]
            {
                { 2, 0 },
                { 0, 2 },
            }
        );
        var weak = tensor(
            new double[,]
            {
                { 3, 0 },
                { 0.2, 0 },
            }
        );
        var strong = tensor(
            new double[,]
            {
                { 0, 0 },
                { 1, 0 },
            }
        );

        var loss = AdaMatch.Of(source, weak, strong, threshold: 0.1).item<double>();

        var expected = CrossEntropy.Of(strong, tensor(new long[] { 0, 1 })).item<double>();
        Assert.Equal(expected, loss, 1e-12);
        Assert.Equal(0, AdaMatch.Of(source, weak, strong, threshold: 5).item<double>());
    }

    [Fact]
    public void AdaMatch_WeightedSource_TakesItsSharesByWeight()
    {
        var source = tensor(
            new double[,]
            {
                { 40, 0 },
                { 0, 40 },
            }
        );
        var weak = tensor(
            new double[,]
            {
                { 0.1, 0 },
                { 0.1, 0 },
            }
        );
        var strong = tensor(
            new double[,]
            {
                { 1, 0 },
                { 1, 0 },
            }
        );

        var loss = AdaMatch.Of(source, weak, strong, 0.5, tensor(new double[] { 1, 3 })).item<double>();

        Assert.Equal(CrossEntropy.Of(strong, ones(2, int64)).item<double>(), loss, 1e-12);
    }

    [Fact]
    public void SoftMatch_Weights_FallOffBelowTheUsualConfidenceAlone()
    {
        var scores = tensor(
            new double[,]
            {
                { 3, 0 },
                { 0, 0 },
            }
        );
        var averages = tensor(new double[] { 0.8, 0.04, 0.5, 0.5 });

        var weights = SoftMatch.Weights(scores, averages, narrowing: 2);

        Assert.Equal(1, weights[0].item<double>());
        Assert.Equal(Math.Exp(-0.3 * 0.3 / (2 * 0.04 / 4)), weights[1].item<double>(), 1e-12);
    }

    [Fact]
    public void SoftMatch_Follow_IsTheMovingAverageOfAlignedConfidence()
    {
        var scores = Random(5, 6, 3);
        var before = tensor(new double[] { 1.0 / 3, 1, 1.0 / 3, 1.0 / 3, 1.0 / 3 });

        var after = SoftMatch.Follow(scores, before, 0.9);

        var p = scores.softmax(1);
        var mean = (p.mean([0L]) * 0.1) + (0.9 / 3);
        var aligned = p / mean;
        var confidence = (aligned / aligned.sum(1, keepdim: true)).amax([1L]);
        Assert.True(after.narrow(0, 2, 3).allclose(mean, 1e-12, 1e-12));
        Assert.Equal((0.9 / 3) + (0.1 * confidence.mean().item<double>()), after[0].item<double>(), 1e-12);
        Assert.Equal(0.9 + (0.1 * confidence.var().item<double>()), after[1].item<double>(), 1e-12);
    }

    [Fact]
    public void DebiasedPseudoLabels_OfAnEvenAverage_AreFixMatchAndOfAnUnevenOneNot()
    {
        var (weak, strong) = (Random(6, 8, 3) * 4, Random(7, 8, 3));

        var even = DebiasedPseudoLabels.Of(weak, strong, full(3, 1.0 / 3, float64), 0.6).item<double>();
        var row = zeros(1, 2, dtype: float64);
        var uneven = DebiasedPseudoLabels.Of(row, row, tensor(new double[] { 0.9, 0.1 }), 0.5, 1).item<double>();

        Assert.Equal(FixMatch.Of(weak, strong, 0.6).item<double>(), even, 1e-12);
        Assert.Equal(-Math.Log(0.1), uneven, 1e-12); // labeled as the rare class, with its margin
    }

    [Fact]
    public void PseudoGroupContrast_Enqueued_KeepsTheLastOfEachClassInTurn()
    {
        var memory = zeros(2, 2, 1, dtype: float64);
        var keys = tensor(new double[] { 1, 2, 3, 4 }).reshape(4, 1);

        var (after, places) = PseudoGroupContrast.Enqueued(
            memory,
            tensor(new long[] { 1, 0 }),
            keys,
            tensor(new long[] { 0, 1, 0, 0 })
        );

        // Class 0: 1 to place 1, 3 to place 0, 4 to place 1 again.
        Assert.Equal([3, 4, 2, 0], after.data<double>().ToArray());
        Assert.Equal([0, 1], places.data<long>().ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PseudoGroupContrast_OfLabeledTargetRowsWithWeightsOrMixedLabels_SaysSo(bool isWeighted)
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var (source, few) = (Toy.Source(rows: 8), Toy.LabeledTarget(rows: 6));
        LabeledBatch Batch(LabeledDomain of, DomainId id, Tensor labels, Tensor? weights) =>
            new(of.Inputs, labels, id, arange(of.Count, dtype: int64), weights, of.Space);
        var mixed = nn.functional.one_hot(few.Labels, 2).to(float32);
        var batch = new StepBatch(
            [Batch(source, DomainId.Source(0), source.Labels, null)],
            new UnlabeledBatch(few.Inputs, DomainId.Target, arange(6, dtype: int64)),
            Batch(few, DomainId.Target, isWeighted ? few.Labels : mixed, isWeighted ? ones(6) : null)
        );
        var term = new PseudoGroupContrast(Toy.Critic(), Toy.Extractor(), Toy.Critic());

        var fault = Assert.Throws<ArgumentException>(() => term.Evaluate(StepContext.For(batch, extractor, predictor)));

        Assert.Contains(isWeighted ? "example weights" : "class numbers", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PiModel")]
    [InlineData("PiModel, both")]
    [InlineData("MeanTeacher")]
    [InlineData("PseudoGroupContrast")]
    [InlineData("AugMixConsistency")]
    public void Views_OfOneObject_AreDrawnApart(string name)
    {
        Toy.SeedModules(5);
        static ModulePart Head() => new(() => nn.Linear(8, 3));
        var (extractor, predictor, head) = (Toy.Extractor(), Toy.Predictor(), Head());
        var view = new Noise(0.5);
        double Value(IAugmentation second)
        {
            var step = Toy.Step(extractor, predictor);
            IObjective term = name switch
            {
                "PiModel" => new PiModel(view, second),
                "PiModel, both" => new PiModel(view, second) { LearnsFromBoth = true },
                "MeanTeacher" => new MeanTeacher(extractor, predictor) { StudentView = view, TeacherView = second },
                "PseudoGroupContrast" => new PseudoGroupContrast(head, Toy.Extractor(), Head(), view, second),
                _ => new AugMixConsistency(view, second),
            };
            if (term is PseudoGroupContrast contrast)
            {
                var domains = new DomainSet([Toy.Source(rows: 8)], new UnlabeledDomain(step.Target.Inputs));
                contrast.OnStart(new TrainingView(domains, extractor, predictor, 0, 0, 0, new RandomKey(1)));
            }
            var value = term.Evaluate(step).item<float>();
            (term as PseudoGroupContrast)?.OnEnd();
            return value;
        }

        var twice = Value(view);

        Assert.True(twice > 0);
        Assert.Equal(Value(new AugmentationSequence(view)), twice);
    }

    [Fact]
    public void MeanTeacher_UnsureTeacher_IsLeftOutByItsThreshold()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var target = Toy.LabeledTarget(rows: 6);
        var batch = new StepBatch([], new UnlabeledBatch(target.Inputs, DomainId.Target, arange(6, dtype: int64)));
        float Value(double threshold) =>
            new MeanTeacher(Toy.Extractor(), Toy.Predictor()) { Threshold = threshold }
                .Evaluate(StepContext.For(batch, extractor, predictor))
                .item<float>();

        Assert.True(Value(0) > 0);
        Assert.Equal(0, Value(0.999999));
    }

    [Fact]
    public void ClassBalance_OfEvenPredictions_IsLeast()
    {
        var even = ClassBalance
            .Of(
                tensor(
                    new double[,]
                    {
                        { 9, 0 },
                        { 0, 9 },
                    }
                )
            )
            .item<double>();

        Assert.Equal(Math.Log(2), even, 1e-12);
        Assert.True(
            ClassBalance
                .Of(
                    tensor(
                        new double[,]
                        {
                            { 9, 0 },
                            { 9, 0 },
                        }
                    )
                )
                .item<double>()
                > even + 1
        );
    }

    [Fact]
    public void ClassBalance_OfOneClassForAllInFloat32_KeepsItsValueAndItsSlopes()
    {
        var scores = tensor(
                new float[,]
                {
                    { 40, 0 },
                    { 40, 0 },
                }
            )
            .requires_grad_();

        var value = ClassBalance.Of(scores);

        // By one class 0.5 (0 + 40), by the other 0.5 (40 + 0): half of the difference of the logits.
        Assert.Equal(20, value.item<float>(), 1e-4f);
        var slopes = autograd.grad([value], [scores])[0];
        Assert.Equal([0.25f, -0.25f, 0.25f, -0.25f], slopes.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(0, ClassBalance.Of(ones(3, 1)).item<float>(), 1e-6f);
    }

    [Fact]
    public void ClassBalance_WithATeacher_TakesTheStudentsViewAndTheKeptShare()
    {
        var same = nn.Identity().AsPart();
        var teacher = new MeanTeacher(same, same) { StudentView = new LogitSteps.Scaled(0.5), Threshold = 0.7 };
        double[,] rows =
        {
            { 3, 0 },
            { 0.2, 0 }, // the teacher is sure by 0.55
            { 0, 2 },
        };
        double Value(ClassBalance term) => term.Evaluate(LogitSteps.Of(rows, rows)).item<double>();

        Assert.Equal(1.39183463748 * 2 / 3, Value(new ClassBalance { Teacher = teacher }), 1e-9);
        Assert.Equal(1.39288905687, Value(new ClassBalance()), 1e-9);
        Assert.Equal(0.69644452843, Value(new ClassBalance { SumsClasses = false }), 1e-9);
    }

    [Fact]
    public void DomainInformation_OfMixedRowsIsNearNothing_AndOfOppositeOnesMost()
    {
        var information = new DomainInformation();
        var (a, b) = (Random(1, 40, 6), Random(2, 40, 6));
        var axis = eye(6, dtype: float64)[0];

        Assert.True(information.Between(a, b).item<double>() < 0.01);
        // Cosines of 1 within and -1 across: of 3 neighbors one within, mass e / (e + 2 / e).
        var mass = Math.E / (Math.E + (2 / Math.E));
        var expected = Math.Log(2) + (mass * Math.Log(mass)) + ((1 - mass) * Math.Log(1 - mass));
        var opposite = information.Between(axis.expand(2, 6), -axis.expand(2, 6));
        Assert.Equal(expected, opposite.item<double>(), 1e-9);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    // How many rows the term has not read surely, before each epoch and at the end, from its own state.
    private sealed class Seen(FlexMatch term) : ITrainingHook
    {
        public List<long> Unread { get; } = [];

        public void OnStart(TrainingView view) => Apply();

        public void OnStepped(TrainingView view, StepContext step) => Apply();

        public void Exchange(StateBag state) { }

        private void Apply()
        {
            using var bag = StateBag.ForSaving();
            term.Exchange(bag);
            using var loading = bag.Continue();
            Tensor? last = null;
            loading.Slot("last", ref last);
            Unread.Add(last!.eq(-1).sum().item<long>());
            last.Dispose();
        }
    }
}
