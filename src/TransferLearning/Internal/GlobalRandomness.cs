using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// libtorch's global generators, borrowed for a while: dropout takes no generator of its own. Disposing puts the
/// caller's CPU state back.
/// </summary>
/// <remarks>
/// Of threads that share a gate (<see cref="Shared"/>) one at a time borrows them; a thread that has them may borrow
/// them again.
/// </remarks>
#pragma warning disable RS0030 // The one place in the library that may touch the global generators.
internal sealed class GlobalRandomness : IDisposable
{
    [ThreadStatic]
    private static object? shared;

    private readonly object? gate = shared;
    private readonly Tensor callersState;

    /// <summary>Borrows the generators.</summary>
    public GlobalRandomness()
    {
        if (gate is not null)
        {
            Monitor.Enter(gate);
        }
        callersState = get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>Seeds the generators of all devices from a key.</summary>
    public static void Seed(RandomKey key) => _ = manual_seed((long)key.Folded);

    /// <summary>
    /// Until the result is disposed, whoever borrows the generators on this thread waits for the other threads with
    /// this gate.
    /// </summary>
    public static IDisposable Shared(object gate)
    {
        var before = shared;
        shared = gate;
        return new Restored(before);
    }

    public void Dispose()
    {
        set_rng_state(callersState);
        callersState.Dispose();
        if (gate is not null)
        {
            Monitor.Exit(gate);
        }
    }

    private sealed class Restored(object? before) : IDisposable
    {
        public void Dispose() => shared = before;
    }
}
#pragma warning restore RS0030
