using MathNet.Numerics.Distributions;

namespace TransferLearning.Evaluation;

/// <summary>The mean accuracy of fits that differ by their seeds, with its interval.</summary>
internal static class SeedInterval
{
    /// <summary>
    /// Over several seeds Student's 95% interval <c>mean +- t(n - 1) s / sqrt(n)</c>, kept within 0 and 1: what other
    /// seeds would change. Of one seed Wilson's: what other rows would change.
    /// </summary>
    public static AccuracyInterval Of(IReadOnlyList<AccuracyInterval> fits)
    {
        if (fits.Count == 1)
        {
            return fits[0];
        }
        var mean = fits.Average(fit => fit.Value);
        var half = HalfWidth([.. fits.Select(fit => fit.Value)]);
        return new AccuracyInterval(mean, Math.Max(0, mean - half), Math.Min(1, mean + half), fits[0].Count);
    }

    /// <summary><c>t(n - 1) s / sqrt(n)</c> of some values, 95%; NaN of one.</summary>
    public static double HalfWidth(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
        {
            return double.NaN;
        }
        var mean = values.Average();
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return StudentT.InvCDF(0, 1, values.Count - 1, 0.975) * Math.Sqrt(variance / values.Count);
    }
}
