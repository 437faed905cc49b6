using System.Diagnostics;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Folders that are full, closed or in use, and clocks that go backwards.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private const int Steps = 60;

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    /// <summary>On a file system of a few pages, in memory.</summary>
    [Fact]
    public void Disk_ThatGetsFull_IsNamedAndLosesNoCheckpoint()
    {
        Mount("-t", "tmpfs", "-o", "size=96k", "tmpfs", folder.Path);
        try
        {
            var checkpoints = new CheckpointOptions(folder.Path)
            {
                EverySteps = 1,
                KeepLast = 1000,
                Resume = ResumeMode.IfPresent,
            };

            var fault = Assert.Throws<IOException>(() => Run(checkpoints));

            Assert.Contains(folder.File("stage00-step"), fault.Message, StringComparison.Ordinal);
            Assert.Contains("could not be written", fault.Message, StringComparison.Ordinal);
            var files = Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal).ToList();
            Assert.True(files.Count >= 2, $"{files.Count} files");
            Assert.All(files, file => StateBag.Read(file).Dispose()); // no half of one, nor anything else

            // With room again it goes on.
            files.Take(files.Count - 1).ToList().ForEach(File.Delete);
            var resumed = Run(checkpoints with { KeepLast = 1 });
            using var other = new TemporaryFolder();
            Assert.Equal(Run(new CheckpointOptions(other.Path) { EverySteps = 1 }), resumed);
        }
        finally
        {
            Process.Start("umount", [folder.Path]).WaitForExit();
        }
    }

    [Fact]
    public void Model_ThatDoesNotFit_LeavesTheFileBefore()
    {
        Mount("-t", "tmpfs", "-o", "size=96k", "tmpfs", folder.Path);
        try
        {
            var path = folder.File("adapted.model");
            using var small = StateBag.ForSaving();
            long number = 7;
            small.Number("number", ref number);
            small.Write(path);
            using var large = StateBag.ForSaving();
            var values = zeros(1 << 20);
            large.Slot("values", ref values!);

            var fault = Assert.Throws<IOException>(() => large.Write(path));

            Assert.Contains($"'{path}' could not be written", fault.Message, StringComparison.Ordinal);
            Assert.Equal([path], Directory.EnumerateFiles(folder.Path));
            using var kept = StateBag.Read(path);
            number = 0;
            kept.Number("number", ref number);
            Assert.Equal(7, number);
        }
        finally
        {
            Process.Start("umount", [folder.Path]).WaitForExit();
        }
    }

    [Fact]
    public void Folder_ThatMayNotBeWritten_IsRefusedBeforeTheFirstStep()
    {
        Mount("-t", "tmpfs", "-o", "ro,size=96k", "tmpfs", folder.Path);
        try
        {
            RefusesToWrite(folder.Path);
        }
        finally
        {
            Process.Start("umount", [folder.Path]).WaitForExit();
        }
    }

    [Fact]
    public void Folder_ThatIsAFile_IsRefusedBeforeTheFirstStep()
    {
        File.WriteAllText(folder.File("file"), "no folder");
        RefusesToWrite(folder.File("file"));
    }

    [Fact]
    public void Folder_OfARunThatStillGoes_IsRefusedToAnother()
    {
        InvalidOperationException? fault = null;
        Run(
            new CheckpointOptions(folder.Path) { EverySteps = 1 },
            step =>
            {
                if (step == 5)
                {
                    fault = Assert.Throws<InvalidOperationException>(() =>
                        Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.IfPresent })
                    );
                }
            }
        );

        Assert.Contains("another run is writing its checkpoints", fault!.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, fault.Message, StringComparison.Ordinal);
        // And after its end it is free.
        Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required });
    }

    /// <summary>The lock's file of a run that was killed, and the half that it had written of a checkpoint.</summary>
    [Fact]
    public void Remains_OfAKilledRun_HoldNobodyBackAndGoAway()
    {
        File.WriteAllText(folder.File("run.lock"), "");
        File.WriteAllText(folder.File("stage00-step000000007.checkpoint.writing"), "half");

        Run(new CheckpointOptions(folder.Path) { KeepLast = 1 });

        Assert.Single(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Clock_ThatWasSetBack_ChangesNothing()
    {
        Run(
            new CheckpointOptions(folder.Path) { EverySteps = 10, KeepLast = 10 },
            step =>
            {
                if (step == 45)
                {
                    throw new InvalidDataException("it ends here.");
                }
            }
        );
        // As if each file were older than the one before it.
        var files = Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(4, files.Count);
        for (var i = 0; i < files.Count; i++)
        {
            File.SetLastWriteTimeUtc(files[i], DateTime.UtcNow.AddYears(1 - i));
        }

        long first = 0;
        var resumed = Run(
            new CheckpointOptions(folder.Path) { EverySteps = 10, Resume = ResumeMode.Required },
            step => first = first == 0 ? step : first
        );

        Assert.Equal(41, first);
        using var other = new TemporaryFolder();
        Assert.Equal(Run(new CheckpointOptions(other.Path) { EverySteps = 10 }), resumed);
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static void RefusesToWrite(string path)
    {
        var steps = 0;
        var fault = Assert.Throws<IOException>(() => Run(new CheckpointOptions(path), _ => steps++));
        Assert.Contains($"checkpoints cannot be written into '{path}'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, steps);
    }

    private static void Mount(params string[] arguments)
    {
        var isRoot = OperatingSystem.IsLinux() && Environment.UserName == "root";
        Assert.SkipUnless(isRoot, "A small file system can be mounted by root alone, on Linux.");
        using var mount = Process.Start(
            new ProcessStartInfo("mount", arguments) { RedirectStandardError = true, UseShellExecute = false }
        )!;
        var said = mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        Assert.SkipUnless(mount.ExitCode == 0, $"No file system can be mounted here: {said}");
    }

    // The sum of all parameters' absolute values. A run that throws InvalidDataException ends here.
    private static double Run(CheckpointOptions checkpoints, Action<long>? onStep = null)
    {
        Toy.SeedModules(1);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        try
        {
            using var model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Checkpoints = checkpoints,
                        Observers = [new Watches(onStep)],
                        Training = new TrainingOptions { Steps = Steps },
                    }
                );
        }
        catch (InvalidDataException)
        {
            return 0;
        }
        return new[] { extractor, predictor }
            .SelectMany(part => part.Module.parameters())
            .Sum(parameter => parameter.detach().to(float64).abs().sum().item<double>());
    }

    private sealed class Watches(Action<long>? onStep) : ITrainingObserver
    {
        public void OnStep(StepReport report) => onStep?.Invoke(report.Step);
    }
}
