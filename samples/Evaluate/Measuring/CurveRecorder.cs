using TransferLearning.Training;

namespace Evaluate.Measuring;

/// <summary>Keeps the mean of every objective over twentieths of each training of a fit.</summary>
internal sealed class CurveRecorder : ITrainingObserver
{
    private const int Parts = 20;

    private readonly List<OrderedDictionary<string, Sums>> trainings = [];

    /// <inheritdoc/>
    public void OnStep(StepReport report)
    {
        if (report.Step == 1)
        {
            trainings.Add([]);
        }

        var part = (int)((report.Step - 1) * Parts / report.Steps);
        foreach (var repeats in report.Objectives.GroupBy(objective => objective.Name))
        {
            foreach (var (index, (name, value)) in repeats.Index())
            {
                var title = index == 0 ? name : $"{name} {index + 1}";
                if (!trainings[^1].TryGetValue(title, out var sums))
                {
                    trainings[^1].Add(title, sums = new Sums());
                }

                sums.Add(part, value);
            }
        }
    }

    /// <summary>The curves of the fit that was looked at.</summary>
    public IEnumerable<ObjectiveCurve> Curves(string table, string task, string method, int seed) =>
        from training in trainings.Index()
        from objective in training.Item
        let title = trainings.Count > 1 ? $"{training.Index + 1}: {objective.Key}" : objective.Key
        select new ObjectiveCurve(table, task, method, seed, title, objective.Value.Means());

    // An objective that is not asked in every step has parts without a value.
    private sealed class Sums
    {
        private readonly (double Sum, int Count)[] parts = new (double, int)[Parts];

        public void Add(int part, double value) => parts[part] = (parts[part].Sum + value, parts[part].Count + 1);

        public double[] Means() => [.. parts.Where(part => part.Count > 0).Select(part => part.Sum / part.Count)];
    }
}
