using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// JDOT: learns the target's predictor from labels that transport carries over, by a plan that looks at features and
/// predictions together.
/// </summary>
/// <remarks>
/// <para>
/// <c>min_(f, G) sum_ij G_ij (a ||x_i - x'_j||^2 + ||y_i - f(x'_j)||^2) + penalty(f)</c> over plans G between source
/// and target rows, by turns: the exact plan for the present f; then f is fitted to the target rows with the labels
/// <c>m sum_i G_ij y_i</c> that they receive, which for squared loss is the same as fitting it to all pairs (Courty,
/// Flamary, Habrard and Rakotomamonjy 2017, "Joint Distribution Optimal Transportation for Domain Adaptation",
/// algorithm 1). Classes are taken as one-hot rows; the predictor's largest value marks the class. f starts as the
/// source's. The objective does not rise from turn to turn where the learner minimizes squared errors; it ends when the
/// plan stands still.
/// </para>
/// <para>Costs an exact plan and a fit of m rows a turn, and n m memory. Source weights are taken as masses.</para>
/// </remarks>
/// <param name="learner">Learns values, classes as well; null for <see cref="RidgeRegression"/>.</param>
public sealed class JointDistributionOptimalTransport(ILabelLearner? learner = null) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? new RidgeRegression();

    /// <summary>
    /// The factor a of the features' squared distance, not negative; null takes one over the largest of them, the
    /// paper's. Default null.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double? FeatureWeight { get; init; }

    /// <summary>What finds the plans. Default the exact solver.</summary>
    public ITransportSolver Solver { get; init; } = new ExactTransport();

    /// <summary>The most turns, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxTurns { get; init; } = 10;

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(plan.OfClassesOrValues());
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
    /// <param name="source">Source rows <c>[n, d]</c> with classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>
    /// The predictor of values, or of one value a class; the caller disposes it where it is disposable.
    /// </returns>
    public ILabelPredictor Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        var (n, m) = (source.Count, target.shape[0]);
        MemoryNeed.Check(
            nameof(JointDistributionOptimalTransport),
            target,
            n,
            m,
            4 + TransportProblem.MinMatrices,
            "Learn on a random part of the rows, or move the rows by MiniBatchTransport first and learn on them.",
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var labels = LabelTargets.Of(source, float64);
        var weights = source.Weights is { } given ? given.to(float64) / given.to(float64).sum() : null;
        var distances = SquaredDistances.Between(source.Inputs.to(float64), target.to(float64));
        distances *= FeatureWeight ?? (1 / Math.Max(distances.max().item<double>(), 1e-300));
        var predictor = made.Add(learner.Fit(Values(source.Inputs, labels, source.Weights)));
        Tensor? plan = null;
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            context?.Report((double)turn / MaxTurns);
            using var turnScope = NewDisposeScope();
            var losses = SquaredDistances.Between(labels, predictor.Predict(target).to(float64));
            var problem = new TransportProblem(distances + losses, weights)
            {
                SourceRows = source.Inputs,
                TargetRows = target,
                Cancellation = context?.Cancellation ?? default,
            };
            var next = Solver.Plan(problem);
            if (plan is not null && (next - plan).abs().sum().item<double>() < 1e-9)
            {
                break;
            }
            plan = next.MoveToOuterDisposeScope();
            var received = plan.t().matmul(labels) / plan.sum(dim: 0).clamp_min(1e-300).unsqueeze(1);
            made.Drop(predictor);
            predictor = made.Add(learner.Fit(Values(target, received, null)));
        }
        return made.HandOver(predictor);
    }

    private static LabeledDomain Values(Tensor rows, Tensor values, Tensor? weights) =>
        new(rows, values.to(rows.dtype), weights, LabelSpace.Values(values.shape[1]));
}
