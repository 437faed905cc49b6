using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Programs;

/// <summary>What a first program gets wrong, and the sentence that it is told, before anything is computed.</summary>
public sealed class WrongUses : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 64);
    private readonly UnlabeledDomain target = Toy.LabeledTarget(rows: 32).WithoutLabels();

    public static TheoryData<string, string> Mistakes() =>
        new()
        {
            { "no predictor", "no stage supplies a label predictor: end the chain with Learn(...) or Train(...)." },
            { "no stage", "the chain has no stage" },
            { "target of another width", "target: rows have shape [3], those of source 0 [4]." },
            { "float64 beside float32", "target: rows are Float64 on cpu, those of source 0 Float32 on cpu." },
            { "NaN", "source 0: inputs hold NaN or infinite values; clean or impute them first." },
            { "predictor too narrow", "the predictor returns [4, 1] for 4 rows, the labels need [4, 2]" },
            { "nothing to minimize", "has nothing to minimize: add an objective" },
            { "critic of two outputs", "one logit a row" },
            { "too many components", "Components must be at most 4" },
            { "negative bound", "Bound must be positive and finite; got -1." },
            { "classes for a regression method", "values" },
            { "early sources of other classes", "labels mean 3 classes, those of source 0 2 classes" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Fit_OfAMistake_SaysWhatIsWrong(string mistake, string expected)
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() => Make(mistake).Dispose());

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfSeveralMistakes_NamesThemAll()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Weight(new KernelMeanMatching { Bound = -1 })
                .Map(new SubspaceAlignment { Components = 9 })
                .Learn(new NearestNeighbor(0))
                .Fit(source, target)
        );

        Assert.Contains("stage 1 (KernelMeanMatching)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("stage 2 (SubspaceAlignment)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("stage 3 (NearestNeighbor)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Domain_OfLabelsThatDoNotFit_IsRefusedWhereItIsMade()
    {
        var inputs = ones(4, 2);

        Says("labels must have one row for each of the 4 inputs", () => new LabeledDomain(inputs, zeros(3, int64)));
        Says("class labels must be int64 [n]", () => new LabeledDomain(inputs, zeros(4, int32)));
        Says("found -1", () => new LabeledDomain(inputs, full(4, -1, int64)));
        Says("must be finite", () => new LabeledDomain(inputs, zeros(4, int64), weights: full(4, -1.0)));
    }

    [Fact]
    public void Predict_OfAModelThatIsGoneOrRowsOfAnotherWidth_SaysSo()
    {
        var model = new AdaptationBuilder().Learn(new NearestNeighbor()).Fit(source, target);

        var fault = Assert.Throws<ArgumentException>(() => model.Predict(ones(2, 7)));
        Assert.Contains("rows of 4 features, as in the fit; got", fault.Message, StringComparison.Ordinal);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Predict(target.Inputs));
    }

    public void Dispose() => scope.Dispose();

    private static void Says(string expected, Func<object> make) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);

    private AdaptedModel Make(string mistake)
    {
        var neighbors = new AdaptationBuilder().Learn(new NearestNeighbor());
        using var extractor = nn.Linear(4, 8);
        using var predictor = nn.Linear(8, 2);
        using var narrow = nn.Linear(8, 1);
        return mistake switch
        {
            "no predictor" => new AdaptationBuilder().Map(new CorrelationAlignment()).Fit(source, target),
            "no stage" => new AdaptationBuilder().Fit(source, target),
            "target of another width" => neighbors.Fit(source, new UnlabeledDomain(ones(32, 3))),
            "float64 beside float32" => neighbors.Fit(source, new UnlabeledDomain(ones(32, 4, float64))),
            "NaN" => neighbors.Fit(source.WithInputs(source.Inputs / 0), target),
            "predictor too narrow" => Recipes.Dan(extractor, narrow).Fit(source, target),
            "nothing to minimize" => new AdaptationBuilder().Train(extractor, predictor, _ => { }).Fit(source, target),
            "critic of two outputs" => new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(nn.Linear(8, 2)))
                .Fit(source, target),
            "too many components" => new AdaptationBuilder()
                .Map(new SubspaceAlignment { Components = 9 })
                .Learn(new NearestNeighbor())
                .Fit(source, target),
            "negative bound" => new AdaptationBuilder()
                .Weight(new KernelMeanMatching { Bound = -1 })
                .Learn(new NearestNeighbor())
                .Fit(source, target),
            "classes for a regression method" => new AdaptationBuilder()
                .Add(new TwoStageTrAdaBoostR2(new DecisionTree()))
                .FitFewShot(source, target, Toy.LabeledTarget(rows: 32)),
            _ => neighbors.Fit([source, Toy.Source(rows: 60, classes: 3)], target),
        };
    }
}
