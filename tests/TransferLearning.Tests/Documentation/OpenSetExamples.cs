using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on targets with classes that the source lacks, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class OpenSetExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain openSource = OpenToy.Source();
    private readonly LabeledDomain labeledTarget = OpenToy.LabeledTarget();
    private readonly FitOptions options = new()
    {
        Training = new TrainingOptions
        {
            Steps = 200,
            BatchSize = 64,
            Optimizer = p => optim.Adam(p, 0.01),
        },
    };
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;

    public OpenSetExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, critic) = (Toy.Extractor(), Toy.Predictor(classes: 3), Toy.Critic());
    }

    private LabeledDomain morning => Turned(0.4);

    private LabeledDomain noon => Turned(0.8);

    private LabeledDomain evening => Turned(1.2);

    private UnlabeledDomain openTarget => labeledTarget.WithoutLabels();

    private Tensor newRows => labeledTarget.Inputs;

    private Tensor newLabels => labeledTarget.Labels;

    [Fact]
    public void UnknownRejection()
    {
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .RejectUnknown(new EntropyRule(share: 0.5))
            .Fit(openSource, openTarget);
        using var classes = model.PredictClasses(newRows);
        Console.WriteLine(OpenSetAccuracy.Of(classes, newLabels, known: 3));
        Reads(model);
    }

    [Fact]
    public void UnknownBoundary()
    {
        using var predictorOfFour = new ModulePart(() => nn.Linear(8, 4)); // three known classes and "unknown"
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictorOfFour,
                net => net.Minimize(new CrossEntropy()).Minimize(new UnknownBoundary { Boundary = 0.5 })
            )
            .Fit(openSource.WithUnknown(), openTarget, options);
        Reads(model);
    }

    [Fact]
    public void ProgressiveSeparation()
    {
        using var predictorOfFour = new ModulePart(() => nn.Linear(8, 4)); // three known classes and "unknown"
        using var heads = new ModulePart(() => nn.Linear(8, 3)); // one logit a known class
        using var separator = critic.Replica(); // "known" against "unknown"
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictorOfFour,
                net =>
                {
                    net.Main.Move(heads, separator);
                    net.Minimize(new CrossEntropy())
                        .Minimize(new ClassSimilarity(heads))
                        .Minimize(new KnownSeparation(heads, separator), Schedule.From(0.55, 1));
                }
            )
            .Train(
                extractor,
                predictorOfFour,
                net =>
                {
                    net.Main.Move(critic);
                    net.Minimize(new CrossEntropy())
                        .Minimize(new SeparatedAdversary(critic, separator), weight: 0.3)
                        .Minimize(new SeparatedEntropy(separator), weight: 0.1)
                        .Minimize(new UnknownRows(separator), Schedule.From(0.8, 0.3));
                }
            )
            .Fit(openSource.WithUnknown(), openTarget, options);
        Reads(model);
    }

    [Fact]
    public void OneVersusAll()
    {
        using var heads = new ModulePart(() => nn.Linear(8, 6, false)); // two logits for each of three classes
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).TellOneVersusAll(heads, weight: 0.1))
            .RejectUnknown(new OneVersusAllRule(heads))
            .Fit(openSource, openTarget, options);
        Reads(model, least: 0.1); // 200 steps find few of the rows in the middle
    }

    [Fact]
    public void NeighborhoodClustering()
    {
        using var prototypes = new ModulePart(() => new CosineClassifier(8, 3));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                prototypes,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new NeighborhoodClustering(), weight: 0.05)
                        .Minimize(new EntropySeparation { Margin = 0.1 }, weight: 0.05)
            )
            .RejectUnknown(new EntropyRule())
            .Fit(openSource, openTarget, options);
        Reads(model, least: 0.1); // 200 steps find few of the rows in the middle
    }

    [Fact]
    public void UniversalAdversary()
    {
        using var secondCritic = critic.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(critic, secondCritic);
                    net.Minimize(new ProbabilityCrossEntropy())
                        .Minimize(new UniversalAdversary(critic, secondCritic, Schedule.SigmoidRamp(gamma: 10)));
                }
            )
            .RejectUnknown(new TransferabilityRule(secondCritic, threshold: -0.5))
            .Fit(openSource, openTarget, options);
        Reads(model);
    }

    [Fact]
    public void Stream()
    {
        using var start = Recipes.Erm(extractor, predictor).FitWithoutTarget([openSource], options);
        var stream = new DomainStream
        {
            Source = openSource,
            Targets = [morning, noon, evening],
            IsSourceFree = true,
        };
        var result = stream.Run(start, _ => Recipes.Shot(extractor, predictor), options);
        Console.WriteLine(result);
        Assert.True(result.OnArrival[^1].Value > result.Accuracies[0][3].Value);
    }

    [Fact]
    public void MadeShift()
    {
        var (source, target) = ShiftedData.Covariate(new RandomKey(1), rows: 400, shift: 2);
        var (kept, heldOut) = DomainSplit.Stratified([source, target], share: 0.3, new RandomKey(2));
        using var model = new AdaptationBuilder()
            .Weight(new KernelMeanMatching())
            .Learn(new LogisticRegression())
            .Fit(kept[0], kept[1].WithoutLabels());
        using var classes = model.PredictClasses(heldOut[1].Inputs);
        Console.WriteLine(AccuracyInterval.Of(classes, heldOut[1].Labels));
        Assert.True(AccuracyInterval.Of(classes, heldOut[1].Labels).Value > 0.7);
    }

    [Fact]
    public void SeveralTargets()
    {
        var places = UnlabeledDomain.Joined(morning.WithoutLabels(), noon.WithoutLabels(), evening.WithoutLabels());
        using var joint = Recipes.Dann(extractor, predictor, critic).Fit(openSource, places, options);

        Assert.Equal(3, places.Sizes.Count);
    }

    public void Dispose() => scope.Dispose();

    private LabeledDomain Turned(double angle)
    {
        var (inputs, labels) = Toy.Clouds(240, 3, OpenToy.Known, angle: angle);
        return new LabeledDomain(inputs, labels, space: openSource.Space);
    }

    // Who never says "unknown" has 0.
    private void Reads(AdaptedModel model, double least = 0.5)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = OpenSetAccuracy.Of(classes, labeledTarget.Labels, OpenToy.Known);
        Assert.True(accuracy.Harmonic.Value >= least, $"the example reads {accuracy} of the target");
    }
}
