using TransferLearning.Adversarial;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class WassersteinGuidanceTests
{
    [Fact]
    public void Critic_OfSeveralSources_TakesSlopesBetweenTheTargetAndEach()
    {
        using var scope = NewDisposeScope();
        var rows = arange(8, dtype: int64);
        var same = nn.Identity().AsPart();
        LabeledBatch Source(int number)
        {
            var inputs = nn.functional.one_hot(full(8, number, int64), 3).to(float32);
            return new(inputs, rows.remainder(2), DomainId.Source(number), rows, null, LabelSpace.Classes(2));
        }
        var target = new UnlabeledBatch(zeros(16, 3), DomainId.Target, arange(16, dtype: int64));
        var critic = new Seeing();

        _ = new WassersteinCritic(critic).Evaluate(
            StepContext.For(new StepBatch([Source(0), Source(1), Source(2)], target), same, same)
        );

        // After 24 source rows and 16 target rows; a point lies on the axis of its source.
        var between = critic.Seen.Single(points => points.Length == 56 * 3).Chunk(3).Skip(40);
        var sources = between.Select(point => Array.FindIndex(point, number => number > 0)).ToList();
        Assert.Equal(16, sources.Count);
        Assert.All(Enumerable.Range(0, 3), source => Assert.Contains(source, sources));
    }

    [Fact]
    public void Critic_OfANegativePenalty_IsRefusedByName()
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => new WassersteinCritic(new Seeing(), -1));

        Assert.Equal("penalty", fault.ParamName);
    }

    private sealed class Seeing : IDomainCritic
    {
        public List<float[]> Seen { get; } = [];

        public Tensor Judge(Tensor features)
        {
            Seen.Add([.. features.detach().data<float>()]);
            return features.sum(1);
        }
    }
}
