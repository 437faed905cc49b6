using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Distances of inverse Gram matrices: DARE-GRAM.</summary>
public sealed class InverseGramDistanceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // By the authors' steps in plain Python, with Jacobi's eigenvalues: 0.05 and 0.001 are the weights of the terms.
    [Theory]
    [InlineData(6, 4, 0.5, 0.5506099948572478, 3.0734980849345934)] // one direction
    [InlineData(6, 4, 0.9, 0.5506099948572478, 3.0734980849345934)]
    [InlineData(6, 4, 0.97, 0.1766084672441292, 1.6119362386220197)] // two directions
    [InlineData(3, 5, 0.9, 0.7553746724099692, 2.141250893902529)] // fewer rows than features
    public void Between_KnownRows_IsThePeersFigure(int rows, int width, double threshold, double angles, double scales)
    {
        var (source, target) = (Formula(rows, width, 3, 0, 1), Formula(rows, width, 5, 2, 1.5));
        double Of(double angle, double scale) =>
            new InverseGramDistance
            {
                AngleWeight = angle,
                ScaleWeight = scale,
                Threshold = threshold,
            }
                .Between(source, target)
                .item<double>();

        Assert.Equal(angles, Of(1, 0), 1e-10);
        Assert.Equal(scales, Of(0, 1), 1e-10);
        Assert.Equal((0.05 * angles) + (0.001 * scales), Of(0.05, 0.001), 1e-10);
    }

    // Orthogonal columns, whose Gram matrices are diagonal.
    [Fact]
    public void Between_OrthogonalFeatures_IsByHand()
    {
        var plain = tensor(
            new double[,]
            {
                { 1, 1 },
                { 1, -1 },
                { -1, 1 },
                { -1, -1 },
            }
        );
        var source = plain * tensor(new[] { 2.0, 0.5 }); // Gram diag(4, 16, 1): shares 0.76, 0.95, 1
        var target = plain * tensor(new[] { 0.5, 3.0 }); // Gram diag(4, 1, 36): shares 0.88, 0.98, 1

        var value = new InverseGramDistance { AngleWeight = 1, ScaleWeight = 1 }.Between(source, target);

        // Two reach above 0.9 in both, so the place is 1 and one direction stays: another one in each, of two of the
        // three columns.
        Assert.Equal((2.0 / 3) + (36 - 16), value.item<double>(), 1e-10);
    }

    [Fact]
    public void Between_EqualRowsEvenWithDeadFeatures_IsZero()
    {
        var rows = cat([Rows(8, 4, 1), zeros(8, 2, float64)], 1);
        Assert.Equal(0, new InverseGramDistance().Between(rows, rows).item<double>(), 1e-9);

        var other = cat([Rows(8, 4, 2), zeros(8, 2, float64)], 1);
        var narrow = new InverseGramDistance { ScaleWeight = 0, AngleWeight = 5 }.Between(
            rows.narrow(1, 0, 4),
            other.narrow(1, 0, 4)
        );
        var wide = new InverseGramDistance { ScaleWeight = 0, AngleWeight = 7 }.Between(rows, other);
        Assert.Equal(narrow.item<double>(), wide.item<double>(), 1e-9); // the sum over columns is the same
    }

    // What is cut is so small that the slope for a constant rank is the whole slope.
    [Fact]
    public void Between_NearlyDependentFeatures_HasTheSlopesOfFiniteDifferences()
    {
        var mix = tensor(
            new double[,]
            {
                { 1, 0.3, 0.2, 1.1, 0.6 },
                { 0, 1, -0.4, 0.7, -0.8 },
                { 0, 0, 1, 0.5, 0.9 },
            }
        );
        Tensor Thin(long seed) => Rows(8, 3, seed).matmul(mix) + (Rows(8, 5, seed + 10) * 1e-4);
        var distance = new InverseGramDistance
        {
            AngleWeight = 1,
            ScaleWeight = 0.1,
            Threshold = 1 - 1e-11,
        };
        var (source, target) = (Thin(1).requires_grad_(), Thin(2));

        var slope = autograd.grad([distance.Between(source, target)], [source])[0];

        for (var i = 0; i < 8; i++)
        {
            for (var j = 0; j < 5; j++)
            {
                var step = zeros(8, 5, dtype: float64);
                step[i, j] = 1e-6;
                var (more, less) = (source.detach() + step, source.detach() - step);
                var rise = (distance.Between(more, target) - distance.Between(less, target)).item<double>() / 2e-6;
                Assert.Equal(rise, slope[i, j].item<double>(), 1e-4 * Math.Max(1, Math.Abs(rise)));
            }
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)] // constant features: one direction
    public void Between_FewDirections_HasFiniteSlopes(double spread)
    {
        var source = (ones(5, 3, float64) + (Rows(5, 1, 1) * spread)).requires_grad_();
        var target = (ones(5, 3, float64) * 2).requires_grad_();

        var value = new InverseGramDistance().Between(source, target);

        Assert.True(value.isfinite().item<bool>());
        Assert.All(autograd.grad([value], [source, target]), slope => Assert.True(slope.isfinite().all().item<bool>()));
    }

    [Fact]
    public void Between_OtherNumbersOfRowsOrIllegalOptions_SaysWhichArgument()
    {
        var rows = Rows(6, 3, 1);
        var fault = Assert.Throws<ArgumentException>(() =>
            new InverseGramDistance().Between(rows, rows.narrow(0, 0, 5))
        );
        Assert.Equal("target", fault.ParamName);
        Assert.Equal(
            "Threshold",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new InverseGramDistance { Threshold = 1 }.Between(rows, rows)
                )
                .ParamName
        );
        var thrown = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .DareGram(Toy.Extractor(), new ModulePart(() => nn.Linear(8, 1)))
                .Fit(
                    new LabeledDomain(Toy.Source().Inputs, Toy.Source().Inputs.sum(1)),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Training = new TrainingOptions { BatchSize = 16, TargetBatchSize = 8 },
                    }
                )
        );
        Assert.Contains("as many source as target rows", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DareGram_OnTurnedRows_BringsTheInverseGramMatricesTogether()
    {
        var source = Toy.Source();
        var target = Toy.LabeledTarget(rows: 640);
        static Tensor Values(Tensor inputs) => inputs.narrow(1, 0, 2).sum(1);
        double Gap(Func<ModulePart, ModulePart, AdaptationBuilder> chain)
        {
            Toy.SeedModules(4);
            using var extractor = Toy.Extractor();
            using var predictor = new ModulePart(() => nn.Linear(8, 1));
            using var model = chain(extractor, predictor)
                .Fit(
                    new LabeledDomain(source.Inputs, Values(source.Inputs)),
                    target.WithoutLabels(),
                    new FitOptions
                    {
                        Training = new TrainingOptions { Steps = 200, BatchSize = 32 },
                    }
                );
            Assert.True(RegressionMetrics.Of(model.Predict(source.Inputs), Values(source.Inputs)).R2 > 0.8);
            return new InverseGramDistance
            {
                AngleWeight = 1,
                ScaleWeight = 0,
                Threshold = 0.99,
            }
                .Between(model.Features(source.Inputs), model.Features(target.Inputs))
                .item<float>();
        }
        var distance = new InverseGramDistance
        {
            AngleWeight = 1,
            ScaleWeight = 0.001,
            Threshold = 0.99,
        };

        var plain = Gap((extractor, predictor) => Recipes.DareGram(extractor, predictor, weight: 0));
        var aligned = Gap((extractor, predictor) => Recipes.DareGram(extractor, predictor, distance: distance));

        Assert.True(aligned < plain / 2, $"{plain} to {aligned}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Formula(int rows, int width, int factor, int start, double spread)
    {
        var k = arange(rows * width, dtype: int64);
        var residues = ((k * k * 7) + (k * factor) + start).remainder(23);
        return ((residues.to(float64) / 11) - 1).reshape(rows, width) * spread;
    }

    private static Tensor Rows(long rows, long width, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
