using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Weighed errors of source rows, with what they can be trusted.</summary>
public sealed class ImportanceWeightedValidationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // w e = 0, 2, 0, 1 with mean 3/4 and squared deviations 9/16, 25/16, 9/16, 1/16 = 44/16, over 3 and over 4.
    [Fact]
    public void Of_FourRows_IsCountedByHand()
    {
        var risk = WeightedRisk.Of(tensor(new[] { 1.0, 2, 1, 1 }), tensor(new[] { 0.0, 1, 0, 1 }));

        Assert.Equal(0.75, risk.Value, 1e-12);
        Assert.Equal(Math.Sqrt(44.0 / 16 / 3 / 4), risk.StandardError, 1e-12);
        Assert.Equal(25.0 / 7, risk.EffectiveRows, 1e-12);
        Assert.Equal(4, risk.Count);
    }

    // r = 3/5; w^2 (e - r)^2 = 9/25, 4 * 4/25, 9/25, 4/25 = 38/25, times 4/3, over 5^2.
    [Fact]
    public void Of_FourRowsNormalized_IsCountedByHand()
    {
        var risk = WeightedRisk.Of(tensor(new[] { 1.0, 2, 1, 1 }), tensor(new[] { 0.0, 1, 0, 1 }), isNormalized: true);

        Assert.Equal(0.6, risk.Value, 1e-12);
        Assert.Equal(Math.Sqrt(38.0 / 25 * 4 / 3 / 25), risk.StandardError, 1e-12);
    }

    // Weights that are all 1 leave the standard error of a mean, sqrt(p (1 - p) / (n - 1)).
    [Fact]
    public void Of_EqualWeights_IsThatOfAShare()
    {
        var errors = arange(10, dtype: float64).lt(3).to(float64);

        foreach (var isNormalized in new[] { false, true })
        {
            var risk = WeightedRisk.Of(ones(10, float64), errors, isNormalized);

            Assert.Equal(0.3, risk.Value, 1e-12);
            Assert.Equal(Math.Sqrt(0.3 * 0.7 / 9), risk.StandardError, 1e-12);
            Assert.Equal(10, risk.EffectiveRows, 1e-9);
        }
    }

    // Over draws of known densities the estimates scatter as their standard error says.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_ManyDraws_ScattersAsItSays(bool isNormalized)
    {
        using var generator = new RandomKey(5).Generator();
        var risks = new List<WeightedRisk>();
        for (var i = 0; i < 400; i++)
        {
            using var draw = NewDisposeScope();
            var x = randn([200], float64, generator: generator);
            // Source N(0, 1), target N(1/2, 1): the ratio is exp(x / 2 - 1 / 8); errors are where x > 1.
            risks.Add(WeightedRisk.Of(((x / 2) - 0.125).exp(), x.gt(1).to(float64), isNormalized));
        }

        var mean = risks.Average(risk => risk.Value);
        var spread = Math.Sqrt(risks.Average(risk => (risk.Value - mean) * (risk.Value - mean)));
        Assert.Equal(0.3085, mean, 0.01); // 1 - Phi(1/2)
        Assert.Equal(1, risks.Average(risk => risk.StandardError) / spread, 0.12);
    }

    [Fact]
    public void Score_WithCaution_AddsStandardErrors()
    {
        var (source, target) = (Toy.Source(200), Toy.LabeledTarget().WithoutLabels());
        var held = Toy.Source(100, seed: 5);
        var isWrong = arange(100).remainder(7).eq(0);
        var noisy = new LabeledDomain(held.Inputs, where(isWrong, 1 - held.Labels, held.Labels), space: held.Space);
        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target);
        var domains = new DomainSet([source], target);

        var risk = new ImportanceWeightedValidation(noisy).Estimate(model.Extractor, model.Predictor, domains);
        var score = new ImportanceWeightedValidation(noisy) { Caution = 2 }.Score(
            model.Extractor,
            model.Predictor,
            domains
        );
        var plain = new ImportanceWeightedValidation(noisy) { IsNormalized = false };
        var paper = new DeepEmbeddedValidation(noisy) { HasControlVariate = false };

        Assert.True(risk.Value > 0 && risk.StandardError > 0, $"{risk}");
        Assert.Equal(-risk.Value - (2 * risk.StandardError), score, 1e-12);
        Assert.Equal(
            paper.Score(model.Extractor, model.Predictor, domains),
            plain.Score(model.Extractor, model.Predictor, domains),
            1e-9
        );
    }

    [Fact]
    public void Score_OfDomainsFarApart_IsAShareOfErrors()
    {
        var source = Toy.Source(200);
        var target = new UnlabeledDomain((source.Inputs * 1e4) + 1e6);
        var held = Toy.Source(100, seed: 5);
        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, source.WithoutLabels());

        var score = new ImportanceWeightedValidation(held).Score(
            model.Extractor,
            model.Predictor,
            new DomainSet([source], target)
        );

        Assert.InRange(score, -1, 0);
    }

    [Fact]
    public void Of_WrongWeights_IsRefused()
    {
        Assert.Throws<ArgumentException>("errors", () => WeightedRisk.Of(ones(3), ones(2)));
        Assert.Throws<ArgumentException>("errors", () => WeightedRisk.Of(ones(1), ones(1)));
        Assert.Throws<ArgumentException>("weights", () => WeightedRisk.Of(zeros(3), ones(3)));
        Assert.Throws<ArgumentException>("weights", () => WeightedRisk.Of(tensor(new[] { -1.0, 2 }), ones(2)));
    }

    // One source is read right and is the target, the other is far away and read wrong.
    [Fact]
    public void NearestSources_OfANearAndAFarSource_CountsTheNearOne()
    {
        var (near, target) = (Toy.Source(200), Toy.Source(200, seed: 7).WithoutLabels());
        var far = new LabeledDomain(near.Inputs + 50, 1 - near.Labels, space: near.Space);
        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(near, target);
        var domains = new DomainSet([far, near], target);

        double Score(int? nearest) =>
            new NearestSources([far, near]) { Nearest = nearest }.Score(model.Extractor, model.Predictor, domains);
        using var read = model.PredictClasses(near.Inputs);
        var right = read.eq(near.Labels).to(float64).mean().ToDouble();

        Assert.True(right > 0.95);
        Assert.Equal(right, Score(1), 1e-12);
        // The far one shares nothing with the target.
        Assert.Equal(right, Score(null), 0.02);
        Assert.Throws<ArgumentException>(
            "validation",
            () => new NearestSources([near]).Score(model.Extractor, model.Predictor, domains)
        );
    }

    public void Dispose() => scope.Dispose();
}
