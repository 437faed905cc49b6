using System.Globalization;

namespace TransferLearning.Evaluation;

/// <summary>What <see cref="DomainStream"/> found.</summary>
/// <param name="Accuracies">
/// The accuracy on every domain after every fit: line 0 is of the start, line i after target i; entry 0 of a line is
/// the source, entry j target j, counted from 1.
/// </param>
public sealed record StreamResult(IReadOnlyList<IReadOnlyList<AccuracyInterval>> Accuracies)
{
    /// <summary>The accuracy on each target right after it was adapted to: what a user of the stream meets.</summary>
    public IReadOnlyList<AccuracyInterval> OnArrival => [.. Accuracies.Skip(1).Select((line, i) => line[i + 1])];

    /// <summary>The mean of <see cref="OnArrival"/>.</summary>
    public double MeanOnArrival => OnArrival.Average(it => it.Value);

    /// <summary>The mean accuracy over the source and all targets after the last fit.</summary>
    public double MeanAtTheEnd => Accuracies[^1].Average(it => it.Value);

    /// <summary>
    /// Backward transfer: the mean over all targets but the last of the accuracy at the end less that on arrival;
    /// negative where the model forgets (Lopez-Paz and Ranzato 2017, "Gradient Episodic Memory for Continual
    /// Learning"). 0 for one target.
    /// </summary>
    public double BackwardTransfer
    {
        get
        {
            var (arrival, end) = (OnArrival, Accuracies[^1]);
            return arrival.Count < 2
                ? 0
                : arrival.Take(arrival.Count - 1).Select((it, i) => end[i + 1].Value - it.Value).Average();
        }
    }

    /// <summary>
    /// Forgetting: the mean over the source and all targets but the last of the best accuracy so far less that at the
    /// end (Chaudhry, Dokania, Ajanthan and Torr 2018, "Riemannian Walk for Incremental Learning"); negative where they
    /// end better than ever.
    /// </summary>
    public double Forgetting =>
        Enumerable
            .Range(0, Accuracies[0].Count - 1)
            .Average(j => Accuracies.Take(Accuracies.Count - 1).Max(line => line[j].Value) - Accuracies[^1][j].Value);

    /// <summary>A line a fit, then the means.</summary>
    public override string ToString() =>
        string.Join(
            Environment.NewLine,
            [
                .. Accuracies.Select(
                    (line, i) =>
                        string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "start" : $"after {i}")}: ")
                        + string.Join(
                            " ",
                            line.Select(it => (100 * it.Value).ToString("F1", CultureInfo.InvariantCulture))
                        )
                ),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"on arrival {100 * MeanOnArrival:F1}%, backward transfer {100 * BackwardTransfer:F1}, "
                ) + string.Create(CultureInfo.InvariantCulture, $"forgetting {100 * Forgetting:F1}"),
            ]
        );
}
