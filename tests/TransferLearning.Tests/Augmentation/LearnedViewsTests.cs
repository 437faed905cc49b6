using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

/// <summary>Augmentations whose parameters learn against the network, or with it.</summary>
public sealed class LearnedViewsTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_NoStrength_LeavesImagesAsTheyAre()
    {
        using var view = new LearnedImageView(3);
        var images = Images(4, 3);

        Assert.True(view.Of(images, zeros(4, 9, float64)).allclose(images, 1e-6, 1e-6));
    }

    [Fact]
    public void Of_TheAngleAlone_IsTheTurnedImage()
    {
        using var view = new LearnedImageView(1, degrees: 40);
        var images = Images(3, 1);
        double[] strengths = [0.5, -1, 0.25];

        var seen = view.Of(images, Strengths(3, 7, (0, strengths)));

        var expected = Rotation.Of(images, tensor(strengths) * 40, isSmooth: true);
        Assert.True(seen.allclose(expected, 1e-9, 1e-9));
    }

    // An eighth of eight pixels to the right, a quarter down.
    [Fact]
    public void Of_TheShiftsAlone_MovesWholePixels()
    {
        using var view = new LearnedImageView(1, shift: 0.25);
        var images = Images(1, 1);

        var seen = view.Of(images, Strengths(1, 7, (2, [0.5]), (3, [1])));

        var expected = zeros_like(images);
        expected.narrow(2, 2, 6).narrow(3, 1, 7).copy_(images.narrow(2, 0, 6).narrow(3, 0, 7));
        Assert.True(seen.allclose(expected, 1e-9, 1e-9));
    }

    [Fact]
    public void Of_BrightnessContrastAndColor_AreThoseOfTheFormula()
    {
        using var view = new LearnedImageView(2, brightness: 0.4, contrast: 1, color: 0.5);
        var images = Images(1, 2);

        var seen = view.Of(images, Strengths(1, 8, (4, [-1]), (5, [0.5]), (6, [1]), (7, [0])));

        var mean = images.mean();
        var shaded = ((images - mean) * 0.5) + mean + 0.2;
        var expected = cat([shaded.narrow(1, 0, 1) * 1.5, shaded.narrow(1, 1, 1)], 1);
        Assert.True(seen.allclose(expected, 1e-9, 1e-9));
    }

    // A quarter turn with a growth to twice the size would show what lies at half the distance.
    [Fact]
    public void Of_TheScaleAlone_ShowsWhatLiesNearerTheCenter()
    {
        using var view = new LearnedImageView(1, scale: 1);
        var across = (arange(8, dtype: float64) - 3.5).expand(1, 1, 8, 8).contiguous();

        var seen = view.Of(across, Strengths(1, 7, (1, [1])));

        Assert.True(seen.narrow(3, 1, 6).allclose(across.narrow(3, 1, 6) / 2, 1e-9, 1e-9));
    }

    [Fact]
    public void Look_Slopes_AreThoseOfFiniteDifferences()
    {
        using var view = new LearnedImageView(2);
        view.Module.to(float64);
        var theta = view.Module.parameters().Single();
        var (images, weights) = (Images(3, 2), Waves.Rows(3, 128, 2).reshape(3, 2, 8, 8));
        Tensor Value() => (view.Look(images, new RandomKey(4)).square() * weights).sum();

        var slopes = autograd.grad([Value()], [theta])[0].data<double>().ToArray();

        for (var i = 0; i < 8; i++)
        {
            double Moved(double by)
            {
                using var quiet = no_grad();
                theta.select(0, i).add_(by);
                var value = Value().item<double>();
                theta.select(0, i).sub_(by);
                return value;
            }
            Assert.Equal((Moved(1e-6) - Moved(-1e-6)) / 2e-6, slopes[i], 1e-4 * Math.Max(1, Math.Abs(slopes[i])));
        }
    }

    [Fact]
    public void Look_OfAShift_StaysWithinItsShareOfTheSpread()
    {
        using var view = new LearnedShift(3, bound: 0.2);
        var rows = Waves.Rows(40, 3, 1) * tensor(new[] { 1.0, 10, 100 });

        var seen = view.Look(rows, new RandomKey(2));

        // The widths begin at half of the bound.
        var moves = (seen - rows).abs() / rows.std(0, unbiased: false, keepdim: true);
        Assert.True(moves.le(0.1 + 1e-9).all().item<bool>());
        Assert.True(moves.max().item<double>() > 0.08);
        Assert.True(seen.equal(view.Look(rows, new RandomKey(2))).all().item<bool>());
        Assert.False(seen.equal(view.Look(rows, new RandomKey(3))).all().item<bool>());
    }

    [Fact]
    public void Look_WithANetwork_GivesEachRowAMoveOfItsOwn()
    {
        using var view = new LearnedShift(3, bound: 0.2, nn.Linear(3, 3, dtype: float64));
        var rows = Waves.Rows(40, 3, 1);

        var seen = view.Look(rows, new RandomKey(2));

        Assert.True(seen.equal(view.Look(rows, new RandomKey(3))).all().item<bool>());
        var moves = (seen - rows).abs() / rows.std(0, unbiased: false, keepdim: true);
        Assert.True(moves.le(0.2).all().item<bool>());
        Assert.Equal(2, view.Module.parameters().Count());
        using var narrow = new LearnedShift(3, network: nn.Linear(3, 2, dtype: float64));
        Assert.Throws<ArgumentException>(() => narrow.Look(rows, new RandomKey(2)));
    }

    // The network's slopes are those of the plain loss; the view's are turned, or are not where it cooperates.
    [Theory]
    [InlineData(false, -1)]
    [InlineData(true, 1)]
    public void Evaluate_CrossEntropy_TurnsTheViewsSlopesAlone(bool cooperates, double sign)
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var view = new LearnedShift(4);
        var theta = view.Module.parameters().Single();
        var first = extractor.Module.parameters().First();
        var step = Toy.Step(extractor, predictor);
        var batch = step.Sources[0];

        var value = new LearnedViewCrossEntropy(view, 0.5) { Cooperates = cooperates }.Evaluate(step);

        // The key of the step's first draw.
        var shown = view.Look(batch.Inputs, Toy.Step(extractor, predictor).NextKey());
        var plain = CrossEntropy.Of(predictor.Predict(extractor.Extract(shown)), batch.Labels);
        Assert.Equal(plain.item<float>(), value.item<float>(), 1e-5);
        var (slopes, expected) = (autograd.grad([value], [theta, first]), autograd.grad([plain], [theta, first]));
        Assert.True(slopes[0].allclose(expected[0] * (0.5 * sign), 1e-4, 1e-6));
        Assert.True(slopes[1].allclose(expected[1], 1e-4, 1e-6));
    }

    [Fact]
    public void Of_TwoReadings_IsTheirDivergence()
    {
        var p = tensor(
            new[,]
            {
                { 0.7, 0.3 },
            }
        );
        var q = tensor(
            new[,]
            {
                { 0.4, 0.6 },
            }
        );

        var value = LearnedViewConsistency.Of(p.log(), q.log());

        Assert.Equal((0.7 * Math.Log(0.7 / 0.4)) + (0.3 * Math.Log(0.3 / 0.6)), value.item<double>(), 1e-12);
    }

    // A game: the view's widths grow where that makes rows hard, and stay within the bound.
    [Fact]
    public void Fit_AgainstAView_WidensWhatIsHard()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var view = new LearnedShift(4, bound: 2);

        using var model = Recipes
            .AdversarialAugmentation(extractor, predictor, view)
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(100, 1));

        // The classes differ in the first feature alone.
        var widths = view.Module.parameters().Single().tanh().data<float>().ToArray();
        Assert.True(widths[0] > 0.6, $"{widths[0]}");
        Assert.All(widths.Skip(1), width => Assert.True(Math.Abs(width) < widths[0], $"{width} beside {widths[0]}"));
    }

    // Bars that lie, stand and slant; the target's are turned by 25 degrees, moved and pale.
    [Fact]
    public void Fit_BarsOfAnotherCamera_AreReadBetterAfterTrainingAgainstAView()
    {
        var (alone, against) = (0.0, 0.0);
        for (var seed = 1; seed <= 2; seed++)
        {
            alone += Accuracy(null, seed) / 2;
            using var view = new LearnedImageView(1, degrees: 35, shift: 0.15, contrast: 1, brightness: 0.4);
            against += Accuracy(view, seed) / 2;
        }

        output.WriteLine($"alone {alone:F3}, against a view {against:F3}");
        Assert.True(against > alone + 0.05, $"{against} beside {alone}");
    }

    [Fact]
    public void Make_FaultyBounds_NamesThem()
    {
        Assert.Equal(
            "degrees",
            Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedImageView(1, degrees: 200)).ParamName
        );
        Assert.Equal(
            "contrast",
            Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedImageView(1, contrast: -1)).ParamName
        );
        Assert.Equal("bound", Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedShift(2, 0)).ParamName);
        using var view = new LearnedImageView(3);
        Assert.Equal(
            "inputs",
            Assert.Throws<ArgumentException>(() => view.Look(Images(2, 1), new RandomKey(1))).ParamName
        );
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Images(long rows, long channels) =>
        Waves.Rows(rows, channels * 64, 0.3).reshape(rows, channels, 8, 8);

    private static Tensor Strengths(long rows, long count, params (int Number, double[] Values)[] given)
    {
        var strengths = zeros(rows, count, float64);
        foreach (var (number, values) in given)
        {
            strengths.select(1, number).copy_(tensor(values));
        }
        return strengths;
    }

    private static FitOptions Options(int steps, long seed) =>
        new()
        {
            Seed = seed,
            Training = new TrainingOptions
            {
                Steps = steps,
                BatchSize = 64,
                Optimizer = p => optim.Adam(p, 0.01),
            },
        };

    private static double Accuracy(ILearnedView? view, long seed)
    {
        var (source, target) = (Bars(300, seed), Bars(300, seed + 10));
        var seen = (Rotation.Of(target.Inputs, full(300, 25.0f), isSmooth: true).roll([1L, -1L], [2, 3]) * 0.5) + 0.25;
        Toy.SeedModules(seed);
        using var extractor = new ModulePart(() =>
            nn.Sequential(
                nn.Conv2d(1, 6, 5),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(6 * 4 * 4, 16),
                nn.ReLU()
            )
        );
        using var predictor = new ModulePart(() => nn.Linear(16, 3));
        var builder = view is null
            ? new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            : Recipes.AdversarialAugmentation(extractor, predictor, view);
        using var model = builder.Fit(source, new UnlabeledDomain(seen), Options(120, seed));
        return model.PredictClasses(seen).eq(target.Labels).to(float64).mean().item<double>();
    }

    private static LabeledDomain Bars(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(3);
        var angles = labels.to(float32) * 60;
        var bar = zeros(rows, 1, 12, 12);
        bar.narrow(2, 5, 2).narrow(3, 1, 10).fill_(1);
        var inputs = Rotation.Of(bar, angles, isSmooth: true) + (randn([rows, 1, 12, 12], generator: generator) * 0.2);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(3));
    }
}
