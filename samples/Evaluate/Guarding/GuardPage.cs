using System.Globalization;
using System.Text;
using TransferLearning.Evaluation;

namespace Evaluate.Guarding;

/// <summary>What rules and validators are worth, as a page.</summary>
internal static class GuardPage
{
    private const double Harm = 0.02;
    private const double MostLoss = 0.01;
    private const double LeastGain = 0.8;

    /// <summary>The page.</summary>
    /// <param name="outcomes">What was measured.</param>
    /// <param name="shifts">The estimated total variation of the class shares of each task.</param>
    public static string Of(
        IReadOnlyList<GuardOutcome> outcomes,
        IReadOnlyDictionary<(string Task, string Kind), double> shifts
    )
    {
        var (development, judged) = (Pairs(outcomes, true, shifts), Pairs(outcomes, false, shifts));
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Is the guard right?

            `dotnet run -c Release --project samples/Evaluate -- guard` makes this page and the CSV file beside it, one
            line a model. Eight pairs of domains, 400 rows of each: photographs, paintings and cartoons (PACS, ResNet-18
            features) and digits of MNIST and USPS (256 gray values). A fifth of the source's rows is held out for the
            validators that need labels. Each pair comes in five kinds: as it is; with a tenth of the target's rows of
            the upper half of the classes; without them; with disjoint supports, where along the first principal
            direction within the domains the source keeps its rows below its median and the target its rows above its
            own; and with the source's labels shuffled, so that nothing can be learned. CORAL, SA and KMM stand against logistic
            regression, DANN and MCC against the network without adaptation: {development.Count} decisions on the pairs
            where rules were looked at, {judged.Count} on the others, which judge.

            ## Rules
            Accuracy of what a rule keeps, in percent, and how often it kept what is worse than the model without
            adaptation by more than 2 points ("harm"), or refused a model that is better by more than 2 ("missed").
            "Most" and "all" are votes of IM, the silhouette and the way back; the mixture is the mean of both models'
            probabilities; the label shift is the total variation of the source's class shares and the target's that
            MLLS estimates, without target labels.


            """
        );
        Line(page, ["rule", "looked at", "harm", "missed", "judged", "harm", "missed"]);
        Line(page, Enumerable.Repeat("---", 7));
        foreach (var rule in GuardRule.All)
        {
            Line(page, [rule.Name, .. Figures(development, rule), .. Figures(judged, rule)]);
        }
        string[] best = [Percent(development.Average(Best)), "0", "0", Percent(judged.Average(Best)), "0", "0"];
        Line(page, ["the better one, by target labels", .. best]);

        var chosen = Bars(page, development, judged);
        Failures(page, judged, chosen);

        page.Append("\n## Where adaptation helps, by kind, judged pairs\nMean gain of each method, in points.\n\n");
        string[] methods = [.. judged.Select(pair => pair.Adapted.Method).Distinct()];
        Line(page, ["kind", .. methods]);
        Line(page, Enumerable.Repeat("---", methods.Length + 1));
        foreach (var kind in judged.GroupBy(pair => pair.Plain.Kind))
        {
            var gains = methods.Select(method =>
                Points(kind.Where(it => it.Adapted.Method == method).Average(it => it.Gain))
            );
            Line(page, [kind.Key, .. gains]);
        }

        Validators(page, outcomes);
        return page.ToString();
    }

    private static double Best(GuardPair pair) => Math.Max(pair.Plain.Accuracy, pair.Adapted.Accuracy);

    private static List<GuardPair> Pairs(
        IReadOnlyList<GuardOutcome> outcomes,
        bool isDevelopment,
        IReadOnlyDictionary<(string Task, string Kind), double> shifts
    ) =>
        [
            .. from adapted in outcomes
            where adapted.IsDevelopment == isDevelopment && GuardMethods.PlainOf(adapted.Method) != adapted.Method
            let plain = outcomes.Single(it =>
                (it.Task, it.Kind, it.Method) == (adapted.Task, adapted.Kind, GuardMethods.PlainOf(adapted.Method))
            )
            select new GuardPair(plain, adapted, shifts[(adapted.Task, adapted.Kind)]),
        ];

    private static string[] Figures(List<GuardPair> pairs, GuardRule rule) =>
        [
            Percent(pairs.Average(pair => pair.Kept(rule))),
            $"{pairs.Count(pair => pair.Change(rule) < -Harm)}",
            $"{pairs.Count(pair => pair.Gain > Harm && rule.Decide(pair) == GuardChoice.Plain)}",
        ];

    /// <summary>The mean loss where adapting hurts, and the share of the gain that is kept where it helps.</summary>
    private static (double Loss, double Gain) Kept(List<GuardPair> pairs, GuardRule rule)
    {
        var helping = pairs.FindAll(pair => pair.Gain > 0);
        return (
            pairs.Where(pair => pair.Gain < 0).Select(pair => -pair.Change(rule)).DefaultIfEmpty(0).Average(),
            helping.Count == 0 ? 1 : helping.Sum(pair => pair.Change(rule)) / helping.Sum(pair => pair.Gain)
        );
    }

    private static GuardRule Bars(StringBuilder page, List<GuardPair> development, List<GuardPair> judged)
    {
        var (hurting, helping) = (judged.Count(pair => pair.Gain < 0), judged.Count(pair => pair.Gain > 0));
        page.Append(
            CultureInfo.InvariantCulture,
            $"""

            ## Does a rule do what a guard is for?
            Two bars: where adapting hurts, by target labels, a rule loses on average at most 1 point to the model
            without adaptation; where it helps, the rule keeps at least 80 % of the gain. Adapting hurts in {hurting}
            of the judged decisions and helps in {helping}.


            """
        );
        Line(
            page,
            [
                "rule",
                "looked at: loss where it hurts, points",
                "gain kept where it helps, %",
                "judged: loss",
                "gain kept",
                "judged, both bars",
            ]
        );
        Line(page, Enumerable.Repeat("---", 6));
        foreach (var rule in GuardRule.All)
        {
            var (seen, own) = (Kept(development, rule), Kept(judged, rule));
            Line(
                page,
                [
                    rule.Name,
                    Loss(seen.Loss),
                    Percent(seen.Gain),
                    Loss(own.Loss),
                    Percent(own.Gain),
                    HoldsBoth(own) ? "yes" : "no",
                ]
            );
        }

        var chosen = GuardRule.All.MaxBy(rule => development.Average(pair => pair.Kept(rule)))!;
        var (guard, other) = (Kept(judged, GuardRule.Guards), Kept(judged, chosen));
        var said =
            chosen == GuardRule.Guards
                ? $"""
                    The pairs that were looked at choose "{chosen.Name}",
                    by the accuracy of what it keeps, and the guard has that rule. On the judged pairs it
                    {Words(other)}.
                    """
                : $"""
                    The guard's own rule is "{GuardRule.Guards.Name}". On the judged pairs it
                    {Words(guard)}.
                    The pairs that were looked at choose "{chosen.Name}",
                    by the accuracy of what it keeps. On the judged pairs it
                    {Words(other)}.
                    """;
        page.Append(
            CultureInfo.InvariantCulture,
            $"""

            {said}

            By kind, judged pairs: the loss where adapting hurts, in points, and the share of the gain that is kept
            where it helps, in percent.


            """
        );
        GuardRule[] both = [.. new[] { GuardRule.Guards, chosen }.Distinct()];
        Line(page, ["kind", .. both.Select(rule => rule.Name)]);
        Line(page, Enumerable.Repeat("---", both.Length + 1));
        foreach (var kind in judged.GroupBy(pair => pair.Plain.Kind))
        {
            List<GuardPair> pairs = [.. kind];
            Line(
                page,
                [
                    kind.Key,
                    .. both.Select(rule => Kept(pairs, rule)).Select(it => $"{Loss(it.Loss)}, {Percent(it.Gain)}"),
                ]
            );
        }
        return chosen;

        static string Words((double Loss, double Gain) kept) =>
            $"loses {Loss(kept.Loss)} points where adapting hurts and keeps {Percent(kept.Gain)} % of the gain where "
            + $"it helps, which {(HoldsBoth(kept) ? "holds both bars" : "does not hold both bars")}";
    }

    private static bool HoldsBoth((double Loss, double Gain) kept) => kept.Loss <= MostLoss && kept.Gain >= LeastGain;

    private static void Failures(StringBuilder page, List<GuardPair> judged, GuardRule chosen)
    {
        GuardRule[] rules = [.. new[] { GuardRule.Guards, chosen }.Distinct()];
        foreach (var rule in rules)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"\n## Where \"{rule.Name}\" fails\nJudged decisions that lose more than 1 point to the model without "
                    + $"adaptation, or keep less than\n80 % of a gain of more than 2.\n\n"
            );
            Line(page, ["pair", "kind", "method", "kept", "gain of adapting", "of what is kept"]);
            Line(page, Enumerable.Repeat("---", 6));
            var failures = judged
                .Where(pair =>
                    pair.Change(rule) < -MostLoss || (pair.Gain > Harm && pair.Change(rule) < LeastGain * pair.Gain)
                )
                .OrderBy(pair => pair.Change(rule) - Math.Max(0, pair.Gain));
            foreach (var pair in failures)
            {
                var (adapted, kept) = (pair.Adapted, rule.Decide(pair).ToString().ToLowerInvariant());
                Line(
                    page,
                    [adapted.Task, adapted.Kind, adapted.Method, kept, Points(pair.Gain), Points(pair.Change(rule))]
                );
            }
        }
    }

    private static void Validators(StringBuilder page, IReadOnlyList<GuardOutcome> outcomes)
    {
        page.Append(
            """

            ## Validators
            Within each task: Spearman's correlation of a validator's values and the accuracies of the seven models,
            and the regret, how much the model that it likes best is worse than the best one, in points
            (`ScoreWorth`). Means over tasks, those with shuffled labels left out.


            """
        );
        Line(page, ["validator", "correlation, looked at", "regret", "correlation, judged", "regret"]);
        Line(page, Enumerable.Repeat("---", 5));
        foreach (var (score, name) in GuardMethods.ScoreNames.Index())
        {
            var halves = new[] { true, false }.SelectMany(half =>
                Worth(outcomes.Where(it => it.IsDevelopment == half && IsLearnable(it)), score)
            );
            Line(page, [name, .. halves]);
        }

        string[] kinds = [.. outcomes.Where(IsLearnable).Select(it => it.Kind).Distinct()];
        page.Append("\nBy kind, all pairs: correlation and regret.\n\n");
        Line(page, ["validator", .. kinds]);
        Line(page, Enumerable.Repeat("---", kinds.Length + 1));
        foreach (var (score, name) in GuardMethods.ScoreNames.Index())
        {
            var cells = kinds.Select(kind => string.Join(", ", Worth(outcomes.Where(it => it.Kind == kind), score)));
            Line(page, [name, .. cells]);
        }
    }

    private static bool IsLearnable(GuardOutcome outcome) => outcome.Kind != "labels shuffled";

    private static string[] Worth(IEnumerable<GuardOutcome> outcomes, int score)
    {
        var worth = ScoreWorth.Mean([
            .. outcomes
                .GroupBy(it => (it.Task, it.Kind))
                .Select(task =>
                    ScoreWorth.Of(
                        task.Select(it => it.Scores[score]).ToArray(),
                        task.Select(it => it.Accuracy).ToArray()
                    )
                ),
        ]);
        return [worth.Spearman.ToString("0.00", CultureInfo.InvariantCulture), Points(worth.Regret)];
    }

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Loss(double share) => (100 * share).ToString("0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
