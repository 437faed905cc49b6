using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

public sealed class ShiftedDataTests : IDisposable
{
    private static readonly RandomKey Key = new(7);
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Covariate_Domains_HaveOtherRowsAndOneRule()
    {
        var (source, target) = ShiftedData.Covariate(Key, rows: 4000, shift: 2, noise: 0);

        Assert.Equal(-1, source.Inputs.select(1, 0).mean().item<float>(), 0.1);
        Assert.Equal(1, target.Inputs.select(1, 0).mean().item<float>(), 0.1);
        foreach (var x in new[] { source, target })
        {
            var rule = ((x.Inputs.select(1, 0) * 1.5).sin() + x.Inputs.select(1, 1)).gt(0).to(int64);
            Assert.Equal(rule, x.Labels);
        }
    }

    [Fact]
    public void Label_Domains_HaveOtherSharesAndTheSameClasses()
    {
        var (source, target) = ShiftedData.Label(Key, rows: 8000, share: 0.9);
        Tensor Center(LabeledDomain of, long c) =>
            of.Inputs.index_select(0, of.Labels.eq(c).nonzero().squeeze(1)).mean([0L]);

        Assert.Equal(0.5, source.Labels.to(float64).mean().item<double>(), 0.03);
        Assert.Equal(0.9, target.Labels.to(float64).mean().item<double>(), 0.03);
        Assert.True((Center(source, 0) - Center(target, 0)).abs().max().item<float>() < 0.15);
        Assert.True((Center(source, 1) - Center(target, 1)).abs().max().item<float>() < 0.15);
        var (_, values) = ShiftedData.Label(Key, rows: 8000, share: 0.8, hasValues: true);
        Assert.Equal(0.8, values.Labels.mean().item<float>(), 0.02);
    }

    [Fact]
    public void Concept_Domains_HaveTheSameRowsAndAnotherRule()
    {
        var (source, target) = ShiftedData.Concept(Key, rows: 4000, angle: Math.PI / 2, noise: 0, hasValues: true);

        Assert.Equal(source.Inputs.select(1, 0), source.Labels);
        Assert.True(target.Inputs.select(1, 1).allclose(target.Labels, 1e-4, 1e-5));
        Assert.True(source.Inputs.mean().abs().item<float>() < 0.05 && target.Inputs.mean().abs().item<float>() < 0.05);
    }

    [Fact]
    public void Subspace_Target_LiesInTheTurnedPlane()
    {
        var (source, target) = ShiftedData.Subspace(Key, angle: 0.6, features: 6, noise: 0);

        Assert.Equal(0, source.Inputs.narrow(1, 2, 4).abs().max().item<float>());
        var turned = target.Inputs.narrow(1, 0, 2) * Math.Tan(0.6);
        Assert.True(turned.allclose(target.Inputs.narrow(1, 2, 2), 1e-4, 1e-5));
        Assert.Equal(0, target.Inputs.narrow(1, 4, 2).abs().max().item<float>());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Every_Kind_HasTheSameRowsForTheSameKeyAndCostsALearner(int kind, bool hasValues)
    {
        (LabeledDomain Source, LabeledDomain Target) Make(long seed) =>
            kind switch
            {
                0 => ShiftedData.Covariate(new RandomKey(seed), hasValues: hasValues),
                1 => ShiftedData.Label(new RandomKey(seed), hasValues: hasValues),
                2 => ShiftedData.Concept(new RandomKey(seed), hasValues: hasValues),
                _ => ShiftedData.Subspace(new RandomKey(seed), hasValues: hasValues),
            };
        var (one, other) = (Make(3), Make(3));

        Assert.Equal(one.Source.Inputs, other.Source.Inputs);
        Assert.Equal(one.Target.Labels, other.Target.Labels);
        Assert.NotEqual(one.Source.Inputs, Make(4).Source.Inputs);
        Assert.NotEqual(one.Source.Inputs, one.Target.Inputs);
        Assert.Equal(hasValues, !one.Source.Space.IsClasses);
        ILabelLearner learner = hasValues ? new RidgeRegression() : new LogisticRegression();
        double Loss(LabeledDomain fitted, LabeledDomain judged)
        {
            var read = learner.Fit(fitted).Predict(judged.Inputs);
            return hasValues
                ? (read.reshape(-1) - judged.Labels).square().mean().item<float>()
                : 1 - AccuracyInterval.Of(read.argmax(1), judged.Labels).Value;
        }
        // A learner that has seen the target does better there than one that has seen the source.
        Assert.True(Loss(one.Target, one.Target) < Loss(one.Source, one.Target));
    }

    [Fact]
    public void Every_Kind_OfIllegalNumbers_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ShiftedData.Covariate(Key, rows: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShiftedData.Covariate(Key, shift: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShiftedData.Label(Key, share: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShiftedData.Concept(Key, angle: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShiftedData.Subspace(Key, features: 3));
    }

    public void Dispose() => scope.Dispose();
}
