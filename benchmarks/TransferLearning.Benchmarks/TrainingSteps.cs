using System.Diagnostics;
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Training steps of a LeNet-type network on made-up images, through the library's own training loop.
/// </summary>
internal sealed class TrainingSteps : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LabeledDomain _source;
    private readonly UnlabeledDomain _target;
    private readonly nn.Module<Tensor, Tensor> _extractor;
    private readonly nn.Module<Tensor, Tensor> _predictor;
    private readonly nn.Module<Tensor, Tensor> _critic;
    private readonly AdaptationBuilder _builder;
    private readonly DomainPasses _passes;
    private readonly int _batch;

    private TrainingSteps(Action<NetworkTraining, IDomainCritic> configure, DomainPasses passes, int batch = 64)
    {
        _ = manual_seed(0);
        _source = new LabeledDomain(rand(5000, 1, 28, 28), randint(10, 5000), space: LabelSpace.Classes(10));
        _target = new UnlabeledDomain(rand(1000, 1, 28, 28));
        _extractor = nn.Sequential(
            nn.Conv2d(1, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten()
        );
        _predictor = nn.Sequential(nn.Linear(768, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10));
        _critic = nn.Sequential(nn.Linear(768, 100), nn.ReLU(), nn.Linear(100, 1));
        _passes = passes;
        _batch = batch;
        _builder = new AdaptationBuilder().Train(_extractor, _predictor, net => configure(net, _critic.AsPart()));
    }

    /// <summary>Cross-entropy alone.</summary>
    public static TrainingSteps SourceOnly() => new((net, _) => net.Minimize(new CrossEntropy()), DomainPasses.Apart);

    /// <summary>Cross-entropy and multi-kernel MMD, both domains in one pass.</summary>
    public static TrainingSteps DeepAdaptation() =>
        new(
            (net, _) => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy()),
            DomainPasses.Joined
        );

    /// <summary>Cross-entropy and an opposed critic, both domains in one pass.</summary>
    /// <param name="batch">How many rows of each domain a step takes.</param>
    public static TrainingSteps DomainAdversarial(int batch = 64) =>
        new((net, critic) => net.Minimize(new CrossEntropy()).Oppose(critic, 1.0), DomainPasses.Joined, batch);

    /// <summary>Milliseconds a step, the mean of some, from the end of the first.</summary>
    public double Measure(int steps)
    {
        var clock = new StepClock();
        Run(steps + 1, clock);
        return clock.Milliseconds / steps;
    }

    /// <summary>Trains for some steps.</summary>
    public void Run(long steps, params IReadOnlyList<ITrainingObserver> observers)
    {
        var options = new FitOptions
        {
            Observers = observers,
            Training = new TrainingOptions
            {
                Steps = steps,
                BatchSize = _batch,
                Passes = _passes,
                Optimizer = parameters => optim.SGD(parameters, 0.01, momentum: 0.9),
            },
        };
        _builder.Fit(_source, _target, options).Dispose();
    }

    public void Dispose()
    {
        _extractor.Dispose();
        _predictor.Dispose();
        _critic.Dispose();
        _scope.Dispose();
    }

    private sealed class StepClock : ITrainingObserver
    {
        private readonly Stopwatch _clock = new();

        public double Milliseconds => _clock.Elapsed.TotalMilliseconds;

        public void OnStep(StepReport report)
        {
            if (report.Step == 1)
            {
                _clock.Start();
            }
            else if (report.Step == report.Steps)
            {
                _clock.Stop();
            }
        }
    }
}
