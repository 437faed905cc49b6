using System.Xml.Linq;
using TransferLearning.Evaluation;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

/// <summary>The experiment on the transferability of layers.</summary>
public sealed class LayerTransferabilityTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    /// <summary>
    /// Rows lie at the corners of a cube; two bits are the products of signs. The other task asks whether the bits are
    /// equal, the task which bits they are: lower layers find the signs' products, the upper ones of the other task
    /// keep one bit of two.
    /// </summary>
    [Fact]
    public void Run_WhereOnlyLateLayersAreSpecific_SaysSo()
    {
        var heard = new List<double>();

        var result = Experiment([1, 2]).Run(Options(steps: 400), new Heard(heard));

        output.WriteLine(result.ToString());
        Assert.Equal(2 * (2 + 12), heard.Count);
        Assert.Equal(1, heard[^1]);
        Assert.True(result.OwnAccuracy.Value > 0.95, $"{result}");
        Assert.True(result.Specificity(1) < 0.1, $"{result}");
        Assert.True(result.Specificity(3) > 0.15, $"{result}");
        Assert.True(result.CoAdaptation(3) < 0.05, $"{result}");
        var (frozen, tuned) = (result.Curve(LayerTreatment.OtherFrozen)[2], result.Curve(LayerTreatment.OtherTuned)[2]);
        Assert.True(tuned.Accuracy.Value > frozen.Accuracy.Value + 0.1, $"{result}");
    }

    [Fact]
    public void Run_Twice_IsTheSameAndLeavesTheCallersRandomness()
    {
        Toy.SeedModules(5);
        var expected = rand(3).data<float>().ToArray();
        var run = new LayerTransferability
        {
            Other = Corners(64, 1, ofParity: true),
            Task = Corners(64, 2, ofParity: false),
            Judged = Corners(40, 3, ofParity: false),
            Extractor = Network,
            Head = classes => nn.Linear(6, classes),
            Layers = [2],
        };
        Toy.SeedModules(5);

        var (first, second) = (run.Run(Options(steps: 5)), run.Run(Options(steps: 5)));

        Assert.Equal(first.ToCsv(), second.ToCsv());
        Assert.Equal(expected, rand(3).data<float>().ToArray());
        Assert.Equal([2, 2, 2, 2], first.Points.Select(point => point.Layers));
        Assert.Throws<ArgumentException>("layers", () => first.Specificity(1));
    }

    [Fact]
    public void Run_FrozenLayers_StayThoseOfTheOtherNetwork()
    {
        var made = new List<nn.Module<Tensor, Tensor>>();
        nn.Module<Tensor, Tensor> Kept()
        {
            made.Add(Network());
            return made[^1];
        }
        var bits = new List<float[]>();
        nn.Module<Tensor, Tensor> Head(long classes)
        {
            // Every network's first layer as it is when its head is made: before its training.
            bits.Add(made[^1].parameters().First().detach().reshape(-1).data<float>().ToArray());
            return nn.Linear(6, classes);
        }
        var run = new LayerTransferability
        {
            Other = Corners(64, 1, ofParity: true),
            Task = Corners(64, 2, ofParity: false),
            Judged = Corners(40, 3, ofParity: false),
            Extractor = Kept,
            Head = Head,
            Layers = [1],
        };

        _ = run.Run(Options(steps: 3));

        // A and B; then BnB, BnB+ with B's first layer and AnB, AnB+ with A's.
        Assert.Equal(6, bits.Count);
        Assert.Equal(bits[2], bits[3]);
        Assert.Equal(bits[4], bits[5]);
        Assert.NotEqual(bits[2], bits[4]);
        Assert.NotEqual(bits[0], bits[4]); // trained before it was copied
    }

    [Fact]
    public void Result_OfKnownFits_HasCurvesIntervalsAndFiles()
    {
        AccuracyInterval[] Fits(long a, long b) => [AccuracyInterval.Of(a, 100), AccuracyInterval.Of(b, 100)];
        var result = new LayerTransferabilityResult(
            [1, 2],
            Fits(90, 92),
            [
                new(LayerTreatment.SelfFrozen, 1, Fits(90, 90)),
                new(LayerTreatment.SelfTuned, 1, Fits(91, 93)),
                new(LayerTreatment.OtherFrozen, 1, Fits(70, 80)),
                new(LayerTreatment.OtherTuned, 1, Fits(92, 94)),
            ]
        );

        var point = result.Curve(LayerTreatment.OtherFrozen).Single();
        // 12.7062 sqrt(50 / 2) hundredths on both sides of 75, within 0 and 1.
        Assert.Equal(0.75, point.Accuracy.Value, 1e-12);
        Assert.Equal(0.75 - 0.63531, point.Accuracy.Lower, 1e-4);
        Assert.Equal(1, point.Accuracy.Upper);
        Assert.Equal(0.01, result.CoAdaptation(1), 1e-12);
        Assert.Equal(0.15, result.Specificity(1), 1e-12);
        Assert.Contains("OtherFrozen,1,2,0.8,100\n", result.ToCsv(), StringComparison.Ordinal);
        Assert.Equal(11, result.ToCsv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var section = XElement.Parse(result.ToHtml(isPage: false));
        Assert.Equal(4, section.Descendants("polyline").Count());
        Assert.Contains("AnB+", section.Descendants("text").Select(text => text.Value));
        Assert.StartsWith("<!doctype html>", result.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("AnB 75.0", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Canceled_Stops()
    {
        using var stop = new CancellationTokenSource();
        var heard = new List<double>();
        var stopping = new Stopping(stop, heard);

        Assert.Throws<OperationCanceledException>(() => Experiment([1]).Run(Options(steps: 3), stopping, stop.Token));
        Assert.Equal(3, heard.Count);
    }

    [Fact]
    public void Run_OfWhatCannotBeRun_IsRefusedBeforeAnyTraining()
    {
        void Refuses(LayerTransferability run, string words, FitOptions? options = null)
        {
            var refused = Assert.Throws<ArgumentException>(() => run.Run(options));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
        LayerTransferability Made(
            IReadOnlyList<int>? layers = null,
            IReadOnlyList<long>? seeds = null,
            LabeledDomain? judged = null,
            LabeledDomain? other = null
        ) =>
            new()
            {
                Other = other ?? Corners(16, 1, ofParity: true),
                Task = Corners(16, 2, ofParity: false),
                Judged = judged ?? Corners(16, 3, ofParity: false),
                Extractor = () => throw new InvalidOperationException("a network was made"),
                Head = classes => nn.Linear(6, classes),
                Layers = layers,
                Seeds = seeds ?? [0],
            };

        Refuses(Made(seeds: []), "Seeds must be at least one");
        Refuses(Made(seeds: [1, 1]), "Seeds must be at least one, each once");
        Refuses(Made(judged: Corners(16, 3, ofParity: true)), "Judged must have the classes of Task");
        Refuses(Made(other: new LabeledDomain(ones(3, 4), ones(3))), "Other has 1 value(s) a row");
        Refuses(Made(), "leave Checkpoints away", new FitOptions { Checkpoints = new CheckpointOptions("nowhere") });
        Refuses(Experiment([1], [0]), "Layers must be numbers from 1 to 3");
        Refuses(Experiment([1], [4]), "got 4");
        Refuses(Experiment([1], [1, 1]), "each once");
    }

    public void Dispose() => scope.Dispose();

    private static LayerTransferability Experiment(IReadOnlyList<long> seeds, IReadOnlyList<int>? layers = null) =>
        new()
        {
            Other = Corners(1024, 1, ofParity: true),
            Task = Corners(1024, 2, ofParity: false),
            Judged = Corners(400, 3, ofParity: false),
            Extractor = Network,
            Head = classes => nn.Linear(6, classes),
            Layers = layers,
            Seeds = seeds,
        };

    private static nn.Module<Tensor, Tensor> Network() =>
        nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 6), nn.ReLU());

    private static FitOptions Options(long steps) =>
        new()
        {
            Training = new TrainingOptions { Steps = steps, Optimizer = p => optim.Adam(p, 0.005) },
        };

    private static LabeledDomain Corners(long rows, long seed, bool ofParity)
    {
        using var generator = new RandomKey(seed).Generator();
        var signs = (rand([rows, 4], generator: generator) > 0.5).to(float32) * 2 - 1;
        var first = (signs.select(1, 0) * signs.select(1, 1) > 0).to(int64);
        var second = (signs.select(1, 2) * signs.select(1, 3) > 0).to(int64);
        var inputs = signs + (randn([rows, 4], generator: generator) * 0.3);
        return ofParity
            ? new LabeledDomain(inputs, first.eq(second).to(int64), space: LabelSpace.Classes(2))
            : new LabeledDomain(inputs, (2 * first) + second, space: LabelSpace.Classes(4));
    }

    private sealed class Heard(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }

    private sealed class Stopping(CancellationTokenSource stop, List<double> shares) : IProgress<double>
    {
        public void Report(double value)
        {
            shares.Add(value);
            if (shares.Count == 3)
            {
                stop.Cancel();
            }
        }
    }
}
