using TransferLearning.SelfSupervision;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SwAV (Caron et al. 2020): one view of a row tells to which prototypes the other was assigned. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="prototypes">The prototypes, a linear layer without bias.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    /// <param name="queue">How many projections of earlier rows stand beside the batch. Default 0.</param>
    public static SwappedAssignment Swav(
        ModulePart head,
        ModulePart prototypes,
        IAugmentation first,
        IAugmentation? second = null,
        int queue = 0
    ) => new(head, prototypes, first, second) { Queue = queue };
}
