using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on fine-tuning and on tasks one after the other, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class FineTuningExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.2);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain earlier = Toy.Source(rows: 200, seed: 6);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 16, seed: 9);
    private readonly LabeledDomain newClasses = Toy.Source(rows: 90, seed: 12, classes: 3);
    private readonly LabeledDomain imageSource = Toy.Images();
    private readonly ModulePart imageExtractor = Toy.ImageExtractor();
    private readonly ModulePart extractor;
    private readonly ModulePart trained;
    private readonly ModulePart predictor;
    private readonly ModulePart earlierHead;

    public FineTuningExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, trained, earlierHead) = (
            Toy.Extractor(),
            Toy.Predictor(),
            Toy.Extractor(),
            Toy.Predictor()
        );
    }

    private UnlabeledDomain imageTarget => Toy.Images(seed: 4).WithoutLabels();

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void BatchSpectralShrinkage()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy()).Minimize(new BatchSpectralShrinkage { Count = 2 }, weight: 0.001)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ClusteringOfFeatures()
    {
        using var clusters = new FeatureClustering(2).Fit(trained, target);
        using var groups = clusters.Assign(trained, target); // numbers from 0, [n]
        var quality = ClusterQuality.Of(groups, labeledTarget.Labels);
        Console.WriteLine(quality); // purity, NMI and ARI
        Assert.InRange(quality.Purity, 0.5, 1);
    }

    [Fact]
    public void FeatureMapPenalty_OfNamedLayers()
    {
        using var old = extractor.Replica();
        var tapped = new TappedExtractor(extractor, "first", "second");
        using var model = new AdaptationBuilder()
            .Train(
                tapped,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(
                            FeatureMapPenalty.AtLayers(
                                tapped,
                                new TappedExtractor(old, "first", "second"),
                                links: [0, 1]
                            ),
                            weight: 0.01
                        )
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void FeatureMapPenalty_OfTheFeatures()
    {
        using var pretrained = extractor.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new FeatureMapPenalty(extractor, pretrained), weight: 0.01)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void StochasticNormalizationOfATrainedLayer()
    {
        using var normalization = nn.BatchNorm1d(8);
        using var stochastic = nn.Sequential(nn.Linear(4, 8), StochasticNormalization.From(normalization), nn.ReLU());
        using var model = new AdaptationBuilder()
            .Train(stochastic.AsPart(), predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CoTuningOfBothHeads()
    {
        using var oldHead = nn.Linear(8, 5);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(oldHead.AsPart());
                    net.Minimize(new CrossEntropy()).Minimize(new CoTuning(oldHead.AsPart()), weight: 2.3);
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BiTuningOfBothKinds()
    {
        using var projector = new ModulePart(() => nn.Linear(8, 4));
        using var keyExtractor = extractor.Replica();
        using var keyProjector = projector.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(projector);
                    net.Minimize(new CrossEntropy())
                        .Minimize(
                            new BiTuning(projector, keyExtractor, keyProjector, strongView, strongView) { Keys = 8 },
                            weight: 0.3
                        );
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LearningWithoutForgetting()
    {
        using var oldHead = new ModulePart(() => nn.Linear(8, 3));
        using var recordedExtractor = extractor.Replica();
        using var recordedHead = oldHead.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(oldHead);
                    net.Minimize(new CrossEntropy())
                        .Minimize(new LearningWithoutForgetting(oldHead, recordedExtractor, recordedHead));
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ElasticWeightConsolidation()
    {
        using var consolidation = new ElasticWeightConsolidation(extractor, earlierHead, earlier) { Strength = 1e6 };
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(consolidation))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SynapticIntelligence()
    {
        using var intelligence = new SynapticIntelligence(extractor);
        using var first = Recipes.Si(extractor, earlierHead, intelligence).Fit(earlier, target);
        intelligence.Consolidate();
        using var model = Recipes.Si(extractor, predictor, intelligence).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void RehearsalOfKeptRows()
    {
        var memory = Rehearsal.Kept(earlier, perClass: 10);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(earlierHead);
                    net.Minimize(new CrossEntropy()).Minimize(new Rehearsal(memory, earlierHead));
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LayerTransfer()
    {
        var transfer = new LayerTransfer(1) { Freezes = true };
        transfer.Copy(trained.Module, extractor.Module);
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: transfer))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void Adapters()
    {
        using var layer = new LowRankLinear(nn.Linear(4, 8), rank: 2, alpha: 8);
        using var adapted = nn.Sequential(layer, nn.ReLU(), new BottleneckAdapter(8, 4));
        using var model = new AdaptationBuilder()
            .Train(
                adapted.AsPart(),
                predictor,
                net => net.Minimize(new CrossEntropy()).Optimize(adapted.AsPart(), plan: new AdapterPlan())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void PrototypicalNetworkPage()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new EpisodicTraining(new PrototypicalNetwork(), source) { Ways = 2 })
            )
            .Fit(source, target);
        var accuracy = EpisodeAccuracy.Of(extractor, new PrototypicalNetwork(), newClasses, ways: 3, shots: 5);
        Reads(model);
        Assert.InRange(accuracy.Value, 0.4, 1);
    }

    [Fact]
    public void MatchingNetworkPage()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new EpisodicTraining(new MatchingNetwork { Temperature = 0.1 }, source) { Ways = 2 })
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void RelationNetworkPage()
    {
        using var relation = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1));
        var rule = new RelationNetwork(relation.AsPart());
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move([.. rule.Learned]);
                    net.Minimize(new CrossEntropy()).Minimize(new EpisodicTraining(rule, source) { Ways = 2 });
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void RegularTransferPage()
    {
        using var first = (LinearPredictor)new LogisticRegression().Fit(source);
        using var model = new AdaptationBuilder()
            .Learn(new RegularTransfer(first) { InversePenalty = 0.1 })
            .Fit(fewLabeled, target);
        Reads(model);
    }

    [Fact]
    public void StructureExpansionReductionPage()
    {
        using var first = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(source);
        using var model = new AdaptationBuilder().Learn(new StructureExpansionReduction(first)).Fit(fewLabeled, target);
        Reads(model);
    }

    [Fact]
    public void StructureTransferPage()
    {
        using var first = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(source);
        using var model = new AdaptationBuilder().Learn(new StructureTransfer(first)).Fit(fewLabeled, target);
        Reads(model);
    }

    [Fact]
    public void OwnInputLayersPage()
    {
        var (narrow, wide) = (source.WithInputs(source.Inputs.narrow(1, 0, 4)), Wider(labeledTarget));
        var fewWide = Wider(fewLabeled);
        using var narrowLayer = nn.Linear(4, 8);
        using var wideLayer = nn.Linear(6, 8);
        using var trunk = nn.Sequential(nn.ReLU(), nn.Linear(8, 8), nn.ReLU());
        using var head = nn.Linear(8, 2);
        var both = ExtractorChain.Of(
            new PerDomainExtractor(Recipes.OwnInput(narrowLayer, 4), Recipes.OwnInput(wideLayer, 6)),
            trunk.AsPart()
        );
        using var model = new AdaptationBuilder()
            .Train(both, head.AsPart(), net => net.Minimize(new CrossEntropy()))
            .FitFewShot(narrow.PadColumns(6), wide.WithoutLabels(), fewWide);
        using var classes = model.PredictClasses(wide.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, wide.Labels).Value >= 0.7);

        static LabeledDomain Wider(LabeledDomain rows) =>
            rows.WithInputs(cat([rows.Inputs, rows.Inputs.narrow(1, 0, 2)], 1));
    }

    [Fact]
    public void MixedForestPage()
    {
        using var first = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(source);
        using var model = new AdaptationBuilder().Learn(new MixedForest(first)).Fit(fewLabeled, target);
        Reads(model);
    }

    [Fact]
    public void LinearInterpolationPage()
    {
        using var model = new AdaptationBuilder()
            .Add(new LinearInterpolation(new LogisticRegression()) { FittedShare = 0.5 })
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void LayerTransferPage()
    {
        var heldOut = Toy.LabeledTarget(rows: 60, seed: 14);
        var result = new LayerTransferability
        {
            Other = source,
            Task = labeledTarget,
            Judged = heldOut,
            Extractor = () => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU()),
            Head = classes => nn.Linear(8, classes),
            Seeds = [1, 2, 3],
        }.Run(new FitOptions { Training = new TrainingOptions { Steps = 50 } });
        Console.WriteLine(result);
        Console.WriteLine($"two layers of the other task lose {result.Specificity(2):P1}");
        Assert.Equal(8, result.Points.Count);
        Assert.True(result.OwnAccuracy.Value > 0.7, result.ToString());
    }

    [Fact]
    public void FreezeThenAll()
    {
        using var tuned = Recipes
            .FreezeThenAll(trained, extractor, predictor, layers: 1, frozenEpochs: 4)
            .Fit(source, target);
        Reads(tuned);
    }

    [Fact]
    public void FreezingAdviceThenANewHead()
    {
        Recipes.FineTune(extractor, predictor).Fit(source, target).Dispose();
        var distance = new ProxyADistance().Between(source.Inputs, fewLabeled.Inputs);
        var advice = FreezingAdvice.Of(extractor.Module, fewLabeled, distance);
        Console.WriteLine(advice); // 8 rows a class are few, and a distance of ... is near: freeze the network and ...
        LayerReset.Reset(predictor.Module, new RandomKey(1));
        using var next = Recipes
            .FineTune(extractor, predictor, advice.Plan.Normalizations(NormalizationPolicy.KeepStatistics))
            .Fit(fewLabeled, target);
        Assert.Contains("8 rows a class are few", advice.Sentence, StringComparison.Ordinal);
        Assert.Equal([80L, 2L], next.Predict(labeledTarget.Inputs).shape);
    }

    [Fact]
    public void MidLevelReuse()
    {
        using var trunk = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU()));
        new LayerTransfer(2).Copy(trained.Module, trunk.Module);
        using var adaptation = new ModulePart(() => nn.Sequential(nn.Linear(8, 16), nn.ReLU()));
        using var threeClasses = nn.Linear(16, 3); // the last one is the background
        using var model = Recipes
            .MidLevel(trunk, adaptation, threeClasses.AsPart(), background: 2)
            .Fit(newClasses, target);
        using var patches = model.PredictProbabilities(newClasses.Inputs);
        using var ofImage = arange(90, dtype: int64).div(10, RoundingMode.floor); // ten patches an image
        using var images = PatchScores.Of(patches, ofImage, 9);
        Assert.Equal([9L, 3L], images.shape);
    }

    [Fact]
    public void OwnHeadsPage()
    {
        using var english = new ModulePart(() => nn.Linear(8, 2));
        using var french = new ModulePart(() => nn.Linear(8, 2));
        var heads = new OwnHeads(english, french);
        using var model = Recipes.ShlMdnn(extractor, heads).Fit([source, earlier], target);
        using var byEnglish = new AdaptedModel(model.Extractor, heads.By(0));

        // A new language: the shared layers stay, a new head learns.
        using var german = new ModulePart(() => nn.Linear(8, 2));
        using var next = Recipes.FineTune(extractor, german, FreezingPlan.None.Freeze("")).Fit(fewLabeled, target);
        Reads(model);
        Reads(byEnglish);
    }

    [Fact]
    public void FineTunedHeadPage()
    {
        using var model = Recipes.FineTune(extractor, predictor).Fit(source, target);
        var linear = EpisodeAccuracy.Of(extractor, new FineTunedHead(), newClasses, ways: 3, shots: 5, episodes: 20);
        var cosine = EpisodeAccuracy.Of(
            extractor,
            new FineTunedHead { IsCosine = true },
            newClasses,
            ways: 3,
            shots: 5,
            episodes: 20
        );
        Assert.InRange(linear.Value, 0.4, 1);
        Assert.InRange(cosine.Value, 0.4, 1);
    }

    [Fact]
    public void DeepHashingPage()
    {
        using var hash = new HashLayer(features: 8, bits: 32);
        using var model = Recipes
            .Dah(extractor, hash.AsPart(), classes: 2)
            .Fit(source, target, new FitOptions { Training = new TrainingOptions { Epochs = 5 } });
        using var codes = model.Features(source.Inputs, DomainId.Source(0)); // between -1 and 1; their signs are bits
        using var queries = model.Features(target.Inputs);
        using var nearest = HashCodes.Nearest(queries, codes, count: 10); // ten source rows for each target row
        using var similarities = HashCodes.Distances(queries, codes).neg();
        var precision = RetrievalPrecision.Of(similarities, labeledTarget.Labels, source.Labels, k: 10);
        Reads(model);
        Assert.Equal([80L, 10], nearest.shape);
        Assert.True(precision.MeanAveragePrecision > 0.7, precision.ToString());
    }

    [Fact]
    public void UncertaintyWeightingPage()
    {
        using var turns = nn.Linear(8, 4);
        using var weighting = new UncertaintyWeighting(new CrossEntropy(), new RotationPrediction(turns.AsPart()));
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net =>
                {
                    net.Main.Move(turns.AsPart(), weighting.LogVariances);
                    net.Minimize(weighting);
                }
            )
            .Fit(imageSource, imageTarget);
        using var scores = model.Predict(imageSource.Inputs);
        Assert.Equal([256L, 2L], scores.shape);
    }

    [Fact]
    public void GradientNormalizationPage()
    {
        using var turns = nn.Linear(8, 4);
        var balance = new GradientNormalization(
            imageExtractor,
            new CrossEntropy(),
            new RotationPrediction(turns.AsPart())
        );
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net =>
                {
                    net.Main.Move(turns.AsPart());
                    net.Minimize(balance);
                }
            )
            .Fit(imageSource, imageTarget);
        using var scores = model.Predict(imageSource.Inputs);
        Assert.Equal([256L, 2L], scores.shape);
    }

    public void Dispose()
    {
        extractor.Dispose();
        imageExtractor.Dispose();
        trained.Dispose();
        predictor.Dispose();
        earlierHead.Dispose();
        scope.Dispose();
    }

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
