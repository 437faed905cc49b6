namespace DigitAdaptation.Experiments;

/// <summary>Is told how an experiment gets on. Called on the thread that trains.</summary>
public interface IExperimentProgress
{
    /// <summary>A training begins.</summary>
    void Started(DigitMethod method, int seed);

    /// <summary>An epoch is over; <paramref name="accuracy"/> is that on the target's test images, 0 to 1.</summary>
    void Epoch(DigitMethod method, int epoch, double accuracy);

    /// <summary>A training is over.</summary>
    void Finished(DigitMethod method, MethodResult result);
}
