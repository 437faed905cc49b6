using DigitAdaptation.Digits;
using TorchSharp;
using TransferLearning;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>A task's images as tensors <c>[n, 1, 28, 28]</c>, on the GPU if there is one.</summary>
internal sealed class DigitTensors : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public DigitTensors(DigitTask task)
    {
        var device = cuda.is_available() ? CUDA : CPU;
        Source = Labeled(task.Source, device);
        LabeledTarget = Labeled(task.Target, device);
        Test = Images(task.TargetTest, device);
        TestLabels = tensor(task.TargetTest.Labels, device: device);
    }

    /// <summary>The source.</summary>
    public LabeledDomain Source { get; }

    /// <summary>The target with its labels: for the oracle alone.</summary>
    public LabeledDomain LabeledTarget { get; }

    /// <summary>The target as every other method sees it.</summary>
    public UnlabeledDomain Target => LabeledTarget.WithoutLabels();

    /// <summary>The target images to be judged by.</summary>
    public Tensor Test { get; }

    /// <summary>Their digits.</summary>
    public Tensor TestLabels { get; }

    public void Dispose() => _scope.Dispose();

    private static LabeledDomain Labeled(DigitImages images, Device device) =>
        new(Images(images, device), tensor(images.Labels, device: device));

    private static Tensor Images(DigitImages images, Device device) =>
        tensor(images.Pixels, [images.Count, 1, images.Height, images.Width], device: device);
}
