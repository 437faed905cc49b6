using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ARTL (Long et al. 2014): a kernel classifier that fits the source, aligns the domains and respects neighbors. A
    /// stage for <c>Add</c>.
    /// </summary>
    /// <param name="loss">What the source's rows cost. Default squares (ARRLS).</param>
    public static AdaptationRegularization Artl(ClassifierLoss loss = ClassifierLoss.Squares) => new() { Loss = loss };
}
