using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// A distance of domains class by class: <c>Of</c> gives the mean over classes and a table of them.
    /// </summary>
    /// <param name="discrepancy">The distance.</param>
    public static ClassConditionalDistance ClassConditional(IDiscrepancy discrepancy) => new(discrepancy);
}
