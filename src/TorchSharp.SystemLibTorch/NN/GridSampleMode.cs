namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a grid is sampled between pixels.</summary>
    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }
}
