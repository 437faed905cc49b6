namespace Evaluate.Guarding;

/// <summary>Decides from the scores of a plain and an adapted model which is kept.</summary>
/// <param name="Name">The rule in words.</param>
/// <param name="Adapts">
/// Says of the plain and the adapted model's outcomes, and the estimated total variation of the class shares, whether
/// the adapted one is kept.
/// </param>
internal sealed record GuardRule(string Name, Func<GuardOutcome, GuardOutcome, double, bool> Adapts)
{
    private const int Classes = 8;
    private const int WayBack = 7;

    /// <summary>The rules that are compared. The first two are no rules; the third is the guard's.</summary>
    public static IReadOnlyList<GuardRule> All { get; } =
    [
        new("never adapt", (_, _, _) => false),
        new("always adapt", (_, _, _) => true),
        new("most of IM, silhouette, way back", Votes([0, 2, WayBack], 0.5)),
        new("all of IM, silhouette, way back", Votes([0, 2, WayBack], 0.99)),
        new("most, and the way back is not worse", BackHolds(Votes([0, 2, WayBack], 0.5), 0)),
        new("most, and the way back is at most 2 points worse", BackHolds(Votes([0, 2, WayBack], 0.5), 0.02)),
        new("the way back is better", Votes([WayBack], 0.5)),
        new("most, and class shares alike (label shift below 0.1)", Alike(Votes([0, 2, WayBack], 0.5), 0.1)),
        new("most, and class shares alike (label shift below 0.2)", Alike(Votes([0, 2, WayBack], 0.5), 0.2)),
        new("all, and class shares alike (label shift below 0.2)", Alike(Votes([0, 2, WayBack], 0.99), 0.2)),
        new("most of IM, silhouette, ClassAMI, way back, MixVal", Votes([0, 2, 3, WayBack, 4], 0.5)),
        new("most of ClassAMI, way back, MixVal between and within", Votes([3, WayBack, 4, 5], 0.5)),
    ];

    private static Func<GuardOutcome, GuardOutcome, double, bool> Votes(int[] scores, double share) =>
        (plain, adapted, shift) =>
            scores.Average(score => Vote(plain.Scores[score], adapted.Scores[score])) > share
            && Math.Exp(adapted.Scores[Classes]) >= Math.Exp(plain.Scores[Classes]) / 2;

    private static Func<GuardOutcome, GuardOutcome, double, bool> BackHolds(
        Func<GuardOutcome, GuardOutcome, double, bool> rule,
        double most
    ) =>
        (plain, adapted, shift) =>
            rule(plain, adapted, shift) && adapted.Scores[WayBack] >= plain.Scores[WayBack] - most;

    private static Func<GuardOutcome, GuardOutcome, double, bool> Alike(
        Func<GuardOutcome, GuardOutcome, double, bool> rule,
        double most
    ) => (plain, adapted, shift) => shift < most && rule(plain, adapted, shift);

    private static double Vote(double plain, double adapted) =>
        adapted > plain ? 1
        : adapted < plain ? 0
        : 0.5;
}
