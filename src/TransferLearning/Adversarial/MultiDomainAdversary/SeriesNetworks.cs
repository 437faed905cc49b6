using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>The networks of CoDATS: convolutions over time, and a critic of several domains.</summary>
public static class SeriesNetworks
{
    /// <summary>
    /// The fully convolutional network of time series, without its classifier: rows <c>[n, channels, steps]</c> of any
    /// number of steps to features <c>[n, width]</c>.
    /// </summary>
    /// <remarks>
    /// Three convolutions of kernels 8, 5 and 3 to <c>width</c>, <c>2 width</c> and <c>width</c> channels, each with
    /// batch normalization and ReLU, padded with zeros so that the steps stay as many, then the mean over time (Wang,
    /// Yan and Oates 2017, "Time Series Classification from Scratch with Deep Neural Networks: A Strong Baseline").
    /// Initial values come from the global generator.
    /// </remarks>
    /// <param name="channels">How many numbers a step has, at least 1.</param>
    /// <param name="width">The width of the features, at least 1. Default 128, the authors'.</param>
    /// <returns>A part that owns its module and can be replicated; the caller disposes it.</returns>
    public static ModulePart Extractor(long channels, long width = 128)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new ModulePart(() =>
        {
            // An even kernel has one step more behind than before.
            (string, nn.Module<Tensor, Tensor>)[] Block(int number, long from, long to, long kernel) =>
                [
                    ($"pad{number}", nn.ConstantPad1d(((kernel - 1) / 2, kernel / 2), 0)),
                    ($"convolution{number}", nn.Conv1d(from, to, kernel, bias: false)),
                    ($"norm{number}", nn.BatchNorm1d(to)),
                    ($"relu{number}", nn.ReLU()),
                ];
            (string, nn.Module<Tensor, Tensor>)[] layers =
            [
                .. Block(1, channels, width, 8),
                .. Block(2, width, 2 * width, 5),
                .. Block(3, 2 * width, width, 3),
                ("pool", nn.AdaptiveAvgPool1d(1)),
                ("flatten", nn.Flatten()),
            ];
            return nn.Sequential(layers);
        });
    }

    /// <summary>CoDATS's critic: features <c>[n, d]</c> to one logit for the target and one for each source.</summary>
    /// <remarks>
    /// Two layers of <paramref name="width"/>, each with batch normalization, ReLU and dropout of 0.3, and the logits.
    /// </remarks>
    /// <param name="features">The width d of the features, at least 1.</param>
    /// <param name="sources">How many sources there are, at least 1.</param>
    /// <param name="width">The width of the layers, at least 1. Default 500, the authors'.</param>
    /// <returns>A part that owns its module and can be replicated; the caller disposes it.</returns>
    public static ModulePart Critic(long features, int sources, long width = 500)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new ModulePart(() =>
        {
            (string, nn.Module<Tensor, Tensor>)[] Block(int number, long from) =>
                [
                    ($"linear{number}", nn.Linear(from, width, hasBias: false)),
                    ($"norm{number}", nn.BatchNorm1d(width)),
                    ($"relu{number}", nn.ReLU()),
                    ($"dropout{number}", nn.Dropout(0.3)),
                ];
            (string, nn.Module<Tensor, Tensor>)[] layers =
            [
                .. Block(1, features),
                .. Block(2, width),
                ("logits", nn.Linear(width, sources + 1)),
            ];
            return nn.Sequential(layers);
        });
    }
}
