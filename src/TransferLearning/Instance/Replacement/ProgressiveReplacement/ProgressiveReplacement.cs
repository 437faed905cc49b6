using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// DASVM: carries a classifier over to the target by exchanging source rows, round by round, for target rows that it
/// labels itself.
/// </summary>
/// <remarks>
/// <para>
/// Bruzzone and Marconcini 2010, "Domain Adaptation Problems: A DASVM Classification Technique and a Circular
/// Validation Strategy", section III, for any learner of class scores. A row's margin is its largest score less the
/// second largest. Each round fits the learner; labels, of the target rows without a label whose margin is at most
/// <see cref="Band"/>, the r of greatest margin for every class; takes the labels back from rows that are now read
/// otherwise; and removes as many source rows read as each class, those of greatest margin, which the boundary needs
/// least (r of each where no row was labeled). It ends when no source row is left and at most
/// <see cref="SettledShare"/> of the target rows were labeled, and as many changed.
/// </para>
/// <para>
/// In round i source rows weigh <c>max(1 - (1 - a) (i/g)^2, a)</c> times their own weight, and a target row that has
/// kept its label for u rounds <c>a + (b - a) ((min(u, g) - 1)/(g - 1))^2</c>. The paper is about two classes; here
/// every class is a side of the boundary. Costs a fit a round, about <c>1 / Share + n / (Share m)</c> of them.
/// </para>
/// </remarks>
/// <param name="learner">The learner of class scores; it must honor example weights.</param>
public sealed class ProgressiveReplacement(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>
    /// The most target rows that a round labels, as a share of them all, above 0 and at most 1; evenly over the
    /// classes, r of each, at least 1. Default 0.05.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Share { get; init; } = 0.05;

    /// <summary>
    /// Target rows of greater margin are not labeled, positive. Default infinite; 2 for two scores of opposite sign
    /// whose support vectors have 1, the paper's margin.
    /// </summary>
    [OptionRange(Above = 0, AllowsInfinity = true)]
    public double Band { get; init; } = double.PositiveInfinity;

    /// <summary>How many rounds g the weights take to their last values, at least 2. Default 3.</summary>
    [OptionRange(AtLeast = 2)]
    public int GrowthRounds { get; init; } = 3;

    /// <summary>
    /// The weight a of a row just labeled, and the last one of a source row, beside 1 at the start; above 0 and at most
    /// 1. Default 0.1.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double FirstWeight { get; init; } = 0.1;

    /// <summary>The last weight b of a labeled target row, positive. Default 0.5, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double LastWeight { get; init; } = 0.5;

    /// <summary>
    /// The share of the target rows below which it is settled, not negative. Default 0.03, the paper's.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double SettledShare { get; init; } = 0.03;

    /// <summary>The most rounds; then a warning says so and the last predictor is taken. Default 1000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 1000;

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        if (!plan.Domains.Space.IsClasses || plan.Domains.Space.Width < 2)
        {
            plan.Fault($"classifies; the labels are {plan.Domains.Space}.");
        }
        return plan.WithFittedPredictor();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        return embedded.With(
            null,
            run.Fitted("predictor", () => Fit(domains.PooledSources(), domains.Target.Inputs, run.Context))
        );
    }

    /// <summary>Fits the predictor.</summary>
    /// <param name="source">
    /// Source rows <c>[n, d]</c> with classes; their weights, where given, are kept beside the rounds'.
    /// </param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation, progress and the log; null for none.</param>
    /// <returns>The last round's predictor; the caller disposes it where it is disposable.</returns>
    public ILabelPredictor Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        if (!source.Space.IsClasses || source.Space.Width < 2)
        {
            throw new ArgumentException($"replacement classifies; the labels are {source.Space}.", nameof(source));
        }
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var run = context ?? new FitContext();
        var rows = new ReplacedRows(source, target);
        var most = (int)Math.Ceiling(Share * target.shape[0] / source.Space.Width);
        var settled = Math.Ceiling(SettledShare * target.shape[0]);
        ILabelPredictor? predictor = null;
        for (var round = 0; rows.Count > 0; round++)
        {
            run.Report(1 - ((double)rows.SourceLeft / source.Count));
            using var roundScope = NewDisposeScope();
            made.Drop(predictor);
            predictor = made.Add(learner.Fit(rows.Training(SourceWeight(round), TargetWeight)));
            if (rows.SourceLeft == 0 && rows.Labeled <= settled && rows.Changed <= settled)
            {
                break;
            }
            if (round + 1 >= MaxRounds)
            {
                run.Logger.LogWarning("replacement had not settled after {Rounds} rounds", MaxRounds);
                break;
            }
            rows.Exchange(predictor, most, Band);
        }
        return made.HandOver(predictor!);
    }

    private double SourceWeight(int round) =>
        Math.Max(1 - ((1 - FirstWeight) * Math.Pow((double)round / GrowthRounds, 2)), FirstWeight);

    private double TargetWeight(int rounds)
    {
        var grown = (Math.Min(rounds, GrowthRounds) - 1.0) / (GrowthRounds - 1);
        return FirstWeight + ((LastWeight - FirstWeight) * grown * grown);
    }
}
