using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using TransferLearning.Adversarial;
using TransferLearning.Distributed;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.DistributedHost;

/// <summary>A small DANN on made rows.</summary>
internal static class Trainings
{
    public static void Run(MpiCommunicator world, string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        // Rank 0 decides where the training starts, and each rank draws other weights.
        _ = manual_seed(1 + world.Rank);
        using var generator = new Generator(7);
        var labels = arange(640, dtype: int64).remainder(2);
        var rows = randn([640, 4], dtype: float64, generator: generator) + labels.unsqueeze(1).to(float64);
        var extractor = nn.Sequential(nn.Linear(4, 32, dtype: float64), nn.Tanh());
        var predictor = nn.Linear(32, 2, dtype: float64);
        var critic = nn.Linear(32, 1, dtype: float64);
        var options = new FitOptions
        {
            Seed = 1,
            Observers = [new Disturbs(arguments[0], world, stop)],
            Checkpoints =
                arguments.Length > 1
                    ? new CheckpointOptions(arguments[1]) { EverySteps = 5, Resume = ResumeMode.IfPresent }
                    : null,
            Training = new TrainingOptions { Steps = 40, BatchSize = 64 },
        };
        AdaptedModel model;
        try
        {
            model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
                .Fit(
                    new LabeledDomain(rows, labels),
                    new UnlabeledDomain(rows + 0.5),
                    options.Distributed(world),
                    cancellationToken: stop.Token
                );
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"{world}: canceled");
            return;
        }
        model.Dispose();
        using var memory = new MemoryStream();
        var norm = 0.0;
        foreach (var module in new nn.Module[] { extractor, predictor, critic })
        {
            foreach (var (_, value) in module.state_dict())
            {
                memory.Write(value.detach().contiguous().bytes);
                norm += value.detach().square().sum().item<double>();
            }
        }
        var hash = Convert.ToHexString(SHA256.HashData(memory.ToArray()))[..12];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{world}: norm {norm:R}, hash {hash}"));
    }

    /// <summary>Says the steps that rank 0 takes, and lets rank 1 go wrong at step 12.</summary>
    private sealed class Disturbs(string how, MpiCommunicator world, CancellationTokenSource stop) : ITrainingObserver
    {
        public void OnStep(StepReport report)
        {
            if (world.Rank == 0)
            {
                Console.WriteLine($"step {report.Step}");
            }
            if (report.Step == 1)
            {
                Console.WriteLine($"{world}: is process {Environment.ProcessId}.");
            }
            if (report.Step != 12 || world.Rank != 1)
            {
                return;
            }
            Console.WriteLine($"{world}: goes wrong at {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}.");
            switch (how)
            {
                case "throws":
                    throw new InvalidDataException("the disk of this rank is full.");
                case "exits":
                    Environment.Exit(3);
                    break;
                case "kills":
                    Process.GetCurrentProcess().Kill();
                    break;
                case "cancels":
                    stop.Cancel();
                    break;
            }
        }
    }
}
