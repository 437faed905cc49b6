using System.Diagnostics;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Training steps of a LeNet-type network, or of a ResNet-18, on made-up images, through the library's own training
/// loop.
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
    private readonly Device _device;
    private Precision _precision;
    private bool _isChannelsLast;

    private TrainingSteps(
        Action<NetworkTraining, IDomainCritic> configure,
        DomainPasses passes,
        int batch = 64,
        Device? device = null,
        nn.Module<Tensor, Tensor>? extractor = null,
        long width = 768,
        nn.Module<Tensor, Tensor>? critic = null
    )
    {
        _ = manual_seed(0);
        long[] image = extractor is null ? [1, 28, 28] : [3, 224, 224];
        var (sources, targets) = extractor is null ? (5000, 1000) : (4 * batch, 2 * batch);
        _device = device ?? CPU;
        _source = new LabeledDomain(
            rand([sources, .. image]).to(_device),
            randint(10, sources).to(_device),
            space: LabelSpace.Classes(10)
        );
        _target = new UnlabeledDomain(rand([targets, .. image]).to(_device));
        _extractor =
            extractor
            ?? nn.Sequential(
                nn.Conv2d(1, 32, 5),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(32, 48, 5),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten()
            );
        _predictor = extractor is null ? Predictor() : nn.Linear(width, 10);
        _critic = critic ?? Critic(width);
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
    /// <param name="device">Where; null is the CPU.</param>
    public static TrainingSteps DomainAdversarial(int batch = 64, Device? device = null) =>
        new(Opposed, DomainPasses.Joined, batch, device);

    /// <summary>The same with a critic of features times class probabilities.</summary>
    public static TrainingSteps Conditional() =>
        new(
            (net, critic) => net.Minimize(new CrossEntropy()).OpposeConditionally(critic, weight: 1.0),
            DomainPasses.Joined,
            critic: Critic(7680)
        );

    /// <summary>
    /// Two classifiers that part on the target, and an extractor that brings them together four times; most of the
    /// updates need one domain alone.
    /// </summary>
    public static TrainingSteps TwoClassifiers() =>
        Against((net, second) => net.OpposeClassifiers(second), DomainPasses.Apart);

    /// <summary>A second classifier behind the reversed gradient that disagrees on the target.</summary>
    public static TrainingSteps MarginDisparity() =>
        Against((net, adversary) => net.OpposeByMargin(adversary, reversal: 0.1), DomainPasses.Joined);

    /// <summary>Sure classes of images with little noise, learned by the same images with much.</summary>
    public static TrainingSteps NoisyViews() =>
        new(
            (net, _) =>
                net.Minimize(new CrossEntropy())
                    .Minimize(
                        new FixMatch(new GaussianNoise { Deviation = 0.2 }, new GaussianNoise { Deviation = 0.02 })
                    ),
            DomainPasses.Apart
        );

    /// <summary>The adversarial step with a ResNet-18 of images 3x224x224.</summary>
    public static TrainingSteps ResNet(int batch, Device device, Precision precision, bool isChannelsLast) =>
        new(Opposed, DomainPasses.Joined, batch, device, Backbones.ResNet18(), width: 512)
        {
            _precision = precision,
            _isChannelsLast = isChannelsLast,
        };

    /// <summary>Milliseconds a step, the mean of some, behind the first three.</summary>
    public double Measure(int steps)
    {
        var clock = new StepClock(_device);
        Run(steps + StepClock.From, clock);
        return clock.Milliseconds / steps;
    }

    /// <summary>Trains for some steps.</summary>
    public void Run(long steps, params IReadOnlyList<ITrainingObserver> observers)
    {
        var options = new FitOptions
        {
            Device = _device,
            Observers = observers,
            Training = new TrainingOptions
            {
                Steps = steps,
                BatchSize = _batch,
                Passes = _passes,
                Precision = _precision,
                ChannelsLast = _isChannelsLast,
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

    private static nn.Module<Tensor, Tensor> Predictor() =>
        nn.Sequential(nn.Linear(768, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10));

    private static nn.Module<Tensor, Tensor> Critic(long width) =>
        nn.Sequential(nn.Linear(width, 100), nn.ReLU(), nn.Linear(100, 1));

    // In the critic's place stands a second classifier.
    private static TrainingSteps Against(Action<NetworkTraining, nn.Module<Tensor, Tensor>> oppose, DomainPasses passes)
    {
        var second = Predictor();
        return new((net, _) => oppose(net.Minimize(new CrossEntropy()), second), passes, critic: second);
    }

    private static void Opposed(NetworkTraining net, IDomainCritic critic) =>
        net.Minimize(new CrossEntropy()).Oppose(critic, 1.0);

    private sealed class StepClock(Device device) : ITrainingObserver
    {
        /// <summary>The steps before the first that counts.</summary>
        public const int From = 3;

        private readonly Stopwatch _clock = new();

        public double Milliseconds => _clock.Elapsed.TotalMilliseconds;

        public void OnStep(StepReport report)
        {
            if (report.Step == From)
            {
                DeviceJobs.Wait(device);
                _clock.Start();
            }
            else if (report.Step == report.Steps)
            {
                DeviceJobs.Wait(device);
                _clock.Stop();
            }
        }
    }
}
