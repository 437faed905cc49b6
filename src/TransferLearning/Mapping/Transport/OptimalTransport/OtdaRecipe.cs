using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// OTDA (Courty et al. 2017): source rows move onto the target's by an optimal plan. A map for <c>Map</c>.
    /// </summary>
    /// <param name="solver">What finds the plan. Default the exact solver.</param>
    public static OptimalTransport Otda(ITransportSolver? solver = null) => new(solver);

    /// <summary>
    /// Mini-batch OT (Fatras et al. 2020): as <see cref="Otda"/>, plans averaged over batches. A map for <c>Map</c>.
    /// </summary>
    /// <param name="solver">What finds the plans. Default the exact solver.</param>
    /// <param name="batchSize">The most rows of a batch. Default 1,000.</param>
    public static MiniBatchTransport MiniBatchOt(ITransportSolver? solver = null, int batchSize = 1000) =>
        new(solver) { BatchSize = batchSize };
}
