namespace TransferLearning.Vision;

/// <summary>How a network wants its pixels: <c>(x - mean) / deviation</c>, of values from 0 to 1.</summary>
/// <param name="Mean">The mean of each channel: red, green, blue.</param>
/// <param name="Deviation">The deviation of each channel, above 0.</param>
public sealed record ImageNormalization(
    (double Red, double Green, double Blue) Mean,
    (double Red, double Green, double Blue) Deviation
)
{
    /// <summary>That of most networks trained on ImageNet, TorchVision's too but for GoogLeNet and Inception.</summary>
    public static ImageNormalization ImageNet { get; } = new((0.485, 0.456, 0.406), (0.229, 0.224, 0.225));

    /// <summary>From -1 to 1: that of GoogLeNet and Inception.</summary>
    public static ImageNormalization Symmetric { get; } = new((0.5, 0.5, 0.5), (0.5, 0.5, 0.5));

    /// <summary>None: pixels stay between 0 and 1.</summary>
    public static ImageNormalization None { get; } = new((0, 0, 0), (1, 1, 1));
}
