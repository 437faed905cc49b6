using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// GOAT: carries a classifier over to the target in small steps, along domains that optimal transport lays between.
/// </summary>
/// <remarks>
/// <para>
/// Between two neighboring domains with the plan G, step t of T has the rows <c>(1 - t/T) x_i + t/T x_j</c> with the
/// weights <c>G_ij</c>; the predictor of one step labels the rows of the next, the surest of which the learner is
/// fitted to anew (He, Wang, Li and Zhao 2024, "Gradual Domain Adaptation: Theory and Algorithms"; Kumar, Ma and Liang
/// 2020, "Understanding Self-Training for Gradual Domain Adaptation"). The last step's rows are the target's. Of a
/// plan, the n + m largest entries are taken, which are all of an exact one's. How sure a row is, is its largest
/// probability by the softmax of its scores.
/// </para>
/// <para>
/// Costs a plan, and T fits to at most n + m rows, for each pair of neighbors, and n m memory. Source weights are taken
/// as masses.
/// </para>
/// </remarks>
/// <param name="learner">The learner of class scores; it must honor example weights.</param>
public sealed class GradualSelfTraining(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of steps T between two neighboring domains, at least 1. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int Steps { get; init; } = 5;

    /// <summary>
    /// The share of a step's rows that is left out, the least sure first, from 0 to below 1. Default 0.1, Kumar's.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double DroppedShare { get; init; } = 0.1;

    /// <summary>What finds the plans. Default the exact solver.</summary>
    public ITransportSolver Solver { get; init; } = new ExactTransport();

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
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
            run.Fitted("predictor", () => Fit(domains.PooledSources(), [domains.Target.Inputs], run.Context))
        );
    }

    /// <summary>Fits the predictor along domains that are known.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with classes.</param>
    /// <param name="domains">
    /// The unlabeled domains <c>[m_i, d]</c> on the way, in their order, the target last; the target alone where none
    /// are known between.
    /// </param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The predictor for the last domain; the caller disposes it where it is disposable.</returns>
    public ILabelPredictor Fit(LabeledDomain source, IReadOnlyList<Tensor> domains, FitContext? context = null)
    {
        Check(source, domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var predictor = made.Add(learner.Fit(source));
        var weights = source.Weights is { } given ? given.to(float64) / given.to(float64).sum() : null;
        var (from, done, labels) = (source.Inputs, 0, source.Labels);
        foreach (var to in domains)
        {
            using var pairScope = NewDisposeScope();
            var path = Path(from, to, weights, labels, context);
            for (var step = 1; step <= Steps; step++)
            {
                context?.Report(done++ / (double)(domains.Count * Steps));
                using var stepScope = NewDisposeScope();
                var rows = path.At((double)step / Steps);
                var next = made.Add(learner.Fit(Surest(predictor, rows, path.Masses, source.Space)));
                made.Drop(predictor);
                predictor = next;
            }
            (from, weights, labels) = (to, null, null);
        }
        return made.HandOver(predictor);
    }

    private TransportPath Path(Tensor from, Tensor to, Tensor? weights, Tensor? labels, FitContext? context)
    {
        var problem = new TransportProblem(
            SquaredDistances.Between(from.to(float64), to.to(float64)),
            weights,
            sourceLabels: labels
        )
        {
            SourceRows = from,
            TargetRows = to,
            Cancellation = context?.Cancellation ?? default,
        };
        return new TransportPath(from, to, Solver.Plan(problem));
    }

    private LabeledDomain Surest(ILabelPredictor predictor, Tensor rows, Tensor masses, LabelSpace space)
    {
        var (sureness, classes) = predictor.PredictProbabilities(rows).max(1);
        var count = (int)(rows.shape[0] - (long)(DroppedShare * rows.shape[0]));
        var kept = sureness.topk(count, 0).indexes;
        var weights = masses.index_select(0, kept);
        return new LabeledDomain(
            rows.index_select(0, kept),
            classes.index_select(0, kept),
            (weights / weights.mean()).to(rows.dtype),
            space
        );
    }

    private void Check(LabeledDomain source, IReadOnlyList<Tensor> domains)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(domains);
        if (!source.Space.IsClasses)
        {
            throw new ArgumentException($"self-training classifies; the labels are {source.Space}.", nameof(source));
        }
        Guard.Options(this);
        if (domains.Count == 0)
        {
            throw new ArgumentException("at least one domain is needed, the target.", nameof(domains));
        }
        var from = source.Inputs;
        foreach (var to in domains)
        {
            Guard.Pair(from, to, sourceName: nameof(source), targetName: nameof(domains));
            MemoryNeed.Check(
                nameof(GradualSelfTraining),
                to,
                from.shape[0],
                to.shape[0],
                1 + TransportProblem.MinMatrices,
                "Learn on a random part of the rows.",
                float64
            );
            from = to;
        }
    }
}
