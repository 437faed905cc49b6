using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on consistency and on information, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ConsistencyExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.3);
    private readonly Noise weakView = new(0.05);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public ConsistencyExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void FixMatch()
    {
        using var model = Recipes.FixMatch(extractor, predictor, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TemporalEnsembling()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new TemporalEnsembling(weakView), Schedule.GaussianRamp(0.3, height: 3))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CurriculumPseudoLabels()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(
                            new CurriculumPseudoLabels { Share = Schedule.Linear(0.2, 0.8) },
                            Schedule.From(0.2, 1)
                        )
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void FlexMatch()
    {
        using var model = Recipes
            .FlexMatch(extractor, predictor, strongView, weakView, Schedule.From(0.5, 1))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void FreeMatch()
    {
        using var model = Recipes
            .FreeMatch(extractor, predictor, strongView, weakView, Schedule.From(0.5, 1))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void Dash()
    {
        using var model = Recipes.Dash(extractor, predictor, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MixMatch()
    {
        using var model = Recipes.MixMatch(extractor, predictor, weakView, Schedule.Linear(0, 5)).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ReMixMatch()
    {
        using var model = Recipes.ReMixMatch(extractor, predictor, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void NoisyStudent()
    {
        using var teacherExtractor = Toy.Extractor();
        using var teacherPredictor = Toy.Predictor();
        using var model = Recipes
            .NoisyStudent(extractor, predictor, teacherExtractor, teacherPredictor, strongView)
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdaMatch()
    {
        using var model = Recipes.AdaMatch(extractor, predictor, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SoftMatch()
    {
        using var model = Recipes
            .SoftMatch(extractor, predictor, strongView, weakView, Schedule.From(0.5, 1))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DebiasedPseudoLabels()
    {
        using var model = Recipes
            .DebiasMatch(extractor, predictor, strongView, weakView, threshold: 0.9)
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void PseudoGroupContrast()
    {
        using var head = new ModulePart(() => nn.Linear(8, 8));
        using var keyExtractor = extractor.Replica();
        using var keyHead = head.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(head);
                    net.Minimize(new CrossEntropy())
                        .Minimize(
                            new PseudoGroupContrast(head, keyExtractor, keyHead, strongView, weakView) { Keys = 8 },
                            Schedule.From(0.3, 0.1)
                        );
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ClassRebalancedSelfTraining()
    {
        using var secondExtractor = Toy.Extractor();
        using var secondPredictor = Toy.Predictor();
        using var model = Recipes
            .Crest([(extractor, predictor), (secondExtractor, secondPredictor)], strongView, weakView)
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DistributionAligningRefinery()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new DistributionAligningRefinery(strongView, weakView) { Shares = [0.5, 0.5] })
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AuxiliaryBalancedClassifier()
    {
        using var ordinary = predictor.Replica();
        using var model = Recipes.Abc(extractor, predictor, ordinary, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SimMatch()
    {
        using var head = new ModulePart(() => nn.Linear(8, 8));
        using var keyExtractor = extractor.Replica();
        using var keyPredictor = predictor.Replica();
        using var keyHead = head.Replica();
        using var model = Recipes
            .SimMatch(
                extractor,
                predictor,
                head,
                keyExtractor,
                keyPredictor,
                keyHead,
                strongView,
                weakView,
                weight: 0.1
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CoMatch()
    {
        using var head = new ModulePart(() => nn.Linear(8, 8));
        using var model = Recipes.CoMatch(extractor, predictor, head, strongView, weakView).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void VirtualAdversarialTraining()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new VirtualAdversarialTraining { Epsilon = 0.5 }, weight: 0.3)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void PiModel()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new PiModel(strongView, weakView), Schedule.GaussianRamp(0.5, height: 3))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void KnowledgeDistillation()
    {
        using var teacherExtractor = Toy.Extractor();
        using var teacherPredictor = Toy.Predictor();
        using var teacher = new AdaptationBuilder()
            .Train(
                teacherExtractor,
                teacherPredictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new MinimumClassConfusion())
            )
            .Fit(source, target);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new KnowledgeDistillation(teacherExtractor, teacherPredictor))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SelfEnsembling()
    {
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var teacher = new MeanTeacher(teacherExtractor, teacherPredictor)
        {
            StudentView = strongView,
            TeacherView = weakView,
            Threshold = 0.968,
        };
        using var model = Recipes.SelfEnsembling(extractor, predictor, teacher).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DomainInformation()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new InformationMaximization(), weight: 0.1)
                        .Align(new DomainInformation())
            )
            .Fit(source, target);
        Reads(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
