namespace TransferLearning.Augmentation;

/// <summary>The direction along which pixels move.</summary>
public enum ImageAxis
{
    /// <summary>Along the rows: to the left and right.</summary>
    Horizontal,

    /// <summary>Along the columns: up and down.</summary>
    Vertical,
}
