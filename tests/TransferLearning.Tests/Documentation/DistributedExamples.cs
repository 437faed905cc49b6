using TransferLearning.Distributed;
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

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }
}
