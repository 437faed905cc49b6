using MathNet.Numerics.Distributions;

namespace DigitAdaptation.Experiments;

/// <summary>All results of one method, over its seeds.</summary>
/// <param name="Method">The method.</param>
/// <param name="Results">One result a seed; at least one.</param>
/// <param name="TestImages">The number of test images behind every accuracy.</param>
public sealed record MethodSummary(DigitMethod Method, IReadOnlyList<MethodResult> Results, int TestImages)
{
    private const double Confidence = 0.95;

    /// <summary>The mean accuracy over the seeds, 0 to 1.</summary>
    public double Accuracy => Results.Average(result => result.Accuracy);

    /// <summary>The mean time of one training, in seconds.</summary>
    public double Seconds => Results.Average(result => result.Seconds);

    /// <summary>
    /// Half the width of the 95% interval around <see cref="Accuracy"/>: over several seeds that of Student's t,
    /// <c>t(n - 1) * s / sqrt(n)</c>; with one seed that of a share of n test images,
    /// <c>1.96 * sqrt(p (1 - p) / n)</c>.
    /// </summary>
    public double Margin
    {
        get
        {
            var mean = Accuracy;
            if (Results.Count == 1)
            {
                return Normal.InvCDF(0, 1, (1 + Confidence) / 2) * Math.Sqrt(mean * (1 - mean) / TestImages);
            }

            var freedom = Results.Count - 1;
            var variance = Results.Sum(result => Math.Pow(result.Accuracy - mean, 2)) / freedom;
            return StudentT.InvCDF(0, 1, freedom, (1 + Confidence) / 2) * Math.Sqrt(variance / Results.Count);
        }
    }

    /// <summary>The mean accuracy after every epoch, as far as all seeds have one.</summary>
    public IReadOnlyList<double> Curve =>
        [
            .. Enumerable
                .Range(0, Results.Min(result => result.Curve.Count))
                .Select(epoch => Results.Average(result => result.Curve[epoch])),
        ];

    /// <summary>The confusion matrices of all seeds, added up.</summary>
    public int[][] Confusion =>
        [
            .. Enumerable
                .Range(0, 10)
                .Select(row =>
                    Enumerable
                        .Range(0, 10)
                        .Select(column => Results.Sum(result => result.Confusion[row][column]))
                        .ToArray()
                ),
        ];
}
