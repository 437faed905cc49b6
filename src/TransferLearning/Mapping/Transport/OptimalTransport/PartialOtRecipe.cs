using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Partial optimal transport (Chapel, Alaya and Gasso 2020): source rows move onto the target's by the cheapest
    /// plan of a share of the mass. A map for <c>Map</c>.
    /// </summary>
    /// <param name="massShare">The share of the mass that moves, above 0 and at most 1.</param>
    /// <param name="regularization">
    /// The factor of the entropy, where costs are divided by their largest; 0 for none.
    /// </param>
    public static OptimalTransport PartialOt(double massShare = 0.9, double regularization = 0) =>
        new(
            regularization > 0
                ? new EntropicPartialTransport(regularization, massShare)
                : new PartialTransport(massShare)
        )
        {
            NormalizesCost = true,
        };
}
