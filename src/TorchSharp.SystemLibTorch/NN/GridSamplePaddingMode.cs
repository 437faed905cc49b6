namespace TorchSharp;

public static partial class torch
{
    /// <summary>What a grid finds outside the image.</summary>
    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }
}
