using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class DomainInvariantPartialLeastSquaresTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // NumPy: rows deflated one latent variable after the other, the gap's eigenvalues made positive; null is the
    // balance of both terms.
    [Theory]
    [InlineData(2.0, new[] { -0.998928844, 0.53001766 }, new[] { -1.118827933, -0.002990957 })]
    [InlineData(null, new[] { -1.00639847, 0.584981837 }, new[] { -1.191138508, -0.100349861 })]
    public void Fit_Values_GivesTheScoresOfDeflatedRows(double? penalty, double[] first, double[] other)
    {
        var target = Waves.Target();
        var (source, targetMap) = new DomainInvariantPartialLeastSquares
        {
            Components = 2,
            Penalty = penalty,
            PenaltyScale = PenaltyScale.Absolute,
        }.Fit(Values(), target);

        Assert.True(source.Extract(Values().Inputs)[0].allclose(tensor(first, dtype: float64), 1e-7, 1e-8));
        Assert.True(targetMap.Extract(target)[0].allclose(tensor(other, dtype: float64), 1e-7, 1e-8));
    }

    [Fact]
    public void Fit_Classes_GivesTheScoresOfDeflatedRows()
    {
        var target = Waves.Target();
        var (source, targetMap) = new DomainInvariantPartialLeastSquares
        {
            Components = 3,
            Penalty = 2,
            PenaltyScale = PenaltyScale.Absolute,
        }.Fit(Waves.Source(), target);

        // NumPy: the same, with the leading right singular vector of X'Y in each round.
        double[] first = [0.901079242, 0.577615787, -0.661941287];
        double[] other = [0.611052983, -0.298162638, -1.146447037];
        Assert.True(source.Extract(Waves.Source().Inputs)[0].allclose(tensor(first, dtype: float64), 1e-7, 1e-8));
        Assert.True(targetMap.Extract(target)[0].allclose(tensor(other, dtype: float64), 1e-7, 1e-8));
    }

    [Fact]
    public void Fit_WithoutPenalty_IsPartialLeastSquares()
    {
        var data = Values();
        var (map, _) = new DomainInvariantPartialLeastSquares { Components = 2, Penalty = 0 }.Fit(data, Waves.Target());
        using var predictor = (LinearPredictor)new RidgeRegression(0).Fit(data.WithInputs(map.Extract(data.Inputs)));

        var predicted = predictor.Predict(map.Extract(data.Inputs)).narrow(0, 0, 2).reshape(-1);

        // scikit-learn: PLSRegression(2, scale=False).
        Assert.True(predicted.allclose(tensor(new[] { 1.607123448, 1.744598605 }, dtype: float64), 1e-8, 1e-9));
    }

    [Fact]
    public void Fit_AnyRows_GivesTheSourceUncorrelatedScores()
    {
        var data = Values();
        var (map, _) = new DomainInvariantPartialLeastSquares { Components = 3, Penalty = 5 }.Fit(data, Waves.Target());
        var scores = map.Extract(data.Inputs);
        var products = scores.t().matmul(scores);
        products.diagonal().fill_(0);
        Assert.True(products.abs().max().item<double>() < 1e-9);
        Assert.True(scores.mean([0L]).abs().max().item<double>() < 1e-10);
    }

    [Fact]
    public void Fit_AnInterferenceOfTheTarget_IsLeftOut()
    {
        // Features 0 and 1 tell the value; 1 also holds, in the target, a strong signal that has nothing to do with it.
        static (Tensor Rows, Tensor Values) Measured(long seed, double interference)
        {
            using var generator = new RandomKey(seed).Generator();
            var noise = randn([200, 6], dtype: float64, generator: generator);
            var values = noise.select(1, 0).clone();
            var rows = noise * 0.3;
            rows.select(1, 0).add_(values);
            rows.select(1, 1).add_(values).add_(noise.select(1, 5) * interference);
            return (rows, values);
        }
        var (inputs, values) = Measured(1, 0);
        var (target, hidden) = Measured(2, 3);
        double Error(double penalty)
        {
            using var model = new AdaptationBuilder()
                .Map(new DomainInvariantPartialLeastSquares { Components = 1, Penalty = penalty })
                .Learn(new RidgeRegression(0))
                .Fit(new LabeledDomain(inputs, values), new UnlabeledDomain(target));
            return (model.Predict(target).reshape(-1) - hidden).square().mean().sqrt().item<double>();
        }

        var (plain, invariant) = (Error(0), Error(1000));

        Assert.True(invariant < plain / 2, $"{invariant} against {plain}");
    }

    [Fact]
    public void Fit_TargetNotCentered_PassesTheSourcesMap()
    {
        var target = Waves.Target();
        var (source, map) = new DomainInvariantPartialLeastSquares { CentersTarget = false }.Fit(Values(), target);
        Assert.True(source.Extract(target).equal(map.Extract(target)).all().item<bool>());
    }

    [Fact]
    public void Fit_LabelsThatOneVariableExplains_StopsThere()
    {
        var rows = Waves.Source().Inputs;
        var only = rows.clone();
        only.narrow(1, 1, 3).fill_(0);
        var (map, _) = new DomainInvariantPartialLeastSquares { Components = 3 }.Fit(
            new LabeledDomain(only, only.select(1, 0)),
            Waves.Target()
        );
        Assert.Equal(1, map.Matrix.shape[1]);
    }

    [Fact]
    public void Fit_ConstantLabels_SaysSo()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            new DomainInvariantPartialLeastSquares().Fit(
                new LabeledDomain(Waves.Target(), ones(9, dtype: float64)),
                Waves.Target()
            )
        );
        Assert.Contains("constant", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 1.0, "Components")]
    [InlineData(2, -1.0, "Penalty")]
    public void Fit_BadSettings_NamesThem(int components, double penalty, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new DomainInvariantPartialLeastSquares { Components = components, Penalty = penalty }.Fit(
                Values(),
                Waves.Target()
            )
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Values()
    {
        var i = arange(12, dtype: float64);
        return new LabeledDomain(Waves.Source().Inputs, (i * 0.8).cos() + (i * 0.3));
    }
}
