using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class AdaptationRegularizationTests : IDisposable
{
    private static readonly AdaptationRegularization Small = new()
    {
        AlignmentWeight = 4,
        Shrinkage = 0.2,
        ManifoldWeight = 0.7,
        Neighbors = 3,
        Rounds = 3,
    };

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Classify_Squares_GivesTheScoresOfADenseSystem()
    {
        // NumPy: the full (n + m) x (n + m) system solved in each of three rounds, with edges of 1 to the row itself.
        double[] expected =
        [
            0.730811345,
            0.045117373,
            0.181060477,
            0.084455361,
            0.514115563,
            0.375648796,
            0.532503263,
            0.046936142,
            0.291209875,
        ];
        Assert.True(Scores(Small).allclose(tensor(expected, dtype: float64).reshape(3, 3), 1e-7, 1e-8));
    }

    [Fact]
    public void Classify_Hinge_GivesTheScoresOfBoundedLeastSquares()
    {
        // SciPy: the dual programs as bounded least squares, an active-set method; the dual values are the primal ones
        // to 13 digits.
        double[] expected =
        [
            0.491852993,
            -0.992427474,
            -0.991551161,
            -0.997459297,
            -0.385617408,
            -0.74002568,
            0.252134618,
            -0.972388909,
            -0.828011247,
        ];
        var scores = Scores(Small with { Loss = ClassifierLoss.Hinge });
        Assert.True(scores.allclose(tensor(expected, dtype: float64).reshape(3, 3), 1e-6, 1e-6));
    }

    [Fact]
    public void Classify_OnceAfterALogisticRegression_GivesTheScoresOfADenseSystem()
    {
        // NumPy, after scikit-learn's logistic regression, which reads three target rows otherwise than the nearest
        // neighbor does.
        double[] expected =
        [
            0.715394226,
            0.034260911,
            0.209387257,
            0.095970973,
            0.450281798,
            0.4417093,
            0.536048211,
            0.072594727,
            0.266694496,
        ];
        var first = new LogisticRegression { PenaltyScale = PenaltyScale.Absolute };
        var scores = Scores(Small with { FirstLearner = first, Rounds = 1 });
        Assert.True(scores.allclose(tensor(expected, dtype: float64).reshape(3, 3), 1e-7, 1e-8));
    }

    [Fact]
    public void Classify_HingeWithoutAlignmentAndManifold_IsASupportVectorMachineOnTheSource()
    {
        var (source, target) = (UnitSource(), Unit(Waves.Target()));
        using var predictor = new AdaptationRegularization
        {
            Loss = ClassifierLoss.Hinge,
            AlignmentWeight = 0,
            ManifoldWeight = 0,
            Shrinkage = 0.5,
        }.Classify(source, target);

        // Without them no target row bears on the classifier, and the multipliers of a machine with C = 1 / (2 sigma)
        // lie between 0 and C.
        var coefficients = predictor.Coefficients;
        var signs = (2 * nn.functional.one_hot(source.Labels, 3).to(float64)) - 1;
        var multipliers = coefficients.narrow(0, 0, 12) * signs;
        Assert.True(coefficients.narrow(0, 12, 9).abs().max().item<double>() < 1e-9);
        Assert.True(multipliers.min().item<double>() > -1e-9 && multipliers.max().item<double>() < 1 + 1e-9);
        // Complementary slackness: rows inside the margin have the bound, rows outside nothing.
        var margins =
            new GaussianKernel(0.5).Matrix(source.Inputs, source.Inputs).matmul(coefficients.narrow(0, 0, 12)) * signs;
        var slack = where(
            margins > 1 + 1e-5,
            multipliers,
            where(margins < 1 - 1e-5, 1 - multipliers, zeros_like(margins))
        );
        Assert.True(slack.abs().max().item<double>() < 1e-5);
    }

    [Fact]
    public void Classify_BalanceOfOneHalf_IsManifoldEmbeddedAlignmentsClassifier()
    {
        var (source, target) = (UnitSource(), Unit(Waves.Target()));
        using var other = new ManifoldEmbeddedDistributionAlignment { Balance = 0.5 }.Classify(source, target);
        using var predictor = new AdaptationRegularization().Classify(source, target);
        Assert.True(predictor.Coefficients.equal(other.Coefficients).all().item<bool>());
    }

    [Theory]
    [InlineData(ClassifierLoss.Squares)]
    [InlineData(ClassifierLoss.Hinge)]
    public void Fit_TurnedClouds_ReadsTheTargetAndComesBackFromAFile(ClassifierLoss loss)
    {
        var source = Toy.Source(rows: 120, classes: 3);
        var (inputs, labels) = Toy.Clouds(90, seed: 2, classes: 3, angle: 0.7);
        using var folder = new TemporaryFolder();

        using var model = new AdaptationBuilder()
            .Add(new AdaptationRegularization { Loss = loss, Rounds = 5 })
            .Fit(source, new UnlabeledDomain(inputs));
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.True(model.PredictClasses(inputs).eq(labels).to(float64).mean().item<double>() > 0.95);
        Assert.True(model.Predict(inputs).equal(loaded.Predict(inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_OfBadSettings_IsRefusedBeforeTheRun()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new AdaptationRegularization { Shrinkage = 0 })
                .Fit(Waves.Source(), new UnlabeledDomain(Waves.Target()))
        );
        Assert.Contains("Shrinkage must be positive", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Scores(AdaptationRegularization description)
    {
        var target = Unit(Waves.Target());
        var predictor = description.Classify(UnitSource(), target);
        return predictor.Predict(target).narrow(0, 0, 3);
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true);

    private static LabeledDomain UnitSource()
    {
        var source = Waves.Source();
        return source.WithInputs(Unit(source.Inputs));
    }
}
