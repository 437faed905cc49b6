using TransferLearning.Internal;

namespace TransferLearning.Settings;

/// <summary>
/// The last stage of a chain whose model is to say "unknown" of rows that are of none of the source's classes.
/// </summary>
/// <remarks>
/// It puts a rule on the predictor of the stages before: an <see cref="OpenPredictor"/>. Nothing is fitted. The model
/// has one class more than the labels: its number is the last one, its name "unknown" where classes have names.
/// </remarks>
/// <param name="rule">Decides which rows are unknown.</param>
public sealed class UnknownRejection(IUnknownRule rule) : IAdaptationStage
{
    private readonly IUnknownRule rule = rule ?? throw new ArgumentNullException(nameof(rule));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [rule];

    /// <summary>False: it looks at no row.</summary>
    public bool NeedsSource => false;

    /// <summary>False: it looks at no row.</summary>
    public bool NeedsTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.AddFaults(plan.OfClasses());
        if (!plan.HasPredictor)
        {
            plan.Fault("needs a predictor to put its rule on: let Train(...) or Learn(...) come before it.");
        }
        else if (plan.Domains.Space.Names.Contains("unknown", StringComparer.Ordinal))
        {
            plan.Fault("adds a class 'unknown', and the labels have one of that name: give theirs another.");
        }
        return plan;
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.With(state.Extractor, new OpenPredictor(state.Predictor!, rule));
    }
}
