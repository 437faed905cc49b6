// A pipeline with a stage, an objective and a critic that the library does not have: they come in by the same door as
// its own. Two half moons; the target's are turned, stretched and moved, and nobody has labeled them.
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

var source = Moons(turn: 0, stretch: 1, move: 0, new RandomKey(1));
var target = Moons(turn: 25, stretch: 3, move: 5, new RandomKey(2)).WithoutLabels();
var test = Moons(turn: 25, stretch: 3, move: 5, new RandomKey(3));

Report("source only", new AdaptationBuilder(), (net, _) => net);
Report(
    "own pipeline",
    new AdaptationBuilder().Add(new StandardizeEachDomain()),
    (net, critic) =>
        net.Minimize(new BalancedPredictions(), weight: 0.5).Oppose(critic, Schedule.SigmoidRamp(height: 0.3))
);

void Report(string title, AdaptationBuilder chain, Func<NetworkTraining, NormAwareCritic, NetworkTraining> adapt)
{
    random.manual_seed(1); // the networks' initial values
    using var extractor = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU());
    using var predictor = nn.Linear(16, 2);
    using var critic = new NormAwareCritic(features: 16);
    var options = new FitOptions
    {
        Seed = 1,
        Training = new TrainingOptions { Epochs = 40 },
    };
    using var model = chain
        .Train(extractor, predictor, net => adapt(net.Minimize(new CrossEntropy()), critic))
        .Fit(source, target, options);
    using var predicted = model.PredictClasses(test.Inputs);
    Console.WriteLine($"{title, -14} {AccuracyInterval.Of(predicted, test.Labels)}");
}

static LabeledDomain Moons(double turn, double stretch, double move, RandomKey key)
{
    using var scope = NewDisposeScope();
    using var generator = key.Generator();
    var labels = arange(600).remainder(2);
    var angle = rand(600, generator: generator) * Math.PI;
    var upper = labels.eq(0).to(float32);
    var x = (upper * angle.cos()) + ((1 - upper) * (1 - angle.cos()));
    var y = (upper * angle.sin()) + ((1 - upper) * (0.5 - angle.sin()));
    var points = stack([x, y], 1) + (0.1 * randn(600, 2, generator: generator));
    var (cos, sin) = (Math.Cos(turn * Math.PI / 180), Math.Sin(turn * Math.PI / 180));
    var turned = points.matmul(tensor(new[] { cos, sin, -sin, cos }, [2, 2], float32));
    return new LabeledDomain(
        ((turned * stretch) + move).MoveToOuterDisposeScope(),
        labels.to(int64).MoveToOuterDisposeScope()
    );
}

/// <summary>
/// A stage: every domain is brought to mean 0 and deviation 1 by its own figures, which the model keeps.
/// </summary>
internal sealed class StandardizeEachDomain : IAdaptationStage
{
    public ChainPlan Plan(ChainPlan plan)
    {
        if (plan.RowShape is { Count: not 1 }) // null where only fitting can tell
        {
            plan.Fault("standardizes rows [n, d]: put it before a network, or after a flattening map.");
        }

        return plan.WithRows(plan.RowShape, plan.RowType);
    }

    public AdaptationState Fit(AdaptationState state, FitRun run) =>
        state.Mapped(
            new PerDomainExtractor(
                [
                    .. state.Domains.Sources.Select(
                        (source, i) => new Standardization(run, $"source {i + 1}", source.Inputs)
                    ),
                ],
                new Standardization(run, "target", state.Domains.Target.Inputs)
            )
        );

    /// <summary>
    /// What the stage learned of one domain. The run checks both tensors for NaN and infinity, and the model disposes
    /// them.
    /// </summary>
    private sealed class Standardization(FitRun run, string name, Tensor rows) : IFeatureExtractor
    {
        private readonly Tensor mean = run.FittedTensor($"{name} mean", () => rows.mean([0]));
        private readonly Tensor deviation = run.FittedTensor($"{name} deviation", () => rows.std(0));

        public Tensor Extract(Tensor inputs) => (inputs - mean) / deviation;
    }
}

/// <summary>
/// An objective: on the mean over a target batch, classes should come as often as in the source, here equally often. It
/// is <c>log C</c> less the entropy of the mean prediction, 0 where that is uniform.
/// </summary>
internal sealed class BalancedPredictions : IObjective
{
    public Tensor Evaluate(StepContext step)
    {
        using var scope = NewDisposeScope();
        var scores = step.Scores(step.Target); // computed once a step, whoever else asks
        var mean = scores.softmax(1).mean([0]);
        return (Math.Log(scores.shape[1]) + (mean * mean.log()).sum()).MoveToOuterDisposeScope();
    }
}

/// <summary>A critic: it judges by the features and, as a further input, by their squared length.</summary>
internal sealed class NormAwareCritic(long features) : IDomainCritic, ITrainable, IDisposable
{
    private readonly nn.Module<Tensor, Tensor> network = nn.Sequential(
        nn.Linear(features + 1, 32),
        nn.ReLU(),
        nn.Linear(32, 1)
    );

    public nn.Module Module => network;

    public Tensor Judge(Tensor features)
    {
        using var scope = NewDisposeScope();
        var length = features.square().mean([1], keepdim: true);
        return network.call(cat([features, length], 1)).MoveToOuterDisposeScope();
    }

    public void Dispose() => network.Dispose();
}
