using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// AIWERM (Shimodaira 2000; Sugiyama, Krauledat and Müller 2007): a weighting flattened by a power, between no
    /// weights (0) and all of them (1). A weighting for <c>Weight</c>.
    /// </summary>
    /// <param name="weighting">The weighting.</param>
    /// <param name="power">The power, from 0 to 1. Default 0.5.</param>
    public static IInstanceWeighting Aiwerm(IInstanceWeighting weighting, double power = 0.5) =>
        weighting.Flattened(power);
}
