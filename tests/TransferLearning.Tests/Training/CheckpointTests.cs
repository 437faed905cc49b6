using Microsoft.Extensions.Logging;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Checkpoints: how many stay, what a damaged one does, and that nothing is overwritten by accident.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_KeepLast_LeavesAsManyFilesAndNoTemporaryOnes()
    {
        Run(new CheckpointOptions(folder.Path) { EverySteps = 1, KeepLast = 2 });

        Assert.Equal(2, Directory.EnumerateFiles(folder.Path).Count());
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder.Path),
            file => file.EndsWith(".writing", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Fit_WithAValidationScore_KeepsTheBest()
    {
        Run(new CheckpointOptions(folder.Path), new Falling());

        Assert.True(File.Exists(folder.File("best.checkpoint")));
        using var best = StateBag.Read(folder.File("best.checkpoint"));
        long step = 0;
        best.Scope("stage0").Scope("current").Number("step", ref step);
        Assert.Equal(10, step); // the score only falls, so the first epoch's is the best
    }

    [Fact]
    public void Fit_WhoseBestCouldNotBeWritten_WritesItWhenItGoesOn()
    {
        Directory.CreateDirectory(folder.File("best.checkpoint")); // no file can take its name
        Assert.Throws<IOException>(() => Run(new CheckpointOptions(folder.Path), new Falling()));
        Directory.Delete(folder.File("best.checkpoint"));

        Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.IfPresent }, new Falling());

        using var best = StateBag.Read(folder.File("best.checkpoint"));
        long step = 0;
        best.Scope("stage0").Scope("current").Number("step", ref step);
        Assert.Equal(10, step);
    }

    [Fact]
    public void Fit_MapThatCannotBeSaved_IsComputedAgainByAResumedRun()
    {
        byte[] Trained(ResumeMode resume)
        {
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            new AdaptationBuilder()
                .Map(new Doubled())
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { Resume = resume },
                        Training = new TrainingOptions { Epochs = 1 },
                    }
                )
                .Dispose();
            return Toy.Bits(extractor, predictor);
        }

        Assert.Equal(Trained(ResumeMode.Never), Trained(ResumeMode.Required));
    }

    [Fact]
    public void Fit_IntoAFolderWithCheckpoints_IsRefused()
    {
        Run(new CheckpointOptions(folder.Path));

        var fault = Assert.Throws<InvalidOperationException>(() => Run(new CheckpointOptions(folder.Path)));

        Assert.Contains("Resume", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void Resume_FromATruncatedFile_IsRefusedAndSaysSo(double share)
    {
        Run(new CheckpointOptions(folder.Path) { EverySteps = 1 });
        Truncate(Latest(), share);

        var fault = Assert.Throws<InvalidDataException>(() =>
            Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required })
        );

        Assert.Contains("damaged or cut off", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Nothing at all, nothing but the head, zeros in place of everything, and a single bit, wherever it stands.
    /// </summary>
    [Theory]
    [InlineData("empty", "is not a state file")]
    [InlineData("head", "is not a state file")]
    [InlineData("zeros", "is not a state file")]
    [InlineData("bit 3", "is not a state file")]
    [InlineData("bit 9", "damaged or cut off")]
    [InlineData("bit 200", "damaged or cut off")]
    [InlineData("bit -1", "damaged or cut off")]
    public void Resume_FromADamagedFile_IsRefusedByName(string damage, string expected)
    {
        Run(new CheckpointOptions(folder.Path) { EverySteps = 1 });
        var (path, bytes) = (Latest(), File.ReadAllBytes(Latest()));
        switch (damage.Split(' '))
        {
            case ["empty"]:
                bytes = [];
                break;
            case ["head"]:
                bytes = bytes[..8];
                break;
            case ["zeros"]:
                Array.Clear(bytes);
                break;
            case [_, var place]:
                var at = int.Parse(place, System.Globalization.CultureInfo.InvariantCulture);
                bytes[at < 0 ? bytes.Length + at : at] ^= 16;
                break;
        }
        File.WriteAllBytes(path, bytes);

        var fault = Assert.Throws<InvalidDataException>(() =>
            Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required })
        );

        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_FromATruncatedFileWithFallBack_GoesOnFromTheOneBefore()
    {
        Run(new CheckpointOptions(folder.Path) { EverySteps = 1 });
        Truncate(Latest(), 0.5);
        var before = Files().SkipLast(1).Last();
        var log = new LogLines();

        Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required, FallBack = true }, log: log);

        // It warns of the damaged one, and not of a phase without a gradient: no step is left to have one in.
        Assert.EndsWith($"Going back to '{before}'.", Assert.Single(log.Warnings), StringComparison.Ordinal);
        Assert.Contains("stage 1: going on from step 20 of 20", log.Heard);
    }

    /// <summary>Killed after the last step's checkpoint and before that of the finished stage.</summary>
    [Fact]
    public void Resume_BehindAnEarlyStop_TakesNoFurtherStep()
    {
        (byte[] Bits, long Steps) Trained(ResumeMode resume)
        {
            Toy.SeedModules(3);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            var steps = new StepCounter();
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { Resume = resume },
                        Observers = [new EarlyStopping(patience: 1), steps],
                        Training = new TrainingOptions { Epochs = 5, Validation = new Falling() },
                    }
                )
                .Dispose();
            return (Toy.Bits(extractor, predictor), steps.Count);
        }
        var whole = Trained(ResumeMode.Never);
        Assert.Equal(20, whole.Steps); // the second epoch's score is lower than the first's
        File.Delete(Latest());

        var resumed = Trained(ResumeMode.Required);

        Assert.Equal(0, resumed.Steps);
        Assert.Equal(whole.Bits, resumed.Bits);
    }

    [Fact]
    public void Read_OfAForeignFile_IsRefusedByName()
    {
        File.WriteAllText(folder.File("foreign"), new string('x', 100));

        var fault = Assert.Throws<InvalidDataException>(() => StateBag.Read(folder.File("foreign")));

        Assert.Contains("is not a state file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_WithoutACheckpoint_IsRefusedWhereRequired() =>
        Assert.Throws<FileNotFoundException>(() =>
            Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required })
        );

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static void Run(CheckpointOptions checkpoints, IModelScore? validation = null, ILogger? log = null)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Checkpoints = checkpoints,
                    Logger = log ?? new LogLines(),
                    Training = new TrainingOptions { Epochs = 2, Validation = validation },
                }
            );
    }

    private static void Truncate(string path, double share)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength((long)(file.Length * share));
    }

    private IEnumerable<string> Files() =>
        Directory.EnumerateFiles(folder.Path, "stage*").Order(StringComparer.Ordinal);

    private string Latest() => Files().Last();

    private sealed class Falling : IModelScore
    {
        private double next;

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) => next--;
    }

    private sealed class StepCounter : ITrainingObserver
    {
        public long Count { get; private set; }

        public void OnStep(StepReport report) => Count++;
    }

    // No saved part.
    private sealed class Doubled : IFeatureMapping, IFeatureExtractor
    {
        public IFeatureExtractor Fit(DomainSet domains, FitContext context) => this;

        public Tensor Extract(Tensor inputs) => inputs * 2;
    }
}
