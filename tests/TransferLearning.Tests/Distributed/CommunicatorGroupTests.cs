using TransferLearning.Distributed;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>Tensors that go from process to process in flat buckets.</summary>
public sealed class CommunicatorGroupTests
{
    [Fact]
    public void Average_OfManyTensors_IsTheirMeanInOneMessageADtype()
    {
        var results = ThreadCommunicator.Run(
            3,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var rank = communicator.Rank;
                Tensor[] tensors =
                [
                    full([2, 3], rank, float32),
                    full([4], rank * 2, float64),
                    full([1, 2, 2, 2], rank, float32).permute(0, 2, 3, 1),
                    full([], rank, float32),
                    full([5], rank, bfloat16),
                ];
                new CommunicatorGroup(communicator).Average(tensors);
                return (tensors.Select(tensor => tensor.to(float64).mean().item<double>()).ToList(), communicator.Sums);
            }
        );
        Assert.All(results, result => Assert.Equal([1, 2, 1, 1, 1], result.Item1));
        Assert.All(results, result => Assert.Equal(3, result.Sums));
    }

    [Fact]
    public void Average_OfMoreThanABucket_TakesSeveralMessages()
    {
        const long Numbers = 9 << 20; // 36 MiB
        var results = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var (large, small) = (full([Numbers], communicator.Rank, float32), ones(3));
                new CommunicatorGroup(communicator).Average([large, small]);
                return (large.min().item<float>(), large.max().item<float>(), communicator.Sums);
            }
        );
        Assert.All(results, result => Assert.Equal((0.5f, 0.5f, 2), result));
    }

    [Fact]
    public void Broadcast_OfTensorsOfAnyKind_GivesThoseOfTheFirst()
    {
        var results = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var scope = NewDisposeScope();
                Tensor[] tensors =
                [
                    full([2, 3], communicator.Rank, float32).t(),
                    full([2], communicator.Rank + 1, int64),
                    tensor(communicator.Rank == 1),
                ];
                new CommunicatorGroup(communicator).Broadcast(tensors);
                return tensors.Select(tensor => tensor.to(float64).sum().item<double>()).ToList();
            }
        );
        Assert.All(results, result => Assert.Equal([0, 2, 0], result));
    }

    [Fact]
    public void Gather_OfRows_StandsInTheOrderOfRanks()
    {
        var results = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var rows = full([2, 3], communicator.Rank, float32).t().requires_grad_();
                var all = new CommunicatorGroup(communicator).Gather(rows);
                Assert.False(all.requires_grad);
                Assert.Equal([6, 2], all.shape);
                return all.data<float>().ToArray();
            }
        );
        Assert.All(results, result => Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], result));
    }
}
