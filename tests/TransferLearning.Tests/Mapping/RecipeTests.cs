using TransferLearning.Evaluation;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Every published deep mapping method is one call that trains.</summary>
public sealed class RecipeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public RecipeTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    public static TheoryData<string> Names() =>
        [
            "Ddc",
            "Dan",
            "Jan",
            "DeepCoral",
            "Cmd",
            "Afn",
            "Hafn",
            "M3sda",
            "DeepJdot",
            "LogCoral",
            "Bnm",
            "Mcc",
            "Im",
            "MinEnt",
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Recipe_WithItsDefaults_ReadsTheTarget(string name)
    {
        var target = Toy.LabeledTarget();

        using var model = Recipe(name).Fit([Toy.Source(), Toy.Source(seed: 7)], target.WithoutLabels());

        using var classes = model.PredictClasses(target.Inputs);
        var accuracy = AccuracyInterval.Of(classes, target.Labels);
        Assert.True(accuracy.Value >= 0.7, $"{name} reads {accuracy} of the target");
    }

    [Theory]
    [InlineData("Can")]
    [InlineData("Dsan")]
    [InlineData("Ddan")]
    public void Recipe_AfterTrainingOnTheSource_ReadsTheTarget(string name)
    {
        var target = Toy.LabeledTarget();
        Recipes.FineTune(extractor, predictor).Fit(Toy.Source(), target.WithoutLabels()).Dispose();

        using var model = Recipe(name).Fit(Toy.Source(), target.WithoutLabels());

        using var classes = model.PredictClasses(target.Inputs);
        var accuracy = AccuracyInterval.Of(classes, target.Labels);
        Assert.True(accuracy.Value >= 0.9, $"{name} reads {accuracy} of the target");
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private AdaptationBuilder Recipe(string name)
    {
        var ofParts = typeof(Recipes)
            .GetMethods()
            .Single(recipe =>
                recipe.Name == name && recipe.GetParameters()[0].ParameterType == typeof(IFeatureExtractor)
            );
        return (AdaptationBuilder)ofParts.Invoke(null, [extractor, predictor, null, null])!;
    }
}
