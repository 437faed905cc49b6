using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DigitAdaptation.Methods;

/// <summary>
/// The network of all deep methods: LeNet's type, two convolutions and two layers, with a critic beside it.
/// </summary>
internal static class LeNet
{
    private const int Features = 100;

    /// <summary>Images <c>[n, 1, 28, 28]</c> to features <c>[n, 100]</c>.</summary>
    public static Module<Tensor, Tensor> Extractor() =>
        Sequential(
            Conv2d(1, 16, 5),
            ReLU(),
            MaxPool2d(2),
            Conv2d(16, 32, 5),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Linear(32 * 4 * 4, Features),
            ReLU()
        );

    /// <summary>
    /// Features to the scores of ten digits. Dropout stands here and not at the extractor's end, where critics and
    /// discrepancies would compare its zeros instead of the domains.
    /// </summary>
    public static Module<Tensor, Tensor> Predictor() => Sequential(Dropout(0.5), Linear(Features, 10));

    /// <summary>Features to one logit: how much they look like the source's.</summary>
    public static Module<Tensor, Tensor> Critic() => Sequential(Linear(Features, 100), ReLU(), Linear(100, 1));
}
