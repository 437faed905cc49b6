using System.Globalization;

namespace TransferLearning.Selection;

/// <summary>How near a source is to the target.</summary>
/// <param name="Source">Its place among the sources, from 0.</param>
/// <param name="Distance">Its proxy A-distance to the target, from 0 to 2.</param>
/// <param name="Low">The lower end of the distance's interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Weight">Its weight, with mean 1 over the sources.</param>
public sealed record RankedSource(int Source, double Distance, double Low, double High, double Weight)
{
    /// <summary>The source in a few words.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"source {Source}: distance {Distance:F2} [{Low:F2}, {High:F2}], weight {Weight:F2}"
        );
}
