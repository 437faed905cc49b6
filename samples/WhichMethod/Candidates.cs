using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace WhichMethod;

/// <summary>The methods that suit a shift, with the plain ones first.</summary>
/// <remarks>
/// Everything is fitted on features that have the source's mean 0 and deviation 1. Above a few thousand rows,
/// methods with a matrix of all pairs get landmarks, or are left out.
/// </remarks>
internal sealed class Candidates
{
    /// <summary>The learner without adaptation.</summary>
    public const string PlainName = "source only";

    /// <summary>The network without adaptation.</summary>
    public const string PlainNetworkName = "network, source only";

    /// <summary>How wide the networks' layers are.</summary>
    public const int Hidden = 64;
    private const int MostPairs = 3000;
    private readonly Problem problem;

    public Candidates(Problem problem, ShiftReport shift, bool all)
    {
        this.problem = problem;
        var isLarge = problem.Source.Count + problem.Target.Count > MostPairs;
        int? landmarks = isLarge ? 500 : null;
        var hasInputShift = all || shift.HasInputShift;
        var hasClassWork = all || shift.HasLabelShift || shift.ShiftedClasses.Count > 0;
        var list = new List<Candidate> { Shallow(PlainName, chain => chain), Deep(PlainNetworkName, (net, _) => net) };
        if (hasInputShift && (all || !shift.HasLittleOverlap))
        {
            list.Add(Shallow("KMM", it => it.Weight(new KernelMeanMatching { Bound = 20, Landmarks = landmarks })));
            list.Add(Shallow("uLSIF", it => it.Weight(Recipes.Ulsif())));
        }
        if (all || shift.HasLabelShift)
        {
            list.Add(Shallow("BBSE", it => it.Weight(new BlackBoxShiftEstimation())));
            list.Add(Shallow("MLLS", it => it.Weight(new MaximumLikelihoodLabelShift())));
        }
        if (hasInputShift)
        {
            var components = Math.Min(20, problem.Features);
            list.Add(Shallow("CORAL", it => it.Map(new CorrelationAlignment { Ridge = 0.01 })));
            list.Add(Shallow("SA", it => it.Map(new SubspaceAlignment())));
            list.Add(
                Shallow(
                    "TCA",
                    it => it.Map(new TransferComponentAnalysis { Components = components, Landmarks = landmarks })
                )
            );
            list.Add(Deep("DANN", (net, critic) => net.Oppose(critic, Schedule.SigmoidRamp(height: 0.2))));
            list.Add(Deep("DAN", (net, _) => net.Align(new MultiKernelMaximumMeanDiscrepancy(), Rising)));
            if (!isLarge)
            {
                list.Add(Shallow("transport", it => it.Map(Transport(new EntropicTransport(0.1)))));
            }
        }
        if (hasInputShift || hasClassWork)
        {
            list.Add(Shallow("JDA", it => it.Map(new JointDistributionAdaptation { Landmarks = landmarks })));
            list.Add(Deep("MCC", (net, _) => net.Minimize(new MinimumClassConfusion())));
            if (!isLarge)
            {
                var byClass = new GroupLassoTransport(0.05, 1) { Tolerance = 1e-6 };
                list.Add(Shallow("transport by class", it => it.Map(Transport(byClass))));
            }
        }
        List = list;
    }

    /// <summary>How networks are trained.</summary>
    public static FitOptions Options { get; } = new() { Training = new TrainingOptions { Epochs = 20 } };

    /// <summary>The candidates.</summary>
    public IReadOnlyList<Candidate> List { get; }

    private static Schedule Rising => Schedule.SigmoidRamp(height: 0.5);

    /// <summary>A candidate by its name.</summary>
    public Candidate Named(string name) => List.Single(candidate => candidate.Name == name);

    /// <summary>The one that a candidate is held against: the same learner, or network, without adaptation.</summary>
    public Candidate PlainOf(Candidate candidate) => Named(candidate.IsNetwork ? PlainNetworkName : PlainName);

    /// <summary>New modules of the networks' kind, to load a model file with: features, then classes.</summary>
    public (nn.Module<Tensor, Tensor> Extractor, nn.Module<Tensor, Tensor> Predictor) Modules() =>
        (
            nn.Sequential(nn.Linear(problem.Features, Hidden), nn.ReLU(), nn.Linear(Hidden, Hidden), nn.ReLU()),
            nn.Linear(Hidden, problem.Classes)
        );

    private static OptimalTransport Transport(ITransportSolver solver) => new(solver) { NormalizesCost = true };

    private static Candidate Shallow(string name, Func<AdaptationBuilder, AdaptationBuilder> adapt) =>
        new(
            name,
            () => adapt(new AdaptationBuilder().Map(new Standardize())).Learn(new LogisticRegression()),
            IsNetwork: false
        );

    private Candidate Deep(string name, Func<NetworkTraining, ModulePart, NetworkTraining> adapt) =>
        new(
            name,
            () =>
            {
                random.manual_seed(1); // the networks' initial values
                var (extractor, predictor) = Modules();
                var critic = new ModulePart(() =>
                    nn.Sequential(nn.Linear(Hidden, Hidden), nn.ReLU(), nn.Linear(Hidden, 1))
                );
                return new AdaptationBuilder()
                    .Map(new Standardize())
                    .Train(extractor, predictor, net => adapt(net.Minimize(new CrossEntropy()), critic));
            },
            IsNetwork: true
        );
}
