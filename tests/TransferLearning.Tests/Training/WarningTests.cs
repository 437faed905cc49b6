using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// What a run cannot refuse but its caller should know is logged, in one sentence with the remedy; what is in order is
/// not.
/// </summary>
public sealed class WarningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LogLines log = new();

    [Theory]
    [InlineData(6, true)]
    [InlineData(8, false)]
    public void Weight_UnderAThirdOfTheRows_Warns(int heavy, bool warns)
    {
        Fit(new AdaptationBuilder().Weight(new First(heavy)).Learn(new NearestNeighbor()), Toy.Source(rows: 21));

        Said(warns, $"21 examples count as {heavy}.0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Map_ThatMixesTheClasses_Warns(bool mixes)
    {
        Fit(
            new AdaptationBuilder().Map(new Columns(mixes ? 2 : 0)).Learn(new NearestNeighbor()),
            Toy.Source(rows: 200)
        );

        Said(mixes, "the map loses what tells the classes apart");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Model_ThatReadsTheTargetAsFewClasses_Warns(bool isMoved)
    {
        var source = Toy.Source(rows: 90, classes: 3);

        Fit(
            new AdaptationBuilder().Learn(new LogisticRegression()),
            source,
            target: isMoved ? (source.Inputs * 1e-3) + source.Inputs[0] : source.Inputs
        );

        Said(isMoved, "the target's rows are read as 1.0 classes, the sources' labels are 3.0");
    }

    [Theory]
    [InlineData(true, 3, 90)]
    [InlineData(false, 3, 90)]
    [InlineData(true, 2, 90)]
    [InlineData(false, 2, 90)]
    [InlineData(true, 2, 4)]
    public void FitSourceFree_ThatReadsTheTargetAsFewClasses_Warns(bool isMoved, int classes, int rows)
    {
        Toy.SeedModules(4);
        var source = Toy.Source(rows: 90, classes: classes);
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => nn.Linear(8, classes));
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .FitWithoutTarget([source], new FitOptions { Training = new TrainingOptions { Epochs = 40 } })
            .Dispose();
        var target = isMoved ? (source.Inputs * 1e-3) + source.Inputs[0] : source.Inputs;
        var options = new FitOptions
        {
            Logger = log,
            Training = new TrainingOptions { Steps = 1 },
        };

        Recipes
            .Nrc(extractor, predictor)
            .FitSourceFree(new UnlabeledDomain(target.narrow(0, 0, rows)), LabelSpace.Classes(classes), options)
            .Dispose();

        // Four rows may well be of one class.
        Said(isMoved && rows > 4, $"the target's rows are read as 1.0 of {classes} classes");
    }

    [Fact]
    public void Map_OfValues_IsNotAskedForClasses()
    {
        var rows = Toy.Source(rows: 50).Inputs;

        Fit(
            new AdaptationBuilder().Map(new Columns(2)).Learn(new RidgeRegression()),
            new LabeledDomain(rows, rows.narrow(1, 0, 1))
        );

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void EasyTransferLearning_WhoseTargetCrowds_Names_TheClassAndTheRemedy()
    {
        var source = Toy.Source(rows: 60, classes: 3);

        Fit(new AdaptationBuilder().Add(new EasyTransferLearning()), source, target: source.Inputs + 6);

        Said(true, "align the domains first");
    }

    [Fact]
    public void EasyTransferLearning_OfTheSameDomain_SaysNothing()
    {
        var source = Toy.Source(rows: 60, classes: 3);

        Fit(new AdaptationBuilder().Add(new EasyTransferLearning()), source, target: source.Inputs + 0.01);

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void TransportLabelPropagation_ThatSplitsNeighbors_Warns()
    {
        // One narrow cloud as target: the exact plan has to hand both classes to it.
        var source = Toy.Source(rows: 60);

        Fit(new AdaptationBuilder().Add(new TransportLabelPropagation()), source, target: Noise(60) * 0.01);

        Said(true, "the plan gives neighbors different classes");
    }

    [Fact]
    public void Train_ModuleOfAnEarlierModel_WarnsUntilThatIsDisposed()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var chain = new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()));
        AdaptedModel Again() =>
            chain.Fit(
                Toy.Source(rows: 40),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Logger = log,
                    Training = new TrainingOptions { Steps = 1 },
                }
            );

        var first = Again();
        Assert.Empty(log.Warnings);
        using (Again())
        {
            // The extractor and the predictor.
            Assert.Equal(
                2,
                log.Warnings.Count(line =>
                    line.Contains("belongs to a model that an earlier fit returned", StringComparison.Ordinal)
                )
            );
        }
        log.Warnings.Clear();
        first.Dispose();
        using var third = Again();

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void Train_CriticThatNoPhaseMoves_Warns()
    {
        using var critic = nn.Linear(8, 1);
        Train(net => net.Minimize(new CrossEntropy()).Minimize(new DomainAdversary(critic.AsPart())));

        Said(true, "no phase moves the critic");
    }

    [Fact]
    public void Train_EarlyStoppingWithoutAValidation_Warns()
    {
        Train(net => net.Minimize(new CrossEntropy()), new EarlyStopping(1));

        Said(true, "early stopping waits for a validation score");
    }

    [Fact]
    public void Train_PhaseOfWeightZeroThroughout_Warns()
    {
        Train(net =>
            net.Minimize(new CrossEntropy()).Phase(phase => phase.Move(net.Predictor).Minimize(new CrossEntropy(), 0))
        );

        Said(true, "a phase has moved nothing");
    }

    // Two steps of one batch each: epochs 0 and 1.
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Train_ParametersThatMoveAfterTheLastEpoch_Warns(int fromEpoch, bool warns)
    {
        var plan = FreezingPlan.None.Rule("first", 1, fromEpoch);

        Train(net => net.Minimize(new CrossEntropy()).Optimize(net.Extractor, plan: plan));

        Said(warns, "move from epoch 2 on, counted from 0, and epoch 1 is the last");
    }

    [Fact]
    public void Train_InOrder_WarnsOfNothing()
    {
        using var critic = nn.Linear(8, 1);
        Train(net => net.Minimize(new CrossEntropy()).Oppose(critic.AsPart()));

        Assert.Empty(log.Warnings);
    }

    public void Dispose() => scope.Dispose();

    private void Said(bool warns, string what) =>
        Assert.Equal(warns ? 1 : 0, log.Warnings.Count(line => line.Contains(what, StringComparison.Ordinal)));

    private void Train(Action<NetworkTraining> configure, params ITrainingObserver[] observers)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, configure)
            .Fit(
                Toy.Source(rows: 40),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Logger = log,
                    Observers = observers,
                    Training = new TrainingOptions { Steps = 2 },
                }
            );
    }

    private void Fit(AdaptationBuilder chain, LabeledDomain source, Tensor? target = null)
    {
        var rows = target is null ? Toy.LabeledTarget(rows: 40).WithoutLabels() : new UnlabeledDomain(target);
        using var model = chain.Fit(source, rows, new FitOptions { Logger = log });
    }

    private static Tensor Noise(long rows)
    {
        using var generator = new RandomKey(9).Generator();
        return randn([rows, 4], generator: generator);
    }

    private sealed class First(int count) : IInstanceWeighting
    {
        public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context) =>
            cat([ones(count), zeros(source.Count - count)]);
    }

    // Two of the four columns: the first two hold the classes, the others noise.
    private sealed class Columns(int first) : IFeatureMapping, IFeatureExtractor
    {
        public IFeatureExtractor Fit(DomainSet domains, FitContext context) => this;

        public Tensor Extract(Tensor inputs) => inputs.narrow(1, first, 2).clone();
    }
}
