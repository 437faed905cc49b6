using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class ConditionalLocationScaleTests : IDisposable
{
    private static readonly ConditionalLocationScale Small = new()
    {
        Kernel = new GaussianKernel(0.4),
        Penalty = 0.01,
        Tolerance = 1e-9,
        MaxSteps = 2000,
    };

    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy: BFGS with numerical gradients on the same function, summed pair by pair.
    [Fact]
    public void Fit_Classes_MovesRowsAsAnotherSolverDoes() =>
        Moves(
            Small,
            Waves.Source(),
            [1.552932367, 1.261992593, -0.144507085, -0.810286995],
            [0.864037972, -0.258453611, 2.533782757, 0.025328679]
        );

    [Fact]
    public void Fit_WeightedClasses_MovesRowsAsAnotherSolverDoes() =>
        Moves(
            Small,
            Waves.Source().WithWeights(1 + (arange(12, dtype: float64) / 6)),
            [1.565302561, 1.282722176, -0.18943379, -0.811365635],
            [0.810602808, -0.304620097, 2.606443083, -0.043962098]
        );

    [Fact]
    public void Fit_Values_MovesRowsAsAnotherSolverDoes()
    {
        var i = arange(12, dtype: float64);
        Moves(
            Small with
            {
                Penalty = 0.1,
            },
            new LabeledDomain(Waves.Source().Inputs, (i * 0.8).cos() + (i * 0.3)),
            [0.693081157, 0.92091958, -0.157560086, -0.768449937],
            [1.21104156, -0.879677479, 1.48469699, -0.284918532]
        );
    }

    [Fact]
    public void Fit_DomainsThatCoincide_LeavesRowsWhereTheyAre()
    {
        var source = Waves.Source();
        using var map = Small.Fit(source, source.Inputs.clone());
        Assert.True(map.Extract(source.Inputs).allclose(source.Inputs, 1e-6, 1e-6));
    }

    [Fact]
    public void Fit_ClassesThatMovedApart_FollowsThem()
    {
        // Each class is stretched and moved on its own; the classes' shares stay.
        static (Tensor Inputs, Tensor Labels) Clouds(long seed, double[] moves)
        {
            using var generator = new RandomKey(seed).Generator();
            var labels = arange(150, dtype: int64).remainder(2);
            var noise = randn([150, 2], dtype: float64, generator: generator) * 0.4;
            var centers = tensor(new[] { -1.0 + moves[0], 0, 1 + moves[1], 0 }).reshape(2, 2);
            return (noise + centers.index_select(0, labels), labels);
        }
        var (inputs, labels) = Clouds(1, [0, 0]);
        var (target, hidden) = Clouds(2, [1.4, 1.8]);
        double Accuracy(AdaptationBuilder builder)
        {
            using var model = builder
                .Learn(new LogisticRegression())
                .Fit(new LabeledDomain(inputs, labels), new UnlabeledDomain(target));
            return model.PredictClasses(target).eq(hidden).to(float64).mean().item<double>();
        }

        var alone = Accuracy(new AdaptationBuilder());
        var moved = Accuracy(new AdaptationBuilder().Map(new ConditionalLocationScale()));

        Assert.True(moved > 0.95 && alone < 0.8, $"{moved} against {alone}");
    }

    [Fact]
    public void Fit_RowsInAnotherUnit_MovesThemAlike()
    {
        var (source, target) = (Waves.Source(), Waves.Target());
        var description = new ConditionalLocationScale { Tolerance = 1e-9, MaxSteps = 2000 };
        using var map = description.Fit(source, target);
        using var large = description.Fit(source.WithInputs(source.Inputs * 100), target * 100);
        Assert.True(large.Extract(source.Inputs * 100).allclose(map.Extract(source.Inputs) * 100, 1e-4, 1e-2));
    }

    [Theory]
    [InlineData(-1.0, 100, "Penalty")]
    [InlineData(0.1, 0, "MaxSteps")]
    public void Fit_BadSettings_NamesThem(double penalty, int steps, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ConditionalLocationScale { Penalty = penalty, MaxSteps = steps }.Fit(Waves.Source(), Waves.Target())
        );
        Assert.EndsWith(name, fault.ParamName, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static void Moves(
        ConditionalLocationScale description,
        LabeledDomain source,
        double[] first,
        double[] fifth
    )
    {
        using var map = description.Fit(source, Waves.Target());
        var moved = map.Extract(source.Inputs);
        Assert.True(moved[0].allclose(tensor(first, dtype: float64), 1e-4, 1e-4));
        Assert.True(moved[4].allclose(tensor(fifth, dtype: float64), 1e-4, 1e-4));
    }
}
