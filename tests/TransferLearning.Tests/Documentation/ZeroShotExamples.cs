using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the zero-shot methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ZeroShotExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ClassDescriptions descriptions = Described.Classes();
    private readonly LabeledDomain source = Described.Source();
    private readonly LabeledDomain unseen = Described.Unseen();
    private readonly LabeledDomain ofAllClasses = Described.All();

    private readonly TranslationPairs englishToKorean = new("English", "Korean", ["a dog sees"], ["na- bo- gae"]);
    private readonly TranslationPairs englishToJapanese = new("English", "Japanese", ["a dog sees"], ["inu ga miru"]);
    private readonly IReadOnlyList<string> japaneseSentences = ["inu ga miru"];

    private UnlabeledDomain target => unseen.WithoutLabels();

    [Fact]
    public void DirectAttributePrediction()
    {
        using var model = new AdaptationBuilder()
            .Learn(new DirectAttributePrediction(descriptions, new LogisticRegression { InversePenalty = 10 }))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void IndirectAttributePrediction()
    {
        using var model = new AdaptationBuilder()
            .Learn(new IndirectAttributePrediction(descriptions))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void EmbarrassinglySimpleZeroShot()
    {
        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Learn(new EmbarrassinglySimpleZeroShot(descriptions) { FeatureRidge = 10 })
            .Fit(source, target);
        Reads(model, least: 0.7);
    }

    [Fact]
    public void SemanticAutoencoder()
    {
        using var model = new AdaptationBuilder()
            .Learn(new SemanticAutoencoder(descriptions) { Balance = 2 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void VisualSemanticEmbedding()
    {
        using var model = new AdaptationBuilder()
            .Learn(new VisualSemanticEmbedding(descriptions) { Margin = 0.1, Epochs = 30 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ConvexSemanticCombination()
    {
        using var model = new AdaptationBuilder()
            .Learn(new ConvexSemanticCombination(descriptions.OfUnitLength(), new LogisticRegression()) { Classes = 3 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AttributeEmbedding()
    {
        using var model = new AdaptationBuilder()
            .Learn(new AttributeEmbedding(descriptions) { Components = 4, Epochs = 30 })
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CalibratedStacking()
    {
        using var model = new AdaptationBuilder()
            .Learn(new CalibratedStacking(new ConvexSemanticCombination(descriptions)) { Rounds = 5 })
            .Fit(source, target);
        var seen = descriptions.Seen(source.Labels);
        var accuracy = GeneralizedAccuracy.Of(model.Predict(ofAllClasses.Inputs), ofAllClasses.Labels, seen);
        Assert.True(accuracy.HarmonicMean >= 0.6, $"the example reads {accuracy}");
    }

    [Fact]
    public void MultilingualTranslation()
    {
        using var model = new MultilingualTranslation { Epochs = 1 }.Fit([
            englishToKorean,
            englishToKorean.Reversed(),
            englishToJapanese,
            englishToJapanese.Reversed(),
        ]);
        IReadOnlyList<string> korean = model.Translate(japaneseSentences, to: "Korean");
        Assert.Equal(japaneseSentences.Count, korean.Count);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model, double least = 0.9)
    {
        using var classes = model.PredictClasses(unseen.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, unseen.Labels);
        Assert.True(accuracy.Value >= least, $"the example reads {accuracy} of the unseen classes");
    }
}
