using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Contrastive semantic alignment (CCSA).</summary>
public sealed class ContrastiveSemanticAlignmentTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor source = Waves.Rows(9, 4, 0.5);
    private readonly Tensor labels = arange(9, dtype: int64).remainder(3);
    private readonly Tensor target = Waves.Rows(6, 4, 2);
    private readonly Tensor targetLabels = arange(6, dtype: int64).remainder(3);

    [Theory]
    [InlineData(1, 2.1431205296090123)]
    [InlineData(3, 3.3857071811726778)]
    public void Between_KnownSamples_IsTheFigureOfTheFormula(double margin, double expected)
    {
        // Pair by pair from the paper's equations in Python, the mean over each kind of pair.
        var value = new ContrastiveSemanticAlignment { Margin = margin }.Between(source, labels, target, targetLabels);

        Assert.Equal(expected, value.item<double>(), 10);
    }

    [Fact]
    public void Between_ClassesAtTheirPlaces_IsZero()
    {
        var places = eye(3, dtype: float64) * 2;
        var (some, few) = (places.index_select(0, labels), places.index_select(0, targetLabels));

        Assert.Equal(0, new ContrastiveSemanticAlignment().Between(some, labels, few, targetLabels).item<double>(), 12);
    }

    [Fact]
    public void Between_OneKindOfPair_IsThatKindAlone()
    {
        var method = new ContrastiveSemanticAlignment { Margin = 2 };
        var (one, other) = (zeros(9, int64), ones(6, int64));
        var distances = cdist(source, target);

        Assert.Equal(
            distances.square().mean().item<double>() / 2,
            method.Between(source, one, target, zeros(6, int64)).item<double>(),
            10
        );
        Assert.Equal(
            (2 - distances).clamp_min(0).square().mean().item<double>() / 2,
            method.Between(source, one, target, other).item<double>(),
            10
        );
    }

    [Fact]
    public void Between_Gradient_IsThatOfFiniteDifferences()
    {
        var method = new ContrastiveSemanticAlignment { Margin = 3 };
        Tensor At(Tensor rows) => method.Between(rows, labels, target, targetLabels);
        var rows = source.clone().requires_grad_();
        var gradient = autograd.grad([At(rows)], [rows])[0];
        var direction = Waves.Rows(9, 4, 3);
        const double Length = 1e-6;

        var rise = (At(source + (direction * Length)) - At(source - (direction * Length))) / (2 * Length);

        Assert.Equal(rise.item<double>(), (gradient * direction).sum().item<double>(), 1e-7);
    }

    [Fact]
    public void Between_RowsThatCoincide_HaveFiniteSlopes()
    {
        var rows = zeros(4, 3, float64).requires_grad_();
        var classes = arange(4, dtype: int64).remainder(2);

        var value = new ContrastiveSemanticAlignment().Between(rows, classes, zeros(4, 3, float64), classes);

        Assert.True(autograd.grad([value], [rows])[0].isfinite().all().item<bool>());
    }

    [Fact]
    public void BadInput_IsNamed()
    {
        void Names(string name, Action compute) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(compute).ParamName);
        var method = new ContrastiveSemanticAlignment();

        Names("Margin", () => (method with { Margin = 0 }).Between(source, labels, target, targetLabels));
        Names("labels", () => method.Between(source, targetLabels, target, targetLabels));
        Names("targetLabels", () => method.Between(source, labels, target, ones(6, 3)));
        Names("share", () => Recipes.Ccsa(Toy.Extractor(), Toy.Predictor(), share: 1));
    }

    [Fact]
    public void Recipe_WithoutTargetLabels_SaysWhatToCall()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.Ccsa(extractor, predictor).Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("FitFewShot", fault.Message, StringComparison.Ordinal);
    }

    [LongFact]
    public void Recipe_OnDigitsWithThreeLabeledOfEach_GainsOverTheLabelsAlone()
    {
        var digits = SmallDigits.Target;
        var rows = cat([
            .. Enumerable.Range(0, 10).Select(c => digits.Labels.eq(c).nonzero().squeeze(1).narrow(0, 0, 3)),
        ]);
        var few = new LabeledDomain(
            digits.Inputs.index_select(0, rows),
            digits.Labels.index_select(0, rows),
            space: digits.Space
        );
        double Read(int seed, double share)
        {
            Toy.SeedModules(seed);
            using var extractor = new ModulePart(() =>
                nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
            );
            using var predictor = new ModulePart(() => nn.Linear(64, 10));
            using var model = Recipes
                .Ccsa(extractor, predictor, share)
                .FitFewShot(
                    SmallDigits.Source,
                    digits.WithoutLabels(),
                    few,
                    new FitOptions
                    {
                        Seed = 1,
                        Training = new TrainingOptions { Epochs = 10, BatchSize = 64 },
                    }
                );
            using var scores = model.Predict(digits.Inputs);
            return Evaluation.AccuracyInterval.Of(scores, digits.Labels).Value;
        }
        double Mean(double share) => new[] { 1, 2, 3 }.Average(seed => Read(seed, share));

        var (contrasted, plain) = (Mean(0.25), Mean(0));

        output.WriteLine($"contrasted {contrasted:P2}, the labels alone {plain:P2}");
        Assert.True(contrasted >= plain + 0.0125, $"contrasted {contrasted:P1}, the labels alone {plain:P1}");
    }

    public void Dispose() => scope.Dispose();
}
