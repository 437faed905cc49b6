using System.Collections.Concurrent;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Programs;

/// <summary>
/// A first server: it adapts in the background, and many threads ask the model that stands meanwhile.
/// </summary>
public sealed class ServerProgram
{
    [Fact]
    public async Task Requests_WhileANewModelIsFitted_AreAnsweredByAWholeModel()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        Adapt(path, epochs: 2, CancellationToken.None);
        using var server = new Server(path);
        using var inputs = Toy.LabeledTarget().Inputs;
        var wrong = new ConcurrentBag<string>();
        using var closing = new CancellationTokenSource();

        var clients = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(
                    () =>
                    {
                        while (!closing.IsCancellationRequested)
                        {
                            var answers = server.Classify(inputs);
                            if (answers.Length != 80 || answers.Any(answer => answer is < 0 or > 1))
                            {
                                wrong.Add(string.Join(' ', answers));
                            }
                        }
                    },
                    CancellationToken.None
                )
            )
            .ToList();
        var before = server.Classify(inputs);
        Adapt(path, epochs: 30, CancellationToken.None);
        server.Replace(path);
        var after = server.Classify(inputs);
        await closing.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Empty(wrong);
        var labels = Toy.LabeledTarget().Labels.data<long>().ToArray();
        Assert.True(after.Zip(labels).Count(pair => pair.First == pair.Second) >= 60);
        Assert.Equal(80, before.Length);
    }

    [Fact]
    public void Shutdown_WhileANewModelIsFitted_EndsTheFitAndLeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        Adapt(path, epochs: 1, CancellationToken.None);
        var before = File.ReadAllBytes(path);
        using var shutdown = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(() => Adapt(path, epochs: 100_000, shutdown.Token));

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    private static (nn.Module<Tensor, Tensor> Extractor, nn.Module<Tensor, Tensor> Predictor) Network() =>
        (nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2)), nn.Linear(8, 2));

    // Each fit has modules of its own, so that it does not touch those that answer.
    private static void Adapt(string path, int epochs, CancellationToken stopping)
    {
        var (extractor, predictor) = Network();
        using var critic = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1));
        using (extractor)
        using (predictor)
        {
            using var model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions { Training = new TrainingOptions { Epochs = epochs } },
                    cancellationToken: stopping
                );
            model.Save(path);
        }
    }

    private sealed class Server(string path) : IDisposable
    {
        private readonly ReaderWriterLockSlim replacing = new();
        private Served served = new(path);

        public long[] Classify(Tensor inputs)
        {
            replacing.EnterReadLock();
            try
            {
                using var classes = served.Model.PredictClasses(inputs);
                return classes.data<long>().ToArray();
            }
            finally
            {
                replacing.ExitReadLock();
            }
        }

        public void Replace(string newPath)
        {
            var (old, next) = (served, new Served(newPath));
            replacing.EnterWriteLock();
            served = next;
            replacing.ExitWriteLock();
            old.Dispose();
        }

        public void Dispose()
        {
            served.Dispose();
            replacing.Dispose();
        }
    }

    private sealed class Served : IDisposable
    {
        private readonly (nn.Module<Tensor, Tensor> Extractor, nn.Module<Tensor, Tensor> Predictor) network = Network();

        public Served(string path) => Model = AdaptedModel.Load(path, network.Extractor, network.Predictor);

        public AdaptedModel Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            network.Extractor.Dispose();
            network.Predictor.Dispose();
        }
    }
}
