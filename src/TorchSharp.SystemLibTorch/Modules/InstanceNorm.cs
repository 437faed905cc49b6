using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises each channel of each example over its positions.</summary>
public abstract class InstanceNorm : NormBase
{
    private protected InstanceNorm(
        long num_features,
        double eps,
        double? momentum,
        bool affine,
        bool track_running_stats,
        Device? device,
        ScalarType? dtype,
        string name
    )
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name) { }

    protected abstract long GetNumberOfBatchDimensions();

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        if (input.ndim < GetNumberOfBatchDimensions())
        {
            using var batch = input.unsqueeze(0);
            using var normalized = Normalize(batch);
            return normalized.squeeze(0);
        }
        return Normalize(input);
    }

    private Tensor Normalize(Tensor input) =>
        nn.functional.instance_norm(
            input,
            running_mean,
            running_var,
            weight,
            bias,
            training || !track_running_stats,
            momentum ?? 0,
            eps
        );
}
