using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The factor on float16 losses: it doubles after many good updates and is halved where gradients overflow.
/// </summary>
internal sealed class LossScale
{
    private const double First = 65536;
    private const double Least = 1;
    private const long Patience = 2000;

    private double factor = First;
    private long good;

    /// <summary>What a loss is multiplied by.</summary>
    public double Factor => factor;

    /// <summary>Divides the gradients of some parameters by the factor and looks whether all are finite.</summary>
    /// <returns>False where the update must be left out; the factor is half of what it was then.</returns>
    /// <exception cref="OverflowException">Gradients overflow without a factor.</exception>
    public bool Unscale(IEnumerable<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0)
        {
            return true;
        }
        // Powers of two: dividing is exact, and a sum is finite where all is.
        gradients.ForEach(gradient => gradient.mul_(1 / factor));
        if (stack([.. gradients.Select(gradient => gradient.sum())]).isfinite().all().item<bool>())
        {
            if (++good == Patience)
            {
                (factor, good) = (factor * 2, 0);
            }
            return true;
        }
        if (factor <= Least)
        {
            throw new OverflowException("gradients overflow float16 without a factor on the losses.");
        }
        (factor, good) = (factor / 2, 0);
        return false;
    }

    public void Exchange(StateBag state)
    {
        state.Number("factor", ref factor);
        state.Number("good", ref good);
    }
}
