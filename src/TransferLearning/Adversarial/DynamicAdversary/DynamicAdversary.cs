using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DAAN: one critic of the domains and one of each class, in a balance that follows from how well they tell source and
/// target apart.
/// </summary>
/// <remarks>
/// <para>
/// <c>(1 - omega) g BCE(D) + omega l sum_c BCE(D_c)</c>, BCE the loss of <see cref="DomainAdversary"/>: D judges the
/// features f, D_c the features times the probability of class c, <c>p_c f</c>, p a constant; <c>-lambda</c> times the
/// gradient goes to the extractor (Yu, Wang, Chen and Huang 2019, "Transfer Learning with Dynamic Adversarial
/// Adaptation Network"). g and l are 0.05 and 0.01, the authors'.
/// </para>
/// <para>
/// Before every epoch <c>omega = d_l / (d_g + d_l)</c> is set from the A-distances <c>d = 2 (1 - 2 e)</c>, not below 0,
/// of the last epoch's batches: e is a critic's balanced error, d_g is that of D, d_l the mean of the D_c. What is told
/// apart more easily counts more. Omega is 1/2 in the first epoch and where nothing is told apart. The authors' program
/// takes weighted losses in the errors' place, which are no errors and can make either share negative.
/// </para>
/// <para>
/// Source rows weigh by their example weights in the losses. Omega is checkpointed. One object serves one training at a
/// time.
/// </para>
/// </remarks>
/// <param name="critic">The critic of the features.</param>
/// <param name="classCritics">
/// One critic a class, of features as well; the phase moves them all together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default the ramp from 0 to 1, gamma 10.</param>
public sealed class DynamicAdversary(
    IDomainCritic critic,
    IReadOnlyList<IDomainCritic> classCritics,
    Schedule? reversal = null
) : IObjective, ITrainingHook, IJudged
{
    private const double Undecided = 0.5;
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly IReadOnlyList<IDomainCritic> classCritics = SeveralCritics.Checked(classCritics, "class");
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();
    private Tensor? omega; // a float64 scalar
    private Tensor? errors; // float64 [1 + C]: the sums of this epoch
    private long steps;

    /// <summary>The factor g of the domains' critic, positive. Default 0.05.</summary>
    [OptionRange(Above = 0)]
    public double GlobalFactor { get; init; } = 0.05;

    /// <summary>The factor l of the classes' critics, positive. Default 0.01.</summary>
    [OptionRange(Above = 0)]
    public double LocalFactor { get; init; } = 0.01;

    /// <summary>
    /// What the critics minimize, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>, the
    /// paper's. Of <see cref="CriticLoss.LeastSquares"/> a critic errs beyond 1/2, of the others beyond 0.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [critic, .. classCritics];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic, .. classCritics];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var scores = cat([.. step.Sources.Select(source => step.Scores(source)), step.Scores(step.Target)]);
        if (scores.shape[1] != classCritics.Count)
        {
            throw new ArgumentException(
                $"dynamic adversarial adaptation needs a critic for each of the {scores.shape[1]} classes; "
                    + $"got {classCritics.Count}.",
                nameof(step)
            );
        }
        var reversed = GradientReversal.Apply(features, reversal.At(step.Progress));
        var p = scores.detach().softmax(1);
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        var weights = step.SourceWeights();
        (Tensor Loss, Tensor Error) Told(IDomainCritic one, Tensor rows)
        {
            var logits = step.Judgment(one, rows).split([sources, rows.shape[0] - sources]);
            var loss = DomainAdversary.Loss(logits[0], logits[1], weights, criterion: Criterion);
            return Criterion == CriticLoss.LeastSquares
                ? (loss, Error(logits[0] - 0.5, logits[1] - 0.5))
                : (loss, Error(logits[0], logits[1]));
        }
        var all = Told(critic, reversed);
        var ofClasses = classCritics.Select((one, c) => Told(one, reversed * p.narrow(1, c, 1))).ToList();
        _ = step.Once(this, step.Batch, () => new Seen([all.Error, .. ofClasses.Select(told => told.Error)]));

        var share = (omega ?? full([], Undecided, float64)).to(scores.dtype).to(scores.device);
        var local = stack([.. ofClasses.Select(told => told.Loss)]).sum();
        return ((1 - share) * all.Loss * GlobalFactor) + (share * local * LocalFactor);
    }

    /// <summary>
    /// A critic's balanced error: the mean of the share of source rows that it takes for the target's and of the share
    /// of target rows that it takes for the source's.
    /// </summary>
    /// <param name="source">Logits of source rows <c>[n]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m]</c>; a logit of 0 counts as wrong by half.</param>
    /// <returns>A float64 scalar from 0 to 1, a constant; the caller disposes it.</returns>
    public static Tensor Error(Tensor source, Tensor target)
    {
        Guard.Alive(source);
        Guard.Alive(target);
        using var scope = NewDisposeScope();
        var right = source.detach().sign().to(float64).mean() - target.detach().sign().to(float64).mean();
        return (0.5 - (right / 4)).MoveToOuterDisposeScope();
    }

    /// <summary>The share omega of the classes' critics.</summary>
    /// <param name="errors">The balanced errors <c>[1 + C]</c>: of the domains' critic, then of each class's.</param>
    /// <returns>
    /// A float64 scalar from 0 to 1, 1/2 where no critic is better than chance; the caller disposes it.
    /// </returns>
    public static Tensor Balance(Tensor errors)
    {
        Guard.Alive(errors);
        if (errors.dim() != 1 || errors.shape[0] < 2)
        {
            throw new ArgumentException(
                $"errors must be those of the domains' critic and of each class's, [1 + C]; got {Shape.Of(errors)}.",
                nameof(errors)
            );
        }
        using var scope = NewDisposeScope();
        var distances = ((1 - (errors.detach().to(float64) * 2)) * 2).clamp_min(0);
        var local = distances.narrow(0, 1, errors.shape[0] - 1).mean();
        var sum = distances[0] + local;
        return where(sum > 0, local / sum.clamp_min(1e-300), full_like(sum, Undecided)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => Forget();

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        if (errors is null)
        {
            return;
        }
        using var scope = NewDisposeScope();
        var next = Balance(errors / steps).DetachFromDisposeScope();
        Forget();
        omega = next;
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Once(this, step.Batch, () => new Seen([])).Errors is not { Count: > 0 } seen)
        {
            return; // the term has weight 0
        }
        using var scope = NewDisposeScope();
        var now = stack([.. seen]);
        var sum = (errors is null ? now : errors + now).DetachFromDisposeScope();
        errors?.Dispose();
        errors = sum;
        steps++;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("omega", ref omega);
        state.Slot("errors", ref errors);
        state.Number("steps", ref steps);
    }

    private void Forget()
    {
        omega?.Dispose();
        errors?.Dispose();
        (omega, errors, steps) = (null, null, 0);
    }

    private sealed record Seen(IReadOnlyList<Tensor> Errors);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
