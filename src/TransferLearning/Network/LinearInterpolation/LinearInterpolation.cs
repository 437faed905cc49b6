using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// LinInt: the predictions of a model of the sources and of a model of few labeled target rows, added in shares that
/// other labeled target rows give.
/// </summary>
/// <remarks>
/// <para>
/// A part of the labeled target rows, drawn, fits the target's model <c>f_t</c>; for the others the share a in [0, 1]
/// of <c>f(x) = a f_s(x) + (1 - a) f_t(x)</c> minimizes the weighted sum of <c>||f(x_i) - y_i||^2</c>, over values or
/// over probabilities against one-hot labels (Daumé 2007, "Frustratingly Easy Domain Adaptation", where it is a
/// baseline). Where both models say the same of all those rows, a is 1/2.
/// </para>
/// <para>
/// <see cref="HasFreeFactors"/> gives ADAPT's form for values, <c>a f_s(x) + b f_t(x)</c> by least squares. Rows of
/// weight 0 take no part; the unlabeled target rows are not used. Costs a fit of the learner for each domain.
/// </para>
/// </remarks>
/// <param name="Learner">Fits the target's model.</param>
public sealed record LinearInterpolation(ILabelLearner Learner) : IAdaptationStage
{
    /// <summary>Fits the target's model.</summary>
    public ILabelLearner Learner { get; init; } = Learner ?? throw new ArgumentNullException(nameof(Learner));

    /// <summary>Fits the model of the sources; null, the default, takes <see cref="Learner"/>.</summary>
    public ILabelLearner? SourceLearner { get; init; }

    /// <summary>
    /// The share of the labeled target rows that the target's model is fitted to, between 0 and 1, rounded down; one
    /// row at least is fitted, and one held out. Default 0.5, ADAPT's.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double FittedShare { get; init; } = 0.5;

    /// <summary>
    /// Whether both models' factors are free, as in ADAPT, instead of shares of sum 1; for values only. Default false.
    /// </summary>
    public bool HasFreeFactors { get; init; }

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(plan.LabeledTarget());
        if (plan.Domains.LabeledTarget is { Count: < 2 })
        {
            plan.Fault("fits one part of the labeled target rows and holds the other back: give at least 2.");
        }
        if (HasFreeFactors && !plan.Domains.Space.IsValues)
        {
            plan.Fault($"has free factors for values only; the labels are {plan.Domains.Space}.");
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
        var predictor = run.Fitted(
            "predictor",
            () => Fit(domains.PooledSources(), domains.LabeledTarget!, run.Context)
        );
        return embedded.With(null, predictor);
    }

    /// <summary>Fits both models and their shares.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>.</param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, at least two of a weight above 0.</param>
    /// <param name="context">The key of the draw, and cancellation; null for seed 0.</param>
    /// <returns>The predictor, which owns both models; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The domains' rows or labels differ in kind, the target has too few rows, or factors are free for classes.
    /// </exception>
    public InterpolatedPredictor Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        Check(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var (fitted, held) = Split(target, (context ?? new FitContext()).Key);
        var ofSource = made.Add((SourceLearner ?? Learner).Fit(source));
        var ofTarget = made.Add(Learner.Fit(fitted));
        Tensor Answers(ILabelPredictor model) =>
            InterpolatedPredictor.Answers(model, held.Inputs, held.Space.IsValues, held.Space.IsMultiLabel);
        var answers = (Answers(ofSource), Answers(ofTarget));
        var factors = HasFreeFactors ? FreeFactors(answers, held) : Shares(answers, held);
        return made.HandOver(new InterpolatedPredictor(ofSource, ofTarget, factors, target.Space));
    }

    private void Check(LabeledDomain source, LabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(source), targetName: nameof(target));
        if (source.Space != target.Space)
        {
            throw new ArgumentException(
                $"labels must be alike in both domains; got {source.Space} and {target.Space}.",
                nameof(source)
            );
        }
        if (HasFreeFactors && !target.Space.IsValues)
        {
            throw new ArgumentException(
                $"{nameof(HasFreeFactors)} is for values; the labels are {target.Space}.",
                nameof(target)
            );
        }
    }

    private (LabeledDomain Fitted, LabeledDomain Held) Split(LabeledDomain target, RandomKey key)
    {
        var counted = RelativeWeights.Of(target).gt(0).nonzero().squeeze(1);
        var count = counted.shape[0];
        if (count < 2)
        {
            throw new ArgumentException(
                $"target must have at least 2 rows of a weight above 0, one to fit and one to hold back; got {count}.",
                nameof(target)
            );
        }
        using var generator = key.Generator();
        var order = counted.index_select(0, randperm(count, generator: generator).to(counted.device));
        var cut = Math.Clamp((long)(count * FittedShare), 1, count - 1);
        LabeledDomain Rows(Tensor rows) =>
            new(
                target.Inputs.index_select(0, rows),
                target.Labels.index_select(0, rows),
                target.Weights?.index_select(0, rows),
                target.Space
            );
        return (Rows(order.narrow(0, 0, cut)), Rows(order.narrow(0, cut, count - cut)));
    }

    private static (double Source, double Target) Shares((Tensor Source, Tensor Target) answers, LabeledDomain held)
    {
        var rates = RelativeWeights.Of(held).unsqueeze(1);
        var apart = answers.Source - answers.Target;
        var pull = (rates * apart * (LabelTargets.Of(held, float64) - answers.Target)).sum().item<double>();
        var size = (rates * apart * apart).sum().item<double>();
        var share = size > 0 ? Math.Clamp(pull / size, 0, 1) : 0.5;
        return (share, 1 - share);
    }

    // The smallest pair of factors where several do, as ADAPT's regression.
    private static (double Source, double Target) FreeFactors(
        (Tensor Source, Tensor Target) answers,
        LabeledDomain held
    )
    {
        var rates = RelativeWeights.Of(held).unsqueeze(1).sqrt();
        Tensor Weighted(Tensor values) => (values * rates).reshape(-1);
        var both = stack([Weighted(answers.Source), Weighted(answers.Target)], 1);
        var factors = linalg.pinv(both, rtol: 1e-12).mv(Weighted(LabelTargets.Of(held, float64)));
        return (factors[0].item<double>(), factors[1].item<double>());
    }
}
