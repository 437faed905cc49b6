using System.Diagnostics;
using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace Evaluate.Measuring;

/// <summary>Measures every method of every table on every task with every seed.</summary>
/// <remarks>
/// A method that fails leaves its fault in the table and the run goes on; a task whose data cannot be read ends it.
/// Each outcome goes to the journal at once: a run that was stopped goes on where it was.
/// </remarks>
/// <param name="tables">What to measure.</param>
/// <param name="journal">Where outcomes are kept while the run lasts.</param>
/// <param name="curves">Where the curves of tables that have them are kept.</param>
/// <param name="progress">Who looks on.</param>
public sealed class EvaluationRun(
    IReadOnlyList<EvaluationTable> tables,
    OutcomeFile journal,
    CurveFile curves,
    IEvaluationProgress progress
)
{
    /// <summary>Runs what the journal does not hold yet.</summary>
    /// <returns>All outcomes, in the tables' order.</returns>
    /// <exception cref="OperationCanceledException">
    /// The run was stopped; the journal keeps what was measured.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// A task's data, or the journal, cannot be read; the journal keeps what was measured.
    /// </exception>
    public IReadOnlyList<Outcome> Run(CancellationToken cancellation)
    {
        var known = journal.Read().ToDictionary(outcome => (outcome.Table, outcome.Task, outcome.Method, outcome.Seed));
        var drawn = curves
            .Read()
            .Where(curve => known.ContainsKey((curve.Table, curve.Task, curve.Method, curve.Seed)))
            .ToList();
        var outcomes = new List<Outcome>();
        foreach (var table in tables)
        {
            for (var seed = 1; seed <= table.Seeds; seed++)
            {
                foreach (var task in table.Tasks)
                {
                    using var scope = NewDisposeScope();
                    var data = new Lazy<TaskData>(() => Loaded(table, task, seed));
                    foreach (var method in table.Methods)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        if (!known.TryGetValue((table.Name, task.Name, method.Name, seed), out var outcome))
                        {
                            progress.Started(table, task, method, seed);
                            var recorder = new CurveRecorder();
                            outcome = Measured(table, task, method, seed, data.Value, recorder, cancellation);
                            if (table.HasCurves)
                            {
                                drawn.AddRange(recorder.Curves(table.Name, task.Name, method.Name, seed));
                                curves.Write(drawn);
                            }

                            known.Add((table.Name, task.Name, method.Name, seed), outcome);
                            journal.Write(known.Values);
                        }

                        outcomes.Add(outcome);
                        progress.Finished(table, outcome);
                    }
                }
            }
        }

        return outcomes;
    }

    // Data that is not there says nothing of the methods.
    private static TaskData Loaded(EvaluationTable table, EvaluationTask task, int seed)
    {
        try
        {
            return task.Load(seed);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw new InvalidDataException(
                $"The data of {table.Name}, {task.Name} cannot be read: {fault.Message}",
                fault
            );
        }
    }

    private static Outcome Measured(
        EvaluationTable table,
        EvaluationTask task,
        EvaluationMethod method,
        int seed,
        TaskData domains,
        CurveRecorder recorder,
        CancellationToken cancellation
    )
    {
        var clock = new Stopwatch();
        var warnings = new WarningLog();
        try
        {
            using var scope = NewDisposeScope();
            clock.Start();
            var options = new FitOptions
            {
                Seed = seed,
                Logger = warnings,
                Observers = [recorder],
            };
            using var model = method.Fit(domains, options, cancellation);
            clock.Stop();
            var predicted = model.Predict(domains.Judged.Inputs);
            return new Outcome(
                table.Name,
                task.Name,
                method.Name,
                seed,
                Value(table.Measure, predicted, domains),
                domains.Judged.Count,
                clock.Elapsed.TotalSeconds,
                Fault: "",
                warnings.First
            );
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new Outcome(
                table.Name,
                task.Name,
                method.Name,
                seed,
                double.NaN,
                Rows: 0,
                clock.Elapsed.TotalSeconds,
                $"{fault.GetType().Name}: {fault.Message}",
                warnings.First
            );
        }
    }

    private static double Value(Measure measure, Tensor predicted, TaskData domains)
    {
        var labels = domains.Judged.Labels;
        return measure switch
        {
            Measure.Accuracy => 100 * AccuracyInterval.Of(predicted, labels).Value,
            Measure.Error => 100 * (1 - AccuracyInterval.Of(predicted, labels).Value),
            Measure.HarmonicScore => 100
                * OpenSetAccuracy.Of(predicted, labels, domains.Source.Space.Width).Harmonic.Value,
            Measure.GeneralizedScore => 100
                * GeneralizedAccuracy
                    .Of(predicted, labels, domains.Source.Labels.bincount(null, domains.Source.Space.Width).gt(0))
                    .HarmonicMean,
            Measure.MeanAbsolute => domains.Unit * RegressionMetrics.Of(predicted, labels).Mae,
            _ => RegressionMetrics.Of(predicted, labels).Rmse,
        };
    }
}
