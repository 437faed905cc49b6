using TransferLearning.Evaluation;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

/// <summary>The protocol of domain generalization.</summary>
public sealed class LeaveOneDomainOutTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain[] domains =
    [
        Toy.Source(rows: 64),
        Toy.Source(rows: 48, seed: 7),
        Turned(40), // whose classes lie on the other side
    ];

    [Fact]
    public void Run_OfThreeDomains_JudgesEachByModelsOfTheOthers()
    {
        var seeds = new List<long>();
        var heard = new List<double>();

        var result = new LeaveOneDomainOut
        {
            Domains = domains,
            Names = ["one", "two", "turned"],
            Seeds = [3, 4],
        }.Run(seed => Chain(seed, seeds), Options(), new Heard(heard));

        Assert.Equal([3L, 4, 3, 4, 3, 4], seeds);
        Assert.Equal(6, heard.Count);
        Assert.Equal(1, heard[^1]);
        Assert.Equal(["one", "two", "turned"], result.Domains.Select(domain => domain.Name));
        Assert.Equal([64L, 48, 40], result.Domains.Select(domain => domain.Accuracy.Count));
        Assert.True(result.Domains[2].Mean < 0.2, $"{result}");
        Assert.Equal(result.Domains.Average(domain => domain.Mean), result.Mean, 1e-12);
        Assert.Equal(result.Domains[2].Mean, result.Worst);
        Assert.All(result.Domains, domain => Assert.Equal(2, domain.Fits.Count));
        Assert.Contains("turned: ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void HeldOutDomain_OfTwoFits_TellsRowsAndSeedsApart()
    {
        var domain = new HeldOutDomain("a", [AccuracyInterval.Of(40, 50), AccuracyInterval.Of(30, 50)]);

        Assert.Equal(0.7, domain.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(0.02), domain.Spread, 1e-12);
        Assert.Equal(AccuracyInterval.Of(35, 50).Lower, domain.Accuracy.Lower, 1e-12);
        Assert.Equal(0, new HeldOutDomain("b", [AccuracyInterval.Of(1, 2)]).Spread);
    }

    [Fact]
    public void Run_OfWhatCannotBeHeldOut_IsRefusedBeforeAnyFit()
    {
        void Refuses(LeaveOneDomainOut run, string words, FitOptions? options = null)
        {
            var fault = Assert.ThrowsAny<ArgumentException>(() =>
                run.Run(_ => throw new NotSupportedException("nothing is fitted"), options)
            );
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        }
        var values = new LabeledDomain(domains[0].Inputs, zeros(64));

        Refuses(new LeaveOneDomainOut { Domains = [domains[0]] }, "at least 2 domains");
        Refuses(new LeaveOneDomainOut { Domains = [domains[0], values] }, "an accuracy is of classes");
        Refuses(new LeaveOneDomainOut { Domains = domains, Names = ["a", "b"] }, "Names must be one");
        Refuses(new LeaveOneDomainOut { Domains = domains, Names = ["a", "b", "a"] }, "Names must be one");
        Refuses(new LeaveOneDomainOut { Domains = domains, Seeds = [1, 1] }, "Seeds must be");
        Refuses(new LeaveOneDomainOut { Domains = domains, Seeds = [] }, "Seeds must be");
        Refuses(
            new LeaveOneDomainOut { Domains = domains },
            "leave Checkpoints away",
            new FitOptions { Checkpoints = new CheckpointOptions("somewhere") }
        );
    }

    [Fact]
    public void Run_Canceled_Stops()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            new LeaveOneDomainOut { Domains = domains }.Run(
                seed => Chain(seed, []),
                Options(),
                cancellationToken: stop.Token
            )
        );
    }

    public void Dispose() => scope.Dispose();

    private static AdaptationBuilder Chain(long seed, List<long> seeds)
    {
        seeds.Add(seed);
        Toy.SeedModules(seed);
        return Recipes.Erm(Toy.Extractor(), Toy.Predictor());
    }

    private static FitOptions Options() =>
        new()
        {
            Training = new TrainingOptions { Steps = 60, BatchSize = 32 },
        };

    private static LabeledDomain Turned(long rows)
    {
        var (inputs, labels) = Toy.Clouds(rows, seed: 5, angle: Math.PI);
        return new LabeledDomain(inputs, labels);
    }

    private sealed class Heard(List<double> heard) : IProgress<double>
    {
        public void Report(double value) => heard.Add(value);
    }
}
