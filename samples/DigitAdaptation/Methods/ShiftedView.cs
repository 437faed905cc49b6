using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace DigitAdaptation.Methods;

/// <summary>Images moved by up to one pixel in both directions, each by its own way, under a little noise.</summary>
internal sealed class ShiftedView : IView
{
    private const int Reach = 1;
    private const double Noise = 0.1;

    public Tensor Look(Tensor inputs, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        var (count, height, width) = (inputs.shape[0], inputs.shape[2], inputs.shape[3]);
        var framed = pad(inputs, (Reach, Reach, Reach, Reach));
        var rows = Positions(count, height, generator, inputs.device).view(count, 1, height, 1);
        var columns = Positions(count, width, generator, inputs.device).view(count, 1, 1, width);
        var shifted = framed
            .gather(2, rows.expand(count, 1, height, width + (2 * Reach)))
            .gather(3, columns.expand(count, 1, height, width));
        var noise = randn(shifted.shape, generator: generator).to(shifted.dtype, shifted.device);
        return (shifted + (noise * Noise)).MoveToOuterDisposeScope();
    }

    /// <summary>For every image the places in the framed one that it is read from.</summary>
    private static Tensor Positions(long count, long length, Generator generator, Device device)
    {
        var start = randint(0, (2 * Reach) + 1, [count, 1], generator: generator);
        return (start + arange(length).unsqueeze(0)).to(int64).to(device);
    }
}
