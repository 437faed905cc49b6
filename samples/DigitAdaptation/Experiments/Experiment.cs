using System.Diagnostics;
using DigitAdaptation.Digits;

namespace DigitAdaptation.Experiments;

/// <summary>Trains methods on a task, each with several seeds, and judges them on the target's test images.</summary>
/// <param name="methods">The methods, in the order of the table.</param>
/// <param name="seeds">The number of seeds, from 1 on.</param>
/// <param name="epochs">How long networks are trained.</param>
public sealed class Experiment(IReadOnlyList<DigitMethod> methods, int seeds, int epochs)
{
    /// <summary>
    /// Runs everything. Seeds are the outer loop, so that a run that is broken off has compared all methods as far
    /// as it came.
    /// </summary>
    public TaskResults Run(DigitTask task, IExperimentProgress progress)
    {
        var results = methods.ToDictionary(method => method, _ => new List<MethodResult>());
        for (var seed = 1; seed <= seeds; seed++)
        {
            foreach (var method in methods)
            {
                progress.Started(method, seed);
                var result = Train(method, task, seed, progress);
                results[method].Add(result);
                progress.Finished(method, result);
            }
        }

        return new TaskResults(
            task,
            epochs,
            [.. methods.Select(method => new MethodSummary(method, results[method], task.TargetTest.Count))]
        );
    }

    private MethodResult Train(DigitMethod method, DigitTask task, int seed, IExperimentProgress progress)
    {
        var curve = new List<double>();
        var run = new MethodRun(
            task,
            seed,
            epochs,
            reached =>
            {
                curve.Add(reached);
                progress.Epoch(method, curve.Count, reached);
            }
        );
        var clock = Stopwatch.StartNew();
        var outcome = method.Train(run);
        var seconds = clock.Elapsed.TotalSeconds;
        var confusion = Confusion(task.TargetTest.Labels, outcome.Predictions);
        var correct = Enumerable.Range(0, 10).Sum(digit => confusion[digit][digit]);
        var accuracy = (double)correct / task.TargetTest.Count;
        if (curve.Count > 0 && curve[^1] != accuracy)
        {
            curve.Add(accuracy);
        }

        return new MethodResult(
            method.Name,
            seed,
            accuracy,
            seconds,
            curve,
            confusion,
            outcome.Features,
            outcome.Diagnosis
        );
    }

    private static int[][] Confusion(long[] digits, IReadOnlyList<long> predictions)
    {
        if (digits.Length != predictions.Count)
        {
            throw new InvalidOperationException(
                $"There are {digits.Length} test images, but {predictions.Count} predictions."
            );
        }

        var counts = new int[10][];
        for (var digit = 0; digit < counts.Length; digit++)
        {
            counts[digit] = new int[10];
        }

        for (var i = 0; i < digits.Length; i++)
        {
            counts[digits[i]][predictions[i]]++;
        }

        return counts;
    }
}
