using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The guide's examples, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class GuideExamples
{
    [Fact]
    public void Guide_Examples_Run()
    {
        using var scope = NewDisposeScope();
        using var temporary = new TemporaryFolder();
        Toy.SeedModules(5);
        var (inputs, labels) = Toy.Clouds(320, 1);
        var labeledTarget = Toy.LabeledTarget();
        var (otherInputs, folder, path) = (labeledTarget.Inputs, temporary.File("run"), temporary.File("model"));
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var source = new LabeledDomain(inputs, labels);
        var weighted = new LabeledDomain(inputs, labels, weights: linspace(1, 2, inputs.shape[0]));
        var target = new UnlabeledDomain(otherInputs);
        Assert.Equal(source.Count, weighted.Count);

        var partial = new LabeledDomain(inputs, labels, space: LabelSpace.Classes(5));
        Assert.Equal(5, partial.Space.Width);

        var lent = nn.Linear(4, 2).AsPart();
        using var recipe = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU()));
        using var replica = recipe.Replica();
        Assert.NotNull(lent);
        Assert.Equal(Toy.Bits(recipe), Toy.Bits(replica));

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Map(new CorrelationAlignment())
            .Learn(new NearestNeighbor(Neighbors: 5))
            .Fit(source, target);
        Reads(model);

        var options = new FitOptions
        {
            Seed = 1,
            Training = new TrainingOptions
            {
                Epochs = 5,
                BatchSize = 32,
                Optimizer = parameters => optim.SGD(parameters, 0.01, momentum: 0.9),
                LearningRate = Schedule.InverseDecay(),
                GradientClipping = 5,
            },
        };
        using var trained = Recipes.Dan(extractor, predictor, weight: 0.5).Fit(source, target, options);
        Reads(trained);

        var resumable = options with
        {
            Checkpoints = new CheckpointOptions(folder) { EverySteps = 100, Resume = ResumeMode.IfPresent },
        };
        using var resumed = Recipes.Dan(extractor, predictor).Fit(source, target, resumable);
        Assert.NotEmpty(Directory.EnumerateFiles(folder));

        var choosing = options with
        {
            Training = options.Training with { Epochs = 20, Validation = new Confidence(), RestoreBest = true },
            Observers = [new EarlyStopping(patience: 3)],
        };
        using var chosen = Recipes.Dan(extractor, predictor).Fit(source, target, choosing);
        Reads(chosen);

        using var sharpened = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new TargetEntropy(), Schedule.Linear(0, 0.1))
            )
            .Fit(source, target, options);

        using var scores = sharpened.Predict(otherInputs);
        using var classes = sharpened.PredictClasses(otherInputs);
        sharpened.Save(path);

        using var again = AdaptedModel.Load(path, NewExtractor(), NewPredictor());
        Assert.True(again.Predict(otherInputs).equal(scores).all().item<bool>());

        void Reads(AdaptedModel read) =>
            Assert.True(Evaluation.AccuracyInterval.Of(read.Predict(otherInputs), labeledTarget.Labels).Value > 0.8);
    }

    private static nn.Module<Tensor, Tensor> NewExtractor() =>
        nn.Sequential(
            ("first", nn.Linear(4, 8)),
            ("norm", nn.Identity()),
            ("relu", nn.ReLU()),
            ("dropout", nn.Dropout(0)),
            ("second", nn.Linear(8, 8)),
            ("end", nn.ReLU())
        );

    private static nn.Module<Tensor, Tensor> NewPredictor() => nn.Linear(8, 2);

    private sealed class Confidence : IModelScore
    {
        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
        {
            using var scope = NewDisposeScope();
            var scores = predictor.Predict(extractor.For(DomainId.Target).Extract(domains.Target.Inputs));
            return scores.softmax(1).amax([1L]).mean().item<float>();
        }
    }

    private sealed class TargetEntropy : IObjective
    {
        public Tensor Evaluate(StepContext step)
        {
            var logs = step.Scores(step.Target).log_softmax(1);
            return (logs.exp() * logs).sum(1).mean().neg();
        }
    }
}
