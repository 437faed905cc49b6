using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// JCPOT (Redko et al. 2019): class proportions of the target and its labels, by transport from several sources. A
    /// stage for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner. Default the nearest neighbor.</param>
    /// <param name="regularization">The factor of the entropy. Default 0.1.</param>
    public static JointClassProportionOptimalTransport Jcpot(
        ILabelLearner? learner = null,
        double regularization = 0.1
    ) => new(learner) { Regularization = regularization };
}
