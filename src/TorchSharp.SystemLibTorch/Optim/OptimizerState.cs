#nullable disable // TorchSharp declares its optimisers without nullable annotations.
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimiser remembers of one parameter. Its tensors belong to no dispose scope.</summary>
public abstract class OptimizerState
{
    private protected readonly Parameter parameter;

    protected OptimizerState(Parameter parameter)
    {
        this.parameter = parameter;
    }

    public abstract void Initialize(OptimizerOptions options);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Takes the tensors of another state over: the two then share them.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public virtual void to(Device device) { }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor tensor)
    {
        writer.Write(tensor is not null);
        if (tensor is not null)
        {
            Save(writer, tensor);
        }
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor result, Device device)
    {
        if (!reader.ReadBoolean())
        {
            result?.Dispose();
            result = null;
            return;
        }
        Replace(ref result, TensorExtensionMethods.Load(reader), device);
    }

    /// <summary>Writes a tensor whatever its strides, which it takes from its parameter or gradient.</summary>
    private protected static void Save(BinaryWriter writer, Tensor tensor)
    {
        using var contiguous = tensor.contiguous();
        contiguous.Save(writer);
    }

    private protected static void Load(BinaryReader reader, ref Tensor result, Device device) =>
        Replace(ref result, TensorExtensionMethods.Load(reader), device);

    private protected static void Take(ref Tensor mine, Tensor theirs)
    {
        if (ReferenceEquals(mine, theirs))
        {
            return;
        }
        mine?.Dispose();
        mine = theirs;
    }

    private protected static void Move(ref Tensor tensor, Device device)
    {
        if (tensor is not null)
        {
            Replace(ref tensor, tensor.to(device), device);
        }
    }

    private protected static bool Close(Tensor mine, Tensor theirs) =>
        mine is null ? theirs is null : theirs is not null && mine.allclose(theirs);

    private static void Replace(ref Tensor tensor, Tensor replacement, Device device)
    {
        var moved = replacement.to(device);
        if (!ReferenceEquals(moved, replacement))
        {
            replacement.Dispose();
        }
        if (!ReferenceEquals(moved, tensor))
        {
            tensor?.Dispose();
        }
        tensor = moved.DetachFromDisposeScope();
    }
}
