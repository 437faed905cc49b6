using System.Globalization;
using System.Text;

namespace Evaluate.Guarding;

/// <summary>What rules and validators are worth, as a page.</summary>
internal static class GuardPage
{
    private const double Harm = 0.02;

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
            features) and digits of MNIST and USPS (256 gray values). Each pair comes in four kinds: as it is; with a
            tenth of the target's rows of the upper half of the classes; without them; and with the source's labels
            shuffled, so that nothing can be learned. CORAL, SA and KMM stand against logistic regression, DANN and MCC
            against the network without adaptation: {development.Count} decisions on the pairs where rules were looked at,
            {judged.Count} on the others, which judge.

            ## Rules
            Accuracy of what a rule keeps, in percent, and how often it kept a model that is worse by more than 2
            points ("harm"), or refused one that is better by more than 2 ("missed"). "Most" and "all" are votes of IM,
            the silhouette and the way back, as in `NegativeTransferGuard`; the label shift is the total variation of
            the source's class shares and the target's that MLLS estimates, without target labels.


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

        var chosen = GuardRule.All.MaxBy(rule => Kept(development, rule))!;
        page.Append(
            CultureInfo.InvariantCulture,
            $"\nThe pairs that were looked at choose \"{chosen.Name}\".\nOn the judged ones it keeps "
                + $"{Percent(Kept(judged, chosen))}, never adapting {Percent(Kept(judged, GuardRule.All[0]))}, the guard's "
                + $"rule {Percent(Kept(judged, GuardRule.All[2]))}.\n"
        );

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

        page.Append(
            """

            ## Validators
            Within each task: Spearman's correlation of a validator's values and the accuracies of the seven models,
            and the regret, how much the model that it likes best is worse than the best one, in points. Means over
            tasks, those with shuffled labels left out.


            """
        );
        Line(page, ["validator", "correlation, looked at", "regret", "correlation, judged", "regret"]);
        Line(page, Enumerable.Repeat("---", 5));
        foreach (var (score, name) in GuardMethods.ScoreNames.Index())
        {
            Line(page, [name, .. Worth(outcomes, true, score), .. Worth(outcomes, false, score)]);
        }
        return page.ToString();
    }

    private static double Best(Pair pair) => Math.Max(pair.Plain.Accuracy, pair.Adapted.Accuracy);

    private static List<Pair> Pairs(
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
            select new Pair(plain, adapted, shifts[(adapted.Task, adapted.Kind)]),
        ];

    private static string[] Figures(List<Pair> pairs, GuardRule rule)
    {
        var decided = pairs.ConvertAll(pair => (Pair: pair, Adapts: Adapts(pair, rule)));
        return
        [
            Percent(Kept(pairs, rule)),
            $"{decided.Count(it => it.Adapts && it.Pair.Gain < -Harm)}",
            $"{decided.Count(it => !it.Adapts && it.Pair.Gain > Harm)}",
        ];
    }

    private static double Kept(List<Pair> pairs, GuardRule rule) =>
        pairs.Average(pair => Adapts(pair, rule) ? pair.Adapted.Accuracy : pair.Plain.Accuracy);

    private static bool Adapts(Pair pair, GuardRule rule) => rule.Adapts(pair.Plain, pair.Adapted, pair.LabelShift);

    private static string[] Worth(IReadOnlyList<GuardOutcome> outcomes, bool isDevelopment, int score)
    {
        var tasks = outcomes
            .Where(it => it.IsDevelopment == isDevelopment && it.Kind != "labels shuffled")
            .GroupBy(it => (it.Task, it.Kind))
            .Select(task => task.ToList())
            .ToList();
        var correlation = tasks.Average(task =>
            Spearman([.. task.Select(it => it.Scores[score])], [.. task.Select(it => it.Accuracy)])
        );
        var regret = tasks.Average(task => task.Max(it => it.Accuracy) - task.MaxBy(it => it.Scores[score])!.Accuracy);
        return [correlation.ToString("0.00", CultureInfo.InvariantCulture), Points(regret)];
    }

    private static double Spearman(double[] left, double[] right)
    {
        var (a, b) = (Ranks(left), Ranks(right));
        var (meanA, meanB) = (a.Average(), b.Average());
        var shared = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        var spread = Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
        return spread > 0 ? shared / spread : 0;
    }

    private static double[] Ranks(double[] values) =>
        Array.ConvertAll(
            values,
            value => values.Count(other => other < value) + (values.Count(other => other == value) / 2.0)
        );

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private sealed record Pair(GuardOutcome Plain, GuardOutcome Adapted, double LabelShift)
    {
        public double Gain => Adapted.Accuracy - Plain.Accuracy;
    }
}
