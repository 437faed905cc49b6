using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>The stage that maps the rows into another representation.</summary>
internal sealed class MappingStage(IFeatureMapping mapping) : IAdaptationStage
{
    private readonly IFeatureMapping mapping = mapping ?? throw new ArgumentNullException(nameof(mapping));

    public string Name => mapping.GetType().Name;

    public bool NeedsTarget => mapping.NeedsTarget;

    public ChainPlan Plan(ChainPlan plan)
    {
        RowChecks.Vectors(plan);
        var rows = plan.Embedded();
        var width = plan.Faults.Count == 0 ? mapping.MappedWidth(rows) : null;
        return rows.WithRows(width is { } known ? [known] : null, rows.RowType);
    }

    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        var embedded = state.Embedded();
        var mapped = embedded.Mapped(run.Fitted("map", () => mapping.Fit(embedded.Domains, run.Context)));
        WarnIfClassesMix(embedded.Domains, mapped.Domains, run);
        return mapped;
    }

    private static void WarnIfClassesMix(DomainSet before, DomainSet after, FitRun run)
    {
        if (before.Space.IsClasses && ClassSeparation.Lost(before, after) is { } share)
        {
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the map loses what tells the classes apart: of the source's own rows "
                        + $"{100 * share.Before:F1} % have their nearest neighbor in their class before it and "
                        + $"{100 * share.After:F1} % after it, and the target's will not fare better. Keep more "
                        + $"components, take another kernel, more regularization, or no map."
                )
            );
        }
    }
}
