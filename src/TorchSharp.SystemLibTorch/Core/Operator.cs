using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// An operator of libtorch's dispatcher, by name ("aten::conv2d") and overload ("Tensor"). It is looked up at its first
/// call. Trailing arguments that are not passed take the defaults of the operator's schema.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int StackWords = 64;

    private IntPtr handle;

    /// <summary>Looks the operator up; throws if this libtorch has none of that name.</summary>
    public void Resolve() => handle = Native.Check(Native.bridge_operator(name, overload));

    /// <summary>Calls an operator with one tensor as result.</summary>
    public Tensor Invoke(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Call(arguments, &result, 1);
        return Tensor.Own((IntPtr)result.Bits);
    }

    /// <summary>Calls an operator with two tensors as results.</summary>
    public (Tensor First, Tensor Second) InvokePair(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[2];
        Call(arguments, results, 2);
        return (Take(results[0]), Take(results[1]));
    }

    /// <summary>Calls an operator with three tensors as results.</summary>
    public (Tensor First, Tensor Second, Tensor Third) InvokeTriple(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[3];
        Call(arguments, results, 3);
        return (Take(results[0]), Take(results[1]), Take(results[2]));
    }

    /// <summary>Calls an operator with four tensors as results.</summary>
    public (Tensor First, Tensor Second, Tensor Third, Tensor Fourth) InvokeQuadruple(
        params ReadOnlySpan<Argument> arguments
    )
    {
        var results = stackalloc NativeValue[4];
        Call(arguments, results, 4);
        return (Take(results[0]), Take(results[1]), Take(results[2]), Take(results[3]));
    }

    /// <summary>Calls an operator whose result is a list of tensors.</summary>
    public Tensor[] InvokeList(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Call(arguments, &result, 1);
        var handles = new ReadOnlySpan<IntPtr>((void*)result.Bits, result.Count);
        var tensors = new Tensor[handles.Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = Tensor.Own(handles[i]);
        Native.bridge_free((IntPtr)result.Bits);
        return tensors;
    }

    /// <summary>Calls an operator for its effect, and drops its results.</summary>
    public void InvokeVoid(params ReadOnlySpan<Argument> arguments) => Call(arguments, null, 0);

    /// <summary>Calls an operator that changes its first argument, and returns that.</summary>
    public Tensor Update(Tensor target, params ReadOnlySpan<Argument> others)
    {
        Call(target, others, null, 0);
        return target;
    }

    /// <summary>Calls an operator that writes into its last argument, and returns that.</summary>
    public Tensor InvokeInto(Tensor target, params ReadOnlySpan<Argument> arguments)
    {
        Call(arguments, null, 0);
        return target;
    }

    /// <summary>Calls an operator whose result is a truth value.</summary>
    public bool InvokeBool(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Call(arguments, &result, 1);
        return result.Bits != 0;
    }

    /// <summary>Calls an operator whose result is a number, read as the operator gives it: integer, real or Boolean.</summary>
    public Scalar InvokeScalar(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Call(arguments, &result, 1);
        return result.Kind switch
        {
            ValueKind.Bool => result.Bits != 0,
            ValueKind.Double => BitConverter.Int64BitsToDouble(result.Bits),
            _ => result.Bits,
        };
    }

    private static Tensor Take(NativeValue value) => Tensor.Own((IntPtr)value.Bits);

    private void Call(ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity) =>
        Call(null, arguments, results, capacity);

    [SkipLocalsInit]
    private void Call(Tensor? first, ReadOnlySpan<Argument> others, NativeValue* results, int capacity)
    {
        if (handle == IntPtr.Zero)
            Resolve();

        var words = 0;
        foreach (ref readonly var argument in others)
            words += argument.ScratchWords;
        var buffer = stackalloc long[StackWords];
        var large = words > StackWords ? GC.AllocateUninitializedArray<long>(words, pinned: true) : null;
        var scratch = large is null ? buffer : (long*)Unsafe.AsPointer(ref large[0]);

        var values = stackalloc NativeValue[others.Length + 1];
        var value = values;
        if (first is not null)
            ((Argument)first).Write(value++, scratch);
        foreach (ref readonly var argument in others)
        {
            argument.Write(value++, scratch);
            scratch += argument.ScratchWords;
        }
        if (Native.bridge_call(handle, values, (int)(value - values), results, capacity) < 0)
            Native.ThrowLastError();
        GC.KeepAlive(first);
        GC.KeepAlive(large);
    }
}
