using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class StandardizeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Fit_BySource_GivesItsScoresToAllDomains(ScalarType type)
    {
        var map = new Standardize().Fit(Domains(type), FitContext.Seeded(1));

        // The source's means are 3 and 5, its deviations 2 and 0.
        var source = map.For(DomainId.Source(0)).Extract(Source(type));
        var target = map.For(DomainId.Target).Extract(Target(type));
        Assert.Equal(type, source.dtype);
        Assert.True(source.allclose(Rows(type, -1, 0, 1, 0)));
        Assert.True(target.allclose(Rows(type, 3.5, -5, 8.5, 5)));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Fit_PerDomain_GivesEachItsOwnScores(ScalarType type)
    {
        var map = new Standardize { PerDomain = true }.Fit(Domains(type), FitContext.Seeded(1));

        Assert.True(map.For(DomainId.Source(0)).Extract(Source(type)).allclose(Rows(type, -1, 0, 1, 0)));
        Assert.True(map.For(DomainId.Target).Extract(Target(type)).allclose(Rows(type, -1, -1, 1, 1)));
    }

    [Fact]
    public void Fit_ConstantButForRounding_IsCenteredNotScaled()
    {
        var rows = full([100, 1], 0.1, float64) + 1e6;

        using var map = Standardize.Fit(rows);

        Assert.True(map.Extract(rows).abs().max().item<double>() < 1e-6);
        Assert.True(map.Extract(rows + 1).allclose(ones_like(rows), atol: 1e-6));
    }

    [Fact]
    public void Fit_OneDimension_NamesTheArgument() =>
        Assert.Throws<ArgumentException>("rows", () => Standardize.Fit(ones(3)));

    [Fact]
    public void Model_OfStandardizedRows_ComesBackFromItsFile()
    {
        using var folder = new TemporaryFolder();
        var (source, target) = (Toy.Source(rows: 80), Toy.LabeledTarget(rows: 60));
        using var model = new AdaptationBuilder()
            .Map(new Standardize { PerDomain = true })
            .Learn(new Predictors.LogisticRegression())
            .Fit(source, target.WithoutLabels());

        model.Save(folder.File("model"));
        using var again = AdaptedModel.Load(folder.File("model"));

        Assert.True(again.Predict(target.Inputs).equal(model.Predict(target.Inputs)).all().item<bool>());
    }

    public void Dispose() => scope.Dispose();

    private static DomainSet Domains(ScalarType type) =>
        new([new LabeledDomain(Source(type), tensor(new long[] { 0, 1 }))], new UnlabeledDomain(Target(type)));

    private static Tensor Source(ScalarType type) => Rows(type, 1, 5, 5, 5);

    private static Tensor Target(ScalarType type) => Rows(type, 10, 0, 20, 10);

    private static Tensor Rows(ScalarType type, params double[] numbers) => tensor(numbers, dtype: type).reshape(2, 2);
}
