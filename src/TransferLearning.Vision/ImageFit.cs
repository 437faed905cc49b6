namespace TransferLearning.Vision;

/// <summary>How an image of any proportions becomes a square.</summary>
public enum ImageFit
{
    /// <summary>
    /// The shorter side is resized to <c>Size / CropShare</c>, and the center is cut out: proportions stay, and the
    /// borders of the longer side are lost. What TorchVision does when it evaluates.
    /// </summary>
    Crop,

    /// <summary>Both sides are resized: nothing is lost, and proportions change.</summary>
    Stretch,
}
