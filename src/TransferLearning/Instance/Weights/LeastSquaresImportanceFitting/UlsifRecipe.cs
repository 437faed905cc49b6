using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// uLSIF (Kanamori, Hido and Sugiyama 2009): a density ratio by least squares in closed form. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    public static LeastSquaresImportanceFitting Ulsif() => new();

    /// <summary>
    /// RuLSIF (Yamada et al. 2011): as <see cref="Ulsif"/>, the ratio to a mixture of both domains, which is bounded. A
    /// weighting for <c>Weight</c>.
    /// </summary>
    /// <param name="relativeShare">
    /// The share alpha of the target in the denominator, from 0 to below 1. Default 0.1, the paper's.
    /// </param>
    public static LeastSquaresImportanceFitting Rulsif(double relativeShare = 0.1) =>
        new() { RelativeShare = relativeShare };
}
