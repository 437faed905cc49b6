namespace TransferLearning.Predictors;

/// <summary>The features among which a split of a random tree is looked for, drawn anew for each node.</summary>
internal sealed class FeatureDraw(Random random, int features, int count)
{
    private readonly int[] order = [.. Enumerable.Range(0, features)];

    /// <summary>How many features that are not constant in the node are compared.</summary>
    public int Count => count;

    /// <summary>All features in a new order.</summary>
    public IEnumerable<int> Shuffled()
    {
        random.Shuffle(order);
        return order;
    }
}
