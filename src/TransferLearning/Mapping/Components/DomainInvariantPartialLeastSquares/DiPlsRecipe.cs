using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// di-PLS (Nikzad-Langerodi et al. 2018): latent variables that go with the labels and vary alike in both domains.
    /// A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static DomainInvariantPartialLeastSquares DiPls(int? components = null) => new() { Components = components };
}
