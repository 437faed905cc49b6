using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>The sum of a float64 tensor over all processes, whose gradient is the sum of theirs.</summary>
internal sealed class SumOverProcesses : autograd.SingleTensorFunction<SumOverProcesses>
{
    private const string Group = "group";

    public override string Name => nameof(SumOverProcesses);

    public static Tensor Of(Tensor own, ITrainingGroup group) => apply(own, group);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var group = (ITrainingGroup)vars[1];
        ctx.save_data(Group, group);
        return Summed((Tensor)vars[0], group);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        [Summed(grad_output, (ITrainingGroup)ctx.get_data(Group)), null!];

    private static Tensor Summed(Tensor own, ITrainingGroup group)
    {
        using var quiet = no_grad();
        var sum = own.detach().clone();
        group.Average([sum]);
        return sum.mul_(group.Size);
    }
}
