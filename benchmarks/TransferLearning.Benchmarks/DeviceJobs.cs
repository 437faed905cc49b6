using System.Diagnostics;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>
/// The jobs <c>kind-size-device</c>, which run on any device: <c>resnet-64-cuda</c>, <c>tca-10000-cpu</c>. Times end
/// when the device has done its work.
/// </summary>
internal static class DeviceJobs
{
    private const int Additions = 20_000;
    private const int Features = 64;

    private static readonly Dictionary<string, Func<int, Device, Func<double>>> Kinds = new(StringComparer.Ordinal)
    {
        ["add"] = (side, device) =>
            Timed(new TensorAddition(Additions, [side, side], device).Run, device, units: Additions),
        ["lenet"] = (batch, device) =>
        {
            var training = TrainingSteps.DomainAdversarial(batch, device);
            return () => training.Measure(steps: 50);
        },
        ["resnet"] = (batch, device) => ResNet(batch, device, Precision.AsData),
        ["resnet.bfloat16"] = (batch, device) => ResNet(batch, device, Precision.BFloat16),
        ["resnet.float16"] = (batch, device) => ResNet(batch, device, Precision.Float16),
        ["resnet.channelslast"] = (batch, device) => ResNet(batch, device, Precision.AsData, isChannelsLast: true),
        ["resnet.bfloat16.channelslast"] = (batch, device) =>
            ResNet(batch, device, Precision.BFloat16, isChannelsLast: true),
        ["tca"] = Shallow(problem => problem.FindGaussianTransferComponents),
        ["kmm"] = Shallow(problem => problem.MatchKernelMeans),
        ["sinkhorn"] = Shallow(problem => problem.TransportWithEntropy),
    };

    /// <summary>Makes a job's data, or gives null where the name is none of such a job.</summary>
    public static Func<double>? Prepare(string name) =>
        name.Split('-') is [var kind, var size, ("cpu" or "cuda") and var place]
        && Kinds.TryGetValue(kind, out var prepare)
            ? prepare(int.Parse(size, System.Globalization.CultureInfo.InvariantCulture), device(place))
            : null;

    /// <summary>Waits until a device has done what it was given.</summary>
    public static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize();
        }
    }

    private static Func<double> ResNet(int batch, Device device, Precision precision, bool isChannelsLast = false)
    {
        var training = TrainingSteps.ResNet(batch, device, precision, isChannelsLast);
        // On a CPU a step takes seconds.
        return () => training.Measure(device.type == DeviceType.CUDA ? 20 : 2);
    }

    private static Func<int, Device, Func<double>> Shallow(Func<ShallowProblem, Action> work) =>
        (size, device) => Timed(work(new ShallowProblem(size, size, Features, device)), device);

    private static Func<double> Timed(Action work, Device device, int units = 1) =>
        () =>
        {
            Wait(device);
            var clock = Stopwatch.StartNew();
            work();
            Wait(device);
            return clock.Elapsed.TotalMilliseconds / units;
        };
}
