using Evaluate.Tables;
using TransferLearning;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Training;

namespace Evaluate.Guarding;

/// <summary>The methods that a guard is asked about, each held against the same learner without adaptation.</summary>
internal static class GuardMethods
{
    private static readonly string[] NetworkNames = ["network", "DANN", "MCC"];

    /// <summary>All of them; the first and <c>network</c> do not adapt.</summary>
    public static IReadOnlyList<string> Names { get; } = ["logistic", "CORAL", "SA", "KMM", .. NetworkNames];

    /// <summary>The validators of a task, in the order of <see cref="Scores"/>.</summary>
    public static IReadOnlyList<string> ScoreNames { get; } =
    [
        "IM",
        "BNM",
        "silhouette",
        "ClassAMI",
        "MixVal between",
        "MixVal within",
        "SND",
        "way back",
        "classes",
        "entropy",
        "MaNo",
        "DEV",
        "IWV",
        "source accuracy",
    ];

    /// <summary>How networks are trained.</summary>
    public static FitOptions Options { get; } =
        new()
        {
            Seed = 1,
            Training = new TrainingOptions { Epochs = 20, BatchSize = 64 },
        };

    /// <summary>The one without adaptation.</summary>
    public static string PlainOf(string method) => NetworkNames.Contains(method) ? "network" : "logistic";

    /// <summary>A method's chain, for rows of some width.</summary>
    public static AdaptationBuilder Chain(string method, int features, int classes)
    {
        var learner = new LogisticRegression();
        var chain = new AdaptationBuilder();
        return method switch
        {
            "logistic" => chain.Learn(learner),
            "CORAL" => chain.Map(new CorrelationAlignment()).Learn(learner),
            "SA" => chain.Map(new SubspaceAlignment { Components = 30 }).Learn(learner),
            "KMM" => chain.Weight(new KernelMeanMatching()).Learn(learner),
            _ => Network(method, new Networks(Options.Seed, features, classes)),
        };
    }

    /// <summary>The validators; the last three need held-out rows, the way back the chain without adaptation.</summary>
    public static IReadOnlyList<IModelScore> Scores(string method, int features, int classes, LabeledDomain held) =>
        [
            new PredictionInformation(),
            new PredictionNuclearNorm(),
            new ClusterSilhouette(),
            new ClusterAgreement(),
            new MixedSampleConsistency(),
            new MixedSampleConsistency { Pairs = MixedPairs.Within },
            new SoftNeighborhoodDensity(),
            new CircularValidation(() => Chain(PlainOf(method), features, classes)) { Options = Options },
            new PredictionDiversity(),
            new PredictionEntropy(),
            new MatrixNormScore(),
            new DeepEmbeddedValidation(held),
            new ImportanceWeightedValidation(held),
            new SourceAccuracy(held),
        ];

    private static AdaptationBuilder Network(string method, Networks it) =>
        method switch
        {
            "DANN" => Recipes.Dann(it.Extractor, it.Predictor, Critic(it)),
            "MCC" => Recipes.Mcc(it.Extractor, it.Predictor),
            _ => Recipes.Erm(it.Extractor, it.Predictor),
        };

    private static ModulePart Critic(Networks it) =>
        new(() =>
            TorchSharp.torch.nn.Sequential(
                TorchSharp.torch.nn.Linear(it.Width, 64),
                TorchSharp.torch.nn.ReLU(),
                TorchSharp.torch.nn.Linear(64, 1)
            )
        );
}
