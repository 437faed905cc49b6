using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DigitAdaptation.Methods;

/// <summary>The network of all deep methods: LeNet's type, two convolutions and two layers, with a critic beside it.</summary>
internal static class LeNet
{
    private const int Features = 100;

    /// <summary>Images <c>[n, 1, 28, 28]</c> to features <c>[n, 100]</c>.</summary>
    public static Module<Tensor, Tensor> Extractor() =>
        Sequential(
            Conv2d(1, 32, 5),
            ReLU(),
            MaxPool2d(2),
            Conv2d(32, 48, 5),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Linear(48 * 4 * 4, Features),
            ReLU(),
            Dropout(0.5)
        );

    /// <summary>Features to the scores of ten digits.</summary>
    public static Module<Tensor, Tensor> Predictor() => Linear(Features, 10);

    /// <summary>Features to one logit: how much they look like the source's.</summary>
    public static Module<Tensor, Tensor> Critic() => Sequential(Linear(Features, 100), ReLU(), Linear(100, 1));
}
