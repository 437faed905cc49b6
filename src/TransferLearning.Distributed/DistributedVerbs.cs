namespace TransferLearning.Distributed;

/// <summary>The verb that shares a run's training steps among processes.</summary>
public static class DistributedVerbs
{
    /// <summary>
    /// Shares every step of the run's network trainings among the processes of a communicator: data parallelism.
    /// </summary>
    /// <remarks>
    /// Every process runs the same program with the same data and options, and gets the same model. A step takes as
    /// many rows as in one process; each process passes its part of every batch. <see cref="FitOptions.Group"/> says
    /// what equals what.
    /// </remarks>
    /// <param name="options">The run's options.</param>
    /// <param name="communicator">The processes: <see cref="MpiCommunicator.World"/>.</param>
    /// <returns>The same options with the processes.</returns>
    public static FitOptions Distributed(this FitOptions options, ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(communicator);
        return options with { Group = new CommunicatorGroup(communicator) };
    }
}
