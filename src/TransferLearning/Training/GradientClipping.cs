using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Scales gradients down to a largest norm, without a copy to the host.</summary>
internal static class GradientClipping
{
    /// <summary>
    /// Multiplies all gradients by <c>min(1, largest / (norm + 1e-6))</c>, <c>norm</c> the 2-norm over all of them.
    /// </summary>
    public static void Clip(IEnumerable<Parameter> parameters, double largest)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0 || double.IsPositiveInfinity(largest))
        {
            return;
        }
        var norm = stack([.. gradients.Select(gradient => gradient.norm())]).norm();
        var factor = (norm + 1e-6).clamp_min(largest).reciprocal() * largest;
        foreach (var gradient in gradients)
        {
            gradient.mul_(factor);
        }
    }
}
