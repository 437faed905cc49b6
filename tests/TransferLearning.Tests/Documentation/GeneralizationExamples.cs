using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on domain generalization, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class GeneralizationExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain secondSource = Toy.Source(seed: 7);
    private readonly LabeledDomain heldOut = Toy.Source(rows: 40, seed: 9);
    private readonly LabeledDomain unseen = Toy.LabeledTarget();
    private readonly LabeledDomain images = Toy.Images();
    private readonly LabeledDomain secondImages = Toy.Images(seed: 4);
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly nn.Module<Tensor, Tensor> projector;
    private readonly nn.Module<Tensor, Tensor> sourceCritic;
    private readonly nn.Module<Tensor, Tensor> styleClassifier;
    private readonly nn.Module<Tensor, Tensor> firstConvolution;
    private readonly ModulePart imageExtractor;

    public GeneralizationExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        (projector, sourceCritic, styleClassifier) = (nn.Linear(8, 8), nn.Linear(8, 2), nn.Linear(8, 2));
        firstConvolution = nn.Conv2d(1, 4, 3);
        imageExtractor = nn.Sequential(firstConvolution, nn.ReLU(), nn.Flatten(), nn.Linear(144, 8), nn.ReLU())
            .AsPart();
    }

    [Fact]
    public void SourceRisk()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new SourceRisk()))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void InvariantRisk()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new InvariantRisk(), Schedule.Linear(0, 1))
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void RiskExtrapolation()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new SourceRisk()).Minimize(new RiskExtrapolation(), weight: 5)
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void GroupRobustness()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new GroupRobustness { Rate = 0.1 }))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void SourceAlignment()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new SourceAlignment(new EnergyDistance()))
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void SourceAdversary()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeBetweenSources(sourceCritic, reversal: 0.5)
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void SpectralDecoupling()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new SpectralDecoupling(), weight: 0.05)
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void InformationBottleneck()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new InformationBottleneck(), Schedule.From(0.1, 1))
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void StyleMixing()
    {
        using var model = new AdaptationBuilder()
            .Train(imageExtractor, predictor, net => net.Minimize(new StyleMixing(firstConvolution) { Alpha = 0.3 }))
            .FitWithoutTarget([images, secondImages]);
        Assert.Equal([256L, 2L], model.Predict(images.Inputs).shape);
    }

    [Fact]
    public void SelfChallenging()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new SelfChallenging { FeatureShare = 0.2 }))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void GradientVariance()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new GradientVariance(), Schedule.From(0.3, 100))
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void WeightAveraging()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Use(new WeightAveraging { Start = 0.75 })
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void DenseWeightAveraging()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new SourceRisk()).Use(new DenseWeightAveraging(heldOut) { Every = 10 })
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void MarginalTransfer()
    {
        using var wide = new ModulePart(() => nn.Linear(16, 2)); // features and the domain's mean
        using var model = new AdaptationBuilder()
            .Train(extractor, new MarginalPredictor(wide), net => net.Minimize(new MarginalRisk()))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void BatchContext()
    {
        using var context = new ModulePart(() => nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)));
        using var wide = new ModulePart(() => nn.Sequential(nn.Linear(4 + 3, 8), nn.ReLU())); // inputs and context
        using var model = new AdaptationBuilder()
            .Train(new ContextualExtractor(context, wide), predictor, net => net.Minimize(new SourceRisk()))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void CrossGradient()
    {
        using var domains = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)));
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.MoveAcrossDomains(domains, epsilon: 1))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void ImageAndBatchNormalization()
    {
        using var pretrained = nn.BatchNorm2d(4);
        using var network = new ModulePart(() =>
            nn.Sequential(
                nn.Conv2d(1, 4, 3),
                InstanceBatchNormalization.From(pretrained),
                nn.ReLU(),
                nn.Flatten(),
                nn.Linear(144, 8)
            )
        );
        using var model = new AdaptationBuilder()
            .Train(network, predictor, net => net.Minimize(new CrossEntropy()))
            .FitWithoutTarget([images, secondImages]);
        Assert.Equal(2, model.Predict(images.Inputs).shape[1]);
    }

    [Fact]
    public void SourceMixup()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Augment(new SourceMixup { Alpha = 0.5 })
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void SelfRegularization()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Minimize(new CrossEntropy()).Minimize(new SelfRegularization(projector.AsPart()), weight: 0.5);
                    net.Main.Move(projector.AsPart());
                }
            )
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void MetaLearning()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new MetaLearning { Factor = 0.5 }))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void GradientMatching()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.MatchGradients(sources: 2, rate: 0.5))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void StyleAgnosticism()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.IgnoreStyle(styleClassifier, weight: 0.1))
            .FitWithoutTarget([source, secondSource]);
        Reads(model);
    }

    [Fact]
    public void Generalization_FitAndLeaveOneOut_Run()
    {
        using var model = Recipes.Erm(extractor, predictor).FitWithoutTarget([source, secondSource]);
        using var classes = model.PredictClasses(newRows); // of a domain that the fit has not seen
        Assert.Equal([80L], classes.shape);
    }

    [Fact]
    public void Generalization_LeaveOneDomainOut_Runs()
    {
        var (photos, paintings, cartoons) = (source, secondSource, unseen);
        var result = new LeaveOneDomainOut
        {
            Domains = [photos, paintings, cartoons],
            Names = ["photos", "paintings", "cartoons"],
            Seeds = [1, 2, 3],
        }.Run(seed =>
        {
            random.manual_seed(seed);
            return Recipes.VRex(NewExtractor(), NewPredictor());
        });
        Console.WriteLine(result);
        Assert.True(result.Mean > 0.8);
        Assert.Equal(result.Domains.Min(domain => domain.Mean), result.Worst);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        projector.Dispose();
        sourceCritic.Dispose();
        styleClassifier.Dispose();
        imageExtractor.Module.Dispose();
        scope.Dispose();
    }

    private Tensor newRows => unseen.Inputs;

    private static ModulePart NewExtractor() => Toy.Extractor();

    private static ModulePart NewPredictor() => Toy.Predictor();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }
}
