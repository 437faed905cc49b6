namespace TransferLearning.Training;

/// <summary>One epoch, for observers.</summary>
public sealed class EpochReport
{
    internal EpochReport(int stage, TrainingView view, double? score) => (Stage, View, Score) = (stage, view, score);

    /// <summary>The stage, from 0.</summary>
    public int Stage { get; }

    /// <summary>The parts and the place in time.</summary>
    public TrainingView View { get; }

    /// <summary>The validation score, where one was due.</summary>
    public double? Score { get; }

    /// <summary>Whether an observer asked to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Ends the training of this stage after this epoch, as if it had been its last.</summary>
    public void Stop() => IsStopping = true;
}
