using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>
/// Losses that keep sure rows alone are means over all rows, kept or not: the mean of their values over the parts of a
/// batch is that over the batch, however unevenly sure rows lie. That is what <see cref="BatchSplit.Mean"/> says.
/// </summary>
public sealed class SumOfPartsTests : IDisposable
{
    private const double Threshold = 0.6;
    private static readonly GaussianNoise View = new();

    private static readonly Dictionary<string, (IObjective Objective, Func<Tensor, Tensor, Tensor> Of)> ByName = new(
        StringComparer.Ordinal
    )
    {
        ["FixMatch"] = (new FixMatch(View), (weak, strong) => FixMatch.Of(weak, strong, Threshold)),
        ["NoisyStudent"] = (
            new NoisyStudent(nn.Flatten().AsPart(), nn.Flatten().AsPart()),
            (teacher, student) => NoisyStudent.Of(student, teacher, Threshold)
        ),
        ["PiModel"] = (new PiModel(View), (second, first) => MeanTeacher.Distance(first, second)),
        ["PseudoLabels"] = (new PseudoLabels(), (teacher, scores) => PseudoLabels.Of(scores, teacher, Threshold)),
        ["UnsupervisedDataAugmentation"] = (
            new UnsupervisedDataAugmentation(View),
            (plain, augmented) => UnsupervisedDataAugmentation.Of(plain, augmented, 0.4, Threshold)
        ),
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names() => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_OverTheParts_IsThatOverTheBatch(string name)
    {
        var (objective, of) = ByName[name];
        var (plain, seen) = Logits();

        Assert.Equal(BatchSplit.Mean, objective.Split);
        var (whole, slopes) = ValueAndSlopes(of, plain, seen, parts: 1);
        Assert.True(whole > 0.01);
        foreach (var parts in new[] { 2, 4 })
        {
            var (value, ofParts) = ValueAndSlopes(of, plain, seen, parts);
            Assert.Equal(whole, value, 1e-12);
            Assert.True(ofParts.allclose(slopes, 1e-12, 1e-14));
        }
    }

    [Fact]
    public void Value_OfWhatCountsTheWholeBatch_IsNot()
    {
        var (plain, seen) = Logits();
        static Tensor Confusion(Tensor weak, Tensor strong) => MinimumClassConfusion.Of(strong);

        var (whole, _) = ValueAndSlopes(Confusion, plain, seen, parts: 1);

        Assert.NotEqual(whole, ValueAndSlopes(Confusion, plain, seen, parts: 2).Value, 1e-6);
        Assert.Equal(BatchSplit.Gathered, ((IObjective)new MinimumClassConfusion()).Split);
    }

    public void Dispose() => scope.Dispose();

    // Sure rows lie in the first part alone, and only a few of them.
    private static (Tensor Plain, Tensor Seen) Logits()
    {
        using var generator = new RandomKey(4).Generator();
        var plain = randn([16, 5], dtype: float64, generator: generator) * 0.2;
        plain.narrow(0, 0, 3).mul_(40);
        return (plain, randn([16, 5], dtype: float64, generator: generator));
    }

    private static (double Value, Tensor Slopes) ValueAndSlopes(
        Func<Tensor, Tensor, Tensor> of,
        Tensor plain,
        Tensor seen,
        int parts
    )
    {
        var leaf = seen.detach().clone().requires_grad_();
        var values = plain.chunk(parts).Zip(leaf.chunk(parts), of).ToArray();
        var mean = stack(values).mean();
        return (mean.item<double>(), autograd.grad([mean], [leaf])[0]);
    }
}
