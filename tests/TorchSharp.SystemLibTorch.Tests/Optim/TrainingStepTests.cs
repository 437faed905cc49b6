using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Optim;

/// <summary>A whole training step of a convolutional network: what it learns and what it costs the managed heap.</summary>
public sealed class TrainingStepTests
{
    [Fact]
    public void Steps_OfAConvolutionalNetwork_LowerTheLossAndAllocateLittle()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var network = nn.Sequential(
            nn.Conv2d(1, 4, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(4 * 4 * 4, 10),
            nn.ReLU(),
            nn.Linear(10, 3)
        );
        using var sgd = optim.SGD(network.parameters(), 0.1, momentum: 0.9);
        var inputs = randn(12, 1, 12, 12);
        var labels = arange(12, dtype: int64).remainder(3);
        var first = Step();
        for (var step = 0; step < 30; step++)
        {
            Step();
        }
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var before = GC.GetAllocatedBytesForCurrentThread();

        var last = 0.0;
        for (var step = 0; step < 10; step++)
        {
            last = Step();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 1, 20_000);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(last < 0.2 * first, $"the loss went from {first} to {last}");

        double Step()
        {
            using var step = NewDisposeScope();
            network.zero_grad();
            var loss = nn.functional.cross_entropy(network.call(inputs), labels);
            loss.backward();
            sgd.step();
            return loss.item<float>();
        }
    }
}
