using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// OTLabelProp (Solomon et al. 2014): labels travel to the target rows along a transport plan. A stage for
    /// <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner. Default the nearest neighbor.</param>
    /// <param name="solver">What finds the plan. Default the exact solver.</param>
    public static TransportLabelPropagation OtLabelProp(
        ILabelLearner? learner = null,
        ITransportSolver? solver = null
    ) => new(learner, solver);
}
