namespace Evaluate.Guarding;

/// <summary>Decides from the scores of a plain and an adapted model which is kept.</summary>
/// <param name="Name">The rule in words.</param>
/// <param name="Decide">Says what is kept.</param>
internal sealed record GuardRule(string Name, Func<GuardPair, GuardChoice> Decide)
{
    private const string GuardsName = "most of IM, silhouette, ClassAMI, way back";
    private const double All3 = 0.99;
    private const int Silhouette = 2;
    private const int ClassAmi = 3;
    private const int MixBetween = 4;
    private const int MixWithin = 5;
    private const int WayBack = 7;
    private const int Classes = 8;
    private const int Iwv = 12;

    private static readonly int[] Three = [0, Silhouette, WayBack];

    /// <summary>The rules that are compared. The first two are no rules.</summary>
    public static IReadOnlyList<GuardRule> All { get; } =
    [
        new("never adapt", _ => GuardChoice.Plain),
        new("always adapt", _ => GuardChoice.Adapted),
        new("most of IM, silhouette, way back", Else(Votes(Three, 0.5))),
        new("all of IM, silhouette, way back", Else(Votes(Three, All3))),
        new("always the mixture", _ => GuardChoice.Mixture),
        new("most, else the mixture", ElseMixture(Three, Votes(Three, 0.5))),
        new("all, else the mixture", ElseMixture(Three, Votes(Three, All3))),
        new("all: the mixture, else plain", pair => Votes(Three, All3)(pair) ? GuardChoice.Mixture : GuardChoice.Plain),
        new("most: the mixture, else plain", pair => Votes(Three, 0.5)(pair) ? GuardChoice.Mixture : GuardChoice.Plain),
        new(
            "all; most: the mixture; else plain",
            pair =>
                Votes(Three, All3)(pair) ? GuardChoice.Adapted
                : Votes(Three, 0.5)(pair) ? GuardChoice.Mixture
                : GuardChoice.Plain
        ),
        new("most, and they disagree on at most 30 %", Else(Near(Votes(Three, 0.5), 0.3))),
        new("most, and the way back is not worse", Else(BackHolds(Votes(Three, 0.5), 0))),
        new("most, and the way back is at most 2 points worse", Else(BackHolds(Votes(Three, 0.5), 0.02))),
        new("the way back is better", Else(Votes([WayBack], 0.5))),
        new("most, and class shares alike (label shift below 0.2)", Else(Alike(Votes(Three, 0.5), 0.2))),
        new(
            "most of IM, silhouette, ClassAMI, way back, MixVal",
            Else(Votes([0, Silhouette, ClassAmi, WayBack, MixBetween], 0.5))
        ),
        new(
            "most of ClassAMI, way back, MixVal between and within",
            Else(Votes([ClassAmi, WayBack, MixBetween, MixWithin], 0.5))
        ),
        new(GuardsName, Else(Votes([0, Silhouette, ClassAmi, WayBack], 0.5))),
        new("all of IM, silhouette, ClassAMI, way back", Else(Votes([0, Silhouette, ClassAmi, WayBack], All3))),
        new("three of IM, silhouette, way back, IWV", Else(Votes([0, Silhouette, WayBack, Iwv], 0.7))),
    ];

    /// <summary>The rule of <c>NegativeTransferGuard</c>.</summary>
    public static GuardRule Guards => All.Single(rule => rule.Name == GuardsName);

    private static Func<GuardPair, GuardChoice> Else(Func<GuardPair, bool> adapts) =>
        pair => adapts(pair) ? GuardChoice.Adapted : GuardChoice.Plain;

    // As the guard falls back to a mixture: not where the adapted one has collapsed or has no vote.
    private static Func<GuardPair, GuardChoice> ElseMixture(int[] scores, Func<GuardPair, bool> adapts) =>
        pair =>
            adapts(pair) ? GuardChoice.Adapted
            : Votes(scores, 0)(pair) ? GuardChoice.Mixture
            : GuardChoice.Plain;

    private static Func<GuardPair, bool> Votes(int[] scores, double share) =>
        pair =>
            scores.Average(score => Vote(pair.Plain.Scores[score], pair.Adapted.Scores[score])) > share
            && Math.Exp(pair.Adapted.Scores[Classes]) >= Math.Exp(pair.Plain.Scores[Classes]) / 2;

    private static Func<GuardPair, bool> BackHolds(Func<GuardPair, bool> rule, double most) =>
        pair => rule(pair) && pair.Adapted.Scores[WayBack] >= pair.Plain.Scores[WayBack] - most;

    private static Func<GuardPair, bool> Alike(Func<GuardPair, bool> rule, double most) =>
        pair => pair.LabelShift < most && rule(pair);

    private static Func<GuardPair, bool> Near(Func<GuardPair, bool> rule, double most) =>
        pair => pair.Adapted.Disagreement <= most && rule(pair);

    private static double Vote(double plain, double adapted) =>
        adapted > plain ? 1
        : adapted < plain ? 0
        : 0.5;
}
