using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises each channel by the batch's statistics in training and by the running ones afterwards.</summary>
public abstract class BatchNorm : NormBase
{
    private protected BatchNorm(
        long num_features,
        double eps,
        double momentum,
        bool affine,
        bool track_running_stats,
        Device? device,
        ScalarType? dtype,
        string name
    )
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name) { }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var share = Track();
        var keeps = !training || track_running_stats;
        return nn.functional.batch_norm(
            input,
            keeps ? running_mean : null,
            keeps ? running_var : null,
            weight,
            bias,
            training || running_mean is null,
            share,
            eps
        );
    }
}
