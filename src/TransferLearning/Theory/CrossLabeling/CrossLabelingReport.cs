using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>How two domains' labelers read the same rows.</summary>
public sealed class CrossLabelingReport
{
    internal CrossLabelingReport() { }

    /// <summary>The share of rows that both read alike.</summary>
    public Estimate Agreement { get; internal init; }

    /// <summary>
    /// Cohen's kappa: 1 where they read alike, 0 where no more than chance; NaN where both name one class.
    /// </summary>
    public Estimate Kappa { get; internal init; }

    /// <summary>How many rows both read.</summary>
    public long Rows { get; internal init; }

    /// <summary>The confidence of the intervals.</summary>
    public double Confidence { get; internal init; }

    /// <summary>The share of rows that are read differently: the estimate of the change of labels.</summary>
    public Estimate LabelGap => new Estimate(1, 1, 1).Minus(Agreement);

    /// <summary>
    /// What part the change of labels has in a bound: <c>gap / (gap + source error + half of the distance)</c>.
    /// </summary>
    /// <param name="bound">The bound's terms for the same domains.</param>
    /// <returns>A share from 0 to 1; 0 where all terms are 0.</returns>
    public double ShareOf(AdaptationBoundReport bound)
    {
        ArgumentNullException.ThrowIfNull(bound);
        var gap = LabelGap.Value;
        return gap == 0 ? 0 : gap / (gap + bound.Knowable.Value);
    }

    /// <summary>The report in a sentence or two.</summary>
    public override string ToString()
    {
        var kappa = double.IsNaN(Kappa.Value) ? "kappa undefined: both name one class" : $"kappa {Kappa}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The labelers agree on {Agreement} of {Rows} rows ({100 * Confidence:0.#}% intervals), {kappa}. The rest "
                + $"is a change of labels, or an error of a labeler: no change of the inputs lowers it."
        );
    }
}
