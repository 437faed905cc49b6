using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>SelfReg's pairs.</summary>
public sealed class SelfRegularizationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_TwoRows_IsTheFormulaWrittenOut()
    {
        var scores = tensor(
            new double[,]
            {
                { 0, 0 },
                { 0, 2 },
            }
        );
        var features = tensor(
            new double[,]
            {
                { 1 },
                { 3 },
            }
        );
        var projected = features * 2;
        var (labels, swapped, same) = (
            tensor(new long[] { 0, 0 }),
            tensor(new long[] { 1, 0 }),
            tensor(new long[] { 0, 1 })
        );

        var value = SelfRegularization.Of(scores, features, projected, labels, swapped, same, 0.25, 0.5);

        // Scores differ from the partner's by 2 in one of two entries, the features 1 and 3 from 6 and 2.
        var one = 2 + (0.5 * (25 + 1) / 2);
        // The mixture is a quarter of the other and three quarters of the own: 1 is held against 3, and 3 against 5.
        var mixed = (0.5 * 0.5 / 2) + (0.5 * 4);
        var factor = Math.Min(1, (Math.Log(2) + Math.Log(1 + Math.Exp(2))) / 2);
        Assert.Equal(factor * ((0.25 * one) + (0.75 * mixed)), value.item<double>(), 1e-12);
    }

    [Fact]
    public void Of_RowsThatAreTheirOwnPartners_IsTheFeaturesDistanceFromTheirProjectionsAlone()
    {
        var rows = arange(6, dtype: float64).reshape(3, 2);
        var self = arange(3, dtype: int64);

        Assert.Equal(0, SelfRegularization.Of(rows, rows, rows, self.remainder(2), self, self, 0.5).item<double>());
    }

    [Fact]
    public void Evaluate_OfClassesThatAgreeInEveryRow_PairsWithinClassesOnly()
    {
        // Scores and features are functions of the label alone: any pair within a class has no distance.
        using var extractor = new ModulePart(() => nn.Identity());
        using var predictor = new ModulePart(() => nn.Linear(2, 2));
        using var projector = new ModulePart(() => nn.Identity());
        var labels = tensor(new long[] { 0, 1, 1, 0, 1, 0, 0, 1 });
        LabeledBatch Batch(int source) =>
            new(
                nn.functional.one_hot(labels, 2).to(float32),
                labels,
                DomainId.Source(source),
                arange(8, dtype: int64),
                null,
                LabelSpace.Classes(2)
            );
        var batch = new StepBatch([Batch(0), Batch(1)], null);

        for (var seed = 0; seed < 5; seed++)
        {
            var step = StepContext.For(batch, extractor, predictor, seed: seed);
            Assert.Equal(0, new SelfRegularization(projector).Evaluate(step).item<float>(), 1e-6);
        }
        using var wide = new ModulePart(() => nn.Linear(2, 3));
        var other = StepContext.For(batch, extractor, predictor);
        Assert.Throws<ArgumentException>(() => new SelfRegularization(wide).Evaluate(other));
    }

    public void Dispose() => scope.Dispose();
}
