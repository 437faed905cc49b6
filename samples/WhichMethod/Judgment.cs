using System.Globalization;
using System.Text;
using TorchSharp;
using TransferLearning;
using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace WhichMethod;

/// <summary>How good the choice was, by target labels that nothing before has read.</summary>
/// <param name="Accuracies">The accuracy of every candidate, fitted once more with seed 0.</param>
/// <param name="Chosen">The accuracy of the model that was kept.</param>
/// <param name="Plain">The accuracy without adaptation, of the same kind.</param>
internal sealed record Judgment(
    IReadOnlyList<(string Name, double Accuracy)> Accuracies,
    AccuracyInterval Chosen,
    double Plain
)
{
    /// <summary>What the choice lost against the best candidate.</summary>
    public double Regret => Accuracies.Max(one => one.Accuracy) - Chosen.Value;

    /// <summary>Fits every candidate once more and judges them all.</summary>
    public static Judgment Of(Problem problem, Candidates candidates, Choice choice, CancellationToken cancellation)
    {
        var labels = problem.TargetLabels();
        var accuracies = new List<(string, double)>();
        foreach (var candidate in candidates.List)
        {
            using var model = candidate
                .Chain()
                .Fit(problem.Source, problem.Target, Candidates.Options, cancellationToken: cancellation);
            using var classes = model.PredictClasses(problem.Target.Inputs);
            accuracies.Add((candidate.Name, classes.eq(labels).to(float64).mean().ToDouble()));
        }

        using var chosen = choice.Model.PredictClasses(problem.Target.Inputs);
        var plain = candidates.PlainOf(candidates.Named(choice.Name)).Name;
        return new Judgment(
            accuracies,
            AccuracyInterval.Of(chosen, labels),
            accuracies.Single(one => one.Item1 == plain).Item2
        );
    }

    /// <summary>A line for every candidate, the best first, then the choice.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("\nby the target's labels, which nothing above has read:\n");
        foreach (var (name, accuracy) in Accuracies.OrderByDescending(one => one.Accuracy))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name, -22}{accuracy:P1}");
        }

        return text.AppendLine(
                CultureInfo.InvariantCulture,
                $"chosen {Chosen:P1}, without adaptation {Plain:P1}, regret {Regret:P1}"
            )
            .ToString();
    }
}
