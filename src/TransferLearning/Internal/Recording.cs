using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Gradients are recorded for as long as this lives, also where the caller has switched them off by no_grad or
/// inference_mode.
/// </summary>
internal sealed class Recording : IDisposable
{
    private readonly IDisposable ordinary = inference_mode(false);
    private readonly IDisposable gradients = enable_grad();

    /// <summary>
    /// A tensor as data: without a graph behind it, and such that libtorch lets it take part in training. The tensor
    /// itself where it is that already.
    /// </summary>
    public static Tensor Data(Tensor given)
    {
        // Of whole numbers nothing tells whether they are of inference_mode; labels are few.
        if (!given.is_floating_point() || IsOfInference(given))
        {
            return given.clone();
        }
        return given.requires_grad ? given.detach() : given;
    }

    /// <summary>
    /// Whether a tensor, one of real numbers, was made in inference_mode: such a one can take no gradient and be
    /// remembered for none.
    /// </summary>
    public static bool IsOfInference(Tensor tensor)
    {
        try
        {
            using var probe = tensor.detach();
            using var asked = probe.requires_grad_();
            return false;
        }
        catch (ExternalException)
        {
            return true; // TorchSharp has no is_inference: libtorch's refusal tells
        }
    }

    public void Dispose()
    {
        gradients.Dispose();
        ordinary.Dispose();
    }
}
