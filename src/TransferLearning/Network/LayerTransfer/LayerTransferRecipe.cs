using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Layer transfer (Yosinski et al. 2014): the first layers of a trained network start those of another. A plan to
    /// <c>Copy</c> by and for <c>Optimize</c>.
    /// </summary>
    /// <param name="layers">How many layers. Default 1.</param>
    /// <param name="freezes">Whether the copied layers are frozen. Default false.</param>
    public static LayerTransfer LayerTransfer(int layers = 1, bool freezes = false) =>
        new(layers) { Freezes = freezes };
}
