using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// GOAT (He et al. 2024): self-training along domains that optimal transport lays between source and target. A
    /// stage for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner of class scores.</param>
    /// <param name="steps">The number of steps. Default 5.</param>
    public static GradualSelfTraining Goat(ILabelLearner learner, int steps = 5) => new(learner) { Steps = steps };
}
