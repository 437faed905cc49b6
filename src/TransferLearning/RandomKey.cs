using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>A node of a tree of random seeds.</summary>
/// <remarks>
/// Children are computed, not drawn, so nothing has to be saved to repeat a draw and a new consumer in another place of
/// the tree shifts nobody else's numbers. The mixing function is SplitMix64 (Steele, Lea and Flood 2014).
/// </remarks>
/// <param name="Seed">The node's own seed.</param>
public readonly record struct RandomKey(long Seed)
{
    /// <summary>The child of that number.</summary>
    public RandomKey Child(long index)
    {
        unchecked
        {
            return new RandomKey(
                (long)Mix((ulong)Seed + (0x9E3779B97F4A7C15UL * ((ulong)index + 0x632BE59BD9B4E019UL)))
            );
        }
    }

    /// <summary>
    /// A fresh generator on the CPU; draw there and move the result, so that every device sees the same numbers.
    /// </summary>
    /// <returns>The generator; the caller disposes it.</returns>
    public Generator Generator() => new(Folded, CPU);

    /// <summary>A fresh generator of .NET's, for shuffles and choices outside tensors.</summary>
    public Random Random() => new((int)Folded);

    // libtorch's CPU generator uses the low 32 bits of a seed only.
    internal ulong Folded
    {
        get
        {
            var mixed = Mix((ulong)Seed);
            return (mixed ^ (mixed >> 32)) & 0x7FFFFFFF;
        }
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}
