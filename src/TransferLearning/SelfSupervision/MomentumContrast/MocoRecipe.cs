using TransferLearning.SelfSupervision;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MoCo (He et al. 2020): a contrast with a queue of keys by a moving average of the network. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="keyExtractor">The average of the extractor; the caller disposes it.</param>
    /// <param name="keyHead">The average of the head, likewise.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at for its key; null for the same, drawn anew.</param>
    /// <param name="keys">How many keys are remembered. Default 65,536.</param>
    /// <param name="temperature">The temperature. Default 0.07.</param>
    public static MomentumContrast Moco(
        ModulePart head,
        ModulePart keyExtractor,
        ModulePart keyHead,
        IAugmentation first,
        IAugmentation? second = null,
        int keys = 65_536,
        double temperature = 0.07
    ) => new(head, keyExtractor, keyHead, first, second) { Keys = keys, Temperature = temperature };
}
