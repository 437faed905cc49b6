using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// libtorch's global generators, borrowed for a while: dropout takes no generator of its own. Disposing puts the
/// caller's CPU state back.
/// </summary>
#pragma warning disable RS0030 // The one place in the library that may touch the global generators.
internal sealed class GlobalRandomness : IDisposable
{
    private readonly Tensor callersState = get_rng_state().DetachFromDisposeScope();

    /// <summary>Seeds the generators of all devices from a key.</summary>
    public static void Seed(RandomKey key) => _ = manual_seed((long)key.Folded);

    public void Dispose()
    {
        set_rng_state(callersState);
        callersState.Dispose();
    }
}
#pragma warning restore RS0030
