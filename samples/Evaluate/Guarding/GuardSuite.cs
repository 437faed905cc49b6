using System.CommandLine;
using Evaluate.Data;
using Evaluate.Measuring;
using TransferLearning;
using TransferLearning.Instance;
using static TorchSharp.torch;

namespace Evaluate.Guarding;

/// <summary>Whether rules that decide without target labels decide rightly: <c>guard</c> on the command line.</summary>
internal static class GuardSuite
{
    /// <summary>One of so many source rows is held out for the validators that need labels.</summary>
    private const int HeldOut = 5;

    /// <summary>The command.</summary>
    public static Command Command() => EvaluateOptions.PageCommand("guard", "Is the guard right?", Run);

    private static int Run(string data, bool isFresh, CancellationToken cancellation)
    {
        var page = Path.Combine(RepositoryFolder.Path, "docs", "results", "guard.md");
        var journal = Path.ChangeExtension(page, ".csv");
        // They read every task's data: where some are missing, nothing is written.
        Dictionary<(string, string), double> shifts;
        try
        {
            shifts = LabelShifts(data, cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(
                $"{fault.Message}\nNo page was written. docs/results/data.md says what the folder of --data holds."
            );
            return 1;
        }

        // A file with other columns is of other validators, and is measured anew.
        var isKnown = !isFresh && File.Exists(journal) && File.ReadLines(journal).FirstOrDefault() == GuardOutcome.Head;
        var known = isKnown ? File.ReadLines(journal).Skip(1).Select(GuardOutcome.Read).ToList() : [];
        foreach (var task in GuardTasks.All(data))
        {
            cancellation.ThrowIfCancellationRequested();
            if (known.Exists(it => (it.Task, it.Kind) == (task.Name, task.Kind)))
            {
                continue;
            }

            using var scope = NewDisposeScope();
            known.AddRange(Measured(task, cancellation));
            WholeFile.Write(journal, [GuardOutcome.Head, .. known.Select(it => it.Line())]);
            Console.WriteLine($"{task.Name}, {task.Kind}");
        }

        File.WriteAllText(page, GuardPage.Of(known, shifts));
        Console.WriteLine($"Page: {page}");
        return 0;
    }

    private static Dictionary<(string, string), double> LabelShifts(string data, CancellationToken cancellation)
    {
        var shifts = new Dictionary<(string, string), double>();
        foreach (var task in GuardTasks.All(data))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (source, target) = task.Load();
            // Of the weights w of the classes and their shares p: sum p |w - 1| / 2.
            var weights = new MaximumLikelihoodLabelShift().Weigh(source, target.WithoutLabels(), FitContext.Seeded(1));
            shifts.Add((task.Name, task.Kind), (weights - 1).abs().to(float64).mean().item<double>() / 2);
        }

        return shifts;
    }

    private static List<GuardOutcome> Measured(GuardTask task, CancellationToken cancellation)
    {
        var (all, target) = task.Load();
        var (held, source) = all.Split(all.Count / HeldOut, seed: 5);
        var (features, classes) = ((int)source.Inputs.shape[1], (int)source.Space.Width);
        var unlabeled = target.WithoutLabels();
        var domains = new DomainSet([source], unlabeled);
        var outcomes = new List<GuardOutcome>();
        var plain = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // Those without adaptation come first.
        foreach (var method in GuardMethods.Names)
        {
            using var model = GuardMethods
                .Chain(method, features, classes)
                .Fit(source, unlabeled, GuardMethods.Options, cancellationToken: cancellation);
            double[] scores =
            [
                .. GuardMethods
                    .Scores(method, features, classes, held)
                    .Select(score => score.Score(model.Extractor, model.Predictor, domains)),
            ];
            var own = model.PredictProbabilities(target.Inputs);
            var other = plain.GetValueOrDefault(GuardMethods.PlainOf(method), own);
            plain[method] = own;
            outcomes.Add(
                new GuardOutcome(
                    task.Name,
                    task.Kind,
                    task.IsDevelopment,
                    method,
                    Right(own),
                    Right(own + other),
                    1 - own.argmax(1).eq(other.argmax(1)).to(float64).mean().item<double>(),
                    scores
                )
            );
        }

        return outcomes;

        double Right(Tensor shares) => shares.argmax(1).eq(target.Labels).to(float64).mean().item<double>();
    }
}
