namespace Evaluate.Measuring;

/// <summary>Hears how far an evaluation is.</summary>
public interface IEvaluationProgress
{
    /// <summary>A method starts on a task.</summary>
    void Started(EvaluationTable table, EvaluationTask task, EvaluationMethod method, int seed);

    /// <summary>A cell was measured, failed, or was taken from the journal.</summary>
    void Finished(EvaluationTable table, Outcome outcome);
}
