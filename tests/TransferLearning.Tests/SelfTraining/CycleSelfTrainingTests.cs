using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

public sealed class CycleSelfTrainingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void CycleSelfTraining_OfSamples_IsTheErrorOfARidgeRegressionOnTheTarget()
    {
        var (source, target) = (Random(1, 5, 3), Random(2, 7, 3));
        var (scores, labels) = (Random(3, 7, 4), arange(5, dtype: int64).remainder(4));
        var oneHot = nn.functional.one_hot(labels, 4).to(float64);
        var weights = tensor(new double[] { 0, 1, 2, 1, 1 });

        var value = CycleSelfTraining.Of(source, oneHot, target, scores, 0.01, weights);

        // The primal problem: (T'T + r I)^-1 T'(Y - 1/C), another system of another size.
        var (s, t) = (source / source.norm(1, keepdim: true), target / target.norm(1, keepdim: true));
        var read = nn.functional.one_hot(scores.argmax(1), 4).to(float64) - 0.25;
        var map = (t.t().matmul(t) + (eye(3, dtype: float64) * 0.01)).inverse().matmul(t.t()).matmul(read);
        var errors = (s.matmul(map) - (oneHot - 0.25)).square().mean([1L]);
        Assert.Equal((errors * weights).mean().item<double>(), value.item<double>(), 1e-9);
    }

    [Fact]
    public void CycleSelfTraining_OfEqualSamplesReadRightly_IsAlmostZeroAndOfWrongOnesIsNot()
    {
        var rows = eye(4, dtype: float64);
        var labels = eye(4, dtype: float64);

        Assert.Equal(0, CycleSelfTraining.Of(rows, labels, rows, labels * 5).item<double>(), 1e-5);
        Assert.True(CycleSelfTraining.Of(rows, labels, rows, labels.roll(1, 0) * 5).item<double>() > 0.4);
    }

    [Fact]
    public void CycleSelfTraining_Gradient_IsThatOfItsDifferences()
    {
        var source = Random(1, 3, 2).requires_grad_();
        var target = Random(2, 4, 2).requires_grad_();
        var (scores, labels) = (
            Random(3, 4, 2),
            eye(2, dtype: float64).index_select(0, tensor(new long[] { 0, 1, 0 }))
        );
        Tensor Value(Tensor s, Tensor t) => CycleSelfTraining.Of(s, labels, t, scores, 0.1);

        var slopes = autograd.grad([Value(source, target)], [source, target]);

        const double Step = 1e-5;
        for (var which = 0; which < 2; which++)
        {
            var moved = zeros_like(slopes[which]);
            moved[1, 0] = Step;
            var (up, down) =
                which == 0
                    ? (Value(source + moved, target), Value(source - moved, target))
                    : (Value(source, target + moved), Value(source, target - moved));
            var expected = (up - down).item<double>() / (2 * Step);
            Assert.Equal(expected, slopes[which][1, 0].item<double>(), 1e-6);
        }
    }

    [Fact]
    public void CycleSelfTraining_OfAStep_AveragesItsSources()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var rows = arange(6, dtype: int64);
        LabeledBatch Source(int i)
        {
            var domain = Toy.Source(rows: 6, seed: 10 + i);
            return new(domain.Inputs, domain.Labels, DomainId.Source(i), rows, null, domain.Space);
        }
        var target = new UnlabeledBatch(Toy.LabeledTarget(rows: 6).Inputs, DomainId.Target, rows);
        StepContext Step(params LabeledBatch[] sources) =>
            StepContext.For(new StepBatch(sources, target), extractor, predictor);
        float Value(StepContext step) => new CycleSelfTraining().Evaluate(step).item<float>();

        var mean = (Value(Step(Source(0))) + Value(Step(Source(1)))) / 2;

        Assert.Equal(mean, Value(Step(Source(0), Source(1))), 1e-5f);
    }

    [Fact]
    public void TsallisEntropy_OfIndexTwo_IsTheClassConfusionOfAllClasses()
    {
        var scores = Random(4, 9, 3) * 2;

        var value = TsallisEntropy.Of(scores, index: 2, temperature: 2.5);

        Assert.Equal(3 * MinimumClassConfusion.Of(scores, 2.5).item<double>(), value.item<double>(), 1e-4);
    }

    [Fact]
    public void TsallisEntropy_NotBalanced_TendsToTheEntropyAndIsTheGiniIndex()
    {
        var scores = Random(5, 9, 3);
        var p = scores.softmax(1);

        var near = TsallisEntropy.Of(scores, 1 + 1e-6, 1, isBalanced: false).item<double>();
        var gini = TsallisEntropy.Of(scores, 2, 1, isBalanced: false).item<double>();

        Assert.Equal((p * p.log()).sum(1).neg().mean().item<double>(), near, 1e-5);
        Assert.Equal((1 - p.square().sum(1)).mean().item<double>(), gini, 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => TsallisEntropy.Of(scores, 1));
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
