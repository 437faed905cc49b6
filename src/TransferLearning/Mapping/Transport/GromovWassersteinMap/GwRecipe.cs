using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Gromov-Wasserstein map (Mémoli 2011): source rows come into a target space of other features by the distances
    /// within each domain. <c>Fit</c> takes the rows of both.
    /// </summary>
    /// <param name="regularization">The factor of the entropy (Peyré, Cuturi and Solomon 2016); 0 for none.</param>
    /// <param name="massShare">The share of the mass that moves (Chapel, Alaya and Gasso 2020).</param>
    public static GromovWassersteinMap Gw(double regularization = 0, double massShare = 1) =>
        new()
        {
            Solver = new GromovTransport { Regularization = regularization, Share = massShare },
        };
}
