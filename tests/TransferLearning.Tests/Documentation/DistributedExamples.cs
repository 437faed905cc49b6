using System.Text;
using TransferLearning.Data;
using TransferLearning.Distributed;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Distributed;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on several processes, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class DistributedExamples : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Training()
    {
        var (source, target) = (Toy.Source(), new UnlabeledDomain(Toy.LabeledTarget().Inputs));
        var (extractor, predictor, critic) = (Toy.Extractor(), Toy.Predictor(), Toy.Critic());
        var (checkpoints, modelPath) = (folder.Path, folder.File("adapted.model"));

        // In a program of its own: var world = MpiCommunicator.World;
        ThreadCommunicator.Run(
            1,
            world =>
            {
                var options = new FitOptions
                {
                    Training = new TrainingOptions { BatchSize = 64, Epochs = 2 },
                    Checkpoints = new CheckpointOptions(checkpoints) { Resume = ResumeMode.IfPresent },
                };
                using var model = Recipes
                    .Dann(extractor, predictor, critic)
                    .Fit(source, target, options.Distributed(world));
                if (world.Rank == 0)
                {
                    model.Save(modelPath);
                }
                return 0;
            }
        );

        Assert.True(File.Exists(modelPath));
    }

    [Fact]
    public void Shards()
    {
        var (ownRows, ownLabels) = (Toy.Source().Inputs, Toy.Source().Labels);
        var ownTargetRows = Toy.LabeledTarget().Inputs;
        ThreadCommunicator.Run(
            1,
            world =>
            {
                var source = new LabeledDomain(ownRows, ownLabels).Sharded(world);
                var target = new UnlabeledDomain(ownTargetRows).Sharded(world);
                var map = new CorrelationAlignment().Fit(new DomainSet([source], target), FitContext.Seeded(1));
                Assert.Equal(ownRows.shape, map.For(DomainId.Source(0)).Extract(ownRows).shape);
                return 0;
            }
        );
    }

    [Fact]
    public void Ahead()
    {
        using var rows = new MadeRows(100, 4, 1);
        using var ahead = rows.ReadAhead(batches: 4);
        var streamed = new UnlabeledDomain(ahead);
        Assert.Equal(100, streamed.Count);
    }

    [Fact]
    public void NumpyFiles()
    {
        Saved("features.npy", "<f4", "(6, 4)", rand(6, 4));
        Saved("labels.npy", "<i8", "(6,)", arange(6, dtype: int64).remainder(2));

        using var features = new NumpyRows("features.npy");
        using var classes = NumpyRows.Labels("labels.npy");
        var fromFile = new LabeledDomain(features, classes);

        Assert.Equal(6, fromFile.Count);
        File.Delete("features.npy");
        File.Delete("labels.npy");

        static void Saved(string path, string kind, string shape, Tensor numbers)
        {
            var head = $"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n";
            byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)head.Length, 0];
            File.WriteAllBytes(path, [.. start, .. Encoding.ASCII.GetBytes(head), .. numbers.bytes]);
        }
    }

    [Fact]
    public void Normalization()
    {
        var (source, target) = (Toy.Source(), new UnlabeledDomain(Toy.LabeledTarget().Inputs));
        var extractor = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU());
        var predictor = nn.Linear(8, 2);
        var options = new FitOptions
        {
            Training = new TrainingOptions { BatchSize = 64, Steps = 2 },
        };
        ThreadCommunicator.Run(
            1,
            world =>
            {
                using var synchronized = extractor.Synchronized(world);
                using var model = new AdaptationBuilder()
                    .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                    .Fit(source, target, options.Distributed(world));
                Assert.Equal(1, synchronized.Count);
                return 0;
            }
        );
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }
}
