using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// PRED (Daumé 2007): the sources' prediction becomes a feature of the target's learner. A stage for <c>Add</c>; it
    /// needs labeled target rows.
    /// </summary>
    /// <param name="learner">The learner, of the sources and of the target.</param>
    public static SourcePrediction Pred(ILabelLearner learner) => new(learner);
}
