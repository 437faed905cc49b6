using TransferLearning.Tests.Support;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.ZeroShot;

public sealed class CalibratedStackingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void GeneralizedAccuracy_OfAnAnswerByHand_AveragesClassesOfEachKind()
    {
        var labels = tensor(new long[] { 0, 0, 0, 1, 2, 2 });
        var predicted = tensor(new long[] { 0, 0, 2, 0, 2, 1 });

        var accuracy = GeneralizedAccuracy.Of(predicted, labels, tensor(new[] { true, true, false }));

        Assert.Equal(1.0 / 3, accuracy.Seen, 1e-12); // 2/3 of class 0 and none of class 1
        Assert.Equal(0.5, accuracy.Unseen, 1e-12);
        Assert.Equal(0.4, accuracy.HarmonicMean, 1e-12);
        Assert.Equal(0, new GeneralizedAccuracy(0, 0).HarmonicMean);
        Assert.Throws<ArgumentException>(
            "labels",
            () => GeneralizedAccuracy.Of(labels, labels, tensor(new[] { true, true, true }))
        );
        Assert.Throws<ArgumentException>(
            "predicted",
            () => GeneralizedAccuracy.Of(labels.to(float64), labels, tensor(new[] { true, true, false }))
        );
    }

    [Fact]
    public void AreaUnderCurve_OfRandomScores_IsThatOverManyPenalties()
    {
        using var generator = new RandomKey(3).Generator();
        var scores = randn([40, 5], dtype: float64, generator: generator);
        var labels = arange(40, dtype: int64).remainder(5);
        scores += nn.functional.one_hot(labels, 5).to(float64);
        var seen = tensor(new[] { true, true, true, false, false });

        var area = GeneralizedAccuracy.AreaUnderCurve(scores, labels, seen);

        var points = Enumerable
            .Range(-8000, 16001)
            .Select(i => GeneralizedAccuracy.Of(scores - (seen.to(float64) * (i / 1000.0)), labels, seen))
            .ToList();
        var expected = points
            .Zip(points.Skip(1))
            .Sum(pair => (pair.Second.Unseen - pair.First.Unseen) * (pair.First.Seen + pair.Second.Seen) / 2);
        Assert.Equal(expected, area, 2e-3);
        Assert.InRange(area, 0.2, 0.9);
    }

    [Fact]
    public void Penalty_OfHeldOutClasses_ReadsRowsOfBothKindsBetterThanNone()
    {
        var (source, all) = (Described.Source(), Described.All());
        var seen = Described.Classes().Seen(source.Labels);
        var learner = new ConvexSemanticCombination(Described.Classes());
        GeneralizedAccuracy Of(ILabelLearner it) =>
            GeneralizedAccuracy.Of(it.Fit(source).Predict(all.Inputs), all.Labels, seen);

        var plain = Of(learner.WithSeenPenalty(0));
        var stacked = Of(new CalibratedStacking(learner));

        Assert.True(stacked.HarmonicMean > plain.HarmonicMean + 0.1, $"{plain} becomes {stacked}");
        Assert.Equal(0, Of(learner).Seen); // only unseen classes are left
        Assert.Equal(
            new CalibratedStacking(learner).Penalty(source),
            new CalibratedStacking(learner.WithSeenPenalty(3)).Penalty(source)
        );
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(7L)]
    public void Seen_OfAClassThatIsNotDescribed_NamesIt(long label)
    {
        var descriptions = new ClassDescriptions(eye(7));

        var fault = Assert.Throws<ArgumentException>("labels", () => descriptions.Seen(tensor(new[] { 0, label, 6 })));

        Assert.Contains($"0 ... 6, the described classes; found {label}.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Penalty_OfOneSeenClass_IsRefused()
    {
        var source = Described.Source();
        var ofOne = source.Labels.eq(0).nonzero().squeeze(1);
        var one = new LabeledDomain(
            source.Inputs.index_select(0, ofOne),
            source.Labels.index_select(0, ofOne),
            space: source.Space
        );

        Assert.Throws<ArgumentException>(
            "data",
            () => new CalibratedStacking(new EmbarrassinglySimpleZeroShot(Described.Classes())).Fit(one)
        );
    }

    // No penalty turns one of two rows of equal gap: (0, 1) and (1, 0) are all there is.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AreaUnderCurve_OfTiedRows_DoesNotHangOnTheirOrder(bool isSeenFirst)
    {
        var labels = tensor(isSeenFirst ? new long[] { 0, 0, 1, 1 } : [1, 1, 0, 0]);

        var area = GeneralizedAccuracy.AreaUnderCurve(zeros([4, 2], float64), labels, tensor(new[] { true, false }));

        Assert.Equal(0.5, area, 1e-12);
    }

    [Fact]
    public void GeneralizedAccuracy_OfWhatDoesNotFit_IsRefused()
    {
        var (labels, seen) = (tensor(new long[] { 0, 1 }), tensor(new[] { true, false }));

        Assert.Throws<ArgumentException>(
            "labels",
            () => GeneralizedAccuracy.Of(tensor(new long[] { 0 }), labels, seen)
        );
        Assert.Throws<ArgumentException>("seen", () => GeneralizedAccuracy.Of(zeros(2, 3), labels, seen));
        var fault = Assert.Throws<ArgumentException>(
            "scores",
            () =>
                GeneralizedAccuracy.AreaUnderCurve(
                    tensor(
                        new[,]
                        {
                            { double.NegativeInfinity, 1 },
                            { double.NegativeInfinity, 2 },
                        }
                    ),
                    labels,
                    seen
                )
        );
        Assert.Contains("WithSeenPenalty(0)", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();
}
