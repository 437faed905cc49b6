namespace TransferLearning.Mapping;

/// <summary>
/// How the squared distance of two mean embeddings is estimated from samples of n and m rows (Gretton et al. 2012).
/// </summary>
public enum MeanEmbeddingEstimator
{
    /// <summary>
    /// All pairs, the diagonal included: <c>mean K_ss + mean K_tt - 2 mean K_st</c>. Never negative; 0 for identical
    /// samples.
    /// </summary>
    Biased,

    /// <summary>Within a sample only pairs of different rows. Right on average, so it can be negative.</summary>
    Unbiased,

    /// <summary>
    /// <c>2/n sum_i h(2i, 2i+1)</c> over disjoint pairs,
    /// <c>h(i, j) = k(s_i, s_j) + k(t_i, t_j) - k(s_i, t_j) - k(s_j, t_i)</c>: costs n, not n^2. Needs samples of one
    /// size; an odd last row is left out.
    /// </summary>
    LinearTime,

    /// <summary>
    /// <c>1/n sum_i h(i, i+1)</c>, the last row paired with the first: also linear in n, with half the variance.
    /// </summary>
    LinearTimeCircular,
}
