using MathNet.Numerics.Distributions;
using TransferLearning.Evaluation;

namespace Evaluate.Measuring;

/// <summary>One method's row of a table, over its seeds.</summary>
/// <param name="Table">The table.</param>
/// <param name="Method">The method.</param>
/// <param name="Outcomes">All of the method's outcomes in this table.</param>
public sealed record RowSummary(EvaluationTable Table, EvaluationMethod Method, IReadOnlyList<Outcome> Outcomes)
{
    private const double Confidence = 0.95;

    /// <summary>Why cells failed.</summary>
    public IEnumerable<string> Faults =>
        Outcomes.Where(outcome => !outcome.IsMeasured).Select(outcome => outcome.Fault);

    /// <summary>What fits warned of.</summary>
    public IEnumerable<string> Warnings =>
        Outcomes.Where(outcome => outcome.Warning.Length > 0).Select(outcome => outcome.Warning);

    /// <summary>Whether a fit warned, for each task.</summary>
    public IReadOnlyList<bool> IsWarned =>
        [.. Table.Tasks.Select(task => Of(task).Any(outcome => outcome.Warning.Length > 0))];

    /// <summary>The mean over the seeds for each task; NaN where one failed.</summary>
    public IReadOnlyList<double> Cells =>
        [.. Table.Tasks.Select(task => Of(task).Select(outcome => outcome.Value).DefaultIfEmpty(double.NaN).Average())];

    /// <summary>The mean over the tasks.</summary>
    public double Mean => Cells.Average();

    /// <summary>The mean time of one fit, in seconds.</summary>
    public double Seconds => Outcomes.Select(outcome => outcome.Seconds).DefaultIfEmpty(double.NaN).Average();

    /// <summary>
    /// Half the width of the mean's 95% interval: over several seeds that of Student's t, <c>t(n - 1) s / sqrt(n)</c>,
    /// of the seeds' means; with one seed that of k shares of n_i rows each,
    /// <c>1.96 / k sqrt(sum_i p_i (1 - p_i) / n_i)</c>; NaN for one seed of any other measure.
    /// </summary>
    public double Margin
    {
        get
        {
            if (Table.Seeds > 1)
            {
                var means = Outcomes.GroupBy(o => o.Seed).Select(seed => seed.Average(o => o.Value)).ToList();
                var mean = means.Average();
                var variance = means.Sum(value => Math.Pow(value - mean, 2)) / (means.Count - 1);
                var quantile = StudentT.InvCDF(0, 1, means.Count - 1, (1 + Confidence) / 2);
                return quantile * Math.Sqrt(variance / means.Count);
            }

            if (Table.Measure is not (Measure.Accuracy or Measure.Error))
            {
                return double.NaN;
            }

            var variances = Outcomes.Sum(o => o.Value * (100 - o.Value) / o.Rows);
            return Normal.InvCDF(0, 1, (1 + Confidence) / 2) * Math.Sqrt(variances) / Outcomes.Count;
        }
    }

    /// <summary>The tasks where this row is worse than another by more than some points, and no fit warned.</summary>
    /// <param name="baseline">The other row of the same table.</param>
    /// <param name="points">The points.</param>
    public IReadOnlyList<(string Task, double Loss)> UnwarnedLosses(RowSummary baseline, double points)
    {
        var sign = Table.Measure is Measure.Error or Measure.RootMeanSquare or Measure.MeanAbsolute ? -1 : 1;
        var losses = baseline.Cells.Zip(Cells, (without, with) => sign * (without - with));
        return
        [
            .. from cell in Table.Tasks.Zip(losses, IsWarned)
            where cell.Second > points && !cell.Third
            select (cell.First.Name, cell.Second),
        ];
    }

    /// <summary>
    /// Wilcoxon's signed-rank test of this row against another one of the same table, over all tasks and seeds that
    /// both have; null where there is none. Seeds of a task that change neither row count once.
    /// </summary>
    public WilcoxonTest? Against(RowSummary other)
    {
        var pairs = Outcomes
            .Join(
                other.Outcomes,
                o => (o.Task, o.Seed),
                o => (o.Task, o.Seed),
                (one, two) => (one.Task, First: one.Value, Second: two.Value)
            )
            .Where(pair => double.IsFinite(pair.First) && double.IsFinite(pair.Second))
            .Distinct()
            .ToList();
        return pairs.Count == 0
            ? null
            : WilcoxonTest.Of([.. pairs.Select(pair => pair.First)], [.. pairs.Select(pair => pair.Second)]);
    }

    /// <summary>The rows of a table.</summary>
    public static IReadOnlyList<RowSummary> Of(EvaluationTable table, IReadOnlyList<Outcome> outcomes) =>
        [
            .. table.Methods.Select(method => new RowSummary(
                table,
                method,
                [.. outcomes.Where(outcome => outcome.Table == table.Name && outcome.Method == method.Name)]
            )),
        ];

    private IEnumerable<Outcome> Of(EvaluationTask task) => Outcomes.Where(outcome => outcome.Task == task.Name);
}
