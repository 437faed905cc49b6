using TransferLearning.Consistency;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Self-Tuning (Wang et al. 2021): its pseudo group contrast, a part to train beside cross-entropy.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="keyExtractor">The average of the extractor; the caller disposes it.</param>
    /// <param name="keyHead">The average of the head, likewise.</param>
    /// <param name="first">How the head under training looks at rows, or null for the rows themselves.</param>
    /// <param name="second">How the averages look at rows, or null for the rows themselves.</param>
    /// <param name="temperature">The temperature. Default 0.07.</param>
    public static PseudoGroupContrast SelfTuning(
        ModulePart head,
        ModulePart keyExtractor,
        ModulePart keyHead,
        IAugmentation? first = null,
        IAugmentation? second = null,
        double temperature = 0.07
    ) => new(head, keyExtractor, keyHead, first, second) { Temperature = temperature };
}
