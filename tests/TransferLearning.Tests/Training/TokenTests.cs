using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Rows of token numbers pass through an extractor; what computes on numbers refuses them by name.</summary>
public sealed class TokenTests : IDisposable
{
    private const int Words = 12;
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    public void Fit_OfTokens_LearnsAndReadsTextsOfOtherLengths(ScalarType type)
    {
        var (source, target) = (Texts(200, type), Texts(60, type, shift: 1));

        using var model = Fit(new FitOptions { Training = new TrainingOptions { Epochs = 20 } }, source, target);

        Assert.True(Accuracy(model, target) > 0.9);
        Assert.Equal([60L], model.PredictClasses(target.Inputs.narrow(1, 0, 3)).shape);
        Assert.Equal(type, target.Inputs.dtype);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_OfNumbersForTokens_NamesBothDtypes(bool isLoaded)
    {
        var (source, target) = (Texts(40), Texts(20));
        using var folder = new TemporaryFolder();
        using var fitted = Fit(new FitOptions { Training = new TrainingOptions { Steps = 1 } }, source, target);
        fitted.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"), Encoder(), nn.Linear(8, 2));

        var fault = Assert.Throws<ArgumentException>(() => (isLoaded ? loaded : fitted).Predict(ones(3, 5)));

        Assert.Equal("inputs", fault.ParamName);
        Assert.Contains("inputs are Float32, and those of the fit were Int64", fault.Message);
        // A token that the network does not know is no matter of dtypes.
        var unknown = Assert.ThrowsAny<Exception>(() => fitted.Predict(full([3, 5], 99, int64)));
        Assert.DoesNotContain("convert", unknown.Message);
    }

    [Fact]
    public void Fit_OfTokensInBFloat16_LeavesTheTokensNumbers()
    {
        var (source, target) = (Texts(200), Texts(60, shift: 1));

        using var model = Fit(
            new FitOptions
            {
                Training = new TrainingOptions { Epochs = 20, Precision = Precision.BFloat16 },
            },
            source,
            target
        );

        Assert.True(Accuracy(model, target) > 0.9);
    }

    [Fact]
    public void Frozen_OfTokens_GivesFeaturesThatShallowStagesTake()
    {
        var (source, target) = (Texts(200), Texts(60, shift: 1));
        using var encoder = Encoder();

        using var model = new AdaptationBuilder()
            .Frozen(encoder)
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(source, target.WithoutLabels());

        Assert.True(Accuracy(model, target) > 0.8);
    }

    [Theory]
    [InlineData("CorrelationAlignment")]
    [InlineData("NearestNeighbor")]
    [InlineData("Standardize")]
    public void Fit_OfTokensOnWhatComputesOnNumbers_IsRefusedByName(string name)
    {
        var (source, target) = (Texts(20), Texts(20));
        var builder = name switch
        {
            "CorrelationAlignment" => new AdaptationBuilder().Map(new CorrelationAlignment()),
            "NearestNeighbor" => new AdaptationBuilder(),
            _ => new AdaptationBuilder().Map(new Standardize()),
        };

        var refusal = Assert.Throws<InvalidAdaptationException>(() =>
            builder.Learn(new NearestNeighbor()).Fit(source, target.WithoutLabels())
        );

        Assert.Contains($"stage 1 ({name}): works on numbers, and the rows are Int64 tokens", refusal.Message);
    }

    [Fact]
    public void Fit_OfBytes_IsRefusedWithTheRemedy()
    {
        var bytes = new LabeledDomain(ones(8, 4, uint8), arange(8, dtype: int64).remainder(2));

        var refusal = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Learn(new NearestNeighbor()).Fit(bytes, bytes.WithoutLabels())
        );

        Assert.Contains("inputs are Byte; convert them to a floating dtype", refusal.Message);
    }

    public void Dispose() => scope.Dispose();

    private static double Accuracy(AdaptedModel model, LabeledDomain domain) =>
        model.PredictClasses(domain.Inputs).eq(domain.Labels).to(float64).mean().item<double>();

    private static AdaptedModel Fit(FitOptions options, LabeledDomain source, LabeledDomain target)
    {
        Toy.SeedModules(1);
        var critic = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)).AsPart();
        return new AdaptationBuilder()
            .Train(
                Encoder(),
                nn.Linear(8, 2),
                net => net.Minimize(new CrossEntropy()).Oppose(critic, Schedule.Constant(0.1))
            )
            .Fit(source, target.WithoutLabels(), options);
    }

    private static nn.Module<Tensor, Tensor> Encoder() => new BagOfWords();

    // Class 0 speaks the first half of the words, class 1 the second; the target favors some of them.
    private static LabeledDomain Texts(long count, ScalarType type = ScalarType.Int64, long shift = 0)
    {
        using var generator = new RandomKey(4 + shift).Generator();
        var labels = arange(count, dtype: int64).remainder(2);
        var words = randint(Words / 2, [count, 5], dtype: int64, generator: generator);
        var favored = words.where(words.gt(shift), full_like(words, shift));
        return new LabeledDomain((favored + (labels.unsqueeze(1) * (Words / 2))).to(type), labels);
    }

    private sealed class BagOfWords : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Embedding words = nn.Embedding(Words, 8);

        public BagOfWords()
            : base(nameof(BagOfWords)) => RegisterComponents();

        public override Tensor forward(Tensor input) => words.call(input).mean([1L]);
    }
}
