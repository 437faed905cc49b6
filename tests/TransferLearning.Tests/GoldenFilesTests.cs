#pragma warning disable TL1003 // experimental methods are tested, too
using System.Text;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using TransferLearning.Tests.Guards;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>
/// Model files of earlier versions, in <c>Golden/</c>, load and predict what they predicted then; the scores of that
/// time stand beside them. A new part gets a chain here, and its files are written by a run with
/// <c>TRANSFERLEARNING_APPROVE=1</c>, which leaves existing files alone.
/// </summary>
public sealed class GoldenFilesTests : IDisposable
{
    // A critic that no model holds.
    private static readonly string[] OutsideModels = ["kernel-density-ratio"];

    private static readonly Dictionary<string, Func<AdaptationBuilder>> Chains = new(StringComparer.Ordinal)
    {
        ["location-scale"] = () => Classified(new LocationScale(), new LogisticRegression()),
        ["coral"] = () => Classified(new CorrelationAlignment(), new NearestNeighbor(3)),
        ["unit-length"] = () => Classified(new UnitLength(), new DecisionTree()),
        ["feature-augmentation"] = () => Classified(new FeatureAugmentation(), new LogisticRegression()),
        ["tca-gaussian"] = () => Classified(new TransferComponentAnalysis { Components = 2 }, new NearestNeighbor()),
        ["tca-linear"] = () => Classified(Tca(new LinearKernel()), new NearestNeighbor()),
        ["tca-polynomial"] = () => Classified(Tca(new PolynomialKernel(2)), new NearestNeighbor()),
        ["msda"] = () => Classified(new MarginalizedDenoisingAutoencoder(), new LogisticRegression()),
        ["scl"] = () => Classified(new StructuralCorrespondenceLearning { MinRows = 1 }, new LogisticRegression()),
        ["fmmd"] = () => Classified(new InvariantFeatureSelection(), new LogisticRegression()),
        ["ot"] = () => Classified(new OptimalTransport(new ExactTransport()), new LogisticRegression()),
        ["gw"] = () => Classified(new GromovWassersteinMap(), new LogisticRegression()),
        ["self-taught"] = () => Classified(new SparseCoding { Atoms = 6, Rounds = 5 }, new LogisticRegression()),
        ["mscsc"] = () =>
            Classified(
                new ConvolutionalSparseCoding(1, 2, 2, [1, 2]) { Filters = 2, MaxRounds = 3 },
                new LogisticRegression()
            ),
        ["autoencoder"] = () => Classified(new AutoencoderFeatures { Components = 3 }, new LogisticRegression()),
        ["ssnb"] = () => Classified(new NearestBrenierMap(), new LogisticRegression()),
        ["forest"] = () => new AdaptationBuilder().Learn(new RandomForest { Trees = 4 }),
        ["codes"] = () => new AdaptationBuilder().Learn(new CodeLikelihood()),
        ["leading-columns"] = () =>
            new AdaptationBuilder().Frozen(new LeadingColumns(3)).Learn(new LogisticRegression()),
        ["flatten"] = () => new AdaptationBuilder().Flatten().Learn(new LogisticRegression()),
        ["eszsl"] = () =>
            new AdaptationBuilder().Learn(new EmbarrassinglySimpleZeroShot(Attributes()).WithSeenPenalty(0)),
        ["dap"] = () => new AdaptationBuilder().Learn(new DirectAttributePrediction(Attributes()).WithSeenPenalty(0)),
        ["conse"] = () => new AdaptationBuilder().Learn(new ConvexSemanticCombination(Attributes()).WithSeenPenalty(0)),
        ["open-entropy"] = () => new AdaptationBuilder().Learn(new LogisticRegression()).RejectUnknown(),
        ["open-confidence"] = () =>
            new AdaptationBuilder().Learn(new NearestNeighbor(5)).RejectUnknown(new ConfidenceRule(0.7)),
        ["ovanet"] = () => Recipes.OvaNet(Features(), nn.Linear(4, 2), nn.Linear(4, 4)),
        ["uan"] = () => Recipes.Uan(Features(), nn.Linear(4, 2), nn.Linear(4, 1), nn.Linear(4, 1)),
        ["artl"] = () => new AdaptationBuilder().Add(new AdaptationRegularization()),
        ["hfa"] = () => new AdaptationBuilder().Add(new HeterogeneousFeatureAugmentation()),
        ["easytl"] = () => new AdaptationBuilder().Add(new EasyTransferLearning()),
        ["tradaboost"] = () =>
            new AdaptationBuilder().Add(new TrAdaBoost(new DecisionTree { MaxDepth = 1 }) { Rounds = 4 }),
        ["tradaboost-r2"] = () =>
            new AdaptationBuilder().Add(new TrAdaBoostR2(new DecisionTree { MaxDepth = 2 }) { Rounds = 4 }),
        ["mtlf"] = () => new AdaptationBuilder().Add(new MetricTransfer()),
        ["biw"] = () => new AdaptationBuilder().Add(new BiWeighting()).Learn(new LogisticRegression()),
        ["pred"] = () =>
            new AdaptationBuilder().Add(new SourcePrediction(new LogisticRegression())).Learn(new LogisticRegression()),
        ["linint"] = () => new AdaptationBuilder().Add(new LinearInterpolation(new LogisticRegression())),
        ["wann"] = () => new AdaptationBuilder().Add(new WeightingAdversarialNetwork { Steps = 5 }),
        ["adabn"] = () =>
            new AdaptationBuilder()
                .Train(Features(), nn.Linear(4, 2), net => net.Minimize(new CrossEntropy()))
                .Add(new AdaptiveBatchNormalization()),
        ["tapped"] = () =>
            new AdaptationBuilder().Train(
                new TappedExtractor(Features(), "0", new LayerTap("2", LayerForm.Means)),
                nn.Linear(4, 2).AsPart(),
                net => net.Minimize(new CrossEntropy())
            ),
        ["regda"] = () => Recipes.Regda(Features(), Heatmaps(), Heatmaps(), sigma: 1),
        ["dsbn"] = () => Recipes.Dsbn(OfDomains(), nn.Linear(4, 2)),
        ["mixture"] = () => Classified(new CorrelationAlignment(), new LogisticRegression()),
        ["mtl"] = () => Recipes.Mtl(Features(), nn.Linear(8, 2)),
        ["arm"] = () => Recipes.ArmCml(nn.Linear(7, 4), nn.Linear(4, 2), nn.Linear(4, 3)),
        ["branches"] = () =>
            new AdaptationBuilder().Train(
                Features().AsPart(),
                new SourceBranches([
                    (nn.Linear(4, 3).AsPart(), nn.Linear(3, 2).AsPart()),
                    (nn.Linear(4, 3).AsPart(), nn.Linear(3, 2).AsPart()),
                ]),
                net => net.Minimize(new BranchCrossEntropy())
            ),
        ["own-heads"] = () =>
            Recipes.ShlMdnn(
                Features(),
                OwnHeads.Of(2, (Head(), [0, 1]), (Head(), [1, 0]), (Head(), [1, 0])) // two sources and the target
            ),
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names() => [.. Chains.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void File_OfAnEarlierVersion_PredictsWhatItDid(string name)
    {
        if (
            Environment.GetEnvironmentVariable("TRANSFERLEARNING_APPROVE") == "1"
            && !File.Exists(Golden(name, "model"))
        )
        {
            Write(name);
        }
        using var model = Loaded(name);

        var scores = model.Predict(Rows()).to(float64);

        var expected = File.ReadAllLines(Golden(name, "scores"))
            .Select(line => double.Parse(line, System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        Assert.Equal(expected.Length, scores.numel());
        Assert.All(
            expected.Zip(scores.reshape(-1).data<double>()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First)))
        );
    }

    [Fact]
    public void Files_HoldEveryKindOfPart()
    {
        var texts = Chains.Keys.Select(name => File.ReadAllBytes(Golden(name, "model"))).ToList();
        var missing = typeof(ISavedPart)
            .Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(ISavedPart).IsAssignableFrom(type))
            .Select(SavedParts.IdOf)
            .Except(OutsideModels)
            .Where(id =>
            {
                byte[] written = [(byte)id.Length, .. Encoding.UTF8.GetBytes(id)]; // as a BinaryWriter writes it
                return !texts.Exists(text => text.AsSpan().IndexOf(written) >= 0);
            });
        Assert.Empty(missing);
    }

    public void Dispose() => scope.Dispose();

    /// <summary>The model of a chain, whose modules live in the caller's scope.</summary>
    internal static AdaptedModel Loaded(string name) => AdaptedModel.Load(Golden(name, "model"), ModulesOf(name));

    private static AdaptationBuilder Classified(IFeatureMapping mapping, ILabelLearner learner) =>
        new AdaptationBuilder().Map(mapping).Learn(learner);

    private static ClassDescriptions Attributes() =>
        new(
            tensor(
                new float[,]
                {
                    { 1, 0, 1 },
                    { 0, 1, 1 },
                }
            )
        );

    private static TransferComponentAnalysis Tca(IKernel kernel) => new() { Kernel = kernel, Components = 2 };

    private static nn.Module<Tensor, Tensor> Features() => nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU());

    private static ModulePart Head() => nn.Linear(4, 2).AsPart();

    private static nn.Module<Tensor, Tensor> Heatmaps() => nn.Sequential(nn.Linear(4, 12), nn.Unflatten(1, [2, 2, 3]));

    private static nn.Module<Tensor, Tensor> OfDomains() =>
        nn.Sequential(nn.Linear(4, 4), new DomainSpecificBatchNormalization(4));

    private static Tensor Rows() => (arange(20, dtype: float32).reshape(5, 4) / 5) - 2;

    private static string Golden(string name, string kind) =>
        Repository.Path("tests", "TransferLearning.Tests", "Golden", $"{name}.{kind}");

    private static nn.Module<Tensor, Tensor>[] ModulesOf(string name) =>
        name switch
        {
            "adabn" or "tapped" => [Features(), nn.Linear(4, 2)],
            "ovanet" => [Features(), nn.Linear(4, 2), nn.Linear(4, 4)],
            "uan" => [Features(), nn.Linear(4, 2), nn.Linear(4, 1)],
            "regda" => [Features(), Heatmaps()],
            "dsbn" => [OfDomains(), nn.Linear(4, 2)],
            "mtl" => [Features(), nn.Linear(8, 2)],
            "arm" => [nn.Linear(4, 3), nn.Linear(7, 4), nn.Linear(4, 2)],
            "own-heads" => [Features(), nn.Linear(4, 2), nn.Linear(4, 2), nn.Linear(4, 2)],
            "branches" => [Features(), nn.Linear(4, 3), nn.Linear(3, 2), nn.Linear(4, 3), nn.Linear(3, 2)],
            _ => [],
        };

    private static void Write(string name)
    {
        Toy.SeedModules(1);
        var (source, few) = (Toy.Source(rows: 24), Toy.LabeledTarget(rows: 8));
        LabeledDomain Named(LabeledDomain it) =>
            name is "tradaboost-r2" or "wann" ? new LabeledDomain(it.Inputs, it.Labels.to(float32))
            : name is "regda" ? new LabeledDomain(it.Inputs, it.Inputs.sigmoid())
            : new LabeledDomain(it.Inputs, it.Labels, space: LabelSpace.Classes(["left", "right"]));
        var sources = name is "branches" or "own-heads"
            ? [Named(source), Named(Toy.Source(rows: 24, seed: 4))]
            : new[] { Named(source) };
        var target = Toy.LabeledTarget(rows: 16, seed: 5).WithoutLabels();
        AdaptedModel Fitted(AdaptationBuilder chain) =>
            chain.FitFewShot(
                sources,
                target,
                Named(few),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 3, BatchSize = 8 },
                }
            );
        // A guard makes it of two models.
        using var model =
            name == "mixture"
                ? ModelMixture.Of(
                    Fitted(new AdaptationBuilder().Learn(new LogisticRegression())),
                    Fitted(Chains[name]()),
                    new DomainSet(sources, target)
                )
                : Fitted(Chains[name]());
        Directory.CreateDirectory(Path.GetDirectoryName(Golden(name, "model"))!);
        model.Save(Golden(name, "model"));
        var scores = model.Predict(Rows()).to(float64).reshape(-1).data<double>();
        File.WriteAllLines(
            Golden(name, "scores"),
            scores.Select(score => score.ToString("R", System.Globalization.CultureInfo.InvariantCulture))
        );
    }
}
