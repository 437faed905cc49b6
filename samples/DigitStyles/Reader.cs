using TransferLearning;
using static TorchSharp.torch;

namespace DigitStyles;

/// <summary>A small network of LeNet's type that reads digits.</summary>
internal sealed class Reader : IDisposable
{
    /// <summary>Images <c>[n, 1, 28, 28]</c> to features <c>[n, 100]</c>.</summary>
    public ModulePart Extractor { get; } =
        new(() =>
            nn.Sequential(
                nn.Conv2d(1, 16, 5),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 5),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(512, 100),
                nn.ReLU()
            )
        );

    /// <summary>Features to the scores of ten digits.</summary>
    public ModulePart Predictor { get; } = new(() => nn.Sequential(nn.Dropout(0.5), nn.Linear(100, 10)));

    public void Dispose()
    {
        Extractor.Dispose();
        Predictor.Dispose();
    }
}
