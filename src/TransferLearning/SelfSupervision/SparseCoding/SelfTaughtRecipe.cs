using TransferLearning.SelfSupervision;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Self-taught learning (Raina et al. 2007): a dictionary from rows without labels, and codes as features. A map
    /// for <c>Map</c>.
    /// </summary>
    /// <param name="atoms">How many atoms. Default 128.</param>
    /// <param name="sparsity">The price of the codes' sizes. Default 0.02.</param>
    public static SparseCoding SelfTaught(int atoms = 128, double sparsity = 0.02) =>
        new() { Atoms = atoms, Sparsity = sparsity };
}
