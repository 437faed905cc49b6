using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// ReMixMatch: MixMatch whose guesses come from a weak view, in the labels' shares, and hold for strong views.
/// </summary>
/// <remarks>
/// <para>
/// The guess of a target row is <c>p (s + e) / (q + e)</c> for the prediction p of its weak view, the labels' shares s
/// and the mean q of the last batches' predictions, even before the first, divided by its sum, sharpened and constant;
/// e is <c>1e-6</c> (distribution alignment). Strong views of the labeled rows and weak and strong views of the target
/// are mixed as in <see cref="MixMatch"/>. The loss is
/// <c>CE(mixed labels) + r (w CE(mixed guesses) + v 1/n sum_i CE(z'_i, guess_i))</c>, <c>z'</c> of the first strong
/// view itself (Berthelot, Carlini, Cubuk, Kurakin, Sohn, Zhang and Raffel 2020, "ReMixMatch: Semi-Supervised Learning
/// with Distribution Matching and Augmentation Anchoring", with the constants of the authors' program). The paper's
/// rotation task, which needs a head of its own, is left out.
/// </para>
/// <para>
/// It takes the place of <see cref="CrossEntropy"/>. Means and shares are checkpointed. One object serves one training
/// at a time.
/// </para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, of labeled rows, too, or null for the rows themselves.</param>
public sealed class ReMixMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private const double Epsilon = 1e-6;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    // Views are known by reference: each object is a draw of its own.
    private readonly List<IAugmentation> further = [];
    private Tensor? shares; // s [C]
    private Tensor? means; // what q is the mean of: the last batches' mean predictions [k, C]

    /// <summary>
    /// How many strong views of a target row are mixed, at least 1. Default 8, the authors'; 2 in USB.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Views { get; init; } = 8;

    /// <summary>The temperature of guesses, positive; below 1 sharpens. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.75.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.75;

    /// <summary>Over how many batches predictions are averaged, at least 1. Default 128, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Window { get; init; } = 128;

    /// <summary>
    /// The share of a moving average of predictions that a step keeps, from 0 to below 1, where one takes the place of
    /// the last batches' mean: 0.999 in USB. Default null, none.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double? Momentum { get; init; }

    /// <summary>
    /// Whether labeled rows are mixed under their weak view, as in USB. Default false: under their strong one, as in
    /// the paper and the authors' program.
    /// </summary>
    public bool MixesWeakLabeled { get; init; }

    /// <summary>The weight w of the mixed guesses, not negative. Default 1.5.</summary>
    [OptionRange(AtLeast = 0)]
    public double MixedWeight { get; init; } = 1.5;

    /// <summary>The weight v of the guesses for the first strong view, not negative. Default 0.5.</summary>
    [OptionRange(AtLeast = 0)]
    public double StrongWeight { get; init; } = 0.5;

    /// <summary>
    /// The factor r of both over progress. Default a line from 0 to 1 over the first 64th of the training, the
    /// authors'.
    /// </summary>
    public Schedule Ramp { get; init; } = new(progress => Math.Min(1, 64 * progress));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        while (further.Count < Views - 1)
        {
            further.Add(new AugmentationSequence(strong));
        }
        var ofLabeled = MixesWeakLabeled ? weak : strong;
        var labeled = step
            .Labeled.Select(batch => (batch, ofLabeled is null ? batch.Inputs : step.View(ofLabeled, batch).Inputs))
            .ToList();
        var plain = weak is null ? step.Target : step.View(weak, step.Target);
        List<UnlabeledBatch> looks =
        [
            .. further.Prepend(strong).Take(Views).Select(look => step.View(look, step.Target)),
            plain,
        ];
        Tensor guesses;
        using (no_grad())
        {
            var p = step.Scores(plain).softmax(1);
            _ = step.Once(this, step.Target, () => p.mean([0L]));
            guesses = means is null || shares is null ? p : Aligned(p, shares + Epsilon, means.mean([0L]) + Epsilon);
            guesses = MixMatch.Sharpened(guesses, Temperature);
        }
        var mixture = JointMixture.Of(step, labeled, looks, guesses, Alpha);
        var mixed = CrossEntropy.Of(mixture.Scores, mixture.Wanted, mixture.Weights) * MixedWeight;
        var anchored = CrossEntropy.Of(step.Scores(looks[0]), guesses) * StrongWeight;
        return mixture.Labeled + ((mixed + anchored) * Ramp.At(step.Progress));
    }

    /// <summary>
    /// Distribution alignment: predictions moved toward wanted shares, <c>p s / q</c> divided by its sum.
    /// </summary>
    /// <param name="probabilities">Predictions p <c>[n, C]</c>.</param>
    /// <param name="shares">The wanted shares s <c>[C]</c>.</param>
    /// <param name="average">The predictions' own average q <c>[C]</c>.</param>
    /// <returns>Probabilities <c>[n, C]</c>; the caller disposes them.</returns>
    public static Tensor Aligned(Tensor probabilities, Tensor shares, Tensor average)
    {
        Guard.Rows(probabilities);
        Guard.Alive(shares);
        Guard.Alive(average);
        using var scope = NewDisposeScope();
        var ratio = (shares.to(average.device) / average.clamp_min(1e-12)).to(
            probabilities.dtype,
            probabilities.device
        );
        var moved = probabilities * ratio;
        return (moved / moved.sum(1, keepdim: true).clamp_min(1e-30)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        OnEnd();
        using var scope = NewDisposeScope();
        shares = ClassShares.Of(view.Domains).DetachFromDisposeScope();
        var classes = shares.shape[0];
        means = full([Momentum is null ? Window : 1, classes], 1.0 / classes, float64).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Where the term's weight was 0 nobody has read the rows: by the weights after the step.
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var p = step.Once(
            this,
            step.Target,
            () => step.Scores(weak is null ? step.Target : step.View(weak, step.Target)).softmax(1).mean([0L])
        );
        // On the predictions' device from the first step on: a copy to the host would wait for it in each.
        var (before, now) = (means!.to(p.device), p.to(float64).unsqueeze(0));
        var next = Momentum is { } kept ? (before * kept) + (now * (1 - kept)) : BatchMeans.After(before, now, Window);
        means.Dispose();
        means = next.DetachFromDisposeScope();
        if (shares!.device_type != p.device_type)
        {
            using var old = shares;
            shares = old.to(p.device).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        shares?.Dispose();
        means?.Dispose();
        (shares, means) = (null, null);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("shares", ref shares);
        state.Slot("means", ref means);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
