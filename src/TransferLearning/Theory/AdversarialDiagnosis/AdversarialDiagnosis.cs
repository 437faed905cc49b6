using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferLearning.Adversarial;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>Whether an adversarial training works: looks on, and says in plain words what to change.</summary>
/// <remarks>
/// <para>
/// One of <see cref="FitOptions.Observers"/>. After every epoch it looks at the same rows of each domain, at most
/// <see cref="MaxRows"/>, in evaluation mode: how often the critic is right on each, the norms of the gradients of the
/// critic's loss and of the source labels' loss at the source's features, how much of the labels is learned, as how
/// many classes target rows are read, and how well a logistic regression tells the features apart
/// (<see cref="ProxyADistance"/>). It changes nothing in the training and reads no target label.
/// </para>
/// <para>
/// <see cref="Report"/> judges the second half of the epochs of the last stage that was seen. Each epoch is logged as
/// information, and what was found, once the training has taken its last step, as warnings. A resumed run is seen from
/// where it resumes. Costs a pass over the rows, a backward pass of predictor and critic, and a logistic regression an
/// epoch.
/// </para>
/// </remarks>
/// <param name="critic">The critic.</param>
/// <param name="weight">
/// The factor of the adversarial gradient over progress, as the training has it. Default the ramp from 0 to 1, gamma
/// 10, as <c>Oppose</c> has it.
/// </param>
public sealed class AdversarialDiagnosis(IDomainCritic critic, Schedule? weight = null) : ITrainingObserver
{
    private const long FewestForDistance = 4;
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule weight = weight ?? Schedule.SigmoidRamp();
    private readonly List<AdversarialEpoch> epochs = [];
    private readonly Dictionary<string, (double Sum, long Count)> curves = new(StringComparer.Ordinal);
    private (int Stage, long Step) lastStep;
    private (int Stage, long Step) lastEpoch;

    /// <summary>Where epochs and findings are logged. Default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The stage that has the critic, from 0; null, the default, looks at all and judges the last.</summary>
    [OptionRange(AtLeast = 0)]
    public int? Stage { get; init; }

    /// <summary>
    /// What the critic judges, from features <c>[n, d]</c> and class probabilities <c>[n, C]</c>:
    /// <c>MultilinearMap.Of</c> for CDAN. Default null, the features.
    /// </summary>
    public Func<Tensor, Tensor, Tensor>? Joint { get; init; }

    /// <summary>What the critic minimizes in the training. Default cross-entropy.</summary>
    public CriticLoss Criterion { get; init; }

    /// <summary>The most rows of a domain that are looked at, at least 4. Default 1000.</summary>
    [OptionRange(AtLeast = 4)]
    public int MaxRows { get; init; } = 1000;

    /// <summary>
    /// Every how many steps the objectives are read for their curves, at least 1; reading one waits for the device.
    /// Default 1.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int ReadEvery { get; init; } = 1;

    /// <summary>The balanced accuracy below which a critic guesses, from 1/2 to 1. Default 0.55.</summary>
    [OptionRange(AtLeast = 0.5, AtMost = 1)]
    public double ChanceAccuracy { get; init; } = 0.55;

    /// <summary>
    /// The balanced accuracy above which the extractor does not confuse the critic, from 1/2 to 1. Default 0.9.
    /// </summary>
    [OptionRange(AtLeast = 0.5, AtMost = 1)]
    public double HighAccuracy { get; init; } = 0.9;

    /// <summary>
    /// The critic's loss below which most rows have no gradient, positive; guessing is <c>2 log 2 = 1.39</c>. Default
    /// 0.2.
    /// </summary>
    [OptionRange(Above = 0)]
    public double SaturatedLoss { get; init; } = 0.2;

    /// <summary>The proxy A-distance above which features can be told apart, from 0 to 2. Default 1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 2)]
    public double SeparableDistance { get; init; } = 1;

    /// <summary>
    /// How many times the task's gradient the adversarial one may be while labels are not learned, positive. Default 3.
    /// </summary>
    [OptionRange(Above = 0)]
    public double LargestRatio { get; init; } = 3;

    /// <summary>
    /// How many times the task's gradient the adversarial one must be while the critic is right, not negative. Default
    /// 0.05.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double LeastRatio { get; init; } = 0.05;

    /// <summary>The share of the labels' information that counts as learned, from 0 to 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LeastLearned { get; init; } = 0.5;

    /// <summary>
    /// The share of the source classes' entropy that target predictions must have, from 0 to 1. Default 0.5.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LeastEvenness { get; init; } = 0.5;

    /// <summary>
    /// The change of the critic's accuracy that counts as a swing, from 0 to 1; three turns are an oscillation. Default
    /// 0.3.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LargestSwing { get; init; } = 0.3;

    /// <summary>What was seen, in order.</summary>
    public IReadOnlyList<AdversarialEpoch> Epochs => epochs;

    /// <summary>What was seen of the last stage, and what is wrong with it.</summary>
    public AdversarialReport Report()
    {
        Guard.Options(this);
        var judged = epochs.Where(epoch => epoch.Stage == epochs[^1].Stage).ToList();
        return new AdversarialReport(judged, [.. AdversarialJudgment.Of(judged, this)], GuessLoss);
    }

    /// <summary>The loss of a critic that guesses.</summary>
    internal double GuessLoss =>
        Criterion switch
        {
            CriticLoss.LeastSquares => 0.5,
            CriticLoss.Hinge => 2,
            _ => 2 * Math.Log(2),
        };

    /// <inheritdoc />
    public void OnStep(StepReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Guard.Options(this);
        if (!Sees(report.Stage))
        {
            return;
        }
        if ((report.Stage, report.Step).CompareTo(lastStep) <= 0)
        {
            curves.Clear(); // another run, and the last one ended within an epoch
        }
        lastStep = (report.Stage, report.Step);
        if (report.Step % ReadEvery != 0)
        {
            return;
        }
        foreach (var (name, value) in report.Objectives)
        {
            var (sum, count) = curves.GetValueOrDefault(name);
            curves[name] = (sum + value, count + 1);
        }
    }

    /// <inheritdoc />
    public void OnEpoch(EpochReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Guard.Options(this);
        if (!Sees(report.Stage))
        {
            return;
        }
        if (epochs.Count > 0 && (report.Stage, report.View.Step).CompareTo(lastEpoch) <= 0)
        {
            epochs.Clear(); // another run
        }
        lastEpoch = (report.Stage, report.View.Step);
        var epoch = Look(report);
        curves.Clear();
        epochs.Add(epoch);
        Logger.LogInformation("stage {Stage}, {Epoch}", epoch.Stage + 1, AdversarialReport.Line(epoch));
        if (report.View.Progress >= 1)
        {
            foreach (var finding in Report().Findings)
            {
                Logger.LogWarning("stage {Stage}, {Symptom}: {Finding}", epoch.Stage + 1, finding.Symptom, finding);
            }
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.Domains.Sources.Count > 0
            ? plan.Target()
            : ["looks at source and target, and this fit has no source: leave it out, or fit with a source."];

    private bool Sees(int stage) => Stage is null || Stage == stage;

    private AdversarialEpoch Look(EpochReport report)
    {
        using var scope = NewDisposeScope();
        var view = report.View;
        var (source, labels) = Sources(view);
        var target = Features(view, view.Domains.Target.Rows, DomainId.Target).Features;
        var space = view.Domains.Space;
        var (task, critics) = Gradients(view, source, target, labels);
        var (ofSource, ofTarget) = (Judged(view, source), Judged(view, target));
        var boundary = Criterion == CriticLoss.LeastSquares ? 0.5 : 0; // between 1 and 0, or 1 and -1
        var scores = view.Predictor.Predict(source);
        var (read, present, evenness) = space.IsClasses
            ? Classes(view.Predictor, view.Predictor.Predict(target), labels, space.Width)
            : (0, 0, double.NaN);
        return new AdversarialEpoch(
            report.Stage,
            view.Epoch,
            view.Progress,
            Value(ofSource.gt(boundary).to(float64).mean()),
            Value(ofTarget.lt(boundary).to(float64).mean()),
            Value(DomainAdversary.Loss(ofSource, ofTarget, criterion: Criterion)),
            task,
            critics,
            weight.At(view.Progress),
            Learned(view.Predictor, scores, labels, space),
            read,
            present,
            evenness,
            Math.Min(source.shape[0], target.shape[0]) < FewestForDistance
                ? double.NaN
                : new ProxyADistance { Learners = [new LogisticRegression()] }.Between(
                    source.to(float64),
                    target.to(float64)
                ),
            curves.ToDictionary(
                curve => curve.Key,
                curve => curve.Value.Sum / curve.Value.Count,
                StringComparer.Ordinal
            )
        );
    }

    private (Tensor Features, Tensor Labels) Sources(TrainingView view)
    {
        var all = view
            .Domains.Sources.Select(
                (source, i) =>
                {
                    var (features, rows) = Features(view, source.Rows, DomainId.Source(i));
                    var labels = source.Labels.index_select(0, rows.to(source.Labels.device)).to(features.device);
                    return (features, labels);
                }
            )
            .ToList();
        return (cat([.. all.Select(some => some.features)]), cat([.. all.Select(some => some.labels)]));
    }

    // The same rows in every epoch, so that figures change by the network alone.
    private (Tensor Features, Tensor Rows) Features(TrainingView view, IRowSource source, DomainId id)
    {
        Canceling.Check();
        using var generator = new RandomKey(0).Generator();
        var rows = randperm(source.Count, generator: generator).narrow(0, 0, Math.Min(MaxRows, source.Count));
        var extractor = view.Extractor.For(id);
        var read = new TensorRows(BatchedPass.Read(source, rows));
        var features = BatchedPass.Over(read, extractor, device: PartDevice.Of(extractor));
        return (features, rows);
    }

    // A critic that takes no part in the training stays wherever it is.
    private Tensor Judged(TrainingView view, Tensor features)
    {
        var judged = Joint is null
            ? features
            : Joint(features, Probabilities.Of(view.Predictor.Predict(features), view.Predictor.ScoreKind).detach());
        return Verdict.Of(critic, judged.to(PartDevice.Of(critic) ?? judged.device)).to(features.device);
    }

    private (double Task, double Critic) Gradients(TrainingView view, Tensor source, Tensor target, Tensor labels)
    {
        using var recording = enable_grad();
        var leaf = source.detach().requires_grad_();
        var task = TaskLoss(view.Predictor, view.Predictor.Predict(leaf), labels, view.Domains.Space);
        var critics = DomainAdversary.Loss(Judged(view, leaf), Judged(view, target), criterion: Criterion);
        return (Norm(task, leaf), Norm(critics, leaf));
    }

    private static double Norm(Tensor loss, Tensor leaf)
    {
        if (!loss.requires_grad)
        {
            return 0;
        }
        var slope = autograd.grad([loss], [leaf], allow_unused: true)[0];
        return slope is { IsInvalid: false } ? Value(slope.to(float64).norm()) : 0;
    }

    private static Tensor TaskLoss(ILabelPredictor predictor, Tensor scores, Tensor labels, LabelSpace space)
    {
        if (space.IsMultiLabel && predictor.ScoreKind == ScoreKind.Logits)
        {
            return BinaryCrossEntropy.Of(scores, labels);
        }
        if (!space.IsClasses)
        {
            return (scores - labels.reshape(scores.shape).to(scores.dtype)).square().mean();
        }
        return predictor.ScoreKind == ScoreKind.Logits
            ? CrossEntropy.Of(scores, labels)
            : Probabilities
                .Of(scores.to(float64), predictor.ScoreKind)
                .gather(1, labels.unsqueeze(1))
                .clamp_min(1e-300)
                .log()
                .mean()
                .neg();
    }

    private static double Learned(ILabelPredictor predictor, Tensor scores, Tensor labels, LabelSpace space)
    {
        var loss = Value(TaskLoss(predictor, scores.to(float64), labels, space));
        // Of several labels or values a row each column is guessed by its own mean.
        var columns = labels.to(float64).reshape(labels.shape[0], -1);
        var guessing =
            space.IsClasses ? EntropyOf(Shares(labels, space.Width))
            : space.IsMultiLabel && predictor.ScoreKind == ScoreKind.Logits
                ? nn.functional.binary_cross_entropy(columns.mean([0L], true).expand(columns.shape), columns)
            : columns.var([0L], unbiased: false).mean();
        var most = Value(guessing);
        return most > 0 ? 1 - (loss / most) : double.NaN;
    }

    private static (long Read, long Present, double Evenness) Classes(
        ILabelPredictor predictor,
        Tensor scores,
        Tensor labels,
        long classes
    )
    {
        var read = Shares(scores.argmax(1), classes).gt(0).sum().ToInt64();
        var shares = Shares(labels, classes);
        var present = shares.gt(0).sum().ToInt64();
        var mean = EntropyOf(Probabilities.Of(scores.to(float64), predictor.ScoreKind).mean([0L]));
        return (read, present, present < 2 ? double.NaN : Value(mean / EntropyOf(shares)));
    }

    private static Tensor Shares(Tensor labels, long classes) =>
        labels.bincount(null, classes).to(float64) / labels.shape[0];

    private static Tensor EntropyOf(Tensor shares) => (shares * shares.clamp_min(1e-300).log()).sum().neg();

    private static double Value(Tensor scalar) => scalar.detach().to(float64).cpu().item<double>();
}
