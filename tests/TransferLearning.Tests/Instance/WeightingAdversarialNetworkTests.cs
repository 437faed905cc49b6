using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Weights of a regression's source rows learned against an opponent (WANN).</summary>
public sealed class WeightingAdversarialNetworkTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Game_ThreeSteps_AreNumPys()
    {
        var source = new GameRows(Waves.Rows(7, 3, 0.5), Waves.Rows(7, 2, 1.5), tensor([1, 2, 0.5, 0, 1, 1, 3]));
        var target = new GameRows(Waves.Rows(4, 3, 2.5), Waves.Rows(4, 2, 3.5));
        var (task, weights, opponent) = (Network(1, 2), Network(2, 1), Network(3, 2));
        using var game = new WeightingGame(task, weights, opponent, 0.05)
        {
            Bound = 0.8,
            WeightBound = 0.6,
            TargetWeight = 0.7,
        };

        // The objective in NumPy, its gradients by differences of fourth order, Adam and the bounds by hand.
        Assert.Equal(3.0682782429601865, game.Objective(source, target).item<double>(), 12);
        foreach (var expected in new[] { 1.567947366531567, 1.2950967024354199, 1.1341488363661925 })
        {
            game.Step(source, target);
            Assert.Equal(expected, game.Objective(source, target).item<double>(), 7);
        }
        double Sum(BoundedNetwork network) => network.Answer(target.Inputs).select(1, 0).sum().item<double>();
        Assert.Equal(2.7268794872432496, Sum(task), 7);
        Assert.Equal(2.788027306099503, Sum(weights), 7);
        Assert.Equal(-0.0047580770797249206, Sum(opponent), 7);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Fit_HalfOfTheSourceContradicts_WeighsItDownAndBeatsPooledRows(long seed)
    {
        var (source, few, test) = Halves(seed);
        var learner = new NetworkLearner(() =>
            nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 1)).to(float64)
        )
        {
            Options = new TrainingOptions { Steps = 800, Optimizer = parameters => optim.Adam(parameters, 0.005) },
        };

        using var weighted = new WeightingAdversarialNetwork { TargetWeight = 1 }.Fit(source, few);
        using var pooled = (ModulePart)
            learner.Fit(new LabeledDomain(cat([source.Inputs, few.Inputs]), cat([source.Labels, few.Labels])));

        // Measured: 0.86 and 1.01 against 1.70 and 1.68; the right half weighs 4.4 and 2.6 times as much.
        var isRight = source.Inputs.select(1, 1).gt(2).to(float64);
        var weights = weighted.Weigh(source.Inputs);
        double Mean(Tensor part) => ((weights * part).sum() / part.sum()).item<double>();
        var text = $"weighted {Error(weighted, test)}, pooled {Error(pooled, test)}";
        Assert.True(Mean(isRight) > 1.5 * Mean(1 - isRight), $"{Mean(isRight)} {Mean(1 - isRight)}");
        Assert.True(Error(weighted, test) < 0.8 * Error(pooled, test), text);
    }

    // Weights of 1 leave plain mean squared errors.
    [Fact]
    public void Objective_NoTargetWeight_LeavesTheTargetRowsErrorOut()
    {
        Assert.Equal(0, new WeightingAdversarialNetwork().TargetWeight);
        var source = new GameRows(Waves.Rows(7, 3, 0.5), Waves.Rows(7, 2, 1.5));
        var target = new GameRows(Waves.Rows(4, 3, 2.5), Waves.Rows(4, 2, 3.5));
        var (task, weights, opponent) = (Network(1, 2), Network(2, 1).StartingAt(1), Network(3, 2));
        using var game = new WeightingGame(task, weights, opponent, 0.05)
        {
            Bound = 0.8,
            WeightBound = 0.6,
            TargetWeight = 0,
        };
        static double Squares(BoundedNetwork network, GameRows rows) =>
            (network.Answer(rows.Inputs) - rows.Values).square().mean().item<double>();

        Assert.Equal(
            Squares(task, source) + Squares(opponent, target) - Squares(opponent, source),
            game.Objective(source, target).item<double>(),
            12
        );
    }

    [Fact]
    public void Fit_SameSeedSavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var (source, few, test) = Halves(3);
        var method = new WeightingAdversarialNetwork { Steps = 5, BatchSize = 16 };
        AdversarialRegressor? fitted = method.Fit(source, few, FitContext.Seeded(2));
        using var again = method.Fit(source, few, FitContext.Seeded(2));
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("regressor", ref fitted);
            saving.Write(folder.File("regressor"));
        }
        using var loading = StateBag.Read(folder.File("regressor"));
        AdversarialRegressor? loaded = null;
        loading.Part("regressor", ref loaded);

        foreach (var other in new[] { again, loaded! })
        {
            Assert.True(other.Predict(test.Inputs).equal(fitted!.Predict(test.Inputs)).all().item<bool>());
            Assert.True(other.Weigh(test.Inputs).equal(fitted.Weigh(test.Inputs)).all().item<bool>());
        }
        fitted!.Dispose();
        loaded!.Dispose();
    }

    [Fact]
    public void Fit_BadInput_NamesIt()
    {
        var (source, few, _) = Halves(3);
        void Names(string name, Action fit) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(fit).ParamName);

        Names("source", () => new WeightingAdversarialNetwork().Fit(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 10)));
        Names(
            "target",
            () => new WeightingAdversarialNetwork().Fit(source, few.WithInputs(few.Inputs.narrow(1, 0, 1)))
        );
        Names("Bound", () => new WeightingAdversarialNetwork { Bound = 0 }.Fit(source, few));
        Names("WeightBound", () => new WeightingAdversarialNetwork { WeightBound = double.NaN }.Fit(source, few));
        Names("TargetWeight", () => new WeightingAdversarialNetwork { TargetWeight = -1 }.Fit(source, few));
        Names("Steps", () => new WeightingAdversarialNetwork { Steps = 0 }.Fit(source, few));
        using var fitted = new WeightingAdversarialNetwork { Steps = 1 }.Fit(source, few);
        Names("features", () => fitted.Predict(zeros(2, 3, float64)));
    }

    public void Dispose() => scope.Dispose();

    private static BoundedNetwork Network(double start, long outputs)
    {
        var parts = new[]
        {
            Waves.Rows(3, 4, start),
            Waves.Rows(1, 4, start + 0.1).squeeze(0),
            Waves.Rows(4, outputs, start + 0.2),
            Waves.Rows(1, outputs, start + 0.3).squeeze(0),
        };
        return new(nn.Parameter(parts[0]), nn.Parameter(parts[1]), nn.Parameter(parts[2]), nn.Parameter(parts[3]));
    }

    // Two columns of which the second tells the upside-down half of the source from the other one; the target is right
    // everywhere.
    private static (LabeledDomain Source, LabeledDomain Few, LabeledDomain Test) Halves(long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        LabeledDomain Rows(long n, bool isSource)
        {
            var inputs = rand([n, 2], dtype: float64, generator: generator) * 4;
            var values = inputs.select(1, 0).sin() * 2;
            return new LabeledDomain(inputs, isSource ? where(inputs.select(1, 1).gt(2), values, -values) : values);
        }
        return (Rows(400, isSource: true), Rows(10, isSource: false), Rows(400, isSource: false));
    }

    private static double Error(ILabelPredictor predictor, LabeledDomain test) =>
        (predictor.Predict(test.Inputs).squeeze(1) - test.Labels).square().mean().sqrt().item<double>();
}
