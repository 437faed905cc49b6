using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// EasyTL (Wang et al. 2019): an alignment, then target rows go to the source's class centers so that no class
    /// stays empty.
    /// </summary>
    /// <param name="alignment">The alignment. Default correlation alignment, the paper's.</param>
    public static AdaptationBuilder EasyTl(IFeatureMapping? alignment = null) =>
        new AdaptationBuilder().Map(alignment ?? new CorrelationAlignment()).Add(new EasyTransferLearning());
}
