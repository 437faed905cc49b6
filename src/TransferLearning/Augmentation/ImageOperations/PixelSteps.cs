using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Pixels as whole numbers from 0 to 255. Opens no scopes.</summary>
internal static class PixelSteps
{
    public static Tensor Of(Tensor images) => (images * 255).round().clamp(0, 255).to(int64);

    public static Tensor Back(Tensor steps, Tensor like) => steps.to(like.dtype) / 255;
}
