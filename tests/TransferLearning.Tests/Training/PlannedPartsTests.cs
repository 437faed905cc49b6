using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// The plan knows the rows behind maps and networks, and the parts that stand: what does not go together there is found
/// before anything is computed.
/// </summary>
public sealed class PlannedPartsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_NetworkBehindAMap_IsTriedOnRowsOfItsWidth()
    {
        var chain = new AdaptationBuilder()
            .Map(new TransferComponentAnalysis { Components = 3 })
            .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()));

        Assert.Contains("rows of shape [3]", Assert.Single(Faults(chain)), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_MapBehindAMap_KnowsItsWidth() =>
        Assert.Contains(
            "Components must be at most 3",
            Assert.Single(
                Faults(
                    new AdaptationBuilder()
                        .Map(new TransferComponentAnalysis { Components = 3 })
                        .Map(new SubspaceAlignment { Components = 4 })
                        .Learn(new LogisticRegression())
                )
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Fit_MapBehindANetwork_KnowsTheFeaturesWidth() =>
        Assert.Contains(
            "Components must be at most 8",
            Assert.Single(
                Faults(
                    new AdaptationBuilder()
                        .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
                        .Map(new SubspaceAlignment { Components = 9 })
                        .Learn(new LogisticRegression())
                )
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Fit_NetworkOnFeaturesThatALearnerStandsOn_IsTriedOnThem()
    {
        using var extractor = nn.Linear(8, 5);
        using var predictor = nn.Linear(5, 2);
        var (source, target) = (Toy.Source(rows: 40), Toy.LabeledTarget(rows: 30).WithoutLabels());

        using var model = new AdaptationBuilder()
            .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
            .Learn(new LogisticRegression())
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target, new FitOptions { Training = new() { Epochs = 1 } });

        Assert.Equal([30L, 5L], model.Features(target.Inputs).shape);
    }

    [Fact]
    public void Fit_ShallowStageOnMapsOfAnExtractor_NamesTheirShape()
    {
        using var extractor = nn.Conv2d(1, 2, 3);
        using var predictor = nn.Sequential(nn.Flatten(), nn.Linear(72, 2));
        var chain = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Learn(new LogisticRegression());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Images(rows: 16), Toy.Images(rows: 16).WithoutLabels())
        );

        Assert.Contains("features of shape [2, 6, 6]", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_AdaBnAfterANetworkWithoutNormalization_IsAFaultOfThePlan() =>
        Assert.Contains(
            "no batch normalization",
            Assert.Single(
                Faults(
                    new AdaptationBuilder()
                        .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
                        .Add(new AdaptiveBatchNormalization())
                )
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Fit_AddaWithACriticOfAnotherWidth_IsFoundBeforeTheSourceIsTrained() =>
        Assert.Contains(
            "stage 2 (AdversarialDiscriminativeAdaptation): objective",
            string.Join(
                '\n',
                Faults(
                    new AdaptationBuilder()
                        .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
                        .Add(new AdversarialDiscriminativeAdaptation(new ModulePart(() => nn.Linear(7, 1))))
                )
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Fit_AddaBehindWhatHasNoRecipe_SaysWhatToGive()
    {
        using var extractor = nn.Linear(4, 8);
        Assert.Contains(
            "make it with new ModulePart",
            string.Join(
                '\n',
                Faults(
                    new AdaptationBuilder()
                        .Train(extractor.AsPart(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
                        .Add(new AdversarialDiscriminativeAdaptation(Toy.Critic()))
                )
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_ObjectiveThatFreesTheGraphOfOthers_IsNamed()
    {
        var chain = new AdaptationBuilder().Train(
            Toy.Extractor(),
            Toy.Predictor(),
            net => net.Minimize(new CrossEntropy()).Minimize(new Freeing())
        );

        var fault = Assert.Single(Faults(chain));

        Assert.Contains($"objective {nameof(Freeing)}", fault, StringComparison.Ordinal);
        Assert.Contains("backward through the graph a second time", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FrozenAndFlattenInALongChain_AreTriedOnWhatTheyMeet()
    {
        using var embedder = nn.Embedding(10, 3);
        using var second = nn.Linear(12, 6);
        LabeledDomain Texts(long seed)
        {
            using var generator = new RandomKey(seed).Generator();
            return new LabeledDomain(
                randint(10, [20, 4], generator: generator, dtype: int64),
                arange(20, dtype: int64).remainder(2)
            );
        }

        using var model = new AdaptationBuilder()
            .Frozen(embedder)
            .Flatten()
            .Frozen(second)
            .Learn(new LogisticRegression())
            .Fit(Texts(1), Texts(2).WithoutLabels());

        Assert.Equal([20L, 6L], model.Features(Texts(2).Inputs).shape);
    }

    [Fact]
    public void FitSourceFree_BehindAFrozenNetwork_NeedsNoSource()
    {
        using var backbone = nn.Linear(4, 4);
        var target = Toy.LabeledTarget(rows: 30).WithoutLabels();

        using var model = new AdaptationBuilder()
            .Frozen(backbone)
            .Train(
                Toy.Extractor(),
                Toy.Predictor(),
                net => net.Minimize(new TransferLearning.SelfTraining.EntropyMinimization())
            )
            .FitSourceFree(target, LabelSpace.Classes(2), new FitOptions { Training = new() { Epochs = 1 } });

        Assert.Equal([30L, 2L], model.Predict(target.Inputs).shape);
    }

    [Fact]
    public void FitWithoutTarget_WithRowsThatAreRejected_CountsThem()
    {
        LabeledDomain Line(params double[] at) =>
            new(tensor(at).unsqueeze(1), arange(at.Length, dtype: int64).remainder(2));
        // Rows of the first source lie on the border, those of the second do not.
        var first = Line([-8, 8, -9, 9, 0, 0, 0, 0]);
        var second = Line([-8, 8, -9, 9]);
        using var model = new AdaptationBuilder()
            .Learn(new LogisticRegression())
            .RejectUnknown(new EntropyRule(share: 0.5))
            .FitWithoutTarget([first, second]);

        Assert.Equal([0, 1, 0, 1, 2, 2, 2, 2], model.PredictClasses(first.Inputs).data<long>());
        Assert.DoesNotContain(2L, model.PredictClasses(second.Inputs).data<long>());
    }

    [Fact]
    public void Fit_RowsWithoutFeatures_AreNamed()
    {
        var chain = new AdaptationBuilder().Learn(new DecisionTree());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(
                new LabeledDomain(zeros(8, 0), arange(8, dtype: int64).remainder(2)),
                new UnlabeledDomain(zeros(6, 0))
            )
        );

        Assert.Contains(fault.Faults, line => line.Contains("source 0: rows have shape [0]", StringComparison.Ordinal));
    }

    [Fact]
    public void Features_OfAModelWithoutAMap_AreACopy()
    {
        var (source, target) = (Toy.Source(rows: 40), Toy.LabeledTarget(rows: 30).WithoutLabels());
        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target);
        var before = target.Inputs.clone();

        model.Features(target.Inputs).mul_(2);

        Assert.True(before.equal(target.Inputs).all().item<bool>());
    }

    [Fact]
    public void Predict_ImagesOfAnotherShape_NamesBoth()
    {
        var (source, target) = (Toy.Images(rows: 16), Toy.Images(rows: 16, seed: 4).WithoutLabels());
        using var model = new AdaptationBuilder()
            .Train(Toy.ImageExtractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
            .Fit(source, target, new FitOptions { Training = new() { Epochs = 1 } });

        var fault = Assert.Throws<ArgumentException>(() => model.Predict(rand(4, 3, 8, 8)));

        Assert.Equal("inputs", fault.ParamName);
        Assert.Contains("[3, 8, 8]", fault.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 8, 8]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replica_OfARecipeThatGivesTheSameModule_IsRefused()
    {
        using var net = nn.Linear(2, 2);
        using var part = new ModulePart(() => net);

        var fault = Assert.Throws<InvalidOperationException>(() => part.Replica());

        Assert.Contains("same module", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_GradientsClippedAtInfinity_AreThoseThatAreNotClipped()
    {
        byte[] Trained(double? largest)
        {
            Toy.SeedModules(1);
            var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(
                    Toy.Source(rows: 64),
                    Toy.LabeledTarget(rows: 30).WithoutLabels(),
                    new FitOptions
                    {
                        Training = new() { Epochs = 1, GradientClipping = largest },
                    }
                );
            return Toy.Bits(extractor, predictor);
        }

        Assert.Equal(Trained(null), Trained(double.PositiveInfinity));
    }

    public void Dispose() => scope.Dispose();

    private static IReadOnlyList<string> Faults(AdaptationBuilder chain) =>
        Assert
            .Throws<InvalidAdaptationException>(() =>
                chain.Fit(Toy.Source(rows: 40), Toy.LabeledTarget(rows: 30).WithoutLabels())
            )
            .Faults;

    // Forgets to keep the graph that it shares with the other objectives.
    private sealed class Freeing : IObjective
    {
        public Tensor Evaluate(StepContext step)
        {
            var features = step.Features(step.Target);
            var leaf = step.Sources[0];
            var scores = step.Scores(leaf);
            var slope = autograd.grad([scores.sum()], [step.Features(leaf)])[0];
            return features.square().mean() + slope.square().mean();
        }
    }
}
