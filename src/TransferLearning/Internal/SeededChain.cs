namespace TransferLearning.Internal;

/// <summary>
/// Chains whose modules draw their first values by a seed, wherever and after whatever they are made.
/// </summary>
internal static class SeededChain
{
    /// <summary>Makes a chain and fits it.</summary>
    /// <param name="make">Makes the chain.</param>
    /// <param name="seed">By it modules draw their first values that have no seed of their own.</param>
    /// <param name="fit">Fits it.</param>
    /// <remarks>
    /// A chain that trains modules has the global generators to itself until it is fitted: its plan, too, may draw from
    /// them.
    /// </remarks>
    public static AdaptedModel Fit(Func<AdaptationBuilder> make, long seed, Func<AdaptationBuilder, AdaptedModel> fit)
    {
        AdaptationBuilder chain;
        using (new GlobalRandomness())
        {
            GlobalRandomness.Seed(new RandomKey(seed));
            chain = make();
        }
        ArgumentNullException.ThrowIfNull(chain, nameof(make));
        using var whole = chain.TrainsModules ? new GlobalRandomness() : null;
        return fit(chain);
    }
}
