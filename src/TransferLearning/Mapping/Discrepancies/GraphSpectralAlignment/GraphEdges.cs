namespace TransferLearning.Mapping;

/// <summary>What an edge of a batch's graph weighs; no row has an edge to itself.</summary>
public enum GraphEdges
{
    /// <summary>The Euclidean distance of the two rows, as in the authors' program.</summary>
    Distance,

    /// <summary>
    /// <c>exp(-||x - y||^2 / (2 s^2))</c>, with <c>s^2</c> the mean squared distance over all pairs of the stacked
    /// samples, without gradient.
    /// </summary>
    Gaussian,
}
