using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Multilingual neural machine translation (MNMT, Johnson et al. 2017): one network for all pairs of languages,
    /// also those of which it has seen no sentence together. Its <c>Fit</c> takes pairs of sentences.
    /// </summary>
    /// <param name="width">The width of the network. Default 64.</param>
    /// <param name="layers">How many layers the encoder and the decoder have each. Default 2.</param>
    /// <param name="epochs">How many times all pairs pass. Default 20.</param>
    public static MultilingualTranslation Mnmt(int width = 64, int layers = 2, int epochs = 20) =>
        new()
        {
            Width = width,
            Layers = layers,
            Epochs = epochs,
        };
}
