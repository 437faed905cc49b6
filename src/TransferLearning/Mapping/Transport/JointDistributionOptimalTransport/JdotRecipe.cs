using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// JDOT (Courty et al. 2017): the target's predictor by optimal transport of features and labels together. A stage
    /// for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner. Default ridge regression.</param>
    /// <param name="solver">What finds the plans. Default the exact solver.</param>
    public static JointDistributionOptimalTransport Jdot(
        ILabelLearner? learner = null,
        ITransportSolver? solver = null
    ) => new(learner) { Solver = solver ?? new ExactTransport() };
}
