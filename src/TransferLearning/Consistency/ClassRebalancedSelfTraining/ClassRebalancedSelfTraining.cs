using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Class-rebalanced self-training (CReST): between two trainings, the target's surest readings become labeled rows,
/// more of the classes that have few labels.
/// </summary>
/// <remarks>
/// <para>
/// Classes are ranked by their shares s among the labeled rows, <c>s_1 &gt;= ... &gt;= s_C</c>. Of the n target rows
/// that the chain so far reads as the class of rank l, the <c>floor(n (s_(C+1-l) / s_1)^a)</c> of greatest confidence
/// join the labeled target rows with that class: all of the rarest, because its readings are precise, and few of the
/// most frequent (Wei, Sohn, Mellina, Yuille and Yang 2021, "CReST: A Class-Rebalancing Self-Training Framework for
/// Imbalanced Semi-Supervised Learning", section 3.3). Rows that an earlier such stage has labeled are read anew, and
/// count neither for the shares nor as labeled. All target rows stay in the unlabeled target. A single row, of which
/// batch normalization could not take a variance, is not labeled.
/// </para>
/// <para>
/// The next stage learns from them as from labeled target rows, in a batch of their own, where the authors pool them
/// with the labeled ones. Costs a pass over the target, with all its features in memory.
/// </para>
/// </remarks>
public sealed record ClassRebalancedSelfTraining : IAdaptationStage, IPlanned
{
    /// <summary>
    /// The exponent a, not negative: 0 takes all readings, a large one those of the rarest class alone. Default 1/3,
    /// the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Exponent { get; init; } = 1.0 / 3;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!plan.HasPredictor)
        {
            plan.Fault("reads the target by what was trained before it: put Train(...) or Learn(...) before it.");
        }
        return plan;
    }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var (domains, predictor) = (state.Domains, state.Predictor!);
        using var quiet = no_grad();
        Tensor labels;
        using (var scope = NewDisposeScope())
        {
            var extractor = ExtractorChain.Of(state.Extractor).For(DomainId.Target);
            var features = BatchedPass.Over(domains.Target.Rows, extractor, run.Cancellation);
            using var mode = EvaluationMode.Of(predictor);
            var probabilities = Probabilities.Of(predictor.Predict(features), predictor.ScoreKind);
            labels = Selected(probabilities, ClassShares.Of(domains), Exponent).cpu().MoveToOuterDisposeScope();
        }
        var rows = labels.ge(0).nonzero().squeeze(1);
        if (rows.shape[0] == 0)
        {
            run.Warn("no target row was read as a class of which any is taken: the labeled rows stay as they were.");
            return state;
        }
        var read = new LabeledDomain(
            BatchedPass.Read(domains.Target.Rows, rows),
            labels.index_select(0, rows).to(domains.Sources[0].Labels.device),
            space: domains.Space
        );
        var joined = domains.WithRead(read);
        if (joined.LabeledTarget!.Count == 1)
        {
            run.Warn(
                "a single target row would be labeled, of which batch normalization can take no variance: the labeled "
                    + "rows stay as they were."
            );
            return state;
        }
        return state.With(joined);
    }

    /// <summary>The classes of the rows that are taken.</summary>
    /// <param name="probabilities">Class probabilities <c>[m, C]</c>.</param>
    /// <param name="shares">The classes' shares among labeled rows <c>[C]</c>.</param>
    /// <param name="exponent">The exponent a.</param>
    /// <returns>Class numbers, int64 <c>[m]</c>, -1 for rows that are not taken; the caller disposes them.</returns>
    public static Tensor Selected(Tensor probabilities, Tensor shares, double exponent = 1.0 / 3)
    {
        Guard.Rows(probabilities);
        Guard.Alive(shares);
        Guard.NotNegative(exponent);
        var classes = probabilities.shape[1];
        if (shares.dim() != 1 || shares.shape[0] != classes)
        {
            throw new ArgumentException($"shares must be [{classes}]; got {Shape.Of(shares)}.", nameof(shares));
        }
        using var scope = NewDisposeScope();
        var (confidence, labels) = probabilities.detach().max(1);
        var (sorted, order) = shares.to(float64).to(probabilities.device).sort(descending: true, stable: true);
        // The class of rank l is taken as often as that of rank C + 1 - l is frequent.
        var ranked = (sorted.flip(0) / sorted[0]).pow(exponent);
        var rates = zeros_like(ranked).index_copy_(0, order, ranked);
        var surest = confidence.argsort(0, descending: true);
        var isClass = nn.functional.one_hot(labels.index_select(0, surest), classes);
        var most = (isClass.sum(dim: 0).to(float64) * rates).floor();
        // How many of its class are surer than a row, itself included.
        var place = (isClass.cumsum(0) * isClass).sum(1);
        var ofClass = labels.index_select(0, surest);
        var taken = place.to(float64).le(most.index_select(0, ofClass));
        var read = where(taken, ofClass, full_like(ofClass, -1));
        return empty_like(read).index_copy_(0, surest, read).MoveToOuterDisposeScope();
    }
}
