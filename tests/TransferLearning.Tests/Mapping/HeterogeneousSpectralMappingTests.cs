using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Rows of different features in one space of coordinates.</summary>
public sealed class HeterogeneousSpectralMappingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Plain Python: the paper's matrix of 12 x 12 whole, its eigenvectors by Jacobi rotations; inner products leave
    // signs open.
    [Fact]
    public void Fit_OfSixPairs_GivesTheInnerProductsOfAnIndependentComputation()
    {
        var (source, target) = (Waves.Rows(6, 2, 1), Waves.Rows(6, 3, 2.5));

        var (ofSource, ofTarget) = new HeterogeneousSpectralMapping { Components = 2, Likeness = 0.6 }.Fit(
            source,
            target
        );

        var (s, t) = (ofSource.Extract(source), ofTarget.Extract(target));
        double[] expected = [0.230844283, -0.26065763, 0.220683125, -0.33915545, 0.516995577, -0.283837784];
        double[] got =
        [
            s[0].dot(s[0]).ToDouble(),
            s[0].dot(s[1]).ToDouble(),
            s[0].dot(t[0]).ToDouble(),
            s[0].dot(t[1]).ToDouble(),
            t[1].dot(t[1]).ToDouble(),
            t[0].dot(t[1]).ToDouble(),
        ];
        Assert.All(expected.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
    }

    // Both domains are readings of the same three numbers: at a likeness of 2 the coordinates of a pair are one.
    [Fact]
    public void Fit_LikenessOfTwo_ReadsBothRowsOfAPairAlike()
    {
        var hidden = Waves.Rows(20, 3, 0.7);
        var (source, target) = (hidden.matmul(Waves.Rows(3, 5, 1)), hidden.matmul(Waves.Rows(3, 4, 2)) + 7);

        var (ofSource, ofTarget) = new HeterogeneousSpectralMapping { Components = 3, Likeness = 2 }.Fit(
            source,
            target * 100
        );

        Assert.True(ofSource.Extract(source).allclose(ofTarget.Extract(target * 100), 1e-8, 1e-8));
    }

    [Fact]
    public void Pair_UnevenClasses_RepeatsTheRowsOfTheSmallerSide()
    {
        var source = new LabeledDomain(arange(5, dtype: float64).reshape(5, 1), tensor(new long[] { 0, 1, 0, 0, 2 }));
        var target = new LabeledDomain(
            (arange(4, dtype: float64) * 10).reshape(4, 1),
            tensor(new long[] { 1, 0, 0, 1 }),
            space: LabelSpace.Classes(3)
        );

        var (ofSource, ofTarget) = HeterogeneousSpectralMapping.Pair(source, target);

        Assert.Equal([0.0, 2, 3, 1, 1], ofSource.reshape(-1).data<double>().ToArray());
        Assert.Equal([10.0, 20, 10, 0, 30], ofTarget.reshape(-1).data<double>().ToArray());
    }

    // 60 pairs without labels and a labeled source of five features; nobody labels the target of seven.
    [Fact]
    public void Fit_OfPairsWithoutLabels_LetsTheSourcesLearnerReadTheTarget()
    {
        var (pairs, _, otherPairs) = Views(60, 1);
        var (source, labels, _) = Views(300, 2);
        var (_, expected, target) = Views(200, 3);
        double Read(double likeness)
        {
            var (ofSource, ofTarget) = new HeterogeneousSpectralMapping { Components = 3, Likeness = likeness }.Fit(
                pairs,
                otherPairs
            );
            var rule = new LogisticRegression().Fit(new LabeledDomain(ofSource.Extract(source), labels));
            return rule.Predict(ofTarget.Extract(target)).argmax(1).eq(expected).to(float64).mean().item<double>();
        }

        var (tied, apart) = (Read(1), Read(0));

        Assert.True(tied > 0.9, $"{tied} beside {apart}");
        Assert.True(tied > apart + 0.2, $"{tied} beside {apart}");
    }

    [Fact]
    public void Chain_OfPaddedColumns_ReadsTheTargetByAFewLabels()
    {
        var (source, labels, _) = Views(300, 2);
        var (_, expected, target) = Views(218, 3);
        var few = new LabeledDomain(target.narrow(0, 0, 18), expected.narrow(0, 0, 18), space: LabelSpace.Classes(3));
        var rest = target.narrow(0, 18, 200);

        using var model = new AdaptationBuilder()
            .Add(new HeterogeneousSpectralMapping { Components = 2 })
            .Learn(new LogisticRegression())
            .FitFewShot(new LabeledDomain(source, labels).PadColumns(7), new UnlabeledDomain(rest), few);

        var accuracy = model.PredictClasses(rest).eq(expected.narrow(0, 18, 200)).to(float64).mean().item<double>();
        Assert.True(accuracy > 0.8, $"{accuracy}");
    }

    [Fact]
    public void Fit_OfUnevenPairs_NamesTheTarget()
    {
        var method = new HeterogeneousSpectralMapping();
        Assert.Equal(
            "target",
            Assert.Throws<ArgumentException>(() => method.Fit(Waves.Rows(6, 2, 1), Waves.Rows(5, 2, 1))).ParamName
        );
        Assert.Equal(
            "Components",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new HeterogeneousSpectralMapping { Components = 3 }.Fit(Waves.Rows(6, 2, 1), Waves.Rows(6, 4, 1))
                )
                .ParamName
        );
        Assert.Equal(
            "Likeness",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new HeterogeneousSpectralMapping { Likeness = -1 }.Fit(Waves.Rows(6, 2, 1), Waves.Rows(6, 4, 1))
                )
                .ParamName
        );
    }

    [Fact]
    public void Pair_WithoutACommonClass_NamesTheTarget()
    {
        var source = new LabeledDomain(Waves.Rows(4, 2, 1), zeros(4, int64), space: LabelSpace.Classes(2));
        var target = new LabeledDomain(Waves.Rows(4, 3, 1), ones(4, int64));
        Assert.Equal(
            "target",
            Assert.Throws<ArgumentException>(() => HeterogeneousSpectralMapping.Pair(source, target)).ParamName
        );
    }

    public void Dispose() => scope.Dispose();

    // Three hidden numbers, in which three classes stand apart, seen by five features and by seven others.
    private static (Tensor Source, Tensor Labels, Tensor Target) Views(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(3);
        var centers = tensor(
            new double[,]
            {
                { 3, 0, 0 },
                { 0, 2, 0 },
                { 0, 0, 2.5 },
            }
        );
        Tensor Noise(long width, double size) => randn([rows, width], dtype: float64, generator: generator) * size;
        var hidden = centers.index_select(0, labels) + Noise(3, 0.7);
        return (
            hidden.matmul(Waves.Rows(3, 5, 1)) + Noise(5, 0.2),
            labels,
            hidden.matmul(Waves.Rows(3, 7, 2)) + Noise(7, 0.2)
        );
    }
}
