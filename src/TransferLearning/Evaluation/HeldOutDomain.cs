using System.Globalization;

namespace TransferLearning.Evaluation;

/// <summary>How well models fitted to the other domains read one that was held out.</summary>
/// <param name="Name">The domain's name.</param>
/// <param name="Fits">
/// The accuracy of each fit, in the order of the seeds, with the interval that the number of rows leaves.
/// </param>
public sealed record HeldOutDomain(string Name, IReadOnlyList<AccuracyInterval> Fits)
{
    /// <summary>The mean over the seeds.</summary>
    public double Mean => Fits.Average(fit => fit.Value);

    /// <summary>The standard deviation over the seeds, divided by their number less one; 0 for one seed.</summary>
    public double Spread =>
        Fits.Count < 2 ? 0 : Math.Sqrt(Fits.Sum(fit => (fit.Value - Mean) * (fit.Value - Mean)) / (Fits.Count - 1));

    /// <summary>
    /// The mean with Wilson's 95% interval for as many rows as one fit was judged on: what other rows of the domain
    /// would change. Other seeds' part is <see cref="Spread"/>.
    /// </summary>
    public AccuracyInterval Accuracy =>
        AccuracyInterval.Of((long)Math.Round(Mean * Fits[0].Count), Fits[0].Count) with
        {
            Value = Mean,
        };

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}: {Accuracy}, {100 * Spread:F1} over {Fits.Count} seed(s)");
}
