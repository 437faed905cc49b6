namespace TransferLearning.Training;

/// <summary>Changes a step's batches before any pass: Mixup, CutMix, augmentation.</summary>
public interface IBatchTransform : IPart, IPlanned
{
    /// <summary>Returns the changed batches; the given ones stay as they are.</summary>
    /// <param name="batch">The batches so far.</param>
    /// <param name="key">The randomness of this transform at this step.</param>
    StepBatch Apply(StepBatch batch, RandomKey key);
}
