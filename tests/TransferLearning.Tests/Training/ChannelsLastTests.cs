using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Images with their channels innermost in memory.</summary>
public sealed class ChannelsLastTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_ChannelsLast_LaysBatchesSoAndLearnsTheSame()
    {
        var (expected, plain) = Trained(isChannelsLast: false, DomainPasses.Apart);
        var (actual, strides) = Trained(isChannelsLast: true, DomainPasses.Apart);

        Assert.Equal([3 * 36, 36, 6, 1], plain);
        Assert.Equal([3 * 36, 1, 18, 3], strides);
        Assert.True((actual - expected).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Fit_ChannelsLastJoined_LaysTheJoinedBatchSo() =>
        Assert.Equal([3 * 36, 1, 18, 3], Trained(isChannelsLast: true, DomainPasses.Joined).Strides);

    [Fact]
    public void Fit_ChannelsLastOfRowsThatAreNoImages_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions { Training = new TrainingOptions { ChannelsLast = true } }
                )
        );

        Assert.Contains("ChannelsLast is for images [n, c, h, w]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ChannelsLastBehindWhatFlattens_IsRefusedBeforeAnythingIsComputed()
    {
        using var extractor = nn.Linear(108, 8);
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Flatten()
                .Train(extractor.AsPart(), predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(Images(), Images().WithoutLabels(), Options)
        );

        Assert.Equal(
            "stage 2 (NetworkTraining): ChannelsLast is for images [n, c, h, w]; these rows are [108].",
            Assert.Single(fault.Faults)
        );
    }

    [Fact]
    public void Fit_ChannelsLastBehindWhatMakesImages_LaysThemSo()
    {
        var images = Images();
        var rows = images.WithInputs(images.Inputs.flatten(1));
        using var shape = nn.Unflatten(1, [3, 6, 6]);
        using var extractor = new Watched();
        using var predictor = nn.Linear(64, 2);

        using var model = new AdaptationBuilder()
            .Frozen(shape)
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(rows, rows.WithoutLabels(), Options);

        Assert.Equal([3 * 36, 1, 18, 3], extractor.Strides);
    }

    public void Dispose() => scope.Dispose();

    private static FitOptions Options =>
        new()
        {
            Training = new TrainingOptions
            {
                Steps = 1,
                BatchSize = 8,
                ChannelsLast = true,
            },
        };

    private static LabeledDomain Images()
    {
        using var generator = new RandomKey(4).Generator();
        return new LabeledDomain(rand([16, 3, 6, 6], generator: generator), arange(16, dtype: int64).remainder(2));
    }

    private static (Tensor Weight, long[] Strides) Trained(bool isChannelsLast, DomainPasses passes)
    {
        Toy.SeedModules(3);
        using var generator = new RandomKey(3).Generator();
        var images = rand([64, 3, 6, 6], generator: generator);
        using var extractor = new Watched();
        using var predictor = nn.Linear(64, 2);
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Align(new EnergyDistance()))
            .Fit(
                new LabeledDomain(images, arange(64, dtype: int64).remainder(2)),
                new UnlabeledDomain(images * 0.9),
                new FitOptions
                {
                    Training = new TrainingOptions
                    {
                        Steps = 3,
                        BatchSize = 8,
                        Passes = passes,
                        ChannelsLast = isChannelsLast,
                        Optimizer = parameters => optim.SGD(parameters, 0.05),
                    },
                }
            );
        return (predictor.weight!.detach().clone(), extractor.Strides);
    }

    private sealed class Watched : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d convolution = nn.Conv2d(3, 4, 3);

        public Watched()
            : base(nameof(Watched)) => RegisterComponents();

        public long[] Strides { get; private set; } = [];

        public override Tensor forward(Tensor input)
        {
            if (is_grad_enabled())
            {
                Strides = input.stride();
            }
            return convolution.call(input).relu().flatten(1);
        }
    }
}
