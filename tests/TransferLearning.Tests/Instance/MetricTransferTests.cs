using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Instance weights learned together with something else: a distance, or the features' weights.</summary>
public sealed class MetricTransferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = new(Waves(8, 0.5), tensor(new long[] { 0, 1, 0, 1, 1, 0, 0, 1 }));
    private readonly LabeledDomain few = new(Waves(3, 1.7), tensor(new long[] { 1, 0, 1 }));

    [Fact]
    public void MetricTransfer_KnownRows_IsNumPysDescent()
    {
        var method = new MetricTransfer
        {
            Start = new Given(0.5, 1, 2, 1.5, 0.2, 0.8, 1, 1),
            Rate = 0.05,
            PairWeight = 5,
            WeightPenalty = 0.3,
            Steps = 15,
        };

        using var found = method.Fit(source, few.WithoutLabels(), few);

        // The descent written out pair by pair in NumPy.
        double[] weights = [0.139419, 1.796276, 2.768387, 1.724296, 0.0, 1.496513, 0.0, 0.075108];
        double[] matrix = [0.796441, 0.011981, -0.379196, 0.042938, 0.560533, -0.10345, -0.373699, -0.043199, 1.324194];
        Near(weights, found.Weights);
        Near(matrix, found.Matrix.reshape(-1));
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(1000)] // fewer than all pairs
    public void MetricTransfer_LoudFeatureSaysNothing_LearnsToIgnoreIt(int maxPairs)
    {
        var (target, test) = (Noisy(60, 2), Noisy(300, 3));

        using var learned = new MetricTransfer { Rate = 0.04, MaxPairs = maxPairs }.Fit(
            Noisy(80, 1),
            target.WithoutLabels()
        );
        var plain = new NearestNeighbor().Fit(Noisy(80, 1));

        Assert.True(
            Accuracy(learned, test) > Accuracy(plain, test) + 0.05,
            $"{Accuracy(learned, test)} {Accuracy(plain, test)}"
        );
        Assert.Equal(80, learned.Weights.sum().item<float>(), 1e-3);
        Assert.True(learned.Weights.ge(0).all().item<bool>());
    }

    [Fact]
    public void MetricTransfer_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        MetricNeighbors? found = new MetricTransfer { Steps = 3 }.Fit(source, few.WithoutLabels(), few);
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("neighbors", ref found);
            saving.Write(folder.File("neighbors"));
        }
        using var loading = StateBag.Read(folder.File("neighbors"));
        MetricNeighbors? loaded = null;
        loading.Part("neighbors", ref loaded);

        Assert.True(loaded!.Predict(few.Inputs).equal(found!.Predict(few.Inputs)).all().item<bool>());
    }

    [Fact]
    public void MetricTransfer_Values_AreRefused()
    {
        var values = new LabeledDomain(source.Inputs, source.Inputs.select(1, 0));

        Assert.Throws<ArgumentException>(() => new MetricTransfer().Fit(values, few.WithoutLabels()));
    }

    [Fact]
    public void BiWeighting_KnownRows_IsSciPysMinimum()
    {
        var method = new BiWeighting
        {
            InstancePenalty = 0.1,
            FeaturePenalty = 0.05,
            Rounds = 500,
        };

        using var found = method.Fit(source.Inputs, Waves(6, 1.7) + 0.3);

        // SciPy's minimum of J over both kinds of weights at once.
        double[] instances = [1.83092, 1.5069, 1.47257, 0.88102, 0.60943, 0.58082, 0.33431, 0.78403];
        Near(instances, found.Instances, 1e-3);
        Near([0.89196, 0.98485, 0.97623], found.Features, 1e-3);
        Assert.Equal(0.03238417684332067, found.Objective[^1], 1e-7);
        Assert.All(
            found.Objective.Zip(found.Objective.Skip(1)),
            pair => Assert.True(pair.Second <= pair.First + 1e-12)
        );
    }

    [Fact]
    public void BiWeighting_EqualDomains_ChangesNothing()
    {
        using var found = new BiWeighting().Fit(source.Inputs, source.Inputs);

        Near([1, 1, 1, 1, 1, 1, 1, 1], found.Instances);
        Near([1, 1, 1], found.Features);
    }

    [Fact]
    public void BiWeighting_FeatureThatNoWeightingCloses_Fades()
    {
        var (rows, labels) = Toy.Clouds(200, 1);
        var moved = rows + tensor(new float[] { 0, 0, 50, 0 });

        using var found = new BiWeighting { FeaturePenalty = 0.01 }.Fit(rows, moved);

        var features = found.Features.data<float>().ToArray();
        Assert.True(features[2] < 0.05 && features[0] > 0.95, string.Join(" ", features));
        Assert.Equal(200, labels.shape[0]);
    }

    [Fact]
    public void BiWeighting_SeveralSources_ShareOneFit()
    {
        var target = Toy.LabeledTarget();

        using var model = new AdaptationBuilder()
            .Add(new BiWeighting())
            .Learn(new LogisticRegression())
            .Fit([Toy.Source(rows: 100), Toy.Source(rows: 60, seed: 7)], target.WithoutLabels());

        Assert.True(Accuracy(model.Predictor, new LabeledDomain(model.Features(target.Inputs), target.Labels)) > 0.7);
    }

    // Weight on the second source takes the mean away from the target's, on whose side the first lies alone.
    [Fact]
    public void BiWeighting_SourceThatGetsNoWeight_IsNamed()
    {
        static LabeledDomain Around(double mean) =>
            new(tensor([mean - 1, mean + 1]).unsqueeze(1), tensor(new long[] { 0, 1 }));
        var chain = new AdaptationBuilder()
            .Add(new BiWeighting { InstancePenalty = 0.01, FeaturePenalty = 10 })
            .Learn(new LogisticRegression());

        var fault = Assert.Throws<InvalidOperationException>(() =>
            chain.Fit([Around(0), Around(10)], Around(-5).WithoutLabels())
        );

        Assert.Contains("source 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("InstancePenalty", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Waves(long n, double start)
    {
        var i = arange(n * 3, dtype: float64).reshape(n, 3);
        return ((i * 1.3) + start).sin() + (i * (0.37 * start)).cos();
    }

    // Two classes told apart by the first of seven features; the others are louder and say nothing.
    private static LabeledDomain Noisy(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var noise = randn([rows, 7], generator: generator) * tensor(new[] { 0.5f, 2, 2, 2, 2, 2, 2 });
        return new LabeledDomain(noise + cat([labels.to(float32).unsqueeze(1) * 2, zeros(rows, 6)], 1), labels);
    }

    private static double Accuracy(ILabelPredictor predictor, LabeledDomain rows) =>
        predictor.Predict(rows.Inputs).argmax(1).eq(rows.Labels).to(float64).mean().item<double>();

    private static void Near(double[] expected, Tensor given, double tolerance = 2e-6)
    {
        var numbers = given.to(float64).data<double>().ToArray();
        Assert.Equal(expected.Length, numbers.Length);
        Assert.All(expected.Zip(numbers), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    /// <summary>Weights from elsewhere.</summary>
    private sealed class Given(params double[] weights) : IInstanceWeighting
    {
        public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context) =>
            tensor(weights, dtype: float64);
    }
}
