using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class NuclearWassersteinDiscrepancyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Of n rows that are read surely, k as each of C classes, the singular values are C times the root of k; of rows
    // that are all read evenly there is one, the root of n / C.
    [Fact]
    public void Of_SureSourceAndUnsureTarget_IsTheDifferenceOfTheirNorms()
    {
        var sure = eye(4, dtype: float64).repeat(3, 1) * 200;
        var unsure = zeros(8, 4, dtype: float64);

        var expected = (4 * Math.Sqrt(3) / 12) - (Math.Sqrt(8.0 / 4) / 8);
        Assert.Equal(expected, NuclearWassersteinDiscrepancy.Of(sure, unsure).item<double>(), 1e-12);
        Assert.Equal(-expected, NuclearWassersteinDiscrepancy.Of(unsure, sure).item<double>(), 1e-12);
    }

    [Fact]
    public void Of_RowsOfWeightTwoAndZero_IsThatOfEachKeptRowTwice()
    {
        using var generator = new RandomKey(1).Generator();
        var (rows, target) = (
            randn([6, 3], float64, generator: generator),
            randn([5, 3], float64, generator: generator)
        );
        var weights = tensor(new[] { 2.0, 0, 2, 0, 2, 0 });
        var kept = rows.index_select(0, tensor(new long[] { 0, 0, 2, 2, 4, 4 }));

        var expected = NuclearWassersteinDiscrepancy.Of(kept, target).item<double>();
        Assert.Equal(expected, NuclearWassersteinDiscrepancy.Of(rows, target, weights * 7).item<double>(), 1e-12);
    }

    [Fact]
    public void Evaluate_Slopes_AreOppositeForClassifierAndExtractor()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        IList<Tensor> Slopes(Func<StepContext, Tensor> term) =>
            autograd.grad(
                [term(Toy.Step(extractor, predictor))],
                [predictor.Module.parameters().First(), extractor.Module.parameters().First()]
            );

        var plain = Slopes(step =>
            NuclearWassersteinDiscrepancy.Of(step.Scores(step.Sources[0]), step.Scores(step.Target))
        );
        var opposed = Slopes(new NuclearWassersteinDiscrepancy(0.5).Evaluate);

        Assert.True(plain[1].abs().sum().item<float>() > 0);
        Assert.True(opposed[0].allclose(-plain[0], 1e-4, 1e-6)); // makes the discrepancy large
        Assert.True(opposed[1].allclose(plain[1] * 0.5, 1e-4, 1e-6)); // makes it small
    }

    public void Dispose() => scope.Dispose();
}
